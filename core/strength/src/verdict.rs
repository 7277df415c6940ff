//! The verdict: a score, a number of guesses, and what to say.

use std::fmt::Write;

use crate::feedback::{Suggestion, Warning, feedback};
use crate::matches::Match;

/// The largest integer that every reader of JSON holds exactly (RFC 8259 §6).
const LARGEST: u64 = 9_007_199_254_740_991;

/// Below how many guesses each score ends: 0 to 3; what is above has 4.
const BELOW: [u64; 4] = [1_005, 1_000_005, 100_000_005, 10_000_000_005];

/// How strong a password is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// 0 (guessed at once) to 4.
    pub score: u8,
    /// Estimated number of guesses, held at 2^53−1.
    pub guesses: u64,
    /// What makes it easy to guess, if its score is below 3 and one thing stands out.
    pub warning: Option<Warning>,
    /// What would make a better one; none from score 3 on.
    pub suggestions: Vec<Suggestion>,
}

impl Verdict {
    pub(crate) fn of(guesses: u64, sequence: &[Match], password: &[char]) -> Self {
        let score = BELOW.iter().zip(0..).find(|(below, _)| guesses < **below);
        let score = score.map_or(4, |(_, score)| score);
        let (warning, suggestions) = feedback(score, sequence, password);
        Self { score, guesses: guesses.min(LARGEST), warning, suggestions }
    }

    /// The verdict as the JSON that authcore reads:
    /// `{"score":0,"guesses":3,"warning":"top_10","suggestions":["add_words"]}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = format!(r#"{{"score":{},"guesses":{},"warning":"#, self.score, self.guesses);
        // Codes need no escapes, and writing to a string does not fail.
        let _ = match self.warning {
            None => write!(text, "null"),
            Some(warning) => write!(text, r#""{}""#, warning.as_str()),
        };
        let suggestions: Vec<&str> = self.suggestions.iter().map(|each| each.as_str()).collect();
        let quotes = if suggestions.is_empty() { "" } else { "\"" };
        let listed = suggestions.join("\",\"");
        let _ = write!(text, r#","suggestions":[{quotes}{listed}{quotes}]}}"#);
        text
    }
}
