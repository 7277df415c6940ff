//! Backup codes: 80 random bits each, shown once, read back loosely, stored as keyed hashes.
//!
//! A code is used once: whoever finds its hash stored marks the row in the same statement. The
//! account enters each hash, so that a stolen table is searched account by account, and not at
//! all without the ring's key.

use std::convert::Infallible;
use std::fmt;

use base32::Alphabet;
use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::secret::{Purpose, Ring, Secret, candidates, keyed_hash, matches};
use crate::text::Reason;

/// Bytes of a code: 80 bits, above the 64 that NIST SP 800-63B-4 §4.2.1.1 asks for.
pub const CODE_BYTES: usize = 10;

/// Digits of a code.
const DIGITS: usize = 16;

/// Digits between two hyphens.
const GROUP: usize = 4;

/// Characters of a group and the hyphen after it.
const WITH_HYPHEN: usize = GROUP + 1;

/// Characters of a code as it is shown.
const SHOWN: usize = DIGITS + DIGITS / GROUP - 1;

/// The digits of Crockford's base32, by their values.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The longest typed code worth looking at: sixteen digits with separators between and around.
const MAX_INPUT: usize = 64;

/// How many codes a set has: 5 to 20, 10 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(u8);

impl Count {
    /// # Errors
    /// `out_of_range`.
    pub fn new(codes: u32) -> Result<Self, Reason> {
        match u8::try_from(codes) {
            Ok(codes @ 5..=20) => Ok(Self(codes)),
            _ => Err(Reason::new("out_of_range", "a set has 5 to 20 backup codes")),
        }
    }

    /// How many.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self.0
    }
}

impl Default for Count {
    fn default() -> Self {
        Self(10)
    }
}

/// A set of backup codes, as it is shown once.
#[derive(Debug)]
pub struct BackupCodes(Vec<BackupCode>);

impl BackupCodes {
    /// A new set; `random` is asked once for each code.
    #[must_use]
    pub fn from_random(count: Count, mut random: impl FnMut() -> [u8; CODE_BYTES]) -> Self {
        let codes = Self::try_from_random(count, || Ok::<_, Infallible>(random()));
        codes.unwrap_or_else(|never| match never {})
    }

    /// A new set from a generator that may fail.
    ///
    /// # Errors
    /// What `random` failed with.
    pub fn try_from_random<E>(
        count: Count,
        mut random: impl FnMut() -> Result<[u8; CODE_BYTES], E>,
    ) -> Result<Self, E> {
        let codes = (0..count.0).map(|_| random().map(BackupCode::from_random));
        codes.collect::<Result<_, _>>().map(Self)
    }

    /// A new set from a generator that may fail and is asked once, for all codes.
    ///
    /// # Errors
    /// What `fill` failed with.
    pub fn try_filled<E>(
        count: Count,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut drawn = Zeroizing::new(vec![[0; CODE_BYTES]; usize::from(count.0)]);
        fill(drawn.as_flattened_mut())?;
        Ok(Self(drawn.iter().map(|bytes| BackupCode::from_random(*bytes)).collect()))
    }

    /// The codes, in the order in which they were drawn.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &BackupCode> {
        self.0.iter()
    }

    /// The texts to show to the owner.
    #[must_use]
    pub fn texts(&self) -> Vec<Secret<String>> {
        self.iter().map(BackupCode::text).collect()
    }

    /// What to store: [`BackupCode::hash`] of each code.
    #[must_use]
    pub fn hashes(&self, ring: &Ring, account: &str) -> Vec<String> {
        self.iter().map(|code| code.hash(ring, account)).collect()
    }
}

/// One backup code.
pub struct BackupCode(Zeroizing<[u8; CODE_BYTES]>);

