//! How strong a password is: the verdict of the estimator (core/strength), and what is said of it.

use serde::{Deserialize, Serialize};

use crate::time::MAX_EXACT;

/// How strong a password is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StrengthVerdict {
    /// 0 (guessed at once) to 4.
    pub score: u8,
    /// Estimated number of guesses, held at 2^53−1.
    pub guesses: i64,
    /// What to say to whoever chose it.
    pub feedback: Feedback,
}

/// What is wrong with a password, and what would make a better one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Feedback {
    /// What makes it easy to guess, if one thing stands out.
    pub warning: Option<&'static Advice>,
    /// What would make a better one.
    pub suggestions: Vec<&'static Advice>,
}

/// A stable code and a sentence for a person, lower case, without a final period.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Never changes its meaning.
    pub code: &'static str,
    /// In English.
    pub detail: &'static str,
}

const fn advice(code: &'static str, detail: &'static str) -> Advice {
    Advice { code, detail }
}

/// Every warning of the estimator.
pub const WARNINGS: [Advice; 15] = [
    advice("top_10", "this is one of the ten commonest passwords"),
    advice("top_100", "this is one of the hundred commonest passwords"),
    advice("common", "this is a very common password"),
    advice("similar_to_common", "this is similar to a commonly used password"),
    advice("user_input", "this is made of what is known of you"),
    advice("word", "a word by itself is easy to guess"),
    advice("name", "names by themselves are easy to guess"),
    advice("common_name", "common names are easy to guess"),
    advice("key_row", "straight rows of keys are easy to guess"),
    advice("key_pattern", "short keyboard patterns are easy to guess"),
    advice("repeated_character", "repeats such as `aaa` are easy to guess"),
    advice("repeated_pattern", "`abcabcabc` is only slightly harder to guess than `abc`"),
    advice("sequence", "sequences such as `abc` or `6543` are easy to guess"),
    advice("recent_year", "recent years are easy to guess"),
    advice("date", "dates are often easy to guess"),
];

/// Every suggestion of the estimator.
pub const SUGGESTIONS: [Advice; 13] = [
    advice("use_words", "use a few words, but no common phrase"),
    advice("no_need_for_symbols", "symbols, digits and capitals are not needed"),
    advice("add_words", "add another word or two; uncommon words are better"),
    advice("capitalization", "capitals do not help very much"),
    advice("all_uppercase", "all capitals are almost as easy to guess as none"),
    advice("reversed_words", "words backwards are not much harder to guess"),
    advice("substitutions", "substitutions such as `@` for `a` do not help very much"),
    advice("longer_key_pattern", "use a longer keyboard pattern with more turns"),
    advice("avoid_repeats", "avoid repeated words and characters"),
    advice("avoid_sequences", "avoid sequences"),
    advice("avoid_recent_years", "avoid recent years"),
    advice("avoid_own_years", "avoid years that have to do with you"),
    advice("avoid_own_dates", "avoid dates and years that have to do with you"),
];

/// The verdict as the estimator writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    score: u8,
    guesses: i64,
    warning: Option<String>,
    suggestions: Vec<String>,
}

impl Written {
    /// How the estimator writes a verdict.
    #[must_use]
    pub fn of(verdict: &StrengthVerdict) -> Self {
        let code = |advice: &&Advice| advice.code.to_owned();
        Self {
            score: verdict.score,
            guesses: verdict.guesses,
            warning: verdict.feedback.warning.as_ref().map(code),
            suggestions: verdict.feedback.suggestions.iter().map(code).collect(),
        }
    }
}

fn known(all: &'static [Advice], code: &str) -> Option<&'static Advice> {
    all.iter().find(|advice| advice.code == code)
}

impl StrengthVerdict {
    /// Reads what the estimator answers (`Verdict::to_json` of core/strength); none if that is not
    /// a verdict: the module is of another version.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        Self::of(&serde_json::from_str(text).ok()?)
    }

    /// The verdict that was written so; none if it names what is not known.
    #[must_use]
    pub fn of(written: &Written) -> Option<Self> {
        let &Written { score, guesses, ref warning, ref suggestions } = written;
        if score > 4 || !(0..=MAX_EXACT).contains(&guesses) {
            return None;
        }
        let warning = match warning {
            None => None,
            Some(code) => Some(known(&WARNINGS, code)?),
        };
        let suggestions = suggestions.iter().map(|code| known(&SUGGESTIONS, code));
        let feedback = Feedback { warning, suggestions: suggestions.collect::<Option<_>>()? };
        Some(Self { score, guesses, feedback })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_read_and_anything_else_is_not() {
        let text = r#"{"score":1,"guesses":15,"warning":"date","suggestions":["add_words"]}"#;
        let verdict = StrengthVerdict::from_json(text).unwrap();
        assert_eq!((verdict.score, verdict.guesses), (1, 15));
        assert_eq!(verdict.feedback.warning.unwrap().code, "date");
        for wrong in [
            "",
            "[]",
            r#"{"score":5,"guesses":15,"warning":null,"suggestions":[]}"#,
            r#"{"score":4,"guesses":-1,"warning":null,"suggestions":[]}"#,
            r#"{"score":4,"guesses":9007199254740992,"warning":null,"suggestions":[]}"#,
            r#"{"score":1,"guesses":15,"warning":"x","suggestions":[]}"#,
            r#"{"score":1,"guesses":15,"warning":null,"suggestions":["x"]}"#,
        ] {
            assert_eq!(StrengthVerdict::from_json(wrong), None, "{wrong}");
        }
    }
}
