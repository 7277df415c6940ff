//! The order in which blocks are filled, and which block each refers to (RFC 9106 §3.4).
// Every sum of places is below the number of blocks, which are in memory; a product of two 32-bit
// numbers fits in 64 bits.
#![allow(clippy::arithmetic_side_effects)]

use argon2::{Algorithm, Error, Params, Version};
use zeroize::Zeroizing;

use crate::Hasher;
use crate::block::{BYTES, Block, WORDS, Zeroed};
use crate::digest::{self, First};

/// Slices of a lane, between which lanes may refer to each other.
const SLICES: usize = 4;

/// What becomes of the block that a new one is written over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It is lost: in the first pass, and in version 0x10.
    Replace,
    /// The new block is added to it, without carry.
    Add,
}

/// The compression function G (RFC 9106 §3.5), in two halves.
pub trait Compress: Copy {
    /// Begins the block `G(x, y)` in `into`, and says what its first word will be.
    fn start(self, into: &mut Block, over: Over, x: &Block, y: &Block, scratch: &mut Block) -> u64;

    /// Ends the block that was begun.
    fn finish(self, into: &mut Block, scratch: &mut Block) {
        let _ = (into, scratch);
    }

    /// Has a block brought near, which will be read next.
    fn prefetch(self, block: &Block) {
        let _ = block;
    }
}

/// Where each block is, at one cost.
pub struct Plan {
    algorithm: Algorithm,
    version: Version,
    passes: u32,
    lanes: usize,
    segment: usize,
}

/// A segment: a slice of a lane, in one pass.
#[derive(Clone, Copy)]
struct Segment {
    pass: u32,
    slice: usize,
    lane: usize,
}

impl Plan {
    pub fn new(hasher: &Hasher, params: &Params) -> Self {
        // At least one: `Params` has no others. 24 bits.
        let lanes = params.p_cost() as usize;
        Self {
            algorithm: hasher.algorithm,
            version: hasher.version,
            passes: params.t_cost(),
            lanes,
            segment: params.block_count() / SLICES / lanes,
        }
    }

    const fn lane_length(&self) -> usize {
        self.segment * SLICES
    }

