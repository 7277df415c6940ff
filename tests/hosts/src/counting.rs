//! A host that counts the effects it passes on to another.

use authcore::effect::{Admit, Batch, Failure, HashJob, HashOutcome, Host, Rows, StrengthJob};
use authcore::strength::StrengthVerdict;

/// How many effects there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Batches.
    pub batches: usize,
    /// Statements of all batches.
    pub statements: usize,
    /// Questions whether there is room.
    pub admits: usize,
    /// Hashes.
    pub hashes: usize,
    /// Questions for strength.
    pub strengths: usize,
}

/// The host.
pub struct Counting<'a> {
    host: &'a mut dyn Host,
    /// What was counted.
    pub counts: Counts,
}

impl<'a> Counting<'a> {
    /// Counts what is asked of `host`.
    pub fn new(host: &'a mut dyn Host) -> Self {
        Self { host, counts: Counts::default() }
    }
}

impl Host for Counting<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        self.counts.batches += 1;
        self.counts.statements += batch.statements.len();
        self.host.batch(batch)
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        self.counts.admits += 1;
        self.host.admit(admit)
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.counts.strengths += 1;
        self.host.strength(job)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        self.counts.hashes += 1;
        self.host.hash(job)
    }
}
