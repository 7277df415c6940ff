//! A host that takes whatever solves the equation is asked nothing on which implementations differ.

// Arithmetic on points and scalars: it cannot overflow.
#![allow(clippy::arithmetic_side_effects)]

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use p256::ecdsa::SigningKey;
use sha2::{Digest as _, Sha512};

use super::super::octets::Octets;
use super::*;
use crate::jwt::{KeySet, RANDOM_LENGTH};

/// Ed25519 without any of the strict rule: any S, any spelling of R, points of small order.
pub(in crate::jwt::provider) struct Lenient(pub(in crate::jwt::provider) [u8; 32]);

impl HostVerifier for Lenient {
    fn verify(&self, input: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> Option<bool> {
        let (r, s) = signature.split_first_chunk::<32>()?;
        let [a, commitment] = [self.0, *r].map(|octets| CompressedEdwardsY(octets).decompress());
        let (Some(a), Some(commitment)) = (a, commitment) else { return Some(false) };
        let hash = Sha512::new().chain_update(r).chain_update(self.0).chain_update(input);
        let s = Scalar::from_bytes_mod_order(s.try_into().ok()?);
        Some(ED25519_BASEPOINT_POINT * s - a * Scalar::from_hash(hash) == commitment)
    }
}

/// A host that gives one answer to everything.
struct Says(Option<bool>);

impl Host for Says {
    fn signer(&self, private_jwk: &str) -> Option<Box<dyn HostSigner>> {
        assert!(private_jwk.contains("\"d\":"));
        Some(Box::new(Self(self.0)))
    }

    fn verifier(&self, jwk: &str) -> Option<Arc<dyn HostVerifier>> {
        assert!(!jwk.contains("\"d\":"));
        Some(Arc::new(Self(self.0)))
    }
}

impl HostSigner for Says {
    fn sign(&self, _input: &[u8]) -> Option<[u8; SIGNATURE_LENGTH]> {
        self.0.map(|answer| [u8::from(answer); SIGNATURE_LENGTH])
    }
}

impl HostVerifier for Says {
    fn verify(&self, _input: &[u8], _signature: &[u8; SIGNATURE_LENGTH]) -> Option<bool> {
        self.0
    }
}

fn keys(algorithm: crate::jwt::Algorithm) -> KeySet {
    KeySet::generate(algorithm, &Octets::new(b"hosted").draw::<RANDOM_LENGTH>()).unwrap()
}

// SECURITY 46
#[test]
fn a_host_that_cannot_answer_changes_nothing() {
    use crate::jwt::Algorithm;
    for algorithm in [Algorithm::EdDSA, Algorithm::ES256, Algorithm::HS256, Algorithm::HS512] {
        let (own, hosted) = (keys(algorithm), keys(algorithm).hosted(&Says(None)).unwrap());
        let token = own.issue(None, "{\"exp\":1}").unwrap();
        assert_eq!(hosted.issue(None, "{\"exp\":1}").unwrap(), token);
        let verifier = |keys: &KeySet| keys.by_kid(own.signing_key().unwrap().kid()).cloned();
        let signature = own.signing_key().unwrap().signer().try_sign(b"input").unwrap();
        let hosted = verifier(&hosted).unwrap();
        assert!(hosted.verifier().verify(b"input", &signature).is_ok());
        assert!(hosted.verifier().verify(b"other", &signature).is_err());
    }
}

// SECURITY 35, 46
#[test]
fn a_host_is_never_asked_for_an_hmac_key() {
    use crate::jwt::Algorithm;
    for algorithm in [Algorithm::HS256, Algorithm::HS512] {
        let hosted = keys(algorithm).hosted(&Says(Some(true))).unwrap();
        let key = hosted.signing_key().unwrap();
        assert!(hosted.by_kid(key.kid()).unwrap().verifier().verify(b"", &vec![0; 64]).is_err());
    }
}

// SECURITY 46
#[test]
fn a_host_judges_only_what_is_a_signature() {
    use crate::jwt::Algorithm;
    let key = SigningKey::from_slice(&[1; 32]).unwrap();
    let sound = key.sign_prehash_recoverable(&[1; 32]).0.to_bytes().to_vec();
    let n = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let hosted = keys(Algorithm::ES256).hosted(&Says(Some(true))).unwrap();
    let kid = hosted.signing_key().unwrap().kid().to_owned();
    let verifier = hosted.by_kid(&kid).unwrap().verifier();
    assert!(verifier.verify(b"", &sound).is_ok(), "the host was asked");
    for wrong in [[0; 32], n, [0xff; 32]] {
        for halves in [[&wrong[..], &sound[32..]], [&sound[..32], &wrong[..]]] {
            assert!(verifier.verify(b"", &halves.concat()).is_err());
        }
    }
    for length in [0, 63, 65, 70, 72] {
        assert!(verifier.verify(b"", &vec![1; length]).is_err(), "{length}");
    }
}
