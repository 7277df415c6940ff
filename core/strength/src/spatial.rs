//! Neighbouring keys: `qwerty`, `zxcvb`, `852456`.

use crate::matches::{Matches, Pattern, choose, variations, widened};

/// Rows of keys, each key with what it types, then what it types with shift.
struct Keyboard {
    rows: &'static [&'static str],
    /// The characters that a key types.
    per_key: usize,
    /// How the rows lie: of a slanted board, each half a key further right than the one above.
    lie: Lie,
    /// The number of keys, times what each types.
    starts: u64,
    /// Neighbours of a key on average, as a fraction.
    degree: (u64, u64),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lie {
    Slanted,
    Straight,
}

/// The boards, a space where there is no key. Starts and degree of all like those of the first of
/// their kind.
const KEYBOARDS: [Keyboard; 4] = [
    Keyboard {
        rows: &[
            "`~1!2@3#4$5%6^7&8*9(0)-_=+",
            "  qQwWeErRtTyYuUiIoOpP[{]}\\|",
            "  aAsSdDfFgGhHjJkKlL;:'\"",
            "  zZxXcCvVbBnNmM,<.>/?",
        ],
        per_key: 2,
        lie: Lie::Slanted,
        starts: 94,
        degree: (432, 94),
    },
    Keyboard {
        rows: &[
            "`~1!2@3#4$5%6^7&8*9(0)[{]}",
            "  '\",<.>pPyYfFgGcCrRlL/?=+\\|",
            "  aAoOeEuUiIdDhHtTnNsS-_",
            "  ;:qQjJkKxXbBmMwWvVzZ",
        ],
        per_key: 2,
        lie: Lie::Slanted,
        starts: 94,
        degree: (432, 94),
    },
    Keyboard {
        rows: &[" /*-", "789+", "456", "123", " 0."],
        per_key: 1,
        lie: Lie::Straight,
        starts: 15,
        degree: (76, 15),
    },
    Keyboard {
        rows: &[" =/*", "789-", "456+", "123", " 0."],
        per_key: 1,
        lie: Lie::Straight,
        starts: 15,
        degree: (76, 15),
    },
];

/// Where a character is typed: column, row, and whether with shift.
type Key = (i32, i32, bool);

/// Adds the chains of three or more neighbouring keys on any board.
pub(crate) fn add(matches: &mut Matches, password: &[char]) {
    for keyboard in &KEYBOARDS {
        let keys: Vec<Option<Key>> = password.iter().map(|c| keyboard.key(*c)).collect();
        let mut start = 0;
        while start < keys.len() {
            let chain = keyboard.chain(keys.get(start..).unwrap_or_default());
            let end = start.saturating_add(chain.length);
            if chain.length > 2 {
                let pattern = Pattern::Spatial { turns: chain.turns };
                matches.add(start, end, keyboard.guesses(&chain), pattern);
            }
            start = end;
        }
    }
}

/// Keys, each a neighbour of the one before.
struct Chain {
    length: usize,
    turns: usize,
    shifted: usize,
}

impl Keyboard {
    fn key(&self, character: char) -> Option<Key> {
        let found = self.rows.iter().zip(0..).find_map(|(row, y)| {
            let place = row.chars().position(|c| c == character && c != ' ')?;
            let column = i32::try_from(place.checked_div(self.per_key)?).ok()?;
            Some((column, y, place.checked_rem(self.per_key)? == 1))
        });
        found.or(None)
    }

    /// The direction from one key to its neighbour.
    fn direction(&self, from: Key, to: Key) -> Option<(i32, i32)> {
        let step = (to.0.saturating_sub(from.0), to.1.saturating_sub(from.1));
        let beside = match (self.lie, step) {
            (_, (0, 0)) => false,
            (Lie::Slanted, (-1 | 1, 0) | (0 | 1, -1) | (0 | -1, 1)) => true,
            (Lie::Slanted, _) => false,
            (Lie::Straight, (x, y)) => x.abs() <= 1 && y.abs() <= 1,
        };
        beside.then_some(step)
    }

    /// The longest chain at the beginning; one key at least.
    fn chain(&self, keys: &[Option<Key>]) -> Chain {
        let shifted = |key: &Option<Key>| key.is_some_and(|(_, _, shifted)| shifted);
        let mut chain = Chain {
            length: 1,
            turns: 0,
            shifted: keys.iter().take(1).filter(|k| shifted(k)).count(),
        };
        let mut last = None;
        for (from, to) in keys.iter().zip(keys.iter().skip(1)) {
            let (Some(from), Some(key)) = (from, to) else { break };
            let Some(direction) = self.direction(*from, *key) else { break };
            chain.length = chain.length.saturating_add(1);
            chain.shifted = chain.shifted.saturating_add(usize::from(shifted(to)));
            if last != Some(direction) {
                chain.turns = chain.turns.saturating_add(1);
                last = Some(direction);
            }
        }
        chain
    }

    /// The chains of this length or less, with these turns or less.
    fn guesses(&self, chain: &Chain) -> u64 {
        let (length, turns) = (widened(chain.length), widened(chain.turns));
        let mut sum: u128 = 0;
        for shorter in 2..=length {
            let gaps = shorter.saturating_sub(1);
            // In steps of 2^-32: the average degree is a fraction.
            let mut ways = u128::from(self.starts) << 32;
            for turn in 1..=turns.min(gaps) {
                ways = ways.saturating_mul(u128::from(self.degree.0));
                ways = ways.checked_div(u128::from(self.degree.1)).unwrap_or(ways);
                let placed = choose(gaps, turn.saturating_sub(1));
                sum = sum.saturating_add(ways.saturating_mul(u128::from(placed)));
            }
        }
        let plain = chain.length.saturating_sub(chain.shifted);
        let cased = match (chain.shifted, plain) {
            (0, _) => 1,
            (_, 0) => 2,
            (shifted, plain) => variations(shifted, plain),
        };
        u64::try_from(sum.saturating_mul(u128::from(cased)) >> 32).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_and_degrees_are_those_of_the_boards() {
        for (first, same) in [(0, 0), (0, 1), (2, 2)] {
            let (numbers, keyboard) = (&KEYBOARDS[first], &KEYBOARDS[same]);
            let typed: Vec<char> =
                keyboard.rows.iter().flat_map(|row| row.chars()).filter(|c| *c != ' ').collect();
            let keys: Vec<Key> = typed.iter().filter_map(|c| keyboard.key(*c)).collect();
            let unshifted: Vec<Key> = keys.iter().copied().filter(|key| !key.2).collect();
            let beside = |key: &&Key| {
                unshifted.iter().filter(|to| keyboard.direction(**key, **to).is_some()).count()
            };
            let degrees: usize = keys.iter().map(|key| beside(&key)).sum();
            assert_eq!(widened(keys.len()), numbers.starts);
            assert_eq!(widened(degrees), numbers.degree.0);
            assert_eq!(numbers.degree.1, numbers.starts);
        }
    }

    #[test]
    fn a_chain_ends_where_the_next_key_is_no_neighbour() {
        let keys: Vec<_> = "qweRasd".chars().map(|c| KEYBOARDS[0].key(c)).collect();
        let chain = KEYBOARDS[0].chain(&keys);
        assert_eq!((chain.length, chain.turns, chain.shifted), (4, 1, 1));
    }
}
