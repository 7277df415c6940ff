//! What a host can be asked besides a batch: room for a hash, a hash, and the effects that core
//! can do without.

use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::password::{self, Argon2Params, Password, PasswordHash, Pool};
use crate::time::UnixMillis;

/// Asks to be let in to the queue for a hash. Asked before a try is counted and before anything is
/// hashed.
///
/// Contract: answered at once, by how many operations are in the queue. `Ok` lets this one in,
/// until its hashes are done, which is at its first batch after one, or it ends or is dropped; most
/// leave by a refusal that needs no hash, so no memory is held for it yet.
/// [`super::Failure::Busy`] when the queue is full, or this bucket has taken its share of it. What has
/// been let in is never refused later: its [`HashJob`] waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admit {
    /// Memory the hash will need, in KiB.
    pub memory_kib: u32,
    /// Whose share of the queue is taken: 20 bits of a keyed hash of the client's address. None
    /// where the address is not known; all such clients have one share together.
    pub bucket: Option<u32>,
}

/// One password to hash or to verify: the only CPU-heavy work there is.
///
/// Contract: the host runs as many at once as its memory and cores bear; the others wait their
/// turn. It does not answer [`super::Failure::Busy`]: by now the try is counted. The queue that
/// [`Admit`] has bounded bounds the wait.
pub struct HashJob {
    work: Work,
    ticket: [u8; 16],
}

enum Work {
    Create { password: Password, params: Argon2Params, salt: [u8; 16] },
    Verify { password: Password, stored: PasswordHash, renewal: Option<(Argon2Params, [u8; 16])> },
}

/// The result of a job. Only [`HashJob::run`] makes one.
pub struct HashOutcome {
    result: Result<Hashed, Error>,
    ticket: [u8; 16],
}

/// What a job came to.
pub(crate) enum Hashed {
    /// A new hash.
    Created(PasswordHash),
    /// The password fits, and the hash of today's cost to put in place of the old one, if asked.
    Matched { renewed: Option<PasswordHash> },
    /// The password does not fit.
    Mismatched,
}

impl HashJob {
    /// Hashes a new password. `ticket` ties the outcome to this job.
    #[must_use]
    pub fn create(
        password: Password,
        params: Argon2Params,
        salt: [u8; 16],
        ticket: [u8; 16],
    ) -> Self {
        Self { work: Work::Create { password, params, salt }, ticket }
    }

    /// Verifies a password; if it fits and `renewal` is given, hashes it anew at that cost. If it
    /// does not, and the stored hash is a cheaper one, it does the work that is missing to that
    /// cost: else the time would tell who has an account (SECURITY 56).
    #[must_use]
    pub fn verify(
        password: Password,
        stored: PasswordHash,
        renewal: Option<(Argon2Params, [u8; 16])>,
        ticket: [u8; 16],
    ) -> Self {
        Self { work: Work::Verify { password, stored, renewal }, ticket }
    }

    /// Does the work, on the calling thread. Takes some ten milliseconds of CPU.
    #[must_use]
    pub fn run(self) -> HashOutcome {
        self.run_in(&Pool::none())
    }

    /// As [`HashJob::run`], in memory that the host's pool keeps from one job to the next: to have
    /// it anew costs as much again.
    #[must_use]
    pub fn run_in(self, pool: &Pool) -> HashOutcome {
        let result = match self.work {
            Work::Create { password, params, salt } => {
                password::hash_in(pool, &password, &params, salt).map(Hashed::Created)
            }
            Work::Verify { password, stored, renewal } => {
                let beyond = renewal.and_then(|(params, _)| params.beyond(stored.params()));
                match (password::verify_in(pool, &password, &stored), renewal) {
                    (Err(error), renewal) => mismatched(error).and_then(|outcome| {
                        if let (Some(params), Some((_, salt))) = (beyond, renewal) {
                            drop(password::hash_in(pool, &password, &params, salt)?);
                        }
                        Ok(outcome)
                    }),
                    (Ok(_), None) => Ok(Hashed::Matched { renewed: None }),
                    (Ok(_), Some((params, salt))) => {
                        password::hash_in(pool, &password, &params, salt)
                            .map(|hash| Hashed::Matched { renewed: Some(hash) })
                    }
                }
            }
        };
        HashOutcome { result, ticket: self.ticket }
    }

