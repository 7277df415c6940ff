//! The edges of Ed25519 in A and R: every pair of points with and without a part of small order, in
//! every encoding, judged by the rule of [`Ed25519Verifier`] as it is written here once more.
//!
//! The same ground as C2SP's `ed25519vectors` (`cctv.rs`), whole and with other points: low-order
//! and mixed points, encodings that are not canonical, k hashed over those or over the canonical
//! ones, torsion that cancels out or does not.

// Arithmetic on points and scalars: it cannot overflow.
#![allow(clippy::arithmetic_side_effects)]

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity as _, IsIdentity as _};

use super::differences::accepts;

/// The points, which the vectors of tokens are made of too.
#[path = "../../../../examples/vectors_jwt/cases/points.rs"]
mod points;

use points::{challenge, points};

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
