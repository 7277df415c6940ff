//! The key ring of AUTHCORE_SECRET: the first key seals, all open; every key is derived from it.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::hkdf::{expand, extract};
use super::{Secret, constant_time_eq};
use crate::error::{Code, Error};

/// Keys that a ring holds at most.
pub const MAX_KEYS: usize = 8;
/// Bytes of a key, decoded, at least.
pub const MIN_KEY_BYTES: usize = 32;
/// Bytes of a key, decoded, at most.
pub const MAX_KEY_BYTES: usize = 1024;

/// Bytes of another value that a key has at least; of 32 random ones about 30 differ.
const MIN_DISTINCT_BYTES: usize = 16;

/// Keys that stand in our own documentation: everybody knows them.
const SAMPLES: &[&str] = &["c2FtcGxlLXNlY3JldC1mcm9tLXRoZS1yZWFkbWUtMTIzNDU2Nzg="];

/// Words that a generator does not write: in 10^7 random keys less than one has any of them.
const WORDS: &[&str] =
    &["changeme", "password", "secret", "example", "sample", "default", "authcore", "insecure"];

/// What to do about any wrong ring; shown with each refusal.
const ADVICE: &str = "make one with `printf 'k1:%s' \"$(openssl rand -base64 32)\"`";

/// Standard alphabet, padded or not; bits beyond the last byte must be zero (RFC 4648 §3.5).
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a derived key is for. The text is part of stored data: it never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Purpose { $($(#[$doc])* $name,)* }

        impl Purpose {
            /// All purposes: the vectors hold the derived key of each.
            pub const ALL: &'static [Purpose] = &[$(Purpose::$name,)*];

            /// The text that enters key derivation and associated data.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Purpose::$name => $text,)* }
            }
        }
    };
}

purposes! {
    /// Sealed private keys of access tokens.
    SealSigningKey = "seal.signing_key";
    /// Sealed secrets of TOTP authenticators.
    SealTotpSeed = "seal.totp_seed";
    /// Sealed notices that wait for their delivery.
    SealNotice = "seal.notice";
    /// Hashes of the families of refresh tokens, by which they are found.
    HashRefreshFamily = "hash.refresh_family";
    /// Hashes of refresh tokens.
    HashRefreshToken = "hash.refresh_token";
    /// Hashes of backup codes.
    HashBackupCode = "hash.backup_code";
    /// Hashes of challenges.
    HashChallenge = "hash.challenge";
    /// Hashes of the tokens of remembered devices.
    HashRememberedDevice = "hash.remembered_device";
    /// Hashes of idempotency keys.
    HashIdempotency = "hash.idempotency";
    /// Hashes of the names and addresses that are throttled.
    HashThrottle = "hash.throttle";
    /// The successor of a refresh token (DESIGN §4).
    RefreshSuccessor = "refresh.successor";
    /// Names and proofs of the public documents that hosts keep.
    KeptDocument = "kept.document";
    /// Random streams ([`super::Streams`]).
    Streams = "streams";
}

/// One key of the ring.
#[derive(Debug)]
pub struct RingKey {
    id: String,
    bytes: Secret<Vec<u8>>,
}

impl RingKey {
    /// The key's name, stored beside what it protects: 1 to 16 of `a-z`, `0-9`, `_`, `-`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key for one purpose: HKDF-SHA256 (RFC 5869), salt `authcore/v1`, info the purpose.
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let prk = extract(b"authcore/v1", self.bytes.expose());
        expand(&prk, &[purpose.as_str().as_bytes()])
    }
}

/// The keys of AUTHCORE_SECRET, newest first, at least one.
pub struct Ring {
    current: RingKey,
    older: Vec<RingKey>,
}

