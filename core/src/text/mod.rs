//! Names and addresses: parsed, normalised, folded for comparison.

mod address;
mod email;
mod full_name;
mod line;
mod login_name;
mod username;

pub use address::address_key;
pub use email::Email;
pub use full_name::FullName;
pub use line::{one_line, user_agent};
pub use login_name::LoginName;
pub use username::{RESTRICTED, Username};

use crate::error::FieldError;

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code, e.g. `too_long`.
    pub code: &'static str,
    /// One sentence for a person, lower case, without a final period; never repeats the text.
    pub detail: &'static str,
}

impl Reason {
    pub(crate) const fn new(code: &'static str, detail: &'static str) -> Self {
        Self { code, detail }
    }

    /// The entry for the field at this JSON pointer (RFC 6901).
    #[must_use]
    pub fn at(self, pointer: impl Into<String>) -> FieldError {
        FieldError::new(pointer, self.code, self.detail)
    }
}

/// Embeddings, overrides and isolates that reorder what stands around them (UAX #9 §2).
const fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character ends a line or steers a terminal (Cc, U+2028, U+2029, bidi controls).
pub(crate) fn breaks_line(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}')
        || is_bidi_control(character)
}
