//! Argon2id (RFC 9106) hashes in PHC text form: parse, hash, verify, needs-rehash.

use std::fmt;

use authcore_argon2id::{Hasher, Inputs, Pool};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::{Zeroize, Zeroizing};

use super::Password;
use super::ceilings::{Argon2Params, Ceilings};
use crate::error::{Code, Error};

/// Bytes of a new hash's salt and tag (RFC 9106 §4).
const SALT_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// Bounds for hashes from elsewhere. Argon2 itself has no salt below 8 bytes.
const SALT_RANGE: std::ops::RangeInclusive<usize> = 8..=64;
const TAG_RANGE: std::ops::RangeInclusive<usize> = 16..=64;

/// Longer than any hash within the bounds above.
const MAX_TEXT_BYTES: usize = 256;

/// Schemes without a leading `$` that other frameworks write.
const FOREIGN: &[&str] =
    &["argon2", "bcrypt", "md5", "pbkdf2", "scrypt", "sha1", "sha256", "sha512", "{"];

/// A stored password hash that this host can bear to verify.
pub struct PasswordHash {
    text: String,
    params: Argon2Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

impl PasswordHash {
    /// Reads `$argon2id$v=19$m=…,t=…,p=…$salt$tag` exactly as the reference implementation writes
    /// it (PHC string format). Nothing is allocated or computed from its numbers.
    ///
    /// # Errors
    /// [`Code::HashMalformed`], [`Code::HashUnsupported`] for another algorithm or version,
    /// [`Code::HashTooCostly`] above the ceilings.
    pub fn parse(text: &str, ceilings: &Ceilings) -> Result<Self, Error> {
        let malformed = || Error::from(Code::HashMalformed);
        let Some(fields) = text.strip_prefix("$argon2id$") else {
            let code = if is_foreign(text) { Code::HashUnsupported } else { Code::HashMalformed };
            return Err(code.into());
        };
        if text.len() > MAX_TEXT_BYTES {
            return Err(malformed());
        }
        let mut fields = fields.split('$');
        let version = fields.next().ok_or_else(malformed)?;
        match version.strip_prefix("v=") {
            Some("19") => {}
            Some(other) if is_number(other) => return Err(Code::HashUnsupported.into()),
            // Before version 19 the field was left out.
            None if version.starts_with("m=") => return Err(Code::HashUnsupported.into()),
            _ => return Err(malformed()),
        }
        let (Some(params), Some(salt), Some(tag), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(malformed());
        };
        let params = Argon2Params::read(params).ok_or_else(malformed)?;
        if !params.is_possible() {
            return Err(malformed());
        }
        ceilings.admit(params)?;
        // Strict: unpadded, and without bits beyond the last byte.
        let salt = STANDARD_NO_PAD.decode(salt).map_err(|_| malformed())?;
        let tag = STANDARD_NO_PAD.decode(tag).map_err(|_| malformed())?;
        if !SALT_RANGE.contains(&salt.len()) || !TAG_RANGE.contains(&tag.len()) {
            return Err(malformed());
        }
        Ok(Self { text: text.to_owned(), params, salt, tag })
    }

    /// The PHC text, as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What verifying costs.
    #[must_use]
    pub const fn params(&self) -> Argon2Params {
        self.params
    }

    /// Memory that verifying takes, in KiB.
    #[must_use]
    pub fn memory(&self) -> u32 {
        self.params.memory_kib
    }

