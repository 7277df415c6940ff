//! Which instructions the blocks are computed with.

use argon2::Error;

use crate::block::Block;
use crate::fill::Plan;
use crate::portable::Portable;

/// A way to compute the blocks. All give the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Which);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(crate::avx2::Avx2),
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128(crate::simd128::Simd128),
    #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
    Neon(crate::neon::Neon),
}

impl Kernel {
    /// Plain Rust, on every processor.
    pub const PORTABLE: Self = Self(Which::Portable(Portable));

    /// All that this processor has, the fastest first.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_processor: Option<Which> = {
            #[cfg(target_arch = "x86_64")]
            {
                crate::avx2::Avx2::detect().map(Which::Avx2)
            }
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            {
                Some(Which::Simd128(crate::simd128::Simd128))
            }
            #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
            {
                Some(Which::Neon(crate::neon::Neon))
            }
            #[cfg(not(any(
                target_arch = "x86_64",
                all(target_arch = "wasm32", target_feature = "simd128"),
                all(target_arch = "aarch64", target_endian = "little", target_feature = "neon")
            )))]
            {
                None
            }
        };
        of_processor.map(Self).into_iter().chain([Self::PORTABLE])
    }

    /// The fastest that this processor has.
    #[must_use]
    pub fn fastest() -> Self {
        Self::all().next().unwrap_or(Self::PORTABLE)
    }

    /// Its name, for a table of measurements.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Which::Portable(_) => "portable",
            #[cfg(target_arch = "x86_64")]
            Which::Avx2(_) => "avx2",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Which::Simd128(_) => "simd128",
            #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
            Which::Neon(_) => "neon",
        }
    }

    pub(crate) fn fill(self, plan: &Plan, blocks: &mut [Block]) -> Result<(), Error> {
        match self.0 {
            Which::Portable(kernel) => plan.fill(kernel, blocks),
            #[cfg(target_arch = "x86_64")]
            Which::Avx2(kernel) => plan.fill(kernel, blocks),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Which::Simd128(kernel) => plan.fill(kernel, blocks),
            #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
            Which::Neon(kernel) => plan.fill(kernel, blocks),
        }
    }
}