    /// Fills the first two blocks of each lane.
    pub fn begin(&self, first: &First, blocks: &mut [Block]) -> Result<(), Error> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        for (lane, blocks) in (0_u32..).zip(blocks.chunks_exact_mut(self.lane_length())) {
            for (column, block) in (0_u32..2).zip(blocks) {
                let place = [column, lane].map(u32::to_le_bytes);
                let inputs = [first.as_slice(), place.as_flattened()];
                digest::variable(&inputs, bytes.as_mut_slice())?;
                *block = Block::from_bytes(&bytes);
            }
        }
        Ok(())
    }

    /// The sum of the lanes' last blocks.
    pub fn last(&self, blocks: &[Block]) -> Zeroed {
        let mut sum = Zeroed(Block::ZERO);
        for block in blocks.chunks_exact(self.lane_length()).filter_map(<[Block]>::last) {
            sum.0.add(block);
        }
        sum
    }

    /// Fills all blocks but the first two of each lane, as often as there are passes.
    pub fn fill(&self, kernel: impl Compress, blocks: &mut [Block]) -> Result<(), Error> {
        let mut scratch = Zeroed(Block::ZERO);
        for pass in 0..self.passes {
            for slice in 0..SLICES {
                for lane in 0..self.lanes {
                    let segment = Segment { pass, slice, lane };
                    // None: a place outside the memory, which is as large as the plan.
                    self.fill_segment(kernel, segment, blocks, &mut scratch.0)
                        .ok_or(Error::MemoryTooLittle)?;
                }
            }
        }
        Ok(())
    }

    fn fill_segment(
        &self,
        kernel: impl Compress,
        at: Segment,
        blocks: &mut [Block],
        scratch: &mut Block,
    ) -> Option<()> {
        let first = if at.pass == 0 && at.slice == 0 { 2 } else { 0 };
        let over = match self.version {
            Version::V0x13 if at.pass > 0 => Over::Add,
            _ => Over::Replace,
        };
        let lane = at.lane * self.lane_length();
        let start = lane + at.slice * self.segment;
        // The first block of a lane follows its last one.
        let begin = start + first;
        let mut previous = if begin == lane { lane + self.lane_length() - 1 } else { begin - 1 };
        let mut addresses = self.addresses(at);
        let word = match &mut addresses {
            Some(addresses) => addresses.word(kernel, first)?,
            None => blocks.get(previous)?.first_word(),
        };
        let mut reference = self.reference(at, first, word);
        for current in begin..start + self.segment {
            // Three different places: no block refers to itself or to the one before it.
            let [x, y, into] = blocks.get_disjoint_mut([previous, reference, current]).ok()?;
            let word = kernel.start(into, over, x, y, scratch);
            let next = current - start + 1;
            if next < self.segment {
                // Known before the block is: the next reference comes while the rest is computed.
                let word = match &mut addresses {
                    Some(addresses) => addresses.word(kernel, next)?,
                    None => word,
                };
                reference = self.reference(at, next, word);
                kernel.prefetch(blocks.get(reference)?);
            }
            kernel.finish(blocks.get_mut(current)?, scratch);
            previous = current;
        }
        Some(())
    }

    /// The place of the block that the one at `offset` of a segment refers to (§3.4.1.1, §3.4.2).
    #[inline]
    fn reference(&self, at: Segment, offset: usize, word: u64) -> usize {
        let lane = match self.lanes {
            1 => 0,
            _ if at.pass == 0 && at.slice == 0 => at.lane,
            lanes => (word >> 32) as usize % lanes,
        };
        let finished = if at.pass == 0 { at.slice } else { SLICES - 1 } * self.segment;
        let area = if lane == at.lane {
            finished + offset - 1
        } else if offset == 0 {
            finished - 1
        } else {
            finished
        };
        let x = word & u64::from(u32::MAX);
        let y = (area as u64 * ((x * x) >> 32)) >> 32;
        let oldest = match at.slice {
            slice if at.pass > 0 && slice + 1 < SLICES => (slice + 1) * self.segment,
            _ => 0,
        };
        // y is below the area, which is below 2^32.
        let column = oldest + area - 1 - y as usize;
        let round = if column < self.lane_length() { 0 } else { self.lane_length() };
        lane * self.lane_length() + column - round
    }

    /// The addresses of a segment that must not depend on the password (§3.4.1.2).
    fn addresses(&self, at: Segment) -> Option<Addresses> {
        let independent = match self.algorithm {
            Algorithm::Argon2d => false,
            Algorithm::Argon2i => true,
            Algorithm::Argon2id => at.pass == 0 && at.slice < SLICES / 2,
        };
        let mut input = Block::ZERO;
        let [pass, lane, slice, blocks, passes, algorithm, ..] = &mut input.0;
        *pass = at.pass.into();
        *lane = at.lane as u64;
        *slice = at.slice as u64;
        *blocks = (self.lane_length() * self.lanes) as u64;
        *passes = self.passes.into();
        *algorithm = self.algorithm as u64;
        independent.then_some(Addresses { input, words: Block::ZERO })
    }
}

/// A stream of words that come from a counter.
struct Addresses {
    input: Block,
    words: Block,
}

impl Addresses {
    /// The word for the block at `offset`; asked for in order, but for the first two.
    fn word(&mut self, kernel: impl Compress, offset: usize) -> Option<u64> {
        let [.., counter] = self.input.0.first_chunk_mut::<7>()?;
        let wanted = (offset / WORDS) as u64 + 1;
        if *counter != wanted {
            *counter = wanted;
            let mut scratch = Block::ZERO;
            let mut compress = |input: &Block, into: &mut Block| {
                kernel.start(into, Over::Replace, &Block::ZERO, input, &mut scratch);
                kernel.finish(into, &mut scratch);
            };
            let mut once = Block::ZERO;
            compress(&self.input, &mut once);
            compress(&once, &mut self.words);
        }
        self.words.0.get(offset % WORDS).copied()
    }
}
