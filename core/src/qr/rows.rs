//! Rows of modules as machine words, without loops and closures: WebAssembly is built for its size,
//! where those are calls.

use std::ops::{BitAnd, BitOr, BitXor, Not};

/// Modules after which every mask begins again, along a row and from row to row.
pub(super) const PERIOD: usize = 12;

/// A row of modules, the leftmost in the lowest bit; or which of them something is true of.
pub(super) trait Row:
    Copy
    + Default
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
{
    /// The first `width` modules.
    fn all(width: usize) -> Self;

    /// What is true of the first [`PERIOD`] modules, over and over.
    fn repeated(first: u64) -> Self;

    /// The row in which the module of column `x` is dark, or light.
    fn with(self, x: usize, is_dark: bool) -> Self;

    /// For each module the one that stands `by` to its right, 1 to 63.
    fn right(self, by: u32) -> Self;

    /// How many modules it is true of.
    fn count(self) -> u32;
}

impl Row for u64 {
    #[inline(always)]
    fn all(width: usize) -> Self {
        let unused = 64_usize.saturating_sub(width);
        let unused = u32::try_from(unused).unwrap_or(u32::MAX);
        u64::MAX.checked_shr(unused).unwrap_or_default()
    }

    #[inline(always)]
    fn repeated(first: u64) -> Self {
        // One bit in each twelve.
        first.wrapping_mul(0x1001_0010_0100_1001)
    }

    #[inline(always)]
    fn with(self, x: usize, is_dark: bool) -> Self {
        let bit = u32::try_from(x).ok().and_then(|x| 1_u64.checked_shl(x)).unwrap_or_default();
        if is_dark { self | bit } else { self & !bit }
    }

    #[inline(always)]
    fn right(self, by: u32) -> Self {
        self.wrapping_shr(by)
    }

    #[inline(always)]
    fn count(self) -> u32 {
        self.count_ones()
    }
}

/// A row of at most 192 modules; the largest symbol has 177.
#[derive(Clone, Copy, Default)]
pub(super) struct Wide(u64, u64, u64);

impl BitAnd for Wide {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1, self.2 & other.2)
    }
}

impl BitOr for Wide {
    type Output = Self;

    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0, self.1 | other.1, self.2 | other.2)
    }
}

impl BitXor for Wide {
    type Output = Self;

    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0, self.1 ^ other.1, self.2 ^ other.2)
    }
}

impl Not for Wide {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0, !self.1, !self.2)
    }
}

impl Row for Wide {
    #[inline(always)]
    fn all(width: usize) -> Self {
        let from = |start: usize| u64::all(width.saturating_sub(start).min(64));
        Self(from(0), from(64), from(128))
    }

    #[inline(always)]
    fn repeated(first: u64) -> Self {
        // 64 is 4 more than a multiple of the period.
        let turned = |by: u32| {
            (first.wrapping_shr(by) | first.wrapping_shl(12_u32.wrapping_sub(by))) & 0xfff
        };
        Self(u64::repeated(first), u64::repeated(turned(4)), u64::repeated(turned(8)))
    }

    #[inline(always)]
    fn with(self, x: usize, is_dark: bool) -> Self {
        match x {
            ..64 => Self(self.0.with(x, is_dark), self.1, self.2),
            64..128 => Self(self.0, self.1.with(x & 63, is_dark), self.2),
            _ => Self(self.0, self.1, self.2.with(x.saturating_sub(128), is_dark)),
        }
    }

    #[inline(always)]
    fn right(self, by: u32) -> Self {
        let carried = 64_u32.wrapping_sub(by);
        Self(
            self.0.wrapping_shr(by) | self.1.wrapping_shl(carried),
            self.1.wrapping_shr(by) | self.2.wrapping_shl(carried),
            self.2.wrapping_shr(by),
        )
    }

    #[inline(always)]
    fn count(self) -> u32 {
        let words = self.0.count_ones().saturating_add(self.1.count_ones());
        words.saturating_add(self.2.count_ones())
    }
}
