//! The compression function with NEON: two words at once, two permutations side by side.
//!
//! Compiled for little-endian aarch64 with NEON, which all such targets have but those without
//! floating point: nothing is asked at run time.
#![allow(unsafe_code)]
// Places in a block: each is checked, and known when this is compiled.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::arch::aarch64::{
    uint8x16_t, uint64x2_t, vaddq_u64, veorq_u64, vextq_u64, vget_low_u32, vld1q_u8, vld1q_u64,
    vmull_high_u32, vmull_u32, vqtbl1q_u8, vreinterpretq_u8_u64, vreinterpretq_u32_u64,
    vreinterpretq_u64_u8, vreinterpretq_u64_u32, vrev64q_u32, vsriq_n_u64, vst1q_u64, vuzp1q_u32,
};

use crate::block::Block;
use crate::fill::{Compress, Over};

/// A program with these instructions is only run where there are such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neon;

impl Compress for Neon {
    #[inline]
    fn start(self, into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) -> u64 {
        // SAFETY: this file is compiled for processors with NEON only (`lib.rs`).
        unsafe { compress(into, over, x, y, scratch) };
        into.first_word()
    }
}

/// Two rows at once, then two columns. In one piece: nothing stable has a block brought near here.
#[target_feature(enable = "neon")]
fn compress(into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) {
    let by = rotations();
    for rows in 0..4 {
        let place = 16 * rows;
        let words = std::array::from_fn(|pair| {
            [begin(into, over, x, y, place + pair), begin(into, over, x, y, place + 8 + pair)]
        });
        permute(&by, words, |pair, [v, w]| {
            store(scratch, place + pair, v);
            store(scratch, place + 8 + pair, w);
        });
    }
    for columns in 0..4 {
        let place = 2 * columns;
        let words = std::array::from_fn(|pair| {
            [load(scratch, place + 8 * pair), load(scratch, place + 8 * pair + 1)]
        });
        permute(&by, words, |pair, [v, w]| {
            let place = place + 8 * pair;
            store(into, place, veorq_u64(load(into, place), v));
            store(into, place + 1, veorq_u64(load(into, place + 1), w));
        });
    }
}

/// Two words of what is permuted. What is added at the end waits in the block that is being made.
#[inline]
#[target_feature(enable = "neon")]
fn begin(into: &mut Block, over: Over, x: &Block, y: &Block, place: usize) -> uint64x2_t {
    let v = veorq_u64(load(x, place), load(y, place));
    let waits = match over {
        Over::Replace => v,
        Over::Add => veorq_u64(v, load(into, place)),
    };
    store(into, place, waits);
    v
}

/// Two pairs of words.
type Both = [uint64x2_t; 2];

/// Four words of each of two permutations, so that one works while the other waits.
type Eight = [uint64x2_t; 4];

/// The permutation P on sixteen words (RFC 9106 §3.6), twice: each pair beside the other's.
#[inline]
#[target_feature(enable = "neon")]
fn permute(by: &Rotations, words: [Both; 8], mut write: impl FnMut(usize, Both)) {
    let row = |[v0, w0]: Both, [v1, w1]: Both| [v0, v1, w0, w1];
    let [a0, a1, b0, b1, c0, c1, d0, d1] = words;
    let (mut a, mut b, mut c, mut d) = (row(a0, a1), row(b0, b1), row(c0, c1), row(d0, d1));
    round(by, &mut a, &mut b, &mut c, &mut d);
    // Diagonals.
    (b, c, d) = (turned(b), swapped(c), swapped(turned(d)));
    round(by, &mut a, &mut b, &mut c, &mut d);
    (b, c, d) = (swapped(turned(b)), swapped(c), turned(d));
    for (row, [v0, v1, w0, w1]) in [a, b, c, d].into_iter().enumerate() {
        write(2 * row, [v0, w0]);
        write(2 * row + 1, [v1, w1]);
    }
}

/// By one word to the left.
#[inline]
#[target_feature(enable = "neon")]
fn turned([v0, v1, w0, w1]: Eight) -> Eight {
    [vextq_u64::<1>(v0, v1), vextq_u64::<1>(v1, v0), vextq_u64::<1>(w0, w1), vextq_u64::<1>(w1, w0)]
}

