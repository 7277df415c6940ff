//! Codes: made from a counter (RFC 4226 §5.3), read as typed, compared in constant time.

use std::fmt;

use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{Algorithm, Digits, SharedSecret};

/// The longest typed code worth looking at: 8 digits with spaces between and around them.
const MAX_INPUT: usize = 32;

/// The most digits of a code.
const MAX_DIGITS: usize = 8;

/// A one-time code: 6 to 8 decimal digits.
pub struct Code {
    digits: Zeroizing<[u8; MAX_DIGITS]>,
    length: usize,
}

impl Code {
    /// The digits, for the one who is to type them.
    #[must_use]
    pub fn expose(&self) -> &str {
        // ASCII digits, always.
        std::str::from_utf8(self.octets()).unwrap_or_default()
    }

    /// Reads a code as typed: spaces (U+0020), which authenticators show between groups, are left
    /// out; what remains is exactly so many ASCII digits. Digits of other scripts are refused.
    pub(super) fn read(text: &str, digits: Digits) -> Option<Self> {
        if text.len() > MAX_INPUT {
            return None;
        }
        let mut code = Self::zeros(digits);
        let mut rest = code.digits.iter_mut().take(code.length);
        for octet in text.bytes().filter(|octet| *octet != b' ') {
            let place = rest.next().filter(|_| octet.is_ascii_digit())?;
            *place = octet;
        }
        let fits = rest.next().is_none();
        fits.then_some(code)
    }

    /// The last digits of a number, with zeros before it.
    fn of(number: u32, digits: Digits) -> Self {
        let mut code = Self::zeros(digits);
        let mut rest = number;
        for place in code.digits.iter_mut().take(code.length).rev() {
            *place = u8::try_from(rest % 10).unwrap_or_default() | b'0';
            rest /= 10;
        }
        code
    }

    fn zeros(digits: Digits) -> Self {
        let length = usize::from(digits.as_u8());
        Self { digits: Zeroizing::new([b'0'; MAX_DIGITS]), length }
    }

    fn octets(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }

    /// Whether both are the same, in a time that depends on their lengths only.
    pub(super) fn is(&self, other: &Self) -> Choice {
        self.octets().ct_eq(other.octets())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// The codes of a secret by counter.
///
/// totp-rs makes what is given out, and has the last word on what is accepted; it hashes the secret
/// anew for each code. A window is searched by an HMAC both of whose pads are hashed once
/// (docs/decisions/0017). All of it is zeroized when dropped.
pub(super) struct Generator {
    totp: totp_rs::Totp,
    mac: Keyed,
    digits: Digits,
}

enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Generator {
    pub(super) fn new(secret: &SharedSecret, algorithm: Algorithm, digits: Digits) -> Self {
        let octets = secret.expose();
        let (mac, algorithm) = match algorithm {
            Algorithm::Sha1 => (Keyed::Sha1(keyed(octets)), totp_rs::Algorithm::SHA1),
            Algorithm::Sha256 => (Keyed::Sha256(keyed(octets)), totp_rs::Algorithm::SHA256),
            Algorithm::Sha512 => (Keyed::Sha512(keyed(octets)), totp_rs::Algorithm::SHA512),
        };
        // Its steps of one second make its time our counter. What `build` would check, and could
        // only report as an error that cannot happen, our types have checked.
        let totp = totp_rs::Builder::new()
            .with_secret(octets)
            .with_algorithm(algorithm)
            .with_digits(digits.as_u8())
            .with_step_duration(1)
            .build_noncompliant();
        Self { totp, mac, digits }
    }

    /// The code of a counter, to be given out.
    pub(super) fn made(&self, counter: u64) -> Code {
        let text = Zeroizing::new(self.totp.generate(counter).to_string());
        Code::read(&text, self.digits).unwrap_or_else(|| self.searched(counter))
    }

    /// Whether a code that the search has found is that of the counter.
    pub(super) fn confirms(&self, counter: u64, code: &Code) -> Choice {
        self.made(counter).is(code)
    }

    /// The code of a counter, to be compared with one that was presented.
    pub(super) fn searched(&self, counter: u64) -> Code {
        let number = match &self.mac {
            Keyed::Sha1(mac) => truncated(mac, counter),
            Keyed::Sha256(mac) => truncated(mac, counter),
            Keyed::Sha512(mac) => truncated(mac, counter),
        };
        Code::of(number, self.digits)
    }
}

fn keyed<M: Mac + hmac::KeyInit>(secret: &[u8]) -> M {
    // A key of HMAC has any length (RFC 2104 §2): the other is never taken.
    M::new_from_slice(secret).unwrap_or_else(|_| M::new(&hmac::digest::Key::<M>::default()))
}

/// The 31 bits that the last half octet of the HMAC points at (RFC 4226 §5.3, RFC 6238 §1.2).
fn truncated(mac: &(impl Mac + Clone), counter: u64) -> u32 {
    let tag = mac.clone().chain_update(counter.to_be_bytes()).finalize().into_bytes();
    let offset = tag.last().map_or(0, |last| usize::from(last & 0x0f));
    let chosen = tag.iter().skip(offset).take(4);
    chosen.fold(0_u32, |number, octet| number << 8 | u32::from(*octet)) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 85: another implementation, over what no list of vectors reaches
    #[test]
    fn codes_are_those_of_totp_rs() {
        let algorithms = [
            (Algorithm::Sha1, totp_rs::Algorithm::SHA1),
            (Algorithm::Sha256, totp_rs::Algorithm::SHA256),
            (Algorithm::Sha512, totp_rs::Algorithm::SHA512),
        ];
        // Around the blocks of the hashes too, 64 and 128 octets.
        for length in [16, 20, 32, 63, 64, 65, 127, 128] {
            let octets: Vec<u8> = (0..length).map(|n: u8| n.wrapping_mul(37) ^ length).collect();
            let secret = SharedSecret::from_bytes(&octets).unwrap();
            for (algorithm, theirs) in algorithms {
                for digits in [6, 7, 8] {
                    let ours = Generator::new(&secret, algorithm, Digits::new(digits).unwrap());
                    let theirs = totp_rs::Builder::new()
                        .with_secret(octets.as_slice())
                        .with_algorithm(theirs)
                        .with_digits(u8::try_from(digits).unwrap())
                        .with_step_duration(1)
                        .build_noncompliant();
                    for counter in (0..200).chain([u64::from(u32::MAX), 1 << 53, u64::MAX]) {
                        let theirs = theirs.generate(counter).to_string();
                        assert_eq!(ours.searched(counter).expose(), theirs);
                        assert_eq!(ours.made(counter).expose(), theirs);
                    }
                }
            }
        }
    }

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
