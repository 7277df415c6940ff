//! Argon2 (RFC 9106) for every variant and version: the `argon2` crate's parameters and errors, our
//! own kernels, and memory that is kept and wiped.
//!
//! The only crate with `unsafe`: `avx2.rs`, `neon.rs` and `simd128.rs` use vector instructions,
//! `pool.rs` allocates. The tests hold every kernel to the `argon2` crate, bit for bit
//! (docs/decisions/0024).
#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]

#[cfg(target_arch = "x86_64")]
mod avx2;
mod block;
mod digest;
mod fill;
mod kernel;
#[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
mod neon;
mod pool;
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

use argon2::Params;
pub use argon2::{Algorithm, Error, Version};
use zeroize::Zeroizing;

pub use kernel::Kernel;
pub use pool::Pool;

/// Argon2 at one cost.
#[derive(Clone, Copy, Debug)]
pub struct Hasher {
    /// What the blocks are computed with. All give the same tags.
    pub kernel: Kernel,
    /// Argon2d, Argon2i or Argon2id.
    pub algorithm: Algorithm,
    /// 0x13, or 0x10 for hashes of before 2016.
    pub version: Version,
    /// m: memory in KiB.
    pub memory_kib: u32,
    /// t: passes over the memory.
    pub iterations: u32,
    /// p: lanes. They are computed one after the other.
    pub parallelism: u32,
}

/// What is hashed. Each is of at most 2^32 - 1 bytes (RFC 9106 §3.1).
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// P: the password.
    pub password: &'a [u8],
    /// S: the salt, of at least 8 bytes.
    pub salt: &'a [u8],
    /// K: a key of the one who hashes; empty where there is none.
    pub secret: &'a [u8],
    /// X: what else is bound to the tag; mostly empty.
    pub associated_data: &'a [u8],
}

impl Hasher {
    /// Argon2id of version 0x13, by the fastest kernel that this processor has.
    #[must_use]
    pub fn argon2id(memory_kib: u32, iterations: u32, parallelism: u32) -> Self {
        Self {
            kernel: Kernel::fastest(),
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            memory_kib,
            iterations,
            parallelism,
        }
    }

    /// Fills `tag`, whose length is a parameter too: at least 4 bytes.
    ///
    /// # Errors
    /// Of the `argon2` crate, before anything is allocated: for a parameter or a length that RFC
    /// 9106 §3.1 does not allow. [`Error::OutOfMemory`] if there is no memory left.
    pub fn hash(&self, inputs: &Inputs<'_>, pool: &Pool, tag: &mut [u8]) -> Result<(), Error> {
        let Self { memory_kib, iterations, parallelism, .. } = *self;
        let params = Params::new(memory_kib, iterations, parallelism, Some(tag.len()))?;
        let first = digest::first(self, inputs, tag.len())?;
        let plan = fill::Plan::new(self, &params);
        let mut memory = pool.take(params.block_count())?;
        let blocks = memory.blocks();
        plan.begin(&first, blocks)?;
        self.kernel.fill(&plan, blocks)?;
        let last = plan.last(blocks);
        digest::variable(&[&*Zeroizing::new(last.0.to_bytes())], tag)
    }
}

/// Names no input.
impl std::fmt::Debug for Inputs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inputs(..)")
    }
}
