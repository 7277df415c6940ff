//! Memory for hashes: kept, since to have it anew costs more than a hash; bounded; wiped after use.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Error;
use zeroize::optimization_barrier;

use crate::block::Block;

/// Memory that is kept from one hash to the next. Whoever performs hashes owns one.
///
/// What is kept is zero throughout: it was wiped when the hash was done. It bounds what is kept,
/// not what is used at once: that is for the one who lets hashes run.
pub struct Pool {
    kept: Mutex<Vec<Box<[Block]>>>,
    most: usize,
    most_kib: usize,
}

impl Pool {
    /// Keeps the memory of so many hashes at most, and so many KiB of all of them together.
    #[must_use]
    pub const fn new(most: usize, most_kib: usize) -> Self {
        Self { kept: Mutex::new(Vec::new()), most, most_kib }
    }

    /// Keeps nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self::new(0, 0)
    }

    /// How many KiB are kept.
    #[must_use]
    pub fn kept_kib(&self) -> usize {
        self.lock().iter().map(|blocks| blocks.len()).sum()
    }

    /// Memory of so many blocks, with anything in it.
    pub(crate) fn take(&self, blocks: usize) -> Result<Lease<'_>, Error> {
        let kept = {
            let mut kept = self.lock();
            let fits = kept.iter().position(|memory| memory.len() >= blocks);
            // One that is too small makes room for the one that takes its place.
            fits.map(|place| kept.swap_remove(place)).or_else(|| kept.pop())
        };
        let memory = match kept {
            Some(memory) if memory.len() >= blocks => memory,
            too_small => {
                drop(too_small);
                allocate(blocks).ok_or(Error::OutOfMemory)?
            }
        };
        Ok(Lease { pool: self, memory, used: blocks })
    }

    fn give_back(&self, memory: Box<[Block]>) {
        let mut kept = self.lock();
        let total: usize = kept.iter().map(|blocks| blocks.len()).sum();
        if kept.len() < self.most && total.saturating_add(memory.len()) <= self.most_kib {
            kept.push(memory);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Box<[Block]>>> {
        // Held for a move only.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names no content.
impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool(..)")
    }
}

/// The memory of one hash. It determines the tag, so it is wiped when it is given back.
pub struct Lease<'a> {
    pool: &'a Pool,
    memory: Box<[Block]>,
    used: usize,
}

impl Lease<'_> {
    pub fn blocks(&mut self) -> &mut [Block] {
        let used = self.used;
        self.memory.get_mut(..used).unwrap_or_default()
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let blocks = self.blocks();
        // SAFETY: writes the blocks of this very slice; zeros are a value of `Block`. One call for
        // all: one for each takes up to twice as long.
        unsafe { std::ptr::write_bytes(blocks.as_mut_ptr(), 0, blocks.len()) };
        // Otherwise the compiler may leave out what nobody reads before the memory is freed.
        optimization_barrier(blocks);
        self.pool.give_back(std::mem::take(&mut self.memory));
    }
}

/// So many blocks of zeros; none if there is no memory left.
fn allocate(blocks: usize) -> Option<Box<[Block]>> {
    if blocks == 0 {
        return Some(Box::default());
    }
    let layout = Layout::array::<Block>(blocks).ok()?;
    // SAFETY: the layout is not of size zero: there is at least one block, of 1024 bytes.
    let start = unsafe { alloc_zeroed(layout) }.cast::<Block>();
    if start.is_null() {
        return None;
    }
    // SAFETY: `start` was allocated just now by the global allocator, with the layout of a slice of
    // so many blocks, and is owned by nobody else; zeros are a value of `Block`.
    Some(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(start, blocks)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hasher, Inputs};

    const INPUTS: Inputs<'_> =
        Inputs { password: b"x", salt: &[1; 16], secret: b"", associated_data: b"" };

    fn hash(pool: &Pool, memory_kib: u32) {
        Hasher::argon2id(memory_kib, 1, 1).hash(&INPUTS, pool, &mut [0; 32]).expect("a hash");
    }

    fn is_wiped(pool: &Pool) -> bool {
        pool.lock().iter().all(|blocks| blocks.iter().all(|block| block.0 == [0; 128]))
    }

    #[test]
    fn what_is_kept_was_wiped() {
        let pool = Pool::new(1, 64);
        hash(&pool, 64);
        assert_eq!(pool.kept_kib(), 64);
        assert!(is_wiped(&pool));
        // A smaller hash in the same memory.
        hash(&pool, 8);
        assert_eq!(pool.kept_kib(), 64);
        assert!(is_wiped(&pool));
        // It would be noticed.
        pool.lock()[0][7].0[127] = 1;
        assert!(!is_wiped(&pool));
    }

    #[test]
    fn a_hash_that_fails_or_panics_leaves_nothing() {
        let pool = Pool::new(1, 64);
        let panicked = std::panic::catch_unwind(|| {
            let mut lease = pool.take(16).expect("memory");
            lease.blocks()[3].0[5] = 9;
            panic!("within a hash");
        });
        assert!(panicked.is_err());
        assert_eq!(pool.kept_kib(), 16);
        assert!(is_wiped(&pool));
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_in_size() {
        let pool = Pool::new(2, 40);
        let leases: Vec<_> = (0..3).map(|_| pool.take(8).expect("memory")).collect();
        drop(leases);
        assert_eq!(pool.kept_kib(), 16);
        drop(pool.take(33));
        assert_eq!(pool.kept_kib(), 8, "one made room for it, and it is too large to be kept");
        drop(pool.take(32));
        assert_eq!(pool.kept_kib(), 32);
        drop(Pool::none().take(8));
        assert_eq!(Pool::none().kept_kib(), 0);
    }

    #[test]
    fn what_the_machine_does_not_have_is_an_error() {
        let pool = Pool::none();
        assert!(matches!(pool.take(usize::MAX / 1024), Err(Error::OutOfMemory)));
        assert!(matches!(pool.take(usize::MAX), Err(Error::OutOfMemory)));
    }
}
