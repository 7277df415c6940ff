//! The compression function with AVX2: four words at once, two groups of four side by side.
//!
//! Rows and columns of the block are permuted as RFC 9106 §3.5 says. In a row each register holds
//! four neighbouring words; in a column it holds two words of one column and two of the next, so
//! that a rotation of four words is one byte-align of two registers.
#![allow(unsafe_code)]
// Places in a block: each is checked, and known when this is compiled.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::arch::x86_64::{
    __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi64, _mm256_alignr_epi8, _mm256_loadu_si256,
    _mm256_mul_epu32, _mm256_or_si256, _mm256_permute4x64_epi64, _mm256_setr_epi8,
    _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_srli_epi64, _mm256_storeu_si256,
    _mm256_xor_si256,
};
use std::hint::black_box;

use crate::block::Block;
use crate::fill::{Compress, Over};

/// The proof that this processor has AVX2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx2(());

impl Avx2 {
    /// The proof, if it is so.
    pub fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

impl Compress for Avx2 {
    #[inline]
    fn start(self, into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) -> u64 {
        // SAFETY: only `detect` makes a `Self`, on a processor that has AVX2.
        unsafe { start(into, over, x, y, scratch) }
    }

    #[inline]
    fn finish(self, into: &mut Block, scratch: &mut Block) {
        // SAFETY: only `detect` makes a `Self`, on a processor that has AVX2.
        unsafe { finish(into, scratch) }
    }

