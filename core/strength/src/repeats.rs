//! Something over and over: `aaa`, `abcabc`.

use crate::matches::{Matches, Pattern, widened};
use crate::search::{Known, fewest_guesses};

/// Adds the repetitions; what repeats is guessed as if it were a password itself.
pub(crate) fn add(matches: &mut Matches, password: &[char], known: &Known) {
    let mut from = 0;
    while let Some(Repetition { start, base, times }) = next(password, from) {
        let end = start.saturating_add(base.saturating_mul(times));
        let token = password.get(start..start.saturating_add(base)).unwrap_or_default();
        // Half as long at most, so this ends.
        let guesses = fewest_guesses(token, known).guesses.saturating_mul(widened(times));
        matches.add(start, end, guesses, Pattern::Repeat { base });
        from = end;
    }
}

/// What begins at `start`, has `base` characters and comes `times` times.
struct Repetition {
    start: usize,
    base: usize,
    times: usize,
}

/// The first repetition at or behind `from`, as long as can be.
fn next(password: &[char], from: usize) -> Option<Repetition> {
    (from..password.len()).find_map(|start| {
        let rest = password.get(start..)?;
        let half = rest.len().checked_div(2)?;
        let times = |base: &usize| times(rest, *base);
        let shortest = (1..=half).find(|base| times(base) > 1)?;
        let longest = (1..=half).rev().find(|base| times(base) > 1)?;
        let covered = |base: usize| base.saturating_mul(times(&base));
        let all = covered(longest);
        // What repeats may itself repeat: `aabaab` in `aabaabaabaab`.
        let base = if all > covered(shortest) {
            (1..=longest).find(|base| all.checked_rem(*base) == Some(0) && covered(*base) >= all)?
        } else {
            shortest
        };
        let all = all.max(covered(shortest));
        Some(Repetition { start, base, times: all.checked_div(base)? })
    })
}

/// How often the first `base` characters come at the beginning, one after the other.
fn times(text: &[char], base: usize) -> usize {
    let token = text.get(..base).unwrap_or_default();
    if token.is_empty() {
        return 0;
    }
    text.chunks_exact(base).take_while(|chunk| *chunk == token).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repetition(text: &str) -> Option<(usize, usize, usize)> {
        let text: Vec<char> = text.chars().collect();
        next(&text, 0).map(|found| (found.start, found.base, found.times))
    }

    #[test]
    fn the_longest_repetition_counts_by_its_shortest_part() {
        assert_eq!(repetition("abc"), None);
        assert_eq!(repetition("xaaay"), Some((1, 1, 3)));
        assert_eq!(repetition("aabaab"), Some((0, 3, 2)));
        assert_eq!(repetition("aabaabaabaab"), Some((0, 3, 4)));
        assert_eq!(repetition("abababa"), Some((0, 2, 3)));
    }
}
