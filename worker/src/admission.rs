//! The queue for hashes. A hash blocks its isolate, so one runs at a time by itself; what is left
//! to do is to bound the queue, to keep its order, and to let other requests in between two hashes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use authcore::password::{Ceilings, Pool};
use worker::Delay;
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Date, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::web_sys::ReadableStreamDefaultReader;
use worker::worker_sys::FixedLengthStream;

/// How many operations may be on their way to a hash. Each waits for at most that many hashes,
/// which is some two seconds, and holds its request meanwhile: two megabytes for all of them.
const QUEUE: usize = 24;

/// How many of them may come from one address (docs/decisions/0015).
const SHARE: usize = 8;

/// An operation that is older was ended by the runtime without a word: Cloudflare lets one outlive
/// its client by 30 seconds.
const LONGEST_MILLIS: f64 = 60_000.0;

/// So was one that let so many rounds go by in which it could have begun: the others go on. Rounds
/// and not time, since the runtime's clock stands still while nothing comes in or goes out.
const PATIENCE: u32 = 16;

/// The memory of the isolate's hashes: they run one after the other, so one is enough.
pub static MEMORY: Pool = Pool::new(1, Ceilings::WORKER.memory_kib as usize);

thread_local! {
    /// The operations in the queue, by their numbers: the oldest first.
    static QUEUED: RefCell<BTreeMap<u64, Queued>> = const { RefCell::new(BTreeMap::new()) };
    /// The number of the next one.
    static NEXT: Cell<u64> = const { Cell::new(0) };
    /// How many hashes have begun.
    static BEGUN: Cell<u64> = const { Cell::new(0) };
}

struct Queued {
    bucket: Option<u32>,
    since: f64,
    /// Whether it has come to its hash, and waits for its turn.
    waits: bool,
}

/// An operation in the queue, which it leaves when dropped.
pub struct Admitted(u64);

impl Admitted {
    /// Lets an operation of this bucket in, unless the queue or the bucket's share is full.
    pub fn take(bucket: Option<u32>) -> Option<Self> {
        Self::take_at(Date::now(), bucket)
    }

    fn take_at(now: f64, bucket: Option<u32>) -> Option<Self> {
        QUEUED.with_borrow_mut(|queued| {
            queued.retain(|_, other| now - other.since < LONGEST_MILLIS);
            let share = queued.values().filter(|other| other.bucket == bucket).count();
            if queued.len() >= QUEUE || share >= SHARE {
                return None;
            }
            let number = NEXT.replace(NEXT.get().wrapping_add(1));
            queued.insert(number, Queued { bucket, since: now, waits: false });
            Some(Self(number))
        })
    }

    /// Waits until it is this operation's turn, and the event loop has gone round without another
    /// hash beginning.
    ///
    /// Each operation looks for itself: one request of an isolate may not wake another, or its work
    /// would be done, and end, with the wrong request.
    pub async fn turn(&self) {
        let mut passed: u32 = 0;
        loop {
            let begun = BEGUN.get();
            if once_round().await.is_err() {
                Delay::from(Duration::ZERO).await;
            }
            if BEGUN.get() != begun {
                passed = 0;
            } else if self.is_first() || passed >= PATIENCE {
                BEGUN.set(begun.wrapping_add(1));
                return;
            } else {
                passed = passed.saturating_add(1);
            }
        }
    }

    /// Whether no older operation waits for its turn. From now on this one does.
    fn is_first(&self) -> bool {
        QUEUED.with_borrow_mut(|queued| {
            if let Some(own) = queued.get_mut(&self.0) {
                own.waits = true;
            }
            !queued.range(..self.0).any(|(_, older)| older.waits)
        })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        QUEUED.with_borrow_mut(|queued| queued.remove(&self.0));
    }
}

/// Goes once round the event loop, by a byte through a pipe of the runtime. Timers would do, but
/// workerd lets them starve while requests keep coming (docs/decisions/0015).
async fn once_round() -> Result<(), JsValue> {
    let pipe = FixedLengthStream::new(1)?;
    let reader: ReadableStreamDefaultReader = pipe.readable().get_reader().unchecked_into();
    let writer = pipe.writable().get_writer()?;
    // Both are done once the byte is read.
    drop(writer.write_with_chunk(&Uint8Array::new_with_length(1)));
    drop(writer.close());
    JsFuture::from(reader.read()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(now: f64) -> Vec<Admitted> {
        let buckets = (0_u32..).flat_map(|bucket| [Some(bucket); SHARE]);
        let taken: Vec<_> =
            buckets.take(QUEUE).map_while(|bucket| Admitted::take_at(now, bucket)).collect();
        assert_eq!(taken.len(), QUEUE);
        taken
    }

    // SECURITY 106
    #[test]
    fn the_queue_is_bounded_and_room_comes_back() {
        let mut taken = full(0.0);
        assert!(Admitted::take_at(0.0, Some(99)).is_none());
        taken.pop();
        assert!(Admitted::take_at(0.0, Some(99)).is_some());
    }

    // SECURITY 106
    #[test]
    fn an_address_takes_its_share_and_leaves_the_rest_to_others() {
        for bucket in [Some(1), None] {
            let taken: Vec<_> = (0..SHARE).filter_map(|_| Admitted::take_at(0.0, bucket)).collect();
            assert_eq!(taken.len(), SHARE);
            assert!(Admitted::take_at(0.0, bucket).is_none());
            assert!(Admitted::take_at(0.0, Some(2)).is_some());
        }
    }

    #[test]
    fn room_that_was_never_given_back_is_taken_again_after_a_minute() {
        full(0.0).into_iter().for_each(std::mem::forget);
        assert!(Admitted::take_at(LONGEST_MILLIS - 1.0, Some(99)).is_none());
        assert!(Admitted::take_at(LONGEST_MILLIS, Some(99)).is_some());
    }

    #[test]
    fn those_who_wait_come_in_the_order_in_which_they_were_let_in() {
        let [first, second, third] =
            [0.0, 0.0, 0.0].map(|now| Admitted::take_at(now, None).expect("room"));
        // The first one still waits for its batch.
        assert!(second.is_first());
        assert!(!third.is_first());
        assert!(first.is_first());
        assert!(!second.is_first());
        drop(first);
        assert!(second.is_first());
        assert!(!third.is_first());
    }
}