/// By two words.
#[inline]
fn swapped([v0, v1, w0, w1]: Eight) -> Eight {
    [v1, v0, w1, w0]
}

/// The bytes of two words in the order that a rotation to the right leaves.
struct Rotations {
    bits_24: uint8x16_t,
    bits_16: uint8x16_t,
}

#[inline]
#[target_feature(enable = "neon")]
fn rotations() -> Rotations {
    const BITS_24: [u8; 16] = [3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10];
    const BITS_16: [u8; 16] = [2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9];
    let bytes = |constant: &[u8; 16]| {
        // SAFETY: reads the 16 bytes of `constant`.
        unsafe { vld1q_u8(constant.as_ptr()) }
    };
    Rotations { bits_24: bytes(&BITS_24), bits_16: bytes(&BITS_16) }
}

/// GB (§3.6) on four columns of four words, twice.
#[inline]
#[target_feature(enable = "neon")]
fn round(by: &Rotations, a: &mut Eight, b: &mut Eight, c: &mut Eight, d: &mut Eight) {
    *a = sum(*a, *b);
    *d = xor(*d, *a).map(|v| vreinterpretq_u64_u32(vrev64q_u32(vreinterpretq_u32_u64(v))));
    *c = sum(*c, *d);
    *b = xor(*b, *c).map(|v| shuffled(v, by.bits_24));
    *a = sum(*a, *b);
    *d = xor(*d, *a).map(|v| shuffled(v, by.bits_16));
    *c = sum(*c, *d);
    // By 63 to the right: by one to the left.
    *b = xor(*b, *c).map(|v| vsriq_n_u64::<63>(vaddq_u64(v, v), v));
}

#[inline]
#[target_feature(enable = "neon")]
fn shuffled(v: uint64x2_t, bytes: uint8x16_t) -> uint64x2_t {
    vreinterpretq_u64_u8(vqtbl1q_u8(vreinterpretq_u8_u64(v), bytes))
}

/// a + b + 2·lo(a)·lo(b), modulo 2^64.
#[inline]
#[target_feature(enable = "neon")]
fn sum([a0, a1, a2, a3]: Eight, [b0, b1, b2, b3]: Eight) -> Eight {
    let [low, high] = sum_of_four([a0, a1], [b0, b1]);
    let [other_low, other_high] = sum_of_four([a2, a3], [b2, b3]);
    [low, high, other_low, other_high]
}

/// One instruction gathers the low halves of four words, which are then multiplied two by two.
#[inline]
#[target_feature(enable = "neon")]
fn sum_of_four([a0, a1]: Both, [b0, b1]: Both) -> Both {
    let a = vuzp1q_u32(vreinterpretq_u32_u64(a0), vreinterpretq_u32_u64(a1));
    let b = vuzp1q_u32(vreinterpretq_u32_u64(b0), vreinterpretq_u32_u64(b1));
    let low = vmull_u32(vget_low_u32(a), vget_low_u32(b));
    let high = vmull_high_u32(a, b);
    [
        vaddq_u64(vaddq_u64(a0, b0), vaddq_u64(low, low)),
        vaddq_u64(vaddq_u64(a1, b1), vaddq_u64(high, high)),
    ]
}

#[inline]
#[target_feature(enable = "neon")]
fn xor([a0, a1, a2, a3]: Eight, [b0, b1, b2, b3]: Eight) -> Eight {
    [veorq_u64(a0, b0), veorq_u64(a1, b1), veorq_u64(a2, b2), veorq_u64(a3, b3)]
}

/// Two words of a block, of which it has 64 pairs.
#[inline]
#[target_feature(enable = "neon")]
fn load(block: &Block, pair: usize) -> uint64x2_t {
    let words: &[u64; 2] = &block.0.as_chunks().0[pair];
    // SAFETY: reads the 16 bytes of `words`.
    unsafe { vld1q_u64(words.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(block: &mut Block, pair: usize, v: uint64x2_t) {
    let words: &mut [u64; 2] = &mut block.0.as_chunks_mut().0[pair];
    // SAFETY: writes the 16 bytes of `words`.
    unsafe { vst1q_u64(words.as_mut_ptr(), v) }
}