impl BackupCode {
    /// The code of these 80 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; CODE_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a code as typed, in Crockford's base32: case does not matter, `O` is read as 0, `I`
    /// and `L` as 1; hyphens, spaces and line breaks are left out. `U` is no digit.
    ///
    /// # Errors
    /// [`Code::OtpInvalid`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_INPUT {
            return Err(wrong());
        }
        let mut digits = Zeroizing::new(String::with_capacity(MAX_INPUT));
        let separator = |c: &char| matches!(c, '-' | ' ' | '\t' | '\r' | '\n');
        digits.extend(text.chars().filter(|character| !separator(character)));
        // Sixteen digits of five bits are ten bytes, without a bit to spare.
        if digits.len() != DIGITS {
            return Err(wrong());
        }
        let decoded = base32::decode(Alphabet::Crockford, &digits).ok_or_else(wrong)?;
        let decoded = Zeroizing::new(decoded);
        decoded.as_slice().try_into().map(Self::from_random).map_err(|_| wrong())
    }

    /// The text for the owner: four groups of four digits, such as `7ZZ0-1K9M-T4QX-BR3D`.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        self.with_text(|text| Secret::new(text.to_owned()))
    }

    /// What `read` makes of [`BackupCode::text`], which is zeroized after.
    pub fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        let mut text = Zeroizing::new([b'-'; SHOWN]);
        // Five octets of 8 bits are eight digits of 5 bits: two groups, each with its hyphen.
        for (octets, text) in self.0.chunks(5).zip(text.chunks_mut(2 * WITH_HYPHEN)) {
            let bits = octets.iter().fold(0, |bits, octet| bits << 8 | u64::from(*octet));
            let mut bits = Zeroizing::new(bits.rotate_left(24));
            for group in text.chunks_mut(WITH_HYPHEN) {
                for digit in group.iter_mut().take(GROUP) {
                    *bits = bits.rotate_left(5);
                    *digit = ALPHABET.get((*bits & 31) as usize).copied().unwrap_or_default();
                }
            }
        }
        read(std::str::from_utf8(&*text).unwrap_or_default())
    }

    /// What to store for the account of this id: the keyed hash under the ring's current key.
    #[must_use]
    pub fn hash(&self, ring: &Ring, account: &str) -> String {
        keyed_hash(ring.current(), Purpose::HashBackupCode, &self.parts(account))
    }

    /// The keyed hash under every key of the ring, newest first: what a stored row may say.
    #[must_use]
    pub fn hashes(&self, ring: &Ring, account: &str) -> Vec<String> {
        candidates(ring, Purpose::HashBackupCode, &self.parts(account))
    }

    /// Finds the code among the stored hashes of the account; each is compared in constant time.
    ///
    /// # Errors
    /// [`Code::OtpInvalid`] if it is not among them.
    pub fn find<'a>(
        &self,
        ring: &Ring,
        account: &str,
        stored: &'a [String],
    ) -> Result<Found<'a>, Error> {
        let parts = self.parts(account);
        let is_it = |hash: &&String| matches(ring, Purpose::HashBackupCode, &parts, hash);
        // All are looked at: how long it takes does not tell which one it is.
        let found: Vec<&String> = stored.iter().filter(is_it).collect();
        found.first().map(|hash| Found(hash)).ok_or_else(wrong)
    }

    fn parts<'a>(&'a self, account: &'a str) -> [&'a [u8]; 2] {
        [account.as_bytes(), &*self.0]
    }
}

impl fmt::Debug for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupCode(..)")
    }
}

/// The stored hash of a presented code: the proof that [`BackupCode::find`] found it.
///
/// Whoever holds it removes or marks the hash, and refuses the code if that fails because another
/// request was first.
#[derive(Clone, Copy, Debug)]
#[must_use = "a code is used once: remove its hash"]
pub struct Found<'a>(&'a str);

impl<'a> Found<'a> {
    /// The hash as it is stored.
    #[must_use]
    pub const fn hash(self) -> &'a str {
        self.0
    }
}

