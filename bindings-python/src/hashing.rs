//! Room for hashes: so many at once, a short queue, then `Busy`.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use authcore::effect::Failure;

/// How many wait for each place: at some 25 ms a hash, less than half a second.
const QUEUE_PER_PLACE: usize = 16;

/// The places of one service.
pub struct Places {
    state: Mutex<State>,
    freed: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    taken: usize,
    waiting: usize,
}

/// A place that is held. Dropping it frees it.
pub struct Place(Arc<Places>);

impl Places {
    /// So many places, or as many as there are cores.
    pub fn new(limit: Option<usize>) -> Arc<Self> {
        let limit = limit.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
        Arc::new(Self { state: Mutex::default(), freed: Condvar::new(), limit })
    }

    /// Takes a place, waiting in the queue if there is room in it. Blocks: not under the GIL.
    pub fn take(self: &Arc<Self>) -> Result<Place, Failure> {
        let mut state = self.lock();
        if state.taken >= self.limit {
            if state.waiting >= self.limit.saturating_mul(QUEUE_PER_PLACE) {
                return Err(Failure::Busy);
            }
            state.waiting = state.waiting.saturating_add(1);
            state = self
                .freed
                .wait_while(state, |state| state.taken >= self.limit)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting = state.waiting.saturating_sub(1);
        }
        state.taken = state.taken.saturating_add(1);
        Ok(Place(Arc::clone(self)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Held for a few additions only; a panic elsewhere leaves nothing half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.taken = state.taken.saturating_sub(1);
        self.0.freed.notify_one();
    }
}
