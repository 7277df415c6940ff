//! Points of Ed25519 with and without a part of small order, in every encoding.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest as _, Sha512};

/// A point, its parts, and one way to write it.
pub struct Written {
    pub octets: [u8; 32],
    /// The discrete logarithm of the part of prime order; zero for a point of small order.
    pub scalar: Scalar,
    pub torsion: EdwardsPoint,
}

impl Written {
    pub fn canonical(&self) -> [u8; 32] {
        (ED25519_BASEPOINT_POINT * self.scalar + self.torsion).compress().to_bytes()
    }

    pub fn is_canonical(&self) -> bool {
        self.octets == self.canonical()
    }

    pub fn is_of_small_order(&self) -> bool {
        self.scalar == Scalar::ZERO
    }
}

/// Every encoding of the eight points of small order, and a point of prime order plus each of them.
pub fn points(scalar: Scalar) -> Vec<Written> {
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

/// k of RFC 8032 §5.1.7.
pub fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let mut hash = Sha512::default();
    for part in [r.as_slice(), a.as_slice(), message] {
        hash.update(part);
    }
    Scalar::from_hash(hash)
}
