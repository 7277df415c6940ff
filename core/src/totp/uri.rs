//! otpauth URIs, as authenticators read them (the Key Uri Format of Google Authenticator).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Algorithm, Digits, SharedSecret};
use crate::secret::Secret;
use crate::text::{Reason, breaks_line};

/// All but the unreserved characters of RFC 3986 §2.3. A space becomes `%20`: a `+` would stay a
/// plus in authenticators.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Bytes of an issuer at most.
const MAX_ISSUER: usize = 64;

/// Bytes of an account name at most: an e-mail address fits (RFC 5321 §4.5.3.1.3).
const MAX_ACCOUNT_NAME: usize = 256;

/// Who gives out the secret, such as `Example`: what an authenticator shows above the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// An issuer of 1 to 64 bytes without a colon, which ends it in the URI.
    ///
    /// # Errors
    /// `empty`, `too_long`, `colon` or `not_a_label`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        if text.contains(':') {
            return Err(Reason::new("colon", "an issuer has no colon"));
        }
        label(text, MAX_ISSUER).map(Self)
    }

    /// The text, as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose secret it is, such as an e-mail address: what an authenticator shows beside the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName(String);

impl AccountName {
    /// An account name of 1 to 256 bytes; any character that stays on its line.
    ///
    /// # Errors
    /// `empty`, `too_long` or `not_a_label`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        label(text, MAX_ACCOUNT_NAME).map(Self)
    }

    /// The text, as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that comes out of the URI as it went in: readers strip spaces at its ends.
fn label(text: &str, max_bytes: usize) -> Result<String, Reason> {
    if text.is_empty() {
        return Err(Reason::new("empty", "at least one character"));
    }
    if text.len() > max_bytes {
        return Err(Reason::new("too_long", "too long for an authenticator to show"));
    }
    if text.trim().len() != text.len() || text.contains(breaks_line) {
        return Err(Reason::new("not_a_label", "no spaces at the ends, no control characters"));
    }
    Ok(text.to_owned())
}

/// `otpauth://<kind>/<issuer>:<account>?secret=…&issuer=…&algorithm=…&digits=…&<moving>=…`
pub(super) fn build(
    kind: &str,
    issuer: &Issuer,
    account: &AccountName,
    secret: &SharedSecret,
    algorithm: Algorithm,
    digits: Digits,
    (moving, value): (&str, u64),
) -> Secret<String> {
    let issuer = utf8_percent_encode(issuer.as_str(), ENCODED).to_string();
    let account = utf8_percent_encode(account.as_str(), ENCODED).to_string();
    let secret = secret.to_base32();
    let rest = format!(
        "&issuer={issuer}&algorithm={}&digits={}&{moving}={value}",
        algorithm.as_str(),
        digits.as_u8()
    );
    // Put together at once: a growing buffer would leave copies of the secret behind.
    let parts =
        ["otpauth://", kind, "/", &issuer, ":", &account, "?secret=", secret.expose(), &rest];
    Secret::new(parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_readers_would_change_is_refused() {
        let issuer = |text: &str| Issuer::parse(text).err().map(|reason| reason.code);
        let account = |text: &str| AccountName::parse(text).err().map(|reason| reason.code);
        assert_eq!(issuer("Büro & Söhne"), None);
        assert_eq!(issuer("a:b"), Some("colon"));
        assert_eq!(account("a:b"), None);
        for text in [" a", "a ", "a\r\nBcc: b", "a\0", "a\u{202e}b", "\u{2003}a"] {
            assert_eq!(account(text), Some("not_a_label"), "{text:?}");
        }
        assert_eq!((issuer(""), account("")), (Some("empty"), Some("empty")));
        assert_eq!((issuer(&"é".repeat(32)), account(&"é".repeat(128))), (None, None));
        assert_eq!(issuer(&"é".repeat(33)), Some("too_long"));
        assert_eq!(account(&"é".repeat(129)), Some("too_long"));
    }
}
