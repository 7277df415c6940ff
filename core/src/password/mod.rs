//! Passwords: the rule for new ones, hashing, verifying, cost ceilings.

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroizing;

use crate::error::FieldError;

pub mod ceilings;
mod context;
pub mod hash;
pub mod rule;

use crate::secret::constant_time_eq;

pub use authcore_argon2id::Pool;
pub use ceilings::{Argon2Params, Ceilings};
pub(crate) use context::context_words;
pub use hash::{PasswordHash, Verified, dummy, hash, hash_in, needs_rehash, verify, verify_in};
pub use rule::{DEFAULT_MIN_LENGTH, check_new};

/// Bytes of a password at most, so that no work is done on more.
pub const MAX_BYTES: usize = 1024;

/// A password exactly as received: never trimmed, folded, normalised or truncated.
///
/// It may be empty, so that a login with an empty password is counted like any wrong one;
/// [`check_new`] is the rule for new ones.
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password of at most [`MAX_BYTES`] bytes of UTF-8.
    ///
    /// # Errors
    /// [`Reason::TooLong`].
    pub fn new(text: impl Into<Zeroizing<String>>) -> Result<Self, Reason> {
        let text = text.into();
        if text.len() > MAX_BYTES { Err(Reason::TooLong) } else { Ok(Self(text)) }
    }

    /// Whether a second typing is the same, compared in constant time.
    #[must_use]
    pub fn is(&self, again: &str) -> bool {
        constant_time_eq(self.0.as_bytes(), again.as_bytes())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Why a password is not accepted as a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Fewer code points than `min_length`.
    TooShort {
        /// The least number of code points.
        min_length: usize,
    },
    /// More than [`MAX_BYTES`] bytes.
    TooLong,
    /// In the list of common passwords.
    TooCommon,
    /// The account's own e-mail address, its local part, or its username.
    SameAsName,
}

impl Reason {
    /// The stable code of a field error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong => "too_long",
            Self::TooCommon => "too_common",
            Self::SameAsName => "same_as_name",
        }
    }

    /// The entry for the field at `pointer` (RFC 6901), e.g. `/password`.
    #[must_use]
    pub fn at(self, pointer: &str) -> FieldError {
        let detail: Cow<'static, str> = match self {
            Self::TooShort { min_length } => format!("use at least {min_length} characters").into(),
            Self::TooLong => "use at most 1024 bytes".into(),
            Self::TooCommon => "many people use this password; choose another".into(),
            Self::SameAsName => "the password must not be the name or the e-mail address".into(),
        };
        FieldError::new(pointer, self.code(), detail)
    }
}
