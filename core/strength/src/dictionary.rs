//! Words of the lists and of the user, written plainly or backwards.

use crate::matches::{Matches, Pattern, Word, Written, variations};
use crate::words::{List, words};

/// A word that was found in a text.
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) list: List,
    pub(crate) rank: u64,
}

/// Every word in a text in lower case.
pub(crate) fn find(text: &[char], inputs: &[Vec<char>], mut found: impl FnMut(Found)) {
    for start in 0..text.len() {
        let rest = text.get(start..).unwrap_or_default();
        for (length, word) in words().beginning(rest) {
            let end = start.saturating_add(length);
            found(Found { start, end, list: word.list, rank: word.rank });
        }
        for (input, rank) in inputs.iter().zip(1..) {
            // The first character tells most of them apart, and this is done very often.
            if input.first() == rest.first() && rest.starts_with(input) {
                let end = start.saturating_add(input.len());
                found(Found { start, end, list: List::UserInputs, rank });
            }
        }
    }
}

/// Adds the words of a password, given as it is and in lower case.
pub(crate) fn add(matches: &mut Matches, password: &[char], lower: &[char], inputs: &[Vec<char>]) {
    find(lower, inputs, |Found { start, end, list, rank }| {
        let word = Word { list, rank, written: Written::Plainly };
        let guesses = rank.saturating_mul(cased(password.get(start..end).unwrap_or_default()));
        matches.add(start, end, guesses, Pattern::Word(word));
    });
    let backwards: Vec<char> = lower.iter().rev().copied().collect();
    find(&backwards, inputs, |Found { start, end, list, rank }| {
        let from_end = |place: usize| password.len().saturating_sub(place);
        let (start, end) = (from_end(end), from_end(start));
        let word = Word { list, rank, written: Written::Backwards };
        let guesses = rank.saturating_mul(cased(password.get(start..end).unwrap_or_default()));
        matches.add(start, end, guesses.saturating_mul(2), Pattern::Word(word));
    });
}

/// How many ways of writing a word in capitals are tried before this one.
pub(crate) fn cased(token: &[char]) -> u64 {
    let capital = |c: &char| c.is_ascii_uppercase();
    let capitals = token.iter().filter(|c| capital(c)).count();
    if capitals == 0 {
        return 1;
    }
    // The common ways: the first letter, the last one, all of them.
    let at_an_end = token.first().is_some_and(capital) || token.last().is_some_and(capital);
    if capitals == 1 && at_an_end && token.len() > 1 || !token.iter().any(char::is_ascii_lowercase)
    {
        return 2;
    }
    let upper = token.iter().filter(|c| c.is_uppercase()).count();
    let lower = token.iter().filter(|c| c.is_lowercase()).count();
    variations(upper, lower)
}
