//! The types a host sees: a step is done or waits for one effect, which is answered by value.
//!
//! A wrong, second or missing reply does not compile:
//!
//! ```compile_fail
//! use authcore::effect::{Batch, Resume, Step};
//! fn twice<T>(resume: Resume<Batch, T>) -> (Step<T>, Step<T>) {
//!     (resume.reply(Ok(vec![])), resume.reply(Ok(vec![])))
//! }
//! ```
//! ```compile_fail
//! use authcore::effect::{Admit, Resume, Step};
//! fn wrong<T>(resume: Resume<Admit, T>) -> Step<T> {
//!     resume.reply(Ok("rows"))
//! }
//! ```

use super::asks::{Admit, HashJob, Mail, RangeQuery, StrengthJob};
use super::batch::Batch;
use super::program::{Asked, Operation, Replied};

/// Where an operation stands. Dropping it abandons the operation: nothing more happens.
#[must_use = "an operation does nothing until its effects are performed"]
pub enum Step<T> {
    /// The operation has ended with this value.
    Done(T),
    /// The operation waits for this effect.
    Perform(Effect<T>),
}

/// What the host is asked to do next.
#[must_use = "an effect must be answered, or the operation is abandoned"]
pub enum Effect<T> {
    /// Run statements against the database: all or nothing.
    Batch(Pending<Batch, T>),
    /// Let the operation in to the queue for a hash, or not.
    Admit(Pending<Admit, T>),
    /// Run [`HashJob::run`], on another thread if the host likes.
    Hash(Pending<HashJob, T>),
    /// Judge the strength of a password.
    Strength(Pending<StrengthJob, T>),
    /// Hand over one mail.
    Deliver(Pending<Mail, T>),
    /// Fetch one range of breached password hashes.
    Fetch(Pending<RangeQuery, T>),
}

/// Why an effect was not performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The host does not do this at all; core does without, where the effect is optional.
    Unsupported,
    /// No room now; nothing was done.
    Busy,
    /// Deadlock or serialization failure that outlived the host's repetitions; nothing was done.
    Conflict,
    /// The effect could not be performed; nothing was done.
    Unavailable,
    /// The connection was lost after the request was sent: it may have been done.
    OutcomeUnknown,
}

/// Something the host can be asked. The set is closed.
pub trait Ask: sealed::Sealed + Send + 'static {
    /// What the host answers with.
    type Reply: Send + 'static;
}

pub(super) mod sealed {
    use super::super::program::{Asked, Replied};
    use super::{Ask, Failure};

    pub trait Sealed: Sized {
        /// This ask as one of the closed set.
        fn into_asked(self) -> Asked;
        /// A reply to this kind of ask, as one of the closed set.
        fn into_replied(reply: Result<<Self as Ask>::Reply, Failure>) -> Replied
        where
            Self: Ask;
        /// The reply, if it answers this kind of ask.
        fn from_replied(replied: Replied) -> Option<Result<<Self as Ask>::Reply, Failure>>
        where
            Self: Ask;
    }
}

/// An ask and the operation that waits for its reply.
#[must_use = "dropping it abandons the operation"]
pub struct Pending<A: Ask, T> {
    ask: A,
    resume: Resume<A, T>,
}

impl<A: Ask, T> Pending<A, T> {
    pub(super) fn new(ask: A, operation: Operation<T>) -> Self {
        Self { ask, resume: Resume { operation, answers: std::marker::PhantomData } }
    }

    /// What is asked.
    pub fn ask(&self) -> &A {
        &self.ask
    }

    /// The ask, to be moved to where it is performed, and the way back.
    pub fn split(self) -> (A, Resume<A, T>) {
        (self.ask, self.resume)
    }
}

/// The way back into an operation. It is used up by the reply.
#[must_use = "dropping it abandons the operation"]
pub struct Resume<A: Ask, T> {
    operation: Operation<T>,
    answers: std::marker::PhantomData<fn(A)>,
}

impl<A: Ask, T> Resume<A, T> {
    /// Answers the ask and runs the operation up to its next effect.
    pub fn reply(self, reply: Result<A::Reply, Failure>) -> Step<T> {
        self.operation.resume(A::into_replied(reply))
    }
}

impl<T> Effect<T> {
    pub(super) fn new(asked: Asked, operation: Operation<T>) -> Self {
        match asked {
            Asked::Batch(ask) => Self::Batch(Pending::new(ask, operation)),
            Asked::Admit(ask) => Self::Admit(Pending::new(ask, operation)),
            Asked::Hash(ask) => Self::Hash(Pending::new(ask, operation)),
            Asked::Strength(ask) => Self::Strength(Pending::new(ask, operation)),
            Asked::Deliver(ask) => Self::Deliver(Pending::new(ask, operation)),
            Asked::Fetch(ask) => Self::Fetch(Pending::new(ask, operation)),
        }
    }

    /// Answers whatever is asked with a failure.
    pub fn fail(self, why: Failure) -> Step<T> {
        match self {
            Self::Batch(pending) => pending.resume.reply(Err(why)),
            Self::Admit(pending) => pending.resume.reply(Err(why)),
            Self::Hash(pending) => pending.resume.reply(Err(why)),
            Self::Strength(pending) => pending.resume.reply(Err(why)),
            Self::Deliver(pending) => pending.resume.reply(Err(why)),
            Self::Fetch(pending) => pending.resume.reply(Err(why)),
        }
    }
}

macro_rules! asks {
    ($($kind:ident($ask:ty) -> $reply:ty;)*) => {$(
        impl sealed::Sealed for $ask {
            fn into_asked(self) -> Asked {
                Asked::$kind(self)
            }
            fn into_replied(reply: Result<$reply, Failure>) -> Replied {
                Replied::$kind(reply)
            }
            fn from_replied(replied: Replied) -> Option<Result<$reply, Failure>> {
                match replied {
                    Replied::$kind(reply) => Some(reply),
                    _ => None,
                }
            }
        }
        impl Ask for $ask {
            type Reply = $reply;
        }
    )*};
}

asks! {
    Batch(Batch) -> Vec<super::Rows>;
    Admit(Admit) -> ();
    Hash(HashJob) -> super::HashOutcome;
    Strength(StrengthJob) -> crate::strength::StrengthVerdict;
    Deliver(Mail) -> ();
    Fetch(RangeQuery) -> super::RangeAnswer;
}
