//! The secret that generator and verifier share (RFC 4226 §4 R6), as bytes and as base32.

use std::fmt;

use base32::Alphabet;
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::text::Reason;

/// Bytes of a secret at least: 128 bits (RFC 4226 §4 R6).
const MIN_BYTES: usize = 16;

/// Bytes of a secret at most: the block of SHA-512, beyond which HMAC hashes the key first
/// (RFC 2104 §2).
const MAX_BYTES: usize = 128;

/// The longest text worth looking at: 205 characters hold the longest secret, grouped by spaces.
const MAX_INPUT: usize = 512;

/// RFC 4648 §6, without padding: how the otpauth URI has it.
const BASE32: Alphabet = Alphabet::Rfc4648 { padding: false };

/// A shared secret of 16 to 128 bytes.
pub struct SharedSecret(Zeroizing<Vec<u8>>);

impl SharedSecret {
    /// A new secret of these random 160 bits, the length that RFC 4226 §4 R6 recommends.
    #[must_use]
    pub fn from_random(bytes: [u8; 20]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The secret of these bytes, as stored.
    ///
    /// # Errors
    /// `too_short` under 16 bytes, `too_long` over 128.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Reason> {
        match bytes.len() {
            0..MIN_BYTES => Err(Reason::new("too_short", "a secret has at least 16 bytes")),
            MIN_BYTES..=MAX_BYTES => Ok(Self(Zeroizing::new(bytes.to_vec()))),
            _ => Err(Reason::new("too_long", "a secret has at most 128 bytes")),
        }
    }

    /// Reads base32 (RFC 4648 §6) as authenticators show it: case, spaces, hyphens and padding do
    /// not matter, nor do bits beyond the last byte, which other verifiers ignore too.
    ///
    /// # Errors
    /// `not_base32`, `too_short` or `too_long`.
    pub fn from_base32(text: &str) -> Result<Self, Reason> {
        const NOT_BASE32: Reason = Reason::new("not_base32", "the secret is not base32");
        if text.len() > MAX_INPUT {
            return Err(Reason::new("too_long", "a secret has at most 128 bytes"));
        }
        let mut digits = Zeroizing::new(String::with_capacity(MAX_INPUT));
        let unpadded = text.trim_end_matches([' ', '=']);
        digits.extend(unpadded.chars().filter(|character| !matches!(character, ' ' | '-')));
        digits.make_ascii_uppercase();
        // 8 digits are 5 bytes; the last of 1, 3 or 6 would hold no bit of a byte of its own.
        if matches!(digits.len() % 8, 1 | 3 | 6) {
            return Err(NOT_BASE32);
        }
        let bytes = Zeroizing::new(base32::decode(BASE32, &digits).ok_or(NOT_BASE32)?);
        Self::from_bytes(&bytes)
    }

    /// Base32 without padding (RFC 4648 §6), for the owner.
    #[must_use]
    pub fn to_base32(&self) -> Secret<String> {
        Secret::new(base32::encode(BASE32, &self.0))
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn base32_is_read_as_it_is_shown() {
        for text in [
            TEXT,
            &TEXT.to_ascii_lowercase(),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
            "gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq",
            &format!("{TEXT}===="),
        ] {
            let secret = SharedSecret::from_base32(text).unwrap();
            assert_eq!(secret.expose(), b"12345678901234567890", "{text}");
            assert_eq!(secret.to_base32().expose(), TEXT);
        }
        // 16 bytes are 26 digits, the last of which has two bits to spare.
        let exact = SharedSecret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY").unwrap();
        let spare = SharedSecret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGZ").unwrap();
        assert_eq!(exact.expose(), spare.expose());
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let refused = |text: &str| SharedSecret::from_base32(text).unwrap_err().code;
        for text in ["0EZDGNBVGY3TQOJQGEZDGNBVGY", "GÉZDGNBVGY3TQOJQGEZDGNBVGY"] {
            assert_eq!(refused(text), "not_base32", "{text}");
        }
        // No whole number of bytes has so many digits.
        for length in [25, 27, 30] {
            assert_eq!(refused(&TEXT[..length]), "not_base32", "{length}");
        }
        assert_eq!(refused("GEZ=GNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "not_base32");
        assert_eq!(refused(""), "too_short");
        assert_eq!(refused("===="), "too_short");
        assert_eq!(refused("GEZDGNBVGY3TQOJQGEZDGNBV"), "too_short");
        assert_eq!(refused(&"A".repeat(208)), "too_long");
        assert_eq!(refused(&"A".repeat(100_000)), "too_long");
        let lengths = [15, 16, 128, 129].map(|n| SharedSecret::from_bytes(&vec![1; n]).is_ok());
        assert_eq!(lengths, [false, true, true, false]);
    }
}