    /// `create` or `verify`, and the cost: what a transcript records of a job.
    pub(super) fn label(&self) -> String {
        match &self.work {
            Work::Create { params, .. } => format!("create {params}"),
            Work::Verify { stored, renewal, .. } => {
                let renewal = renewal.map_or(String::new(), |(params, _)| {
                    let beyond = params.beyond(stored.params());
                    let beyond = beyond.map_or(String::new(), |more| format!(", else {more}"));
                    format!(", renew {params}{beyond}")
                });
                format!("verify {}{renewal}", stored.params())
            }
        }
    }
}

/// A wrong password is an outcome. A host without memory left is not: nobody is told that a right
/// password is wrong.
fn mismatched(error: Error) -> Result<Hashed, Error> {
    match error.code {
        Code::InvalidCredentials => Ok(Hashed::Mismatched),
        _ => Err(error),
    }
}

/// Names the kind of work and its cost, never the password or the hash.
impl std::fmt::Debug for HashJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HashJob({})", self.label())
    }
}

impl HashOutcome {
    /// The result, if it belongs to the job with this ticket.
    pub(crate) fn of(self, ticket: [u8; 16]) -> Option<Result<Hashed, Error>> {
        (self.ticket == ticket).then_some(self.result)
    }
}

impl std::fmt::Debug for HashOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashOutcome(..)")
    }
}

/// Asks for the strength of a password. Optional.
///
/// Contract: the host gives these three to `authcore_strength::estimate`, and its answer to
/// [`StrengthVerdict::from_json`](crate::strength::StrengthVerdict::from_json).
pub struct StrengthJob {
    /// The first 100 characters of the password.
    pub password: Zeroizing<String>,
    /// What the password should not be made of: names, address, site; see [`StrengthJob::new`].
    pub user_inputs: Vec<String>,
    /// The Gregorian year of the operation, in UTC: years and dates close to it are guessed first.
    pub year: i32,
}

impl StrengthJob {
    /// Asks about a password in the context of some texts (names, address, site), each of which is
    /// taken apart into words. The job is bounded whatever they are.
    #[must_use]
    pub fn new(password: &Password, context: &[&str], now: UnixMillis) -> Self {
        let seen: String = password.expose().chars().take(MAX_CHARACTERS).collect();
        Self {
            password: Zeroizing::new(seen),
            user_inputs: password::context_words(context),
            year: now.year(),
        }
    }
}

/// How many characters of a password are judged (dropbox/zxcvbn#326: time grows with length).
const MAX_CHARACTERS: usize = 100;

impl std::fmt::Debug for StrengthJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StrengthJob(..)")
    }
}

/// One mail to hand over. At least once: the same `idempotency_key` may come again.
pub struct Mail {
    /// Identifies the mail, so that a provider delivers it once.
    pub idempotency_key: String,
    /// The stored address it goes to.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The text body, which may hold a code or a link.
    pub text: Zeroizing<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({})", self.idempotency_key)
    }
}

/// Asks for the breached password hashes that begin with a prefix (k-anonymity). Optional.
#[derive(Clone, PartialEq, Eq)]
pub struct RangeQuery {
    /// The first five hexadecimal digits of the SHA-1 of the password, upper case.
    pub prefix: String,
}

/// The prefix is 20 bits of what is known of a password.
impl std::fmt::Debug for RangeQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RangeQuery(..)")
    }
}

/// The body of the answer: lines of `SUFFIX:COUNT`.
#[derive(Clone, PartialEq, Eq)]
pub struct RangeAnswer {
    /// The lines as received.
    pub body: String,
}

/// The lines tell the prefix that was asked for.
impl std::fmt::Debug for RangeAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RangeAnswer({} bytes)", self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_without_memory_does_not_call_a_password_wrong() {
        assert!(matches!(mismatched(Code::InvalidCredentials.into()), Ok(Hashed::Mismatched)));
        let failed = mismatched(Code::Busy.into());
        assert_eq!(failed.err().map(|error| error.code), Some(Code::Busy));
    }
}
