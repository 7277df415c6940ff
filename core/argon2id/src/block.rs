//! A block of memory: 1024 bytes, as 128 words (RFC 9106 §3.2).

use zeroize::Zeroize;

/// How many words a block has.
pub const WORDS: usize = 128;
/// How many bytes a block has.
pub const BYTES: usize = 1024;

/// One block. Aligned to a cache line, so that none is shared by two blocks.
#[derive(Clone)]
#[repr(C, align(64))]
pub struct Block(pub [u64; WORDS]);

impl Block {
    /// All zero.
    pub const ZERO: Self = Self([0; WORDS]);

    /// Reads a block as it is hashed: little-endian.
    pub fn from_bytes(bytes: &[u8; BYTES]) -> Self {
        let mut block = Self::ZERO;
        for (word, bytes) in block.0.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        block
    }

    /// Writes it as it is hashed.
    pub fn to_bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(&self.0) {
            *bytes = word.to_le_bytes();
        }
        bytes
    }

    /// Adds another block, without carry.
    pub fn add(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word ^= other;
        }
    }

    /// The first word, which says where the next block's reference is (RFC 9106 §3.4.1.1).
    pub const fn first_word(&self) -> u64 {
        let [word, ..] = self.0;
        word
    }
}

impl Zeroize for Block {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Zeroed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A block that is wiped when it is dropped.
pub struct Zeroed(pub Block);