/// The one answer to a code that is not accepted, whatever is wrong with it.
fn wrong() -> Error {
    Error::new(Code::OtpInvalid, "the backup code is wrong or was used before")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: &str = "k1:pB9yH3q0Zr1mXw7vTfK2sLd8eGjNcU4aRiOoYtVbQxE=";

    // SECURITY 19
    #[test]
    fn a_code_has_at_least_64_bits() {
        let alphabet: std::collections::BTreeSet<char> = (0..32_u8)
            .flat_map(|digit| {
                let code = BackupCode::from_random([digit << 3; CODE_BYTES]);
                code.text().expose().chars().collect::<Vec<_>>()
            })
            .filter(|character| *character != '-')
            .collect();
        assert_eq!(alphabet.len(), 32);
        let bits = (alphabet.len() as f64).log2() * DIGITS as f64;
        assert!(bits >= 64.0, "{bits}");
    }

    // SECURITY 19
    #[test]
    fn a_text_is_that_of_the_library_that_reads_it() {
        for low in 0..=u8::MAX {
            let octets = std::array::from_fn(|at| {
                low.wrapping_mul(31).wrapping_add((at as u8).wrapping_mul(57))
            });
            let text = BackupCode::from_random(octets).text().expose().clone();
            assert_eq!(text.replace('-', ""), base32::encode(Alphabet::Crockford, &octets));
            assert_eq!(text.len(), SHOWN);
            assert_eq!(*BackupCode::parse(&text).unwrap().0, octets);
        }
    }

    #[test]
    fn a_set_filled_at_once_is_the_one_drawn_code_by_code() {
        for count in [5, 10, 20] {
            let count = Count::new(count).unwrap();
            let mut next = 0_u8;
            let mut draw = || {
                next += 1;
                next
            };
            let filled = BackupCodes::try_filled(count, |octets| {
                assert_eq!(octets.len(), usize::from(count.as_u8()) * CODE_BYTES);
                octets.fill_with(&mut draw);
                Ok::<_, ()>(())
            });
            next = 0;
            let drawn = BackupCodes::from_random(count, || {
                std::array::from_fn(|_| {
                    next += 1;
                    next
                })
            });
            let texts = |codes: &BackupCodes| {
                codes.texts().iter().map(|text| text.expose().clone()).collect::<Vec<_>>()
            };
            assert_eq!(texts(&filled.unwrap()), texts(&drawn));
            assert!(BackupCodes::try_filled(count, |_| Err(())).is_err());
        }
    }

    #[test]
    fn a_set_has_five_to_twenty_codes_each_drawn_anew() {
        assert!([0, 4, 21, 256 + 10].iter().all(|count| Count::new(*count).is_err()));
        for count in [5, 10, 20] {
            let mut drawn = 0;
            let codes = BackupCodes::from_random(Count::new(count).unwrap(), || {
                drawn += 1;
                [drawn; CODE_BYTES]
            });
            assert_eq!(u32::from(drawn), count);
            let mut texts: Vec<_> = codes.iter().map(|c| c.text().expose().clone()).collect();
            texts.dedup();
            assert_eq!(texts.len(), count as usize);
        }
        assert_eq!(Count::default().as_u8(), 10);
    }

    // SECURITY 19
    #[test]
    fn a_code_is_found_in_its_account_only() {
        let ring = Ring::parse(RING).unwrap();
        let mut drawn = 0;
        let codes = BackupCodes::from_random(Count::default(), || {
            drawn += 1;
            [drawn; CODE_BYTES]
        });
        let stored = codes.hashes(&ring, "ann");
        for (place, code) in codes.iter().enumerate() {
            let typed = BackupCode::parse(&code.text().expose().to_lowercase()).unwrap();
            assert_eq!(typed.find(&ring, "ann", &stored).unwrap().hash(), stored[place]);
            let stranger = typed.find(&ring, "bob", &stored).unwrap_err();
            assert_eq!(stranger.code, Code::OtpInvalid);
            assert!(typed.find(&ring, "ann", &stored[place + 1..]).is_err());
        }
    }

    // SECURITY 88
    #[test]
    fn debug_shows_no_code() {
        let codes = BackupCodes::from_random(Count::new(5).unwrap(), || [0xab; CODE_BYTES]);
        let shown = format!("{codes:?} {:?}", codes.texts());
        assert!(!shown.contains("171") && !shown.contains("ab") && !shown.contains("NEN"));
    }
}
