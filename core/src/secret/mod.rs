//! Secrets: key ring, sealing, keyed hashes, typed tokens, labelled random streams.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

mod hkdf;
pub mod keyed_hash;
pub mod ring;
pub mod seal;
pub mod streams;
pub mod token;

pub use keyed_hash::{candidates, keyed_bytes, keyed_hash, matches};
pub use ring::{MAX_KEYS, Purpose, Ring, RingKey};
pub use seal::{Binding, open, seal, sealed_under};
pub use streams::Streams;
pub use token::{Token, TokenKind};

/// A value that is not shown and is wiped when it goes out of scope.
///
/// There is no `==` on it: two secrets are compared with [`constant_time_eq`].
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Holds `value` from now on.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Whether both are the same bytes, in a time that depends on their lengths only.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Appends each part after its length (32 bits, big-endian), so that no two lists of parts give
/// the same bytes: ("ab", "c") is not ("a", "bc").
pub(crate) fn length_prefixed<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Zeroizing<Vec<u8>> {
    let parts: Vec<&[u8]> = parts.into_iter().collect();
    // Reserved at once: a growing buffer would leave copies of its contents behind.
    let length = parts.iter().fold(0_usize, |sum, p| sum.saturating_add(4).saturating_add(p.len()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        bytes.extend_from_slice(&prefix(part));
        bytes.extend_from_slice(part);
    }
    bytes
}

/// SHA-256 of what [`length_prefixed`] gives, which is not made: a body is large, and may hold a
/// password.
pub(crate) fn length_prefixed_digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(prefix(part));
        digest.update(part);
    }
    digest.finalize().into()
}

/// The length of a part. One of 4 GiB cannot arrive (bodies end at 64 KiB); held at the bound all the
/// same.
fn prefix(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 88
    #[test]
    fn debug_shows_no_secret() {
        let secret = Secret::new(String::from("canary"));
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(..) Secret(..)");
        assert_eq!(secret.expose(), "canary");
    }

    // SECURITY 58
    #[test]
    fn bytes_are_equal_only_at_equal_length_and_content() {
        assert!(constant_time_eq(b"", b"") && constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd") && !constant_time_eq(b"abc", b"abcd"));
        assert!(!constant_time_eq(b"abc", b""));
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        let joined = |parts: &[&[u8]]| length_prefixed(parts.iter().copied()).to_vec();
        assert_ne!(joined(&[b"ab", b"c"]), joined(&[b"a", b"bc"]));
        assert_ne!(joined(&[b"ab"]), joined(&[b"ab", b""]));
        assert_eq!(joined(&[b"ab"]), b"\0\0\0\x02ab");
    }

    #[test]
    fn the_digest_is_that_of_the_joined_parts() {
        let all: [&[&[u8]]; 4] = [&[], &[b""], &[b"ab", b"c"], &[&[7; 300], b"", &[8; 64]]];
        for parts in all {
            let joined = length_prefixed(parts.iter().copied());
            let expected: [u8; 32] = Sha256::digest(&*joined).into();
            assert_eq!(length_prefixed_digest(parts.iter().copied()), expected);
        }
    }
}
