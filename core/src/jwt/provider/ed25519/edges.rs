//! The edges of Ed25519 in A and R: every pair of points with and without a part of small order, in
//! every encoding, judged by the rule of [`Ed25519Verifier`] as it is written here once more.
//!
//! The same ground as C2SP's `ed25519vectors`: low-order and mixed points, encodings that are not
//! canonical, k hashed over those or over the canonical ones, torsion that cancels out or does not.

// Arithmetic on points and scalars: it cannot overflow.
#![allow(clippy::arithmetic_side_effects)]

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity as _, IsIdentity as _};
use sha2::{Digest as _, Sha512};

use super::*;

/// A point, its parts, and one way to write it.
struct Written {
    octets: [u8; 32],
    /// The discrete logarithm of the part of prime order; zero for a point of small order.
    scalar: Scalar,
    torsion: EdwardsPoint,
}

impl Written {
    fn canonical(&self) -> [u8; 32] {
        (ED25519_BASEPOINT_POINT * self.scalar + self.torsion).compress().to_bytes()
    }

    fn is_canonical(&self) -> bool {
        self.octets == self.canonical()
    }

    fn is_of_small_order(&self) -> bool {
        self.scalar == Scalar::ZERO
    }
}

/// Every encoding of the eight points of small order, and a point of prime order plus each of them.
fn points(scalar: Scalar) -> Vec<Written> {
    let mut spellings: Vec<[u8; 32]> =
        EIGHT_TORSION.map(|point| point.compress().to_bytes()).into();
    // y from p to 2^255 - 1, and a sign where x is zero.
    for low in 0xed..=0xff {
        let mut octets = [0xff; 32];
        octets[0] = low;
        octets[31] = 0x7f;
        spellings.push(octets);
    }
    let signed: Vec<[u8; 32]> = spellings
        .iter()
        .map(|octets| {
            let mut signed = *octets;
            signed[31] |= 0x80;
            signed
        })
        .collect();
    spellings.extend(signed);
    spellings.sort_unstable();
    spellings.dedup();
    let small = spellings.into_iter().filter_map(|octets| {
        let torsion = CompressedEdwardsY(octets).decompress()?;
        torsion.is_small_order().then_some(Written { octets, scalar: Scalar::ZERO, torsion })
    });
    let mixed = EIGHT_TORSION.map(|torsion| {
        let octets = (ED25519_BASEPOINT_POINT * scalar + torsion).compress().to_bytes();
        Written { octets, scalar, torsion }
    });
    small.chain(mixed).collect()
}

fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let mut hash = Sha512::default();
    for part in [r.as_slice(), a.as_slice(), message] {
        hash.update(part);
    }
    Scalar::from_hash(hash)
}

fn accepts(point: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    Ed25519Verifier::new(point)
        .is_some_and(|verifier| verifier.verify(message, &signature.to_vec()).is_ok())
}

// SECURITY 46
#[test]
fn every_edge_of_a_and_r_is_judged_by_the_one_rule() {
    let keys = points(Scalar::from(0x5eed_0001_u64));
    let commitments = points(Scalar::from(0x5eed_0002_u64));
    // Eight points, six further spellings (RFC 8032 §5.1.3 refuses those), eight mixed points.
    assert_eq!((keys.len(), commitments.len()), (22, 22));
    let (mut taken, mut count) = (0, 0);
    for a in &keys {
        let multiples: Vec<_> = (0..8_u64).map(|n| a.torsion * Scalar::from(n)).collect();
        for r in &commitments {
            for reencoded in [false, true] {
                if reencoded && a.is_canonical() && r.is_canonical() {
                    continue;
                }
                // The first messages whose torsion cancels out, and does not, where there are any.
                let (mut cancels, mut remains) = (None, None);
                for number in 0_u32..64 {
                    let message = number.to_le_bytes();
                    let k = challenge(&r.octets, &a.octets, &message);
                    // Eight times the torsion is nothing.
                    let residue = r.torsion + multiples[usize::from(k.to_bytes()[0] & 7)];
                    let found = if residue.is_identity() { &mut cancels } else { &mut remains };
                    found.get_or_insert((message, residue));
                    if cancels.is_some() && remains.is_some() {
                        break;
                    }
                }
                for (message, residue) in cancels.into_iter().chain(remains) {
                    let hashed = match reencoded {
                        true => challenge(&r.canonical(), &a.canonical(), &message),
                        false => challenge(&r.octets, &a.octets, &message),
                    };
                    let s = r.scalar + hashed * a.scalar;
                    let signature = [r.octets, s.to_bytes()].concat();
                    let expected = a.is_canonical()
                        && r.is_canonical()
                        && !a.is_of_small_order()
                        && !r.is_of_small_order()
                        && residue == EdwardsPoint::identity();
                    let accepted = accepts(&a.octets, &message, &signature);
                    assert_eq!(accepted, expected, "{:x?} {signature:x?}", a.octets);
                    taken += usize::from(accepted);
                    count += 1;
                }
            }
        }
    }
    // Of the mixed pairs those whose torsion can cancel out: R's in the group that A's makes.
    assert!(taken > 20 && count > 700, "{taken} of {count}");
}
