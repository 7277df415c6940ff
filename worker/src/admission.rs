//! Room for hashes. A hash blocks its isolate, so one runs at a time by itself; what is left to do
//! is to keep the queue short, and to let other requests in between two hashes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use worker::Delay;
use worker::js_sys::Date;

/// How many operations may be on their way to a hash: one that runs and a short queue. Each waits
/// for at most that many hashes, which is well under a second.
const PLACES: usize = 8;

/// A place that is older belongs to an operation which the runtime has ended without a word:
/// Cloudflare lets an operation outlive its client by 30 seconds.
const LONGEST_MILLIS: f64 = 60_000.0;

thread_local! {
    /// When each place was taken.
    static TAKEN: RefCell<BTreeMap<u64, f64>> = const { RefCell::new(BTreeMap::new()) };
    /// The number of the next place.
    static NEXT: Cell<u64> = const { Cell::new(0) };
    /// How many hashes have begun.
    static BEGUN: Cell<u64> = const { Cell::new(0) };
}

/// A place for one hash, given back when dropped.
pub struct Place(u64);

impl Place {
    /// A place, unless all are taken.
    pub fn take() -> Option<Self> {
        Self::take_at(Date::now())
    }

    fn take_at(now: f64) -> Option<Self> {
        TAKEN.with_borrow_mut(|taken| {
            taken.retain(|_, since| now - *since < LONGEST_MILLIS);
            if taken.len() >= PLACES {
                return None;
            }
            let number = NEXT.replace(NEXT.get().wrapping_add(1));
            taken.insert(number, now);
            Some(Self(number))
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.with_borrow_mut(|taken| taken.remove(&self.0));
    }
}

/// Waits until the event loop has gone round without another hash beginning.
///
/// Each operation waits by a timer of its own: one request of an isolate may not wake another, or
/// its work would be done, and end, with the wrong request.
pub async fn turn() {
    loop {
        let begun = BEGUN.get();
        Delay::from(Duration::ZERO).await;
        if BEGUN.get() == begun {
            BEGUN.set(begun.wrapping_add(1));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 106
    #[test]
    fn places_are_few_and_come_back() {
        let mut taken: Vec<_> = (0..PLACES).filter_map(|_| Place::take_at(0.0)).collect();
        assert_eq!(taken.len(), PLACES);
        assert!(Place::take_at(0.0).is_none());
        taken.pop();
        assert!(Place::take_at(0.0).is_some());
    }

    #[test]
    fn a_place_that_was_never_given_back_is_taken_again_after_a_minute() {
        let lost: Vec<_> = (0..PLACES).filter_map(|_| Place::take_at(0.0)).collect();
        lost.into_iter().for_each(std::mem::forget);
        assert!(Place::take_at(LONGEST_MILLIS - 1.0).is_none());
        assert!(Place::take_at(LONGEST_MILLIS).is_some());
    }
}
