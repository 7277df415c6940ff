//! The machinery under the protocol: a boxed future, polled by hand, and a slot for one effect.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::asks::{Admit, HashJob, HashOutcome, Mail, RangeAnswer, RangeQuery, StrengthJob};
use super::batch::{Batch, Rows};
use super::protocol::{Ask, Effect, Failure, Step};
use crate::strength::StrengthVerdict;

/// One ask of the closed set.
pub enum Asked {
    Batch(Batch),
    Admit(Admit),
    Hash(HashJob),
    Strength(StrengthJob),
    Deliver(Mail),
    Fetch(RangeQuery),
}

/// The reply to an ask of the closed set.
pub enum Replied {
    Batch(Result<Vec<Rows>, Failure>),
    Admit(Result<(), Failure>),
    Hash(Result<HashOutcome, Failure>),
    Strength(Result<StrengthVerdict, Failure>),
    Deliver(Result<(), Failure>),
    Fetch(Result<RangeAnswer, Failure>),
}

#[derive(Default)]
struct Exchange {
    asked: Option<Asked>,
    replied: Option<Replied>,
}

/// Room for the one effect in flight, between an operation and whoever drives it.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Exchange>>);

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Exchange> {
        // The lock is held for a move only; a panic elsewhere leaves nothing half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that says "the operation ended in a fault of core": no input leads there.
pub trait Abandoned {
    /// The answer to a fault of core.
    fn abandoned() -> Self;
}

impl<T> Abandoned for Result<T, crate::error::Error> {
    fn abandoned() -> Self {
        Err(crate::error::Code::Internal.into())
    }
}

/// An operation that waits for a reply.
pub(super) struct Operation<T> {
    future: Pin<Box<dyn Future<Output = T> + Send>>,
    slot: Slot,
    abandoned: fn() -> T,
}

impl<T> Operation<T> {
    pub(super) fn resume(self, replied: Replied) -> Step<T> {
        self.slot.lock().replied = Some(replied);
        self.advance()
    }

    fn advance(mut self) -> Step<T> {
        let poll = self.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(value) = poll {
            return Step::Done(value);
        }
        let asked = self.slot.lock().asked.take();
        match asked {
            Some(asked) => Step::Perform(Effect::new(asked, self)),
            // Only a use case that awaits something else than an effect gets here.
            None => Step::Done((self.abandoned)()),
        }
    }
}

/// Starts a use case and runs it up to its first effect.
pub fn start<T, F, P>(program: P) -> Step<T>
where
    T: Abandoned,
    F: Future<Output = T> + Send + 'static,
    P: FnOnce(Effects) -> F,
{
    let slot = Slot::default();
    let future = Box::pin(program(Effects { slot: slot.clone() }));
    Operation { future, slot, abandoned: T::abandoned }.advance()
}

/// What a use case awaits. It is borrowed for as long as an effect is in flight, so that two at
/// once do not compile:
///
/// ```compile_fail
/// # use authcore::effect::{Admit, Effects};
/// async fn two(fx: &mut Effects) {
///     let first = fx.perform(Admit { memory_kib: 1, bucket: None });
///     let second = fx.perform(Admit { memory_kib: 1, bucket: None });
///     let _ = (first.await, second.await);
/// }
/// ```
pub struct Effects {
    slot: Slot,
}

impl Effects {
    /// Asks the host and waits for its reply.
    pub fn perform<A: Ask + Unpin>(
        &mut self,
        ask: A,
    ) -> impl Future<Output = Result<A::Reply, Failure>> + Send {
        Performing { effects: self, ask: Some(ask) }
    }
}

struct Performing<'a, A> {
    effects: &'a mut Effects,
    ask: Option<A>,
}

impl<A: Ask + Unpin> Future for Performing<'_, A> {
    type Output = Result<A::Reply, Failure>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(ask) = self.ask.take() {
            self.effects.slot.lock().asked = Some(ask.into_asked());
            return Poll::Pending;
        }
        match self.effects.slot.lock().replied.take() {
            // `Resume` carries the type of the ask, so a reply of another kind cannot be made.
            Some(replied) => {
                Poll::Ready(A::from_replied(replied).unwrap_or(Err(Failure::Conflict)))
            }
            None => Poll::Pending,
        }
    }
}
