//! Drives an operation to its end with one effect going wrong.

use authcore::effect::{Ask, Effect, Failure, Host, Mode, Resume, Step};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The effect is not performed, and this is the reply.
    Fails(Failure),
    /// It is performed, and the reply is lost.
    CommittedUnknown,
    /// It is not performed, and nobody knows.
    LostUnknown,
    /// The operation is dropped before the effect is performed.
    DroppedBefore,
    /// The operation is dropped after the effect was performed.
    DroppedAfter,
}

/// All faults.
pub const FAULTS: [Fault; 8] = [
    Fault::Fails(Failure::Unavailable),
    Fault::Fails(Failure::Busy),
    Fault::Fails(Failure::Conflict),
    Fault::Fails(Failure::Unsupported),
    Fault::CommittedUnknown,
    Fault::LostUnknown,
    Fault::DroppedBefore,
    Fault::DroppedAfter,
];

/// The effect that went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A batch that reads.
    Read,
    /// A batch that may write; this many such batches came before it.
    Write(usize),
    /// A question for room.
    Admit,
    /// A hash.
    Hash,
    /// A question for strength.
    Strength,
}

/// What came of it.
pub struct Ended<T> {
    /// The value; none if the operation was dropped.
    pub value: Option<T>,
    /// The effect that went wrong; none if the operation has fewer effects.
    pub hit: Option<Hit>,
}

/// Drives an operation whose effect number `at`, from 0, goes wrong.
pub fn drive_with<T>(mut step: Step<T>, host: &mut dyn Host, at: usize, fault: Fault) -> Ended<T> {
    let mut hit = None;
    let mut writes = 0;
    for number in 0.. {
        let fault = (number == at).then_some(fault);
        let (next, kind) = match step {
            Step::Done(value) => return Ended { value: Some(value), hit },
            Step::Perform(Effect::Batch(pending)) => {
                let (ask, resume) = pending.split();
                let kind = match ask.mode {
                    Mode::Read => Hit::Read,
                    Mode::Write => Hit::Write(writes),
                };
                writes += usize::from(ask.mode == Mode::Write);
                (answer(resume, fault, || host.batch(&ask)), kind)
            }
            Step::Perform(Effect::Admit(pending)) => {
                let (ask, resume) = pending.split();
                (answer(resume, fault, || host.admit(&ask)), Hit::Admit)
            }
            Step::Perform(Effect::Hash(pending)) => {
                let (ask, resume) = pending.split();
                (answer(resume, fault, || host.hash(ask)), Hit::Hash)
            }
            Step::Perform(Effect::Strength(pending)) => {
                let (ask, resume) = pending.split();
                (answer(resume, fault, || host.strength(&ask)), Hit::Strength)
            }
            Step::Perform(other) => (Some(other.fail(Failure::Unsupported)), Hit::Read),
        };
        if fault.is_some() {
            hit = Some(kind);
        }
        match next {
            Some(next) => step = next,
            None => return Ended { value: None, hit },
        }
    }
    unreachable!("an operation ends")
}

/// Replies, with the fault if there is one; nothing if the operation is dropped.
fn answer<A: Ask, T>(
    resume: Resume<A, T>,
    fault: Option<Fault>,
    perform: impl FnOnce() -> Result<A::Reply, Failure>,
) -> Option<Step<T>> {
    match fault {
        None => Some(resume.reply(perform())),
        Some(Fault::Fails(why)) => Some(resume.reply(Err(why))),
        Some(Fault::CommittedUnknown) => {
            perform().ok()?;
            Some(resume.reply(Err(Failure::OutcomeUnknown)))
        }
        Some(Fault::LostUnknown) => Some(resume.reply(Err(Failure::OutcomeUnknown))),
        Some(Fault::DroppedBefore) => None,
        Some(Fault::DroppedAfter) => {
            perform().ok()?;
            None
        }
    }
}
