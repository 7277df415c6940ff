//! Sealing of stored values: XChaCha20-Poly1305, bound to the row where the value stands.
//!
//! Text form: `s1.<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>`. `s1` is the version; files
//! with values of a released version stay readable (`tests/vectors/seal.json`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use super::ring::{Purpose, Ring, RingKey, is_key_id};
use super::{Secret, length_prefixed};
use crate::error::{Code, Error};

const VERSION: &str = "s1";
const NONCE_BYTES: usize = 24;

/// Where a sealed value stands. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// Table and column or table alone, e.g. `signing_keys`.
    pub table: &'a str,
    /// The row's id.
    pub row: &'a str,
    /// The account that the row belongs to; empty if it belongs to none.
    pub account: &'a str,
    /// What the value is for; the sealing key is derived for it.
    pub purpose: Purpose,
}

impl Binding<'_> {
    fn associated_data(&self, key_id: &str) -> Zeroizing<Vec<u8>> {
        let parts = [VERSION, key_id, self.table, self.row, self.account, self.purpose.as_str()];
        length_prefixed(parts.map(str::as_bytes))
    }

    fn cipher(&self, key: &RingKey) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*key.derive(self.purpose)).into())
    }
}

/// Seals `plaintext` under the ring's current key. `nonce` is used this once: take it from
/// [`super::Streams`].
///
/// # Errors
/// [`Code::Internal`] if the plaintext is beyond the cipher's limit (256 GiB).
pub fn seal(
    ring: &Ring,
    binding: &Binding<'_>,
    plaintext: &[u8],
    nonce: [u8; NONCE_BYTES],
) -> Result<String, Error> {
    let key = ring.current();
    let aad = binding.associated_data(key.id());
    let sealed = binding
        .cipher(key)
        .encrypt((&nonce).into(), Payload { msg: plaintext, aad: &aad })
        .map_err(|_| Error::new(Code::Internal, "the value is too long to be sealed"))?;
    let mut bytes = nonce.to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(format!("{VERSION}.{}.{}", key.id(), URL_SAFE_NO_PAD.encode(bytes)))
}

/// Opens what [`seal`] wrote for the same binding, under whichever key of the ring sealed it.
///
/// # Errors
/// [`Code::SealBroken`] if its key is not in the ring (the detail names it), or if the value was
/// altered, or stands where it was not written.
pub fn open(ring: &Ring, binding: &Binding<'_>, sealed: &str) -> Result<Secret<Vec<u8>>, Error> {
    let mut fields = sealed.split('.');
    let (Some(VERSION), Some(id), Some(body), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(altered(binding));
    };
    if !is_key_id(id) {
        return Err(altered(binding));
    }
    let Some(key) = ring.find(id) else {
        let table = binding.table;
        let detail = format!("key `{id}`, which sealed a value of {table}, is not in the ring");
        return Err(Error::new(Code::SealBroken, detail));
    };
    let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| altered(binding))?;
    let (nonce, ciphertext) =
        body.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| altered(binding))?;
    let aad = binding.associated_data(id);
    binding
        .cipher(key)
        .decrypt(nonce.into(), Payload { msg: ciphertext, aad: &aad })
        .map(Secret::new)
        .map_err(|_| altered(binding))
}

/// The id of the ring's key that a sealed value was written under, as it says itself.
#[must_use]
pub fn sealed_under(sealed: &str) -> Option<&str> {
    sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split('.').next()
}

fn altered(binding: &Binding<'_>) -> Error {
    let table = binding.table;
    let detail =
        format!("a sealed value of {table} was altered, or stands where it was not written");
    Error::new(Code::SealBroken, detail)
}
