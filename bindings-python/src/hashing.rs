//! The queue for hashes: bounded, shared between addresses; so many run at once, in order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use authcore::effect::Failure;
use authcore::password::{Argon2Params, Pool};

/// How many operations of one address may be in the queue for each place: at some 25 ms a hash,
/// they wait for each other less than half a second, twice that if all change passwords
/// (docs/decisions/0015).
const SHARE_PER_PLACE: usize = 16;

/// How many shares the queue holds.
const SHARES: usize = 4;

/// Of how many hashes the memory is kept, at the default cost: 152 MiB at most, if so many ran at
/// once.
const KEPT: usize = 8;

/// The memory of the hashes of all services of the process.
pub static MEMORY: Pool = Pool::new(KEPT, KEPT * Argon2Params::OWASP_MINIMUM.memory_kib as usize);

/// The queue and the places of one service.
pub struct Queue {
    state: Mutex<State>,
    freed: Condvar,
    places: usize,
}

#[derive(Default)]
struct State {
    /// How many operations of each bucket are in the queue.
    queued: BTreeMap<Option<u32>, usize>,
    /// How many hashes run.
    running: usize,
    /// Those who wait for a place, in order, by their numbers.
    waiting: VecDeque<u64>,
    /// The number of the next one.
    next: u64,
}

/// An operation in the queue, which it leaves when dropped.
pub struct Admitted {
    queue: Arc<Queue>,
    bucket: Option<u32>,
}

/// A place that is held. Dropping it frees it.
pub struct Place<'a>(&'a Queue);

impl Queue {
    /// So many places, or as many as there are cores.
    pub fn new(places: Option<usize>) -> Arc<Self> {
        let places = places.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
        Arc::new(Self { state: Mutex::default(), freed: Condvar::new(), places })
    }

    /// Lets an operation of this bucket in, unless the queue or the bucket's share is full.
    pub fn admit(self: &Arc<Self>, bucket: Option<u32>) -> Result<Admitted, Failure> {
        let mut state = self.lock();
        let share = self.places.saturating_mul(SHARE_PER_PLACE);
        let queued: usize = state.queued.values().sum();
        let own = state.queued.get(&bucket).copied().unwrap_or_default();
        if own >= share || queued >= share.saturating_mul(SHARES) {
            return Err(Failure::Busy);
        }
        state.queued.insert(bucket, own.saturating_add(1));
        Ok(Admitted { queue: Arc::clone(self), bucket })
    }

    /// Waits for a place, first come, first served. Blocks: not under the GIL.
    pub fn turn(&self) -> Place<'_> {
        let mut state = self.lock();
        let number = state.next;
        state.next = number.wrapping_add(1);
        state.waiting.push_back(number);
        let mut state = self
            .freed
            .wait_while(state, |state| {
                state.running >= self.places || state.waiting.front() != Some(&number)
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front();
        state.running = state.running.saturating_add(1);
        // There may be a place for the next one too.
        self.freed.notify_all();
        Place(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Held for a few additions only; a panic elsewhere leaves nothing half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        if let Some(own) = state.queued.get_mut(&self.bucket) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                state.queued.remove(&self.bucket);
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running = state.running.saturating_sub(1);
        self.0.freed.notify_all();
    }
}
