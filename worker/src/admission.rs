//! The queue for hashes. A hash blocks its isolate, so one runs at a time by itself; what is left
//! to do is to bound the queue, to keep its order, and to let other requests in between two hashes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use authcore::password::{Ceilings, Pool};
use worker::Delay;
use worker::js_sys::Date;

/// How many operations may be on their way to a hash. Each waits for the hashes of at most that
/// many, which is some two seconds, and holds its request meanwhile: two megabytes for all of them.
const QUEUE: usize = 24;

/// How many of them may come from one address (docs/decisions/0015).
const SHARE: usize = 8;

/// An operation that is older was ended by the runtime without a word: Cloudflare lets one outlive
/// its client by 30 seconds.
const LONGEST_MILLIS: f64 = 60_000.0;

/// So was one that let so many rounds go by in which it could have begun: the others go on. Rounds
/// and not time, since the runtime's clock stands still while nothing comes in or goes out.
const PATIENCE: u32 = 48;

/// Requests of one round that make a crowd. The runtime reads 16 events a round: with a hash in
/// each, whoever comes behind 200 others would wait for a dozen hashes.
const CROWD: u64 = 8;

/// How many rounds a crowd is let in before the next hash. One that keeps coming waits with the
/// rest from then on.
const CROWDED_ROUNDS: u32 = 16;

/// How many rounds go by between two hashes. In one a connection is taken, in another its request is
/// read: with a hash after each, whoever is new would wait for several.
const ROUNDS: u32 = 3;

/// How many answers go out at once between two hashes; those after them wait for a round.
const AT_ONCE: u32 = 4;

/// The memory of the isolate's hashes: they run one after the other, so one is enough.
pub static MEMORY: Pool = Pool::new(1, Ceilings::WORKER.memory_kib as usize);

thread_local! {
    /// The operations in the queue, by their numbers: the oldest first.
    static QUEUED: RefCell<BTreeMap<u64, Queued>> = const { RefCell::new(BTreeMap::new()) };
    /// The number of the next one.
    static NEXT: Cell<u64> = const { Cell::new(0) };
    /// How many hashes have begun.
    static BEGUN: Cell<u64> = const { Cell::new(0) };
    /// How many answers have gone out since.
    static ANSWERED: Cell<u32> = const { Cell::new(0) };
    /// How many requests have come.
    static COME: Cell<u64> = const { Cell::new(0) };
    /// For how many rounds on end a crowd has been let in before a hash.
    static CROWDED: Cell<u32> = const { Cell::new(0) };
}

struct Queued {
    bucket: Option<u32>,
    since: f64,
    /// Whether it has come to a hash, and waits for its turn.
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

    /// Waits until it is this operation's turn, and the event loop has gone round a few times
    /// without another hash beginning.
    ///
    /// Each operation looks for itself: one request of an isolate may not wake another, or its work
    /// would be done, and end, with the wrong request.
    pub async fn turn(&self) {
        self.waits(true);
        let (mut rounds, mut passed): (u32, u32) = (0, 0);
        loop {
            let (begun, come) = (BEGUN.get(), COME.get());
            once_round().await;
            if BEGUN.get() != begun {
                (rounds, passed) = (0, 0);
                continue;
            }
            rounds = rounds.saturating_add(1);
            if !self.is_first() && passed < PATIENCE {
                passed = passed.saturating_add(1);
            } else if has_room_after(rounds, COME.get().wrapping_sub(come)) {
                BEGUN.set(begun.wrapping_add(1));
                ANSWERED.set(0);
                self.waits(false);
                return;
            }
        }
    }

    /// Whether from now on this operation waits for its turn, and others give way.
    fn waits(&self, waits: bool) {
        QUEUED.with_borrow_mut(|queued| {
            if let Some(own) = queued.get_mut(&self.0) {
                own.waits = waits;
            }
        });
    }

    /// Whether no older operation waits for its turn.
    fn is_first(&self) -> bool {
        QUEUED.with_borrow(|queued| !queued.range(..self.0).any(|(_, older)| older.waits))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        QUEUED.with_borrow_mut(|queued| queued.remove(&self.0));
    }
}

/// Whether a hash may begin after so many rounds without one, if so many requests came in the last.
fn has_room_after(rounds: u32, come: u64) -> bool {
    let crowded = CROWDED.get();
    if come < CROWD {
        CROWDED.set(0);
    } else if crowded < CROWDED_ROUNDS {
        CROWDED.set(crowded.saturating_add(1));
        return false;
    }
    rounds >= ROUNDS
}

/// Counts a request.
pub fn come() {
    COME.set(COME.get().wrapping_add(1));
}

/// Lets an answer wait for a round, if many have gone out since the last hash and another waits.
///
/// The runtime looks at its timers, and at its connections, only when nothing else is left to do.
/// Clients that ask again at once would leave it no such moment: no hash would get its turn, and no
/// new connection be read (docs/decisions/0015).
pub async fn give_way() {
    let answered = ANSWERED.get();
    ANSWERED.set(answered.saturating_add(1));
    let waits = || QUEUED.with_borrow(|queued| queued.values().any(|other| other.waits));
    if answered >= AT_ONCE && waits() {
        once_round().await;
    }
}

/// Goes once round the event loop, past whatever has come in meanwhile.
async fn once_round() {
    Delay::from(Duration::ZERO).await;
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

    // SECURITY 106
    #[test]
    fn a_crowd_is_let_in_before_a_hash_but_not_for_ever() {
        assert!(has_room_after(ROUNDS, CROWD - 1));
        assert!((0..CROWDED_ROUNDS).all(|_| !has_room_after(ROUNDS, CROWD)));
        // It keeps coming: it holds up no hash more, until there was a round without a crowd.
        assert!((0..100).all(|_| has_room_after(ROUNDS, CROWD)));
        assert!(has_room_after(ROUNDS, 0));
        assert!(!has_room_after(ROUNDS, CROWD));
    }

    // SECURITY 106
    #[test]
    fn some_rounds_go_by_between_two_hashes() {
        assert!((0..ROUNDS).all(|rounds| !has_room_after(rounds, 0)));
        assert!(has_room_after(ROUNDS, 0));
    }

    #[test]
    fn those_who_wait_come_in_the_order_in_which_they_were_let_in() {
        let [first, second, third] =
            [0.0, 0.0, 0.0].map(|now| Admitted::take_at(now, None).expect("room"));
        // The first one still waits for its batch.
        second.waits(true);
        third.waits(true);
        assert!(second.is_first());
        assert!(!third.is_first());
        first.waits(true);
        assert!(first.is_first());
        assert!(!second.is_first());
        // Between its two hashes it holds nobody up, and comes first again.
        first.waits(false);
        assert!(second.is_first());
        first.waits(true);
        assert!(!second.is_first());
        drop(first);
        assert!(second.is_first());
        assert!(!third.is_first());
    }
}
