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
        let character = if breaks_line(character) {
            '\u{fffd}'
        } else {
            character
        };
        let length = bounded.len().saturating_add(character.len_utf8());
        if length > MAX_LENGTH.saturating_sub(CUT.len_utf8()) {
            bounded.push(CUT);
            break;
        }
        bounded.push(character.to_ascii_lowercase());
    }
    bounded
}
