//! What a person types to log in: an address, a username, or neither.

use super::{Email, Username, breaks_line};

/// The longest [`LoginName::Unknown`], in bytes; no address and no username is longer.
const MAX_LENGTH: usize = 254;

/// Stands at the end of a text that was cut; no address and no username holds it.
const CUT: char = '…';

/// The name of a login attempt. Every text has one, so that every attempt can be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginName {
    /// An e-mail address.
    Email(Email),
    /// A username.
    Username(Username),
    /// Neither: no account has it. Lower-case text without control characters, at most 254 bytes.
    Unknown(String),
}

impl LoginName {
    /// Reads a login name; it cannot fail. With an `@` it can only be an address.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let known = if text.contains('@') {
            Email::parse(text).map(Self::Email)
        } else {
            Username::parse(text).map(Self::Username)
        };
        known.unwrap_or_else(|_| Self::Unknown(bounded(text)))
    }

    /// The key for lookup and counting.
    #[must_use]
    pub fn folded(&self) -> &str {
        match self {
            Self::Email(email) => email.folded(),
            Self::Username(username) => username.folded(),
            Self::Unknown(text) => text,
        }
    }
}

fn bounded(text: &str) -> String {
    let mut bounded = String::new();
    for character in text.chars() {
        let character = if breaks_line(character) { '\u{fffd}' } else { character };
        let length = bounded.len().saturating_add(character.len_utf8());
        if length > MAX_LENGTH.saturating_sub(CUT.len_utf8()) {
            bounded.push(CUT);
            break;
        }
        bounded.push(character.to_ascii_lowercase());
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_has_one_key_whatever_the_case() {
        for (text, key) in [("Ann.Lee", "ann.lee"), ("Ann@Example.COM", "ann@example.com")] {
            assert_eq!(LoginName::parse(text).folded(), key);
        }
    }

    // SECURITY 91
    #[test]
    fn every_other_text_is_unknown_and_bounded() {
        for (text, key) in [("", ""), ("A\r\nB", "a\u{fffd}\u{fffd}b"), ("a@b@C", "a@b@c")] {
            assert_eq!(LoginName::parse(text), LoginName::Unknown(key.to_owned()));
        }
        for text in ["x".repeat(100_000), "\0".repeat(300), "🦀".repeat(100)] {
            let name = LoginName::parse(&text);
            assert!(name.folded().len() <= MAX_LENGTH && name.folded().ends_with(CUT));
        }
    }

    #[test]
    fn a_cut_text_never_becomes_the_name_of_an_account() {
        let text = format!("{}@example.com{}", "a".repeat(64), ".x".repeat(200));
        let name = LoginName::parse(&text);
        assert!(matches!(&name, LoginName::Unknown(cut) if Email::parse(cut).is_err()));
    }
}
