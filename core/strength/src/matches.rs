//! What was recognised in a password: for each stretch of it, the pattern that is guessed soonest.

use std::collections::BTreeMap;

use crate::words::List;

/// Guesses that a part of a password takes at least: one character, several.
const LEAST_SINGLE: u64 = 10;
const LEAST_SEVERAL: u64 = 50;

/// A stretch of the password and how it is guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Where it begins, in characters.
    pub(crate) start: usize,
    /// Where the next one would begin.
    pub(crate) end: usize,
    /// How many guesses it takes by itself.
    pub(crate) guesses: u64,
    /// What it is.
    pub(crate) pattern: Pattern,
}

/// What a stretch of a password is, as far as the feedback wants to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Nothing that was recognised.
    BruteForce,
    /// A word of a list, or one that the user gave.
    Word(Word),
    /// Neighbouring keys, with so many turns.
    Spatial { turns: usize },
    /// Something of so many characters over and over.
    Repeat { base: usize },
    /// Characters at one distance, such as `abc` or `9753`.
    Sequence,
    /// A year of 1900 to 2099.
    Year,
    /// A day, month and year.
    Date,
}

/// A word, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) list: List,
    pub(crate) rank: u64,
    pub(crate) written: Written,
}

/// How a word was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Plainly,
    Backwards,
    /// With `4` for `a` and the like.
    Leet,
}

impl Match {
    /// How many characters it covers.
    pub(crate) const fn length(&self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// The best match of each stretch, in the order of ends, then starts.
#[derive(Debug)]
pub(crate) struct Matches {
    /// Of the whole password, in characters.
    length: usize,
    best: BTreeMap<(usize, usize), Match>,
}

impl Matches {
    pub(crate) const fn new(length: usize) -> Self {
        Self { length, best: BTreeMap::new() }
    }

    /// Keeps a match unless the stretch is guessed as soon in another way.
    pub(crate) fn add(&mut self, start: usize, end: usize, guesses: u64, pattern: Pattern) {
        let stretch = end.saturating_sub(start);
        let least = match stretch {
            _ if stretch >= self.length => 1,
            1 => LEAST_SINGLE,
            _ => LEAST_SEVERAL,
        };
        let found = Match { start, end, guesses: guesses.max(least), pattern };
        let kept = self.best.entry((end, start)).or_insert(found);
        if found.guesses < kept.guesses {
            *kept = found;
        }
    }

    /// Those that end before the character `end`, the longest first.
    pub(crate) fn ending_at(&self, end: usize) -> impl Iterator<Item = &Match> {
        self.best.range((end, 0)..=(end, end)).map(|(_, found)| found)
    }
}

/// How many ways there are to choose `k` of `n`, or the largest number there is.
pub(crate) fn choose(n: u64, k: u64) -> u64 {
    if k > n {
        return 0;
    }
    let mut ways: u128 = 1;
    for taken in 1..=k {
        let left = u128::from(n.saturating_sub(taken).saturating_add(1));
        // Exact at each step: the product of `taken` successive numbers.
        ways = ways.saturating_mul(left).checked_div(u128::from(taken)).unwrap_or(ways);
        if ways > u128::from(u64::MAX) {
            return u64::MAX;
        }
    }
    u64::try_from(ways).unwrap_or(u64::MAX)
}

/// In how many ways up to `min(some, others)` of `some + others` places are chosen.
pub(crate) fn variations(some: usize, others: usize) -> u64 {
    let (some, others) = (widened(some), widened(others));
    let all = some.saturating_add(others);
    (1..=some.min(others)).fold(0, |sum: u64, k| sum.saturating_add(choose(all, k)))
}

/// A length as a number of guesses is counted.
pub(crate) fn widened(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_choose_are_exact_until_they_do_not_fit() {
        assert_eq!(choose(5, 2), 10);
        assert_eq!(choose(3, 4), 0);
        assert_eq!(choose(60, 30), 118_264_581_564_861_424);
        assert_eq!(choose(100, 50), u64::MAX);
        assert_eq!(variations(2, 3), 5 + 10);
    }

    #[test]
    fn the_soonest_guess_of_a_stretch_is_kept_and_the_first_of_equals() {
        let mut matches = Matches::new(3);
        matches.add(0, 3, 70, Pattern::Year);
        matches.add(0, 3, 60, Pattern::Date);
        matches.add(0, 3, 60, Pattern::Sequence);
        matches.add(0, 1, 1, Pattern::Sequence);
        let kept: Vec<_> = matches.ending_at(3).map(|found| found.pattern).collect();
        assert_eq!(kept, [Pattern::Date]);
        assert_eq!(matches.ending_at(1).map(|found| found.guesses).collect::<Vec<_>>(), [10]);
    }
}
