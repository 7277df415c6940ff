//! The compression function in plain Rust, for processors without a kernel of their own.
// Words and places are below 128; the sums of the function itself wrap (RFC 9106 §3.6).
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use crate::block::Block;
use crate::fill::{Compress, Over};

/// What each processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portable;

impl Compress for Portable {
    // Not inlined: as in `simd128.rs`.
    #[inline(never)]
    fn start(self, into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) -> u64 {
        // What is added at the end waits in the block that is being made.
        for (((into, state), x), y) in into.0.iter_mut().zip(&mut scratch.0).zip(&x.0).zip(&y.0) {
            *state = x ^ y;
            *into = if over == Over::Add { *into ^ *state } else { *state };
        }
        for row in scratch.0.as_chunks_mut::<16>().0 {
            *row = permute(*row);
        }
        for column in 0..8 {
            let place = |word: usize| 16 * (word / 2) + 2 * column + word % 2;
            let words = permute(std::array::from_fn(|word| scratch.0[place(word)]));
            for (word, value) in words.into_iter().enumerate() {
                into.0[place(word)] ^= value;
            }
        }
        into.first_word()
    }
}

/// Four words that take the same steps.
type Four = [u64; 4];

/// The permutation P on sixteen words (§3.6).
#[inline(always)]
fn permute(words: [u64; 16]) -> [u64; 16] {
    let [mut a, mut b, mut c, mut d]: [Four; 4] =
        std::array::from_fn(|row| std::array::from_fn(|column| words[4 * row + column]));
    round(&mut a, &mut b, &mut c, &mut d);
    // Diagonals.
    (b, c, d) = (turned::<1>(b), turned::<2>(c), turned::<3>(d));
    round(&mut a, &mut b, &mut c, &mut d);
    (b, c, d) = (turned::<3>(b), turned::<2>(c), turned::<1>(d));
    let rows = [a, b, c, d];
    std::array::from_fn(|word| rows[word / 4][word % 4])
}

/// GB (§3.6) on four columns of four words.
#[inline(always)]
fn round(a: &mut Four, b: &mut Four, c: &mut Four, d: &mut Four) {
    *a = sum(*a, *b);
    *d = rotated::<32>(*d, *a);
    *c = sum(*c, *d);
    *b = rotated::<24>(*b, *c);
    *a = sum(*a, *b);
    *d = rotated::<16>(*d, *a);
    *c = sum(*c, *d);
    *b = rotated::<63>(*b, *c);
}

/// a + b + 2·lo(a)·lo(b), modulo 2^64.
#[inline(always)]
fn sum(a: Four, b: Four) -> Four {
    let low = |word: u64| word & u64::from(u32::MAX);
    std::array::from_fn(|i| {
        let product = low(a[i]).wrapping_mul(low(b[i]));
        a[i].wrapping_add(b[i]).wrapping_add(product << 1)
    })
}

#[inline(always)]
fn rotated<const BITS: u32>(a: Four, b: Four) -> Four {
    std::array::from_fn(|i| (a[i] ^ b[i]).rotate_right(BITS))
}

#[inline(always)]
fn turned<const PLACES: usize>(a: Four) -> Four {
    std::array::from_fn(|i| a[(i + PLACES) % 4])
}
