//! A person's name, as they write it.

use super::{Reason, breaks_line};

/// How many characters a full name has at most.
const MAX_LENGTH: usize = 200;

/// A full name: any script, kept as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName(String);

impl FullName {
    /// Reads a name of 1 to 200 characters (Unicode scalar values), not all of them white space.
    ///
    /// # Errors
    /// `too_short`, `too_long`, or `character_not_allowed` for controls, line separators and
    /// characters that reorder the text around them.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        if text.trim().is_empty() {
            return Err(Reason::new("too_short", "must not be blank"));
        }
        if text.chars().nth(MAX_LENGTH).is_some() {
            return Err(Reason::new("too_long", "more than 200 characters"));
        }
        if text.chars().any(breaks_line) {
            return Err(Reason::new("character_not_allowed", "control characters are not allowed"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_script_is_kept_as_typed() {
        for name in ["Ann", "李小龍", "Zoë  O’Neil-Ünal", "نجيب محفوظ", "\u{65}\u{301}"]
        {
            assert_eq!(FullName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn controls_and_overrides_are_refused() {
        for name in ["a\0b", "a\r\nb", "a\u{1b}[31m", "a\u{202e}b", "a\u{2066}b", "a\u{2028}b"] {
            assert_eq!(FullName::parse(name).unwrap_err().code, "character_not_allowed");
        }
    }

    #[test]
    fn the_length_counts_characters() {
        assert!(FullName::parse(&"字".repeat(200)).is_ok());
        assert_eq!(FullName::parse(&"字".repeat(201)).unwrap_err().code, "too_long");
        assert_eq!(FullName::parse(" \u{3000} ").unwrap_err().code, "too_short");
    }
}
