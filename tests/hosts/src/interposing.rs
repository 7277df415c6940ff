//! A host between core and another: acts before an effect, as a concurrent operation would.

use authcore::effect::{Admit, Batch, Failure, HashJob, HashOutcome, Host, Rows, StrengthJob};
use authcore::strength::StrengthVerdict;

/// The host.
pub struct Interposing<'a, F> {
    host: &'a mut dyn Host,
    before: F,
    effects: usize,
}

impl<'a, F: FnMut(usize)> Interposing<'a, F> {
    /// Calls `before` with the number of each effect, from 0, and passes the effect on.
    pub fn new(host: &'a mut dyn Host, before: F) -> Self {
        Self { host, before, effects: 0 }
    }

    fn next(&mut self) {
        (self.before)(self.effects);
        self.effects += 1;
    }
}

impl<F: FnMut(usize)> Host for Interposing<'_, F> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        self.next();
        self.host.batch(batch)
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        self.next();
        self.host.admit(admit)
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.next();
        self.host.strength(job)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        self.next();
        self.host.hash(job)
    }
}
