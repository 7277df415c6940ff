//! How many guesses a password takes, by the method of zxcvbn (D. Wheeler, "zxcvbn: Low-Budget
//! Password Strength Estimation", USENIX Security 2016).
//!
//! No clock, no unordered map, no float: the year is an argument, and the same input gives the same
//! bytes on every host (docs/decisions/0019).
#![forbid(unsafe_code)]

mod dates;
mod dictionary;
mod feedback;
mod leet;
mod matches;
mod repeats;
mod search;
mod sequences;
mod spatial;
mod verdict;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod words;

pub use feedback::{Suggestion, Warning};
pub use verdict::Verdict;

/// How many characters of a password are looked at. A longer one is judged by its beginning.
pub const MAX_CHARACTERS: usize = 100;

/// How many user inputs are looked at, and how many characters of each.
pub const MAX_USER_INPUTS: usize = 32;

/// Estimates how many guesses `password` takes for someone who knows `user_inputs` (names, site)
/// and lives in the Gregorian `year`.
///
/// The work is bounded: what goes beyond [`MAX_CHARACTERS`] and [`MAX_USER_INPUTS`] is not seen.
#[must_use]
pub fn estimate<S: AsRef<str>>(password: &str, user_inputs: &[S], year: i32) -> Verdict {
    let characters: Vec<char> = password.chars().take(MAX_CHARACTERS).collect();
    let inputs = user_inputs.iter().take(MAX_USER_INPUTS);
    let inputs = inputs.map(|input| folded(input.as_ref().chars().take(MAX_CHARACTERS)));
    let known = search::Known { inputs: inputs.filter(|input| !input.is_empty()).collect(), year };
    let found = search::fewest_guesses(&characters, &known);
    Verdict::of(found.guesses, &found.sequence, &characters)
}

/// Lower case, one character for one: a character that has none of one character stays.
fn folded(characters: impl Iterator<Item = char>) -> Vec<char> {
    let fold = |character: char| {
        let mut lower = character.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(single), None) => single,
            _ => character,
        }
    };
    characters.map(fold).collect()
}