    fn new(params: Argon2Params, salt: [u8; SALT_BYTES], tag: [u8; TAG_BYTES]) -> Self {
        let Argon2Params { memory_kib, iterations, parallelism } = params;
        let text = format!(
            "$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${}${}",
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(tag),
        );
        Self { text, params, salt: salt.to_vec(), tag: tag.to_vec() }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

impl Drop for PasswordHash {
    fn drop(&mut self) {
        self.text.zeroize();
        self.tag.zeroize();
    }
}

/// Proof that a password was the right one. Only [`verify`] makes it.
#[derive(Debug)]
#[must_use]
pub struct Verified(());

/// Hashes a new password. `salt` is used this once: take it from [`crate::secret::Streams`].
///
/// # Errors
/// [`Code::InvalidSettings`] if argon2 is not defined for the parameters, [`Code::Busy`] if there
/// is no memory left.
pub fn hash(
    password: &Password,
    params: &Argon2Params,
    salt: [u8; SALT_BYTES],
) -> Result<PasswordHash, Error> {
    hash_in(&Pool::none(), password, params, salt)
}

/// As [`hash`], in memory that the pool keeps for the next one.
///
/// # Errors
/// As [`hash`].
pub fn hash_in(
    pool: &Pool,
    password: &Password,
    params: &Argon2Params,
    salt: [u8; SALT_BYTES],
) -> Result<PasswordHash, Error> {
    if !params.is_possible() {
        return Err(Error::new(Code::InvalidSettings, "argon2 is not defined for AUTHCORE_ARGON2"));
    }
    let mut tag = [0; TAG_BYTES];
    fill(pool, password, params, &salt, &mut tag)?;
    Ok(PasswordHash::new(*params, salt, tag))
}

/// Checks a password against a stored hash, comparing in constant time.
///
/// # Errors
/// [`Code::InvalidCredentials`] if it is another password, [`Code::Busy`] if there is no memory
/// left.
pub fn verify(password: &Password, stored: &PasswordHash) -> Result<Verified, Error> {
    verify_in(&Pool::none(), password, stored)
}

/// As [`verify`], in memory that the pool keeps for the next one.
///
/// # Errors
/// As [`verify`].
pub fn verify_in(
    pool: &Pool,
    password: &Password,
    stored: &PasswordHash,
) -> Result<Verified, Error> {
    let mut tag = Zeroizing::new(vec![0; stored.tag.len()]);
    fill(pool, password, &stored.params, &stored.salt, &mut tag)?;
    if crate::secret::constant_time_eq(&tag, &stored.tag) {
        Ok(Verified(()))
    } else {
        Err(Code::InvalidCredentials.into())
    }
}

/// Whether a right password should be hashed anew: any parameter differs from the settings, or
/// salt or tag are shorter than today's. Weaker and stronger alike, so that in the end all
/// accounts take the same time.
#[must_use]
pub fn needs_rehash(stored: &PasswordHash, params: &Argon2Params) -> bool {
    stored.params != *params || stored.salt.len() < SALT_BYTES || stored.tag.len() < TAG_BYTES
}

/// A hash of the same cost that no known password has: verified against where there is no
/// account, so that its absence takes as long.
#[must_use]
pub fn dummy(params: &Argon2Params) -> PasswordHash {
    // The first bytes of SHA-256("authcore dummy salt"); SHA-256("authcore dummy tag").
    const SALT: [u8; SALT_BYTES] = [
        0x46, 0xee, 0xec, 0x38, 0x1c, 0x54, 0x61, 0x40, 0x1a, 0xd6, 0x3e, 0xaf, 0x51, 0xc4, 0x0c,
        0x2a,
    ];
    const TAG: [u8; TAG_BYTES] = [
        0xb4, 0x1d, 0x97, 0xe6, 0x0d, 0xe8, 0x73, 0x0d, 0x67, 0x0f, 0x92, 0x86, 0xeb, 0x0d, 0x19,
        0x20, 0xdc, 0x89, 0x98, 0xaf, 0x5b, 0x89, 0x86, 0x8a, 0x36, 0xe6, 0xdf, 0x80, 0xef, 0x76,
        0x0a, 0xec,
    ];
    PasswordHash::new(*params, SALT, TAG)
}

fn fill(
    pool: &Pool,
    password: &Password,
    params: &Argon2Params,
    salt: &[u8],
    tag: &mut [u8],
) -> Result<(), Error> {
    let Argon2Params { memory_kib, iterations, parallelism } = *params;
    let password = password.expose().as_bytes();
    let inputs = Inputs { password, salt, secret: &[], associated_data: &[] };
    Hasher::argon2id(memory_kib, iterations, parallelism).hash(&inputs, pool, tag).map_err(
        |error| match error {
            authcore_argon2id::Error::OutOfMemory => Code::Busy.into(),
            _ => Error::new(Code::Internal, "argon2 refused parameters that were checked"),
        },
    )
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the text names another algorithm, rather than being no hash at all.
fn is_foreign(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('$') else {
        return FOREIGN.iter().any(|scheme| text.starts_with(scheme));
    };
    rest.split_once('$').is_some_and(|(id, _)| {
        (1..=32).contains(&id.len())
            && id != "argon2id"
            && id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    })
}
