//! Codes: made from a counter (RFC 4226 §5.3), read as typed, compared in constant time.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{Algorithm, Digits, SharedSecret};

/// The longest typed code worth looking at: 8 digits with spaces between and around them.
const MAX_INPUT: usize = 32;

/// A one-time code: 6 to 8 decimal digits.
pub struct Code(Zeroizing<String>);

impl Code {
    /// The digits, for the one who is to type them.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Reads a code as typed: spaces (U+0020), which authenticators show between groups, are left
    /// out; what remains is exactly so many ASCII digits. Digits of other scripts are refused.
    pub(super) fn read(text: &str, digits: Digits) -> Option<Self> {
        if text.len() > MAX_INPUT {
            return None;
        }
        let mut code = Zeroizing::new(String::with_capacity(MAX_INPUT));
        code.extend(text.chars().filter(|character| *character != ' '));
        let fits = code.len() == usize::from(digits.as_u8());
        (fits && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self(code))
    }

    /// Whether both are the same, in a time that depends on their lengths only.
    pub(super) fn is(&self, other: &Self) -> Choice {
        self.0.as_bytes().ct_eq(other.0.as_bytes())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// The codes of a secret by counter.
pub(super) struct Generator(totp_rs::Totp);

impl Generator {
    pub(super) fn new(secret: &SharedSecret, algorithm: Algorithm, digits: Digits) -> Self {
        let algorithm = match algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        // Its steps of one second make its time our counter. What `build` would check, and could
        // only report as an error that cannot happen, our types have checked.
        let totp = totp_rs::Builder::new()
            .with_secret(secret.expose())
            .with_algorithm(algorithm)
            .with_digits(digits.as_u8())
            .with_step_duration(1)
            .build_noncompliant();
        Self(totp)
    }

    /// The code of a counter.
    pub(super) fn code(&self, counter: u64) -> Code {
        Code(Zeroizing::new(self.0.generate(counter).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 11
    #[test]
    fn a_code_is_read_as_ascii_digits_and_spaces() {
        let read =
            |text: &str| Code::read(text, Digits::default()).map(|code| code.expose().to_owned());
        for text in ["012345", " 012345", "012 345", " 0 1 2 3 4 5 "] {
            assert_eq!(read(text).as_deref(), Some("012345"), "{text:?}");
        }
        for text in [
            "",
            " ",
            "12345",
            "1234567",
            "+12345",
            "-12345",
            "12345.",
            "0x1234",
            "12345a",
            "012-345",
            "012345\n",
            "\t012345",
            "012\u{a0}345",
            "012\u{2009}345",
            "０１２３４５",
            "٠١٢٣٤٥",
            "012345\0",
            "₀₁₂₃₄₅",
            "é12345",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read(&format!("{:>64}", "012345")), None);
    }
}