impl Ring {
    /// Reads `id:base64[,id:base64…]`: 1 to 8 keys of 32 to 1,024 bytes (standard or URL-safe
    /// alphabet of RFC 4648, padded or not), newest first.
    ///
    /// # Errors
    /// [`Code::InvalidSettings`] if it is missing, malformed, or a key is short, guessable, a
    /// sample of the documentation, or there twice. The detail never holds a part of the value.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Err(refused("is missing"));
        }
        if text.split(',').count() > MAX_KEYS {
            return Err(refused(format!("has more than {MAX_KEYS} keys")));
        }
        let mut keys: Vec<RingKey> = Vec::new();
        for (i, entry) in text.split(',').enumerate() {
            // By position: an id may be a misplaced secret.
            let place = i.saturating_add(1);
            let key = parse_key(entry.trim())
                .map_err(|why| refused(format!("is refused: key {place} of the ring {why}")))?;
            for earlier in &keys {
                if earlier.id == key.id {
                    return Err(refused(format!(
                        "is refused: key {place} of the ring has the id of an earlier one"
                    )));
                }
                if constant_time_eq(earlier.bytes.expose(), key.bytes.expose()) {
                    return Err(refused(format!(
                        "is refused: key {place} of the ring has the bytes of an earlier one"
                    )));
                }
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or_else(|| refused("is missing"))?;
        Ok(Self { current, older: keys.collect() })
    }

    /// The newest key: it seals and hashes what is new.
    #[must_use]
    pub fn current(&self) -> &RingKey {
        &self.current
    }

    /// All keys, newest first.
    pub fn keys(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// The key of this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&RingKey> {
        self.keys().find(|key| key.id == id)
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys().map(RingKey::id)).finish()
    }
}

/// Whether `id` can name a key.
pub(super) fn is_key_id(id: &str) -> bool {
    (1..=16).contains(&id.len())
        && id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

fn refused(what: impl fmt::Display) -> Error {
    Error::new(Code::InvalidSettings, format!("AUTHCORE_SECRET {what}; {ADVICE}"))
}

fn parse_key(entry: &str) -> Result<RingKey, &'static str> {
    let (id, text) = entry.split_once(':').ok_or("is not `id:base64`")?;
    if !is_key_id(id) {
        return Err("has an id that is not 1 to 16 of a-z, 0-9, _ and -");
    }
    let text = Zeroizing::new(text.replace('-', "+").replace('_', "/"));
    let unpadded = text.trim_end_matches('=');
    if SAMPLES.iter().any(|sample| sample.trim_end_matches('=') == unpadded) {
        return Err("is a sample from the documentation, known to everybody");
    }
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| "is not base64")?;
    let bytes = Secret::new(bytes);
    let length = bytes.expose().len();
    if length < MIN_KEY_BYTES {
        return Err("is shorter than 32 bytes");
    }
    if length > MAX_KEY_BYTES {
        return Err("is longer than 1,024 bytes");
    }
    if let Some(why) = weakness_of_bytes(bytes.expose()) {
        return Err(why);
    }
    if let Some(why) = weakness_of_text(unpadded) {
        return Err(why);
    }
    Ok(RingKey { id: id.to_owned(), bytes })
}

/// Why the decoded key looks made by hand. A random key passes but once in 10^8 or rarer.
fn weakness_of_bytes(bytes: &[u8]) -> Option<&'static str> {
    let mut seen = [false; 256];
    let mut steps = [0_usize; 256];
    let mut distinct = 0_usize;
    let mut printable = 0_usize;
    let mut previous = None;
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            distinct = distinct.saturating_add(usize::from(!*slot));
            *slot = true;
        }
        if matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r') {
            printable = printable.saturating_add(1);
        }
        if let Some(before) = previous.replace(*byte)
            && let Some(step) = steps.get_mut(usize::from(byte.wrapping_sub(before)))
        {
            *step = step.saturating_add(1);
        }
    }
    if distinct < MIN_DISTINCT_BYTES {
        return Some("has too few different bytes to be random");
    }
    let half = bytes.len() / 2;
    let repeats = |period: usize| {
        bytes.iter().zip(bytes.iter().skip(period)).all(|(byte, later)| byte == later)
    };
    if (1..=half).any(repeats) {
        return Some("repeats a pattern");
    }
    if steps.iter().any(|count| *count >= half) {
        return Some("counts up or down");
    }
    // Nine tenths: an accent or a control character does not make a sentence random.
    if printable.saturating_mul(10) >= bytes.len().saturating_mul(9) {
        return Some("is text, not random bytes");
    }
    None
}

/// Why the base64 itself looks like words that somebody typed where the key belongs.
fn weakness_of_text(text: &str) -> Option<&'static str> {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    if WORDS.iter().any(|word| lower.contains(word)) {
        return Some("contains a word; it is not random");
    }
    let one_case = !text.bytes().any(|b| b.is_ascii_uppercase())
        || !text.bytes().any(|b| b.is_ascii_lowercase());
    // 64 hexadecimal digits are 256 random bits, read as base64 too.
    let hexadecimal = text.len() >= 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    (one_case && !hexadecimal).then_some("is text, not the base64 of random bytes")
}
