//! Keyed hashes for what is looked up but never read back: HMAC-SHA256 under a ring key.
//!
//! Text form: `<key id>.<base64url of 32 bytes>`, so that a row says which key it needs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::hkdf::hmac_sha256;
use super::ring::{Purpose, Ring, RingKey};
use super::{constant_time_eq, length_prefixed};

/// The keyed hash of `parts`: HMAC-SHA256 (RFC 2104) over each part after its length.
#[must_use]
pub fn keyed_hash(key: &RingKey, purpose: Purpose, parts: &[&[u8]]) -> String {
    format!("{}.{}", key.id(), URL_SAFE_NO_PAD.encode(*mac(key, purpose, parts)))
}

/// The bytes of a keyed hash: what is derived rather than looked up.
#[must_use]
pub fn keyed_bytes(key: &RingKey, purpose: Purpose, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    mac(key, purpose, parts)
}

/// The keyed hash under every key of the ring, newest first: what a stored row may say.
#[must_use]
pub fn candidates(ring: &Ring, purpose: Purpose, parts: &[&[u8]]) -> Vec<String> {
    ring.keys().map(|key| keyed_hash(key, purpose, parts)).collect()
}

/// Whether `stored` is the keyed hash of `parts` under the key that it names, compared in
/// constant time. False if that key is not in the ring, or the text is not canonical.
#[must_use]
pub fn matches(ring: &Ring, purpose: Purpose, parts: &[&[u8]], stored: &str) -> bool {
    let Some((id, encoded)) = stored.split_once('.') else { return false };
    let Some(key) = ring.find(id) else { return false };
    // Strict: unpadded, and without bits beyond the last byte.
    let Ok(stored) = URL_SAFE_NO_PAD.decode(encoded) else { return false };
    constant_time_eq(&*mac(key, purpose, parts), &stored)
}

fn mac(key: &RingKey, purpose: Purpose, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let message = length_prefixed(parts.iter().copied());
    hmac_sha256(&key.derive(purpose), &[&message])
}
