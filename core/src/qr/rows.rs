//! Rows of modules as machine words.

/// A row of at most 64 modules a word, the leftmost in bit 0; or which of them something is true of.
#[derive(Clone, Copy)]
pub(super) struct Row<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Default for Row<WORDS> {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

impl<const WORDS: usize> Row<WORDS> {
    /// The first `width` modules.
    pub(super) fn all(width: usize) -> Self {
        let mut rest = width;
        Self([0; WORDS].map(|_: u64| {
            let here = rest.min(64);
            rest = rest.saturating_sub(64);
            let unused = u32::try_from(64_usize.saturating_sub(here)).unwrap_or(u32::MAX);
            u64::MAX.checked_shr(unused).unwrap_or_default()
        }))
    }

    /// What is true of the first `period` modules, over and over.
    pub(super) fn repeated(period: usize, is_true: impl Fn(usize) -> bool) -> Self {
        let mut row = Self::default();
        let first: Vec<bool> = (0..period).map(is_true).collect();
        let width = WORDS.saturating_mul(64);
        for (x, is_true) in first.iter().cycle().take(width).enumerate() {
            row.put(x, *is_true);
        }
        row
    }

    pub(super) fn put(&mut self, x: usize, is_true: bool) {
        if let Some(word) = self.0.get_mut(x / 64) {
            let bit = 1 << (x % 64);
            *word = if is_true { *word | bit } else { *word & !bit };
        }
    }

    /// For each module the one that stands `by` to its right, at most 63.
    pub(super) fn right(self, by: u32) -> Self {
        let mut next = self.0.into_iter().skip(1);
        Self(self.0.map(|word| {
            let carry = next.next().unwrap_or_default();
            let carry = carry.checked_shl(64_u32.saturating_sub(by)).unwrap_or_default();
            word.checked_shr(by).unwrap_or_default() | carry
        }))
    }

    pub(super) fn and(self, other: Self) -> Self {
        self.with(other, |one, other| one & other)
    }

    pub(super) fn and_not(self, other: Self) -> Self {
        self.with(other, |one, other| one & !other)
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.with(other, |one, other| one | other)
    }

    pub(super) fn xor(self, other: Self) -> Self {
        self.with(other, |one, other| one ^ other)
    }

    fn with(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        let mut others = other.0.into_iter();
        Self(self.0.map(|word| of(word, others.next().unwrap_or_default())))
    }

    pub(super) fn count(self) -> u32 {
        self.0.iter().fold(0, |sum, word| sum.saturating_add(word.count_ones()))
    }
}
