//! Words in which `4` stands for `a`, `0` for `o` and the like.

use crate::dictionary::{self, Found, cased};
use crate::matches::{Matches, Pattern, Word, Written, variations};

/// What stands for a letter.
const TABLE: [(char, &[char]); 12] = [
    ('a', &['4', '@']),
    ('b', &['8']),
    ('c', &['(', '{', '[', '<']),
    ('e', &['3']),
    ('g', &['6', '9']),
    ('i', &['1', '!', '|']),
    ('l', &['1', '|', '7']),
    ('o', &['0']),
    ('s', &['$', '5']),
    ('t', &['+', '7']),
    ('x', &['%']),
    ('z', &['2']),
];

/// Characters and the letters that each stands for, in the order of the characters.
type Substitution = Vec<(char, char)>;

/// Adds the words that appear once characters are read as letters.
pub(crate) fn add(matches: &mut Matches, password: &[char], lower: &[char], inputs: &[Vec<char>]) {
    for substitution in substitutions(lower) {
        let mut read = lower.to_vec();
        for character in &mut read {
            let stands_for = substitution.iter().find(|(written, _)| written == character);
            *character = stands_for.map_or(*character, |(_, letter)| *letter);
        }
        dictionary::find(&read, inputs, |Found { start, end, list, rank }| {
            let written = lower.get(start..end).unwrap_or_default();
            if written.len() < 2 || read.get(start..end) == Some(written) {
                return;
            }
            let token = password.get(start..end).unwrap_or_default();
            let guesses = rank.saturating_mul(cased(token));
            let guesses = guesses.saturating_mul(substituted(written, &substitution));
            let word = Word { list, rank, written: Written::Leet };
            matches.add(start, end, guesses, Pattern::Word(word));
        });
    }
}

/// How many ways of putting characters for letters are tried before this one.
fn substituted(written: &[char], substitution: &Substitution) -> u64 {
    let used = substitution.iter().filter(|(character, _)| written.contains(character));
    used.fold(1, |ways: u64, (character, letter)| {
        let characters = written.iter().filter(|c| *c == character).count();
        let letters = written.iter().filter(|c| *c == letter).count();
        // All written so, or some of them.
        let more = if letters == 0 { 2 } else { variations(characters, letters) };
        ways.saturating_mul(more)
    })
}

/// The ways to read a password: for each letter one of the characters that may stand for it. A
/// character that may stand for two letters is tried as either.
fn substitutions(lower: &[char]) -> Vec<Substitution> {
    let mut all: Vec<Substitution> = vec![Vec::new()];
    for (letter, characters) in TABLE {
        let present: Vec<char> =
            characters.iter().copied().filter(|character| lower.contains(character)).collect();
        if present.is_empty() {
            continue;
        }
        let mut longer = Vec::new();
        for character in present {
            for substitution in &all {
                let mut with = substitution.clone();
                with.retain(|(other, _)| *other != character);
                if with.len() < substitution.len() {
                    longer.push(substitution.clone());
                }
                with.push((character, letter));
                with.sort_unstable();
                longer.push(with);
            }
        }
        longer.sort_unstable();
        longer.dedup();
        all = longer;
    }
    all.retain(|substitution| !substitution.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(text: &str) -> usize {
        substitutions(&text.chars().collect::<Vec<_>>()).len()
    }

    #[test]
    fn each_character_is_read_as_each_letter_that_it_may_stand_for() {
        assert_eq!(ways("password"), 0);
        assert_eq!(ways("p4ssw0rd"), 1);
        assert_eq!(ways("p4@ssword"), 2);
        assert_eq!(ways("1"), 2);
    }

    // SECURITY 4
    #[test]
    fn the_ways_to_read_a_password_are_bounded() {
        assert_eq!(ways("4@8({[<3691!|70$5+%2"), 736);
    }
}
