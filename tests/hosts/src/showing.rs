//! A host that writes down, as a careless log would, each effect it passes on and each reply.

use std::fmt::{Debug, Write as _};

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Mail, RangeAnswer, RangeQuery, Rows,
    StrengthJob,
};
use authcore::strength::StrengthVerdict;

/// The host.
pub struct Showing<'a> {
    host: &'a mut dyn Host,
    /// What `{:?}` and `{:#?}` made of each effect and reply.
    pub shown: String,
}

impl<'a> Showing<'a> {
    /// Shows what is asked of `host`, and what it answers.
    pub fn new(host: &'a mut dyn Host) -> Self {
        Self { host, shown: String::new() }
    }

    fn show(&mut self, value: &impl Debug) {
        writeln!(self.shown, "{value:?} {value:#?}").expect("memory");
    }

    fn replied<T: Debug>(&mut self, reply: Result<T, Failure>) -> Result<T, Failure> {
        self.show(&reply);
        reply
    }
}

impl Host for Showing<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        self.show(batch);
        let reply = self.host.batch(batch);
        self.replied(reply)
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        self.show(admit);
        let reply = self.host.admit(admit);
        self.replied(reply)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        self.show(&job);
        let reply = self.host.hash(job);
        self.replied(reply)
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.show(job);
        let reply = self.host.strength(job);
        self.replied(reply)
    }

    fn deliver(&mut self, mail: &Mail) -> Result<(), Failure> {
        self.show(mail);
        let reply = self.host.deliver(mail);
        self.replied(reply)
    }

    fn fetch(&mut self, query: &RangeQuery) -> Result<RangeAnswer, Failure> {
        self.show(query);
        let reply = self.host.fetch(query);
        self.replied(reply)
    }
}
