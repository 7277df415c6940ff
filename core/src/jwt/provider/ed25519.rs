//! Ed25519 (RFC 8032 §5.1) under the strict rule, by graviola where it can be, or ed25519-dalek.

use std::sync::Arc;

use ed25519_dalek::{Signer as _, Verifier as _};
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::signature::{Error, Signer, Verifier};

use super::assembly::{EdDsa, EdDsaSigner};

/// Octets of an Ed25519 signature (RFC 8032 §5.1.6).
const SIGNATURE_LENGTH: usize = 64;

/// The ordinates, little-endian, of the eight points of order 1, 2, 4 and 8: their encodings but
/// for the sign, which is the highest bit (RFC 8032 §5.1.2).
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Signs with a kept Ed25519 key; the key is zeroized when dropped.
pub(in crate::jwt) struct Ed25519Signer {
    key: ed25519_dalek::SigningKey,
    quick: Option<EdDsaSigner>,
}

impl Ed25519Signer {
    pub(in crate::jwt) fn new(seed: &[u8; 32]) -> Self {
        Self { key: ed25519_dalek::SigningKey::from_bytes(seed), quick: EdDsaSigner::new(seed) }
    }

    /// What verifies. The point is a multiple of the base point by a number that is clamped (RFC
    /// 8032 §5.1.5): never of small order.
    pub(in crate::jwt) fn verifier(&self) -> Ed25519Verifier {
        Ed25519Verifier::of(self.key.verifying_key())
    }
}

impl Signer<Vec<u8>> for Ed25519Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        if let Some(quick) = &self.quick {
            return Ok(quick.sign(message).to_vec());
        }
        let signature = self.key.try_sign(message).map_err(|_| Error::new())?;
        Ok(signature.to_bytes().to_vec())
    }
}

impl JwtSigner for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

/// Verifies with a kept Ed25519 key.
#[derive(Clone)]
pub(in crate::jwt) struct Ed25519Verifier {
    key: ed25519_dalek::VerifyingKey,
    quick: Option<Arc<EdDsa>>,
}

impl Ed25519Verifier {
    /// A verifier for the canonical encoding of a point that is not of small order.
    ///
    /// RFC 8032 §5.1.3 decodes a point; dalek also takes encodings with y ≥ p, on which
    /// implementations differ, so the point must encode back to the same octets.
    pub(in crate::jwt) fn new(point: &[u8; 32]) -> Option<Self> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(point).ok()?;
        let canonical = key.to_edwards().compress().to_bytes() == *point;
        (canonical && !key.is_weak()).then(|| Self::of(key))
    }

    fn of(key: ed25519_dalek::VerifyingKey) -> Self {
        Self { key, quick: EdDsa::new(key.as_bytes()).map(Arc::new) }
    }

    /// The point's canonical encoding.
    pub(in crate::jwt) fn point(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }
}

impl Verifier<Vec<u8>> for Ed25519Verifier {
    /// The strict rule: S below the group order, canonical R, neither R nor the key of small order,
    /// and the equation without the cofactor (RUSTSEC-2022-0093 and SECURITY 46 ask for one answer
    /// on all hosts).
    ///
    /// Both libraries compute R anew and compare its canonical encoding, which no other spelling
    /// of R equals. That R is of small order is seen by its ordinate, without the square root that
    /// dalek's `verify_strict` takes to decode it.
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        let octets: &[u8; SIGNATURE_LENGTH] =
            signature.as_slice().try_into().map_err(|_| Error::new())?;
        if is_of_small_order(octets) {
            return Err(Error::new());
        }
        let holds = match &self.quick {
            Some(quick) => quick.holds(message, octets),
            None => self.key.verify(message, &octets.into()).is_ok(),
        };
        if holds { Ok(()) } else { Err(Error::new()) }
    }
}

/// Whether R, the first half of a signature, is a point of small order. All of it is public.
fn is_of_small_order(signature: &[u8; SIGNATURE_LENGTH]) -> bool {
    let Some((r, _)) = signature.split_first_chunk::<32>() else { return false };
    let mut ordinate = *r;
    let [.., last] = &mut ordinate;
    *last &= 0x7f;
    SMALL_ORDER.contains(&ordinate)
}

/// The order of the group, L, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
];

/// The prime of the field, p = 2^255 − 19, little-endian.
const PRIME: [u8; 32] = [
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
];

/// Whether the halves of a signature are such as every implementation reads alike: S below the
/// group order, the ordinate of R below the prime and not one of small order. All of it is public.
pub(super) fn is_sound(signature: &[u8; SIGNATURE_LENGTH]) -> bool {
    let Some((r, s)) = signature.split_first_chunk::<32>() else { return false };
    let below = |number: &[u8], bound: &[u8; 32]| number.iter().rev().lt(bound.iter().rev());
    let mut ordinate = *r;
    let [.., last] = &mut ordinate;
    *last &= 0x7f;
    below(s, &ORDER) && below(&ordinate, &PRIME) && !is_of_small_order(signature)
}

impl JwtVerifier for Ed25519Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod cctv;
#[cfg(test)]
mod differences;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod tests;
