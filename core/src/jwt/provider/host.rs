//! Signatures by the host's own cryptography, where it has some: the bare operation of a key that
//! core has judged, over input that core has written or taken apart (docs/decisions/0027).
//!
//! Core keeps the key as well. What the host does not answer, it does itself.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::signature::{Error, Signer, Verifier};

use super::{KeptSigner, KeptVerifier, ed25519, es256};

/// Octets of a signature by EdDSA over Ed25519 and by ES256: R, then S (RFC 8032 §5.1.6, RFC 7518
/// §3.4).
pub const SIGNATURE_LENGTH: usize = 64;

/// A host that keeps keys of EdDSA and ES256; see [`crate::jwt::KeySet::hosted`].
pub trait Host {
    /// Keeps a private key, given as a JWK; `None` if it cannot.
    fn signer(&self, private_jwk: &str) -> Option<Box<dyn HostSigner>>;

    /// Keeps a public key, given as a JWK; `None` if it cannot.
    fn verifier(&self, jwk: &str) -> Option<Arc<dyn HostVerifier>>;
}

/// A private key that a host keeps.
pub trait HostSigner: Send + Sync {
    /// Signs; `None` if the host cannot. ES256's may be another signature each time.
    fn sign(&self, input: &[u8]) -> Option<[u8; SIGNATURE_LENGTH]>;
}

/// A public key that a host keeps.
pub trait HostVerifier: Send + Sync {
    /// Whether a signature holds; `None` if the host cannot say.
    ///
    /// It is asked only of a signature whose halves are in their ranges, and of Ed25519's only if R
    /// is canonical and not of small order: on the rest implementations differ. What is left is one
    /// equation, without the cofactor.
    fn verify(&self, input: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> Option<bool>;
}

/// Signs by the host, or, without an answer, by its own key.
pub(in crate::jwt) struct HostedSigner {
    pub(in crate::jwt) host: Box<dyn HostSigner>,
    pub(in crate::jwt) own: Box<KeptSigner>,
}

impl Signer<Vec<u8>> for HostedSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.host.sign(message);
        signature.map_or_else(|| self.own.try_sign(message), |signature| Ok(signature.to_vec()))
    }
}

impl JwtSigner for HostedSigner {
    fn algorithm(&self) -> Algorithm {
        self.own.algorithm()
    }
}

/// Verifies by the host what is sound, or, without an answer, by its own key.
pub(in crate::jwt) struct HostedVerifier {
    pub(in crate::jwt) host: Arc<dyn HostVerifier>,
    pub(in crate::jwt) own: Arc<KeptVerifier>,
}

impl Verifier<Vec<u8>> for HostedVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        let octets: &[u8; SIGNATURE_LENGTH] =
            signature.as_slice().try_into().map_err(|_| Error::new())?;
        let is_sound = match self.own.algorithm() {
            Algorithm::EdDSA => ed25519::is_sound(octets),
            Algorithm::ES256 => es256::is_sound(octets),
            // No host is asked for a key of another algorithm.
            _ => false,
        };
        if !is_sound {
            return Err(Error::new());
        }
        match self.host.verify(message, octets) {
            Some(true) => Ok(()),
            Some(false) => Err(Error::new()),
            None => self.own.verify(message, signature),
        }
    }
}

impl JwtVerifier for HostedVerifier {
    fn algorithm(&self) -> Algorithm {
        self.own.algorithm()
    }
}

#[cfg(test)]
pub(super) mod tests;
