//! The compression function with WebAssembly's vectors: two words at once, four registers a step.
//!
//! It is one function that is not inlined: a runtime exchanges slow code for quick between two
//! calls of a function, never within one, and the first hash of a process would be slow to its end.
#![allow(unsafe_code)]
// Places in a block: each is checked, and known when this is compiled.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::arch::wasm32::{
    i8x16_shuffle, i32x4_shuffle, i64x2_add, i64x2_shl, i64x2_shuffle, u64x2_extmul_high_u32x4,
    u64x2_extmul_low_u32x4, u64x2_shr, v128, v128_load, v128_or, v128_store, v128_xor,
};

use crate::block::Block;
use crate::fill::{Compress, Over};

/// A module with these instructions is only loaded where there are such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simd128;

impl Compress for Simd128 {
    #[inline]
    fn start(self, into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) -> u64 {
        compress(into, over, x, y, scratch);
        into.first_word()
    }
}

#[inline(never)]
fn compress(into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) {
    for row in 0..8 {
        let v: [v128; 8] = std::array::from_fn(|i| {
            let place = 8 * row + i;
            let v = v128_xor(load(x, place), load(y, place));
            // What is added at the end waits in the block that is being made.
            let waits = match over {
                Over::Replace => v,
                Over::Add => v128_xor(v, load(into, place)),
            };
            store(into, place, waits);
            v
        });
        for (i, v) in permute(v).into_iter().enumerate() {
            store(scratch, 8 * row + i, v);
        }
    }
    for column in 0..8 {
        let v = std::array::from_fn(|row| load(scratch, 8 * row + column));
        for (row, v) in permute(v).into_iter().enumerate() {
            let place = 8 * row + column;
            store(into, place, v128_xor(load(into, place), v));
        }
    }
}

/// The permutation P on sixteen words (RFC 9106 §3.6).
#[inline]
fn permute([a0, a1, b0, b1, c0, c1, d0, d1]: [v128; 8]) -> [v128; 8] {
    let (mut a, mut b, mut c, mut d) = ([a0, a1], [b0, b1], [c0, c1], [d0, d1]);
    round(&mut a, &mut b, &mut c, &mut d);
    // Diagonals.
    let ([b0, b1], [c0, c1], [d0, d1]) = (b, c, d);
    b = [i64x2_shuffle::<1, 2>(b0, b1), i64x2_shuffle::<1, 2>(b1, b0)];
    c = [c1, c0];
    d = [i64x2_shuffle::<1, 2>(d1, d0), i64x2_shuffle::<1, 2>(d0, d1)];
    round(&mut a, &mut b, &mut c, &mut d);
    let ([a0, a1], [b0, b1], [c0, c1], [d0, d1]) = (a, b, c, d);
    [
        a0,
        a1,
        i64x2_shuffle::<1, 2>(b1, b0),
        i64x2_shuffle::<1, 2>(b0, b1),
        c1,
        c0,
        i64x2_shuffle::<1, 2>(d0, d1),
        i64x2_shuffle::<1, 2>(d1, d0),
    ]
}

/// Four words.
type Four = [v128; 2];

/// GB (§3.6) on four columns of four words.
#[inline]
fn round(a: &mut Four, b: &mut Four, c: &mut Four, d: &mut Four) {
    *a = sum(*a, *b);
    *d = xor(*d, *a).map(|v| i32x4_shuffle::<1, 0, 3, 2>(v, v));
    *c = sum(*c, *d);
    *b = xor(*b, *c)
        .map(|v| i8x16_shuffle::<3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10>(v, v));
    *a = sum(*a, *b);
    *d = xor(*d, *a)
        .map(|v| i8x16_shuffle::<2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9>(v, v));
    *c = sum(*c, *d);
    // By 63 to the right: by one to the left.
    *b = xor(*b, *c).map(|v| v128_or(u64x2_shr(v, 63), i64x2_add(v, v)));
}

/// a + b + 2·lo(a)·lo(b), modulo 2^64. The low halves of four words are gathered by one shuffle,
/// then multiplied two by two.
#[inline]
fn sum([a0, a1]: Four, [b0, b1]: Four) -> Four {
    let a = i32x4_shuffle::<0, 2, 4, 6>(a0, a1);
    let b = i32x4_shuffle::<0, 2, 4, 6>(b0, b1);
    let low = i64x2_shl(u64x2_extmul_low_u32x4(a, b), 1);
    let high = i64x2_shl(u64x2_extmul_high_u32x4(a, b), 1);
    [i64x2_add(i64x2_add(a0, b0), low), i64x2_add(i64x2_add(a1, b1), high)]
}

#[inline]
fn xor([a0, a1]: Four, [b0, b1]: Four) -> Four {
    [v128_xor(a0, b0), v128_xor(a1, b1)]
}

/// Two words of a block, of which it has 64 pairs.
#[inline]
fn load(block: &Block, pair: usize) -> v128 {
    let words: &[u64; 2] = &block.0.as_chunks().0[pair];
    // SAFETY: reads the 16 bytes of `words`; this load needs no alignment.
    unsafe { v128_load(words.as_ptr().cast()) }
}

#[inline]
fn store(block: &mut Block, pair: usize, v: v128) {
    let words: &mut [u64; 2] = &mut block.0.as_chunks_mut().0[pair];
    // SAFETY: writes the 16 bytes of `words`; this store needs no alignment.
    unsafe { v128_store(words.as_mut_ptr().cast(), v) }
}
