//! Ed25519 (RFC 8032 §5.1) by ed25519-dalek, under the strict rule.

use ed25519_dalek::Signer as _;
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::signature::{Error, Signer, Verifier};

/// Octets of an Ed25519 signature (RFC 8032 §5.1.6).
const SIGNATURE_LENGTH: usize = 64;

/// Signs with a kept Ed25519 key; the key is zeroized when dropped.
pub(in crate::jwt) struct Ed25519Signer(pub(in crate::jwt) ed25519_dalek::SigningKey);

impl Signer<Vec<u8>> for Ed25519Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.0.try_sign(message).map_err(|_| Error::new())?;
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
pub(in crate::jwt) struct Ed25519Verifier(pub(in crate::jwt) ed25519_dalek::VerifyingKey);

impl Ed25519Verifier {
    /// A verifier for the canonical encoding of a point that is not of small order.
    ///
    /// RFC 8032 §5.1.3 decodes a point; dalek also takes encodings with y ≥ p, on which
    /// implementations differ, so the point must encode back to the same octets.
    pub(in crate::jwt) fn new(point: &[u8; 32]) -> Option<Self> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(point).ok()?;
        let canonical = key.to_edwards().compress().to_bytes() == *point;
        (canonical && !key.is_weak()).then_some(Self(key))
    }
}

impl Verifier<Vec<u8>> for Ed25519Verifier {
    /// The strict rule: S below the group order, canonical R, neither R nor the key of small order,
    /// and the equation without the cofactor (RUSTSEC-2022-0093 and SECURITY 46 ask for one answer
    /// on all hosts).
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        let octets: &[u8; SIGNATURE_LENGTH] =
            signature.as_slice().try_into().map_err(|_| Error::new())?;
        let signature = ed25519_dalek::Signature::from_bytes(octets);
        self.0.verify_strict(message, &signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Ed25519Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod edges;
#[cfg(test)]
mod tests;
