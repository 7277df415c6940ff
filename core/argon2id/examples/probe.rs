//! A WebAssembly module without imports that tests and measures the kernels in JavaScript's
//! runtimes: bindings-wasm/tests/argon2id.test.mjs, and benches/wasm.mjs.
#![allow(unsafe_code)] // names without a crate's prefix, for JavaScript
// As in any test:
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs
)]

#[path = "../tests/cases/mod.rs"]
mod cases;
#[path = "../tests/published/mod.rs"]
mod published;

use argon2::{Algorithm, Argon2, Params, Version};
use authcore_argon2id::{Hasher, Inputs, Kernel, Pool};

/// Keeps what one hash of 64 MiB takes.
static POOL: Pool = Pool::new(1, 65_536);

/// How many of these inputs a kernel hashes otherwise than the `argon2` crate.
// SAFETY: no other symbol of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn differences(start: u32, end: u32) -> u32 {
    cases::differences(start.into()..end.into()).len() as u32
}

/// How many of the published vectors a kernel hashes otherwise.
// SAFETY: no other symbol of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn missed() -> u32 {
    published::missed(&POOL, &published::PASSWORDS).len() as u32
}

/// How many kernels there are: the fastest is number 0.
// SAFETY: no other symbol of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn kernels() -> u32 {
    Kernel::all().count() as u32
}

/// Hashes by a kernel of ours.
// SAFETY: no other symbol of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn by_kernel(number: u32, m: u32, t: u32, p: u32) -> u32 {
    let kernel = Kernel::all().nth(number as usize).unwrap();
    let inputs = Inputs { password: b"x", salt: &[7; 16], secret: b"", associated_data: b"" };
    let mut tag = [0; 4];
    Hasher { kernel, ..Hasher::argon2id(m, t, p) }.hash(&inputs, &POOL, &mut tag).unwrap();
    u32::from_le_bytes(tag)
}

/// Hashes by the `argon2` crate.
// SAFETY: no other symbol of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn by_argon2(m: u32, t: u32, p: u32) -> u32 {
    let params = Params::new(m, t, p, Some(4)).unwrap();
    let mut tag = [0; 4];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(b"x", &[7; 16], &mut tag).unwrap();
    u32::from_le_bytes(tag)
}
