//! Four judges of Ed25519 give one answer: graviola, dalek's `verify` behind our look at R, a lenient
//! host behind our look at the signature, and dalek's `verify_strict`, whose rule it is.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;

use super::super::host::HostedVerifier;
use super::super::host::tests::Lenient;
use super::super::octets::Octets;
use super::*;

/// The one answer.
pub(super) fn accepts(point: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Some(verifier) = Ed25519Verifier::new(point) else { return false };
    let portable = Ed25519Verifier { key: verifier.key, quick: None };
    let [quick, portable] = [verifier, portable.clone()]
        .map(|verifier| verifier.verify(message, &signature.to_vec()).is_ok());
    let strict = ed25519_dalek::Signature::from_slice(signature).is_ok_and(|signature| {
        let key = ed25519_dalek::VerifyingKey::from_bytes(point).unwrap();
        key.verify_strict(message, &signature).is_ok()
    });
    assert_eq!((quick, portable), (strict, strict), "{point:x?} {message:x?} {signature:x?}");
    let own = Arc::new(Ed25519Verifier::new(point).unwrap());
    let hosted = HostedVerifier { host: Arc::new(Lenient(*point)), own };
    let hosted = hosted.verify(message, &signature.to_vec()).is_ok();
    assert_eq!(hosted, strict, "{point:x?} {message:x?} {signature:x?}");
    strict
}

// SECURITY 46
#[test]
fn the_ordinates_of_small_order_are_those_of_the_eight_points() {
    let mut found: Vec<[u8; 32]> =
        EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).collect();
    for octets in &mut found {
        octets[31] &= 0x7f;
    }
    found.sort_unstable();
    found.dedup();
    let mut known = SMALL_ORDER.to_vec();
    known.sort_unstable();
    assert_eq!(found, known);
    assert!(EIGHT_TORSION.iter().all(|point| point.is_small_order()));
}

// SECURITY 46
#[test]
fn a_key_signs_the_same_with_both_libraries() {
    let mut octets = Octets::new(b"EdDSA signers");
    for round in 0..256 {
        let mut signer = Ed25519Signer::new(&octets.draw());
        let message = octets.draw::<64>();
        let signature = signer.try_sign(&message[..round % 65]).unwrap();
        assert!(accepts(signer.verifier().point(), &message[..round % 65], &signature));
        signer.quick = None;
        assert_eq!(signature, signer.try_sign(&message[..round % 65]).unwrap());
    }
}

// SECURITY 46
#[test]
fn what_is_changed_in_a_signature_is_refused_by_all_three() {
    let mut octets = Octets::new(b"EdDSA changes");
    let mut decoded = 0;
    for round in 0..128_usize {
        let signer = Ed25519Signer::new(&octets.draw());
        let point = *signer.verifier().point();
        let message = octets.draw::<64>();
        let signature = signer.try_sign(&message).unwrap();
        assert!(accepts(&point, &message, &signature));
        assert!(!accepts(&point, &message[1..], &signature));
        for place in 0..64 {
            let mut wrong = signature.clone();
            wrong[place] ^= 1 << (round % 8);
            assert!(!accepts(&point, &message, &wrong), "{place}");
        }
        // Octets that may and may not be a point, and S below and above the order.
        let (r, s) = (octets.draw::<32>(), octets.draw::<32>());
        decoded += usize::from(CompressedEdwardsY(r).decompress().is_some());
        let reduced = Scalar::from_bytes_mod_order(s).to_bytes();
        for s in [s, reduced, [0; 32], [0xff; 32]] {
            assert!(!accepts(&point, &message, &[r, s].concat()));
            let kept: [u8; 32] = signature[..32].try_into().unwrap();
            assert!(!accepts(&point, &message, &[kept, s].concat()));
        }
        // R with y at and above p, and of small order, each with both signs.
        for low in 0xe8..=0xff {
            for last in [0x7f, 0xff] {
                let mut r = [0xff; 32];
                (r[0], r[31]) = (low, last);
                assert!(!accepts(&point, &message, &[r, reduced].concat()));
            }
        }
        for ordinate in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut r = ordinate;
                r[31] |= sign;
                assert!(!accepts(&point, &message, &[r, reduced].concat()));
            }
        }
    }
    // Unless some of them are points and some are none, the test shows less than it says.
    assert!((32..96).contains(&decoded), "{decoded}");
}