    #[inline]
    fn prefetch(self, block: &Block) {
        let (lines, _) = block.0.as_chunks::<8>();
        for line in lines {
            // SAFETY: SSE, which every x86-64 has; a prefetch reads nothing and cannot fault, and
            // the address is that of a live block.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
    }
}

/// Permutes the rows and the first two columns: with them the first word is known.
#[target_feature(enable = "avx2")]
fn start(into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) -> u64 {
    let by = rotations();
    for rows in 0..4 {
        let first = 8 * rows;
        let mut v: [__m256i; 8] =
            std::array::from_fn(|i| _mm256_xor_si256(load(x, first + i), load(y, first + i)));
        // What is added at the end waits in the block that is being made.
        for (i, v) in v.iter().enumerate() {
            let waits = match over {
                Over::Replace => *v,
                Over::Add => _mm256_xor_si256(*v, load(into, first + i)),
            };
            store(into, first + i, waits);
        }
        let [a0, b0, c0, d0, a1, b1, c1, d1] = v;
        v = permute_rows(&by, [a0, a1], [b0, b1], [c0, c1], [d0, d1]);
        for (i, v) in v.into_iter().enumerate() {
            store(scratch, first + i, v);
        }
    }
    permute_columns(&by, into, scratch, 0);
    into.first_word()
}

/// Permutes the other columns.
#[target_feature(enable = "avx2")]
fn finish(into: &mut Block, scratch: &mut Block) {
    let by = rotations();
    for columns in 1..4 {
        permute_columns(&by, into, scratch, columns);
    }
}

/// The permutation of two rows; their words in order.
#[inline]
#[target_feature(enable = "avx2")]
fn permute_rows(by: &Rotations, mut a: Two, mut b: Two, mut c: Two, mut d: Two) -> [__m256i; 8] {
    round(by, &mut a, &mut b, &mut c, &mut d);
    // Diagonals. `b` is needed first in each round and known last, so it is the one that stays.
    a = a.map(|v| _mm256_permute4x64_epi64::<0b10_01_00_11>(v));
    c = c.map(|v| _mm256_permute4x64_epi64::<0b00_11_10_01>(v));
    d = d.map(|v| _mm256_permute4x64_epi64::<0b01_00_11_10>(v));
    round(by, &mut a, &mut b, &mut c, &mut d);
    a = a.map(|v| _mm256_permute4x64_epi64::<0b00_11_10_01>(v));
    c = c.map(|v| _mm256_permute4x64_epi64::<0b10_01_00_11>(v));
    d = d.map(|v| _mm256_permute4x64_epi64::<0b01_00_11_10>(v));
    let ([a0, a1], [b0, b1], [c0, c1], [d0, d1]) = (a, b, c, d);
    [a0, b0, c0, d0, a1, b1, c1, d1]
}

/// The permutation of two columns, added to what waits.
#[inline]
#[target_feature(enable = "avx2")]
fn permute_columns(by: &Rotations, into: &mut Block, scratch: &Block, columns: usize) {
    let [a0, a1, b0, b1, c0, c1, d0, d1] =
        std::array::from_fn(|row| load(scratch, 4 * row + columns));
    let (mut a, mut b, mut c, mut d) = ([a0, a1], [b0, b1], [c0, c1], [d0, d1]);
    round(by, &mut a, &mut b, &mut c, &mut d);
    let ([b0, b1], [c0, c1], [d0, d1]) = (b, c, d);
    b = [_mm256_alignr_epi8::<8>(b1, b0), _mm256_alignr_epi8::<8>(b0, b1)];
    c = [c1, c0];
    d = [_mm256_alignr_epi8::<8>(d0, d1), _mm256_alignr_epi8::<8>(d1, d0)];
    round(by, &mut a, &mut b, &mut c, &mut d);
    let ([b0, b1], [c0, c1], [d0, d1]) = (b, c, d);
    b = [_mm256_alignr_epi8::<8>(b0, b1), _mm256_alignr_epi8::<8>(b1, b0)];
    c = [c1, c0];
    d = [_mm256_alignr_epi8::<8>(d1, d0), _mm256_alignr_epi8::<8>(d0, d1)];
    for (row, v) in [a, b, c, d].into_iter().flatten().enumerate() {
        let place = 4 * row + columns;
        store(into, place, _mm256_xor_si256(load(into, place), v));
    }
}

/// Two registers that take the same steps, so that one works while the other waits.
type Two = [__m256i; 2];

/// The bytes of two words in the order that a rotation to the right leaves.
struct Rotations {
    bits_24: __m256i,
    bits_16: __m256i,
}

#[inline]
#[target_feature(enable = "avx2")]
fn rotations() -> Rotations {
    let bits_24 = _mm256_setr_epi8(
        3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13,
        14, 15, 8, 9, 10,
    );
    let bits_16 = _mm256_setr_epi8(
        2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12,
        13, 14, 15, 8, 9,
    );
    // Were they known, the compiler would make two or three instructions of each shuffle.
    Rotations { bits_24: black_box(bits_24), bits_16: black_box(bits_16) }
}

/// GB (§3.6) on four columns of four words, twice.
#[inline]
#[target_feature(enable = "avx2")]
fn round(by: &Rotations, a: &mut Two, b: &mut Two, c: &mut Two, d: &mut Two) {
    *a = sum(*a, *b);
    *d = xor(*d, *a).map(|v| _mm256_shuffle_epi32::<0b10_11_00_01>(v));
    *c = sum(*c, *d);
    *b = xor(*b, *c).map(|v| _mm256_shuffle_epi8(v, by.bits_24));
    *a = sum(*a, *b);
    *d = xor(*d, *a).map(|v| _mm256_shuffle_epi8(v, by.bits_16));
    *c = sum(*c, *d);
    // By 63 to the right: by one to the left.
    *b = xor(*b, *c).map(|v| _mm256_or_si256(_mm256_srli_epi64::<63>(v), _mm256_add_epi64(v, v)));
}

/// a + b + 2·lo(a)·lo(b), modulo 2^64.
#[inline]
#[target_feature(enable = "avx2")]
fn sum([a0, a1]: Two, [b0, b1]: Two) -> Two {
    [(a0, b0), (a1, b1)].map(|(a, b)| {
        let product = _mm256_mul_epu32(a, b);
        _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(product, product))
    })
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor([a0, a1]: Two, [b0, b1]: Two) -> Two {
    [_mm256_xor_si256(a0, b0), _mm256_xor_si256(a1, b1)]
}

/// Four words of a block, of which it has 32 groups.
#[inline]
#[target_feature(enable = "avx2")]
fn load(block: &Block, group: usize) -> __m256i {
    let words: &[u64; 4] = &block.0.as_chunks().0[group];
    // SAFETY: reads the 32 bytes of `words`; this load needs no alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(block: &mut Block, group: usize, v: __m256i) {
    let words: &mut [u64; 4] = &mut block.0.as_chunks_mut().0[group];
    // SAFETY: writes the 32 bytes of `words`; this store needs no alignment.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), v) }
}
