//! The shortest way to be a host: a trait with one method per effect, and the loop that drives it.

use super::asks::{Admit, HashJob, HashOutcome, Mail, RangeAnswer, RangeQuery, StrengthJob};
use super::batch::{Batch, Rows};
use super::protocol::{Effect, Failure, Step};
use crate::strength::StrengthVerdict;

/// A host that performs effects one after the other on the thread that drives the operation.
/// The effects that core can do without answer [`Failure::Unsupported`] unless overridden.
pub trait Host {
    /// Runs the statements, all or nothing. See [`Batch`] for the contract.
    ///
    /// # Errors
    /// Any [`Failure`]; `OutcomeUnknown` if the batch may have been committed.
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure>;

    /// Lets the operation in to the queue for a hash. See [`Admit`] for the contract.
    ///
    /// # Errors
    /// [`Failure::Busy`] if there is no room in it.
    fn admit(&mut self, _: &Admit) -> Result<(), Failure> {
        Ok(())
    }

    /// Runs the job, when it is its turn. See [`HashJob`] for the contract.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] if it could not be run.
    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        Ok(job.run())
    }

    /// Judges the strength of a password.
    ///
    /// # Errors
    /// [`Failure::Unsupported`] unless overridden.
    fn strength(&mut self, _: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        Err(Failure::Unsupported)
    }

    /// Hands over one mail.
    ///
    /// # Errors
    /// [`Failure::Unsupported`] unless overridden.
    fn deliver(&mut self, _: &Mail) -> Result<(), Failure> {
        Err(Failure::Unsupported)
    }

    /// Fetches one range of breached password hashes.
    ///
    /// # Errors
    /// [`Failure::Unsupported`] unless overridden.
    fn fetch(&mut self, _: &RangeQuery) -> Result<RangeAnswer, Failure> {
        Err(Failure::Unsupported)
    }
}

/// Drives an operation to its end.
pub fn drive<T>(mut step: Step<T>, host: &mut (impl Host + ?Sized)) -> T {
    loop {
        step = match step {
            Step::Done(value) => return value,
            Step::Perform(Effect::Batch(pending)) => {
                let (ask, resume) = pending.split();
                resume.reply(host.batch(&ask))
            }
            Step::Perform(Effect::Admit(pending)) => {
                let (ask, resume) = pending.split();
                resume.reply(host.admit(&ask))
            }
            Step::Perform(Effect::Hash(pending)) => {
                let (job, resume) = pending.split();
                resume.reply(host.hash(job))
            }
            Step::Perform(Effect::Strength(pending)) => {
                let (ask, resume) = pending.split();
                resume.reply(host.strength(&ask))
            }
            Step::Perform(Effect::Deliver(pending)) => {
                let (ask, resume) = pending.split();
                resume.reply(host.deliver(&ask))
            }
            Step::Perform(Effect::Fetch(pending)) => {
                let (ask, resume) = pending.split();
                resume.reply(host.fetch(&ask))
            }
        };
    }
}
