//! Transcripts: an operation as it happened (request, arrival, asks, replies, response), recorded
//! on one host and replayed on any other, which must give the same bytes (docs/DESIGN §2).
//!
//! A transcript holds everything the operation was given, secrets included: test data only.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::asks::{Admit, HashJob, HashOutcome, StrengthJob};
use super::batch::{Batch, Mode, Rows, Value};
use super::exchange::{Request, Response};
use super::host::Host;
use super::protocol::Failure;
use crate::arrival::{Arrival, Seed};
use crate::error::{Code, Error};
use crate::strength::{StrengthVerdict, Written};
use crate::time::UnixMillis;

/// One operation, from request to response.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// The settings of the service, as variables.
    pub settings: Vec<(String, String)>,
    /// What came in.
    pub request: RecordedRequest,
    /// When, with which seed, from where.
    pub arrival: RecordedArrival,
    /// The effects in order, each with its reply.
    pub effects: Vec<RecordedEffect>,
    /// What went out.
    pub response: RecordedResponse,
}

/// A request; the body in base64.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RecordedRequest {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body_base64: String,
}

/// An arrival; the seed in base64.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RecordedArrival {
    now: i64,
    seed_base64: String,
    peer: Option<std::net::IpAddr>,
}

/// A response; the body in base64.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RecordedResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body_base64: String,
    wake: bool,
}

/// One effect and its reply.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecordedEffect {
    /// Statements, and the rows that came back.
    Batch {
        /// Whether the batch may write.
        write: bool,
        /// The statements in order.
        statements: Vec<RecordedStatement>,
        /// The rows of each statement.
        reply: Reply<Vec<Vec<Vec<Cell>>>>,
    },
    /// Room in the queue for a hash.
    Admit {
        /// Memory of the hash, in KiB.
        memory_kib: u32,
        /// Whose share of the queue was asked for.
        bucket: Option<u32>,
        /// Whether there was room.
        reply: Reply<()>,
    },
    /// A hash. A replay does the work again.
    Hash {
        /// Its kind and cost.
        job: String,
        /// Whether it was done.
        reply: Reply<()>,
    },
    /// The strength of a password, which is in the request.
    Strength {
        /// What it was asked not to be made of.
        user_inputs: Vec<String>,
        /// The year.
        year: i32,
        /// The verdict, as the estimator writes it.
        reply: Reply<Written>,
    },
}

/// One statement and its parameters.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RecordedStatement {
    sql: String,
    params: Vec<Cell>,
}

/// NULL, an integer or text.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Cell {
    /// BIGINT.
    Integer(i64),
    /// TEXT.
    Text(String),
    /// NULL.
    Null(()),
}

/// What the host answered.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Reply<T> {
    /// Performed.
    Done(T),
    /// Not performed: the name of the [`Failure`].
    Failed(String),
}

impl From<&Value> for Cell {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null(()),
            Value::Integer(integer) => Self::Integer(*integer),
            Value::Text(text) => Self::Text(text.clone()),
        }
    }
}

impl From<&Cell> for Value {
    fn from(cell: &Cell) -> Self {
        match cell {
            Cell::Null(()) => Self::Null,
            Cell::Integer(integer) => Self::Integer(*integer),
            Cell::Text(text) => Self::Text(text.clone()),
        }
    }
}

const FAILURES: [(&str, Failure); 5] = [
    ("unsupported", Failure::Unsupported),
    ("busy", Failure::Busy),
    ("conflict", Failure::Conflict),
    ("unavailable", Failure::Unavailable),
    ("outcome_unknown", Failure::OutcomeUnknown),
];

fn recorded<T, R>(reply: &Result<T, Failure>, value: impl FnOnce(&T) -> R) -> Reply<R> {
    match reply {
        Ok(done) => Reply::Done(value(done)),
        Err(why) => Reply::Failed(
            FAILURES.iter().find(|(_, failure)| failure == why).map_or("", |(name, _)| name).into(),
        ),
    }
}

fn replayed<R>(reply: &Reply<R>) -> Result<&R, Failure> {
    match reply {
        Reply::Done(value) => Ok(value),
        Reply::Failed(name) => Err(FAILURES
            .iter()
            .find(|(text, _)| text == name)
            .map_or(Failure::Unavailable, |(_, failure)| *failure)),
    }
}

fn statements(batch: &Batch) -> Vec<RecordedStatement> {
    let recorded = batch.statements.iter().map(|statement| RecordedStatement {
        sql: statement.text().to_owned(),
        params: statement.params.iter().map(Cell::from).collect(),
    });
    recorded.collect()
}

fn decoded(text: &str) -> Result<Vec<u8>, Error> {
    BASE64_STANDARD
        .decode(text)
        .map_err(|_| Error::new(Code::MalformedRequest, "transcript: not base64"))
}

impl RecordedRequest {
    /// Records a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let header = |(name, value): &(String, Vec<u8>)| {
            (name.clone(), String::from_utf8_lossy(value).into_owned())
        };
        Self {
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.iter().map(header).collect(),
            body_base64: BASE64_STANDARD.encode(&request.body),
        }
    }

    /// The request again.
    ///
    /// # Errors
    /// [`Code::MalformedRequest`] if the body is not base64.
    pub fn request(&self) -> Result<Request, Error> {
        let header = |(name, value): &(String, String)| (name.clone(), value.as_bytes().to_vec());
        Ok(Request {
            method: self.method.clone(),
            target: self.target.clone(),
            headers: self.headers.iter().map(header).collect(),
            body: decoded(&self.body_base64)?,
        })
    }
}

impl RecordedArrival {
    /// Records an arrival. The seed is copied: this is for tests.
    #[must_use]
    pub fn of(now: UnixMillis, seed: [u8; 32], peer: Option<std::net::IpAddr>) -> Self {
        Self { now: now.as_millis(), seed_base64: BASE64_STANDARD.encode(seed), peer }
    }

    /// The arrival again.
    ///
    /// # Errors
    /// If the seed is not 32 bytes in base64, or all zeros.
    pub fn arrival(&self) -> Result<Arrival, Error> {
        let seed = Seed::from_slice(&decoded(&self.seed_base64)?)?;
        Ok(Arrival { now: UnixMillis::new(self.now), seed, peer: self.peer })
    }
}

impl RecordedResponse {
    /// Records a response.
    #[must_use]
    pub fn of(response: &Response) -> Self {
        let header = |(name, value): &(&'static str, String)| ((*name).to_owned(), value.clone());
        Self {
            status: response.status,
            headers: response.headers.iter().map(header).collect(),
            body_base64: BASE64_STANDARD.encode(&response.body),
            wake: response.wake,
        }
    }
}

/// A host that performs effects by another and writes down what happened.
pub struct Recorder<'a, H: ?Sized> {
    host: &'a mut H,
    effects: Vec<RecordedEffect>,
}

impl<'a, H: Host + ?Sized> Recorder<'a, H> {
    /// Records what `host` is asked and answers.
    pub fn new(host: &'a mut H) -> Self {
        Self { host, effects: Vec::new() }
    }

    /// What happened so far.
    #[must_use]
    pub fn into_effects(self) -> Vec<RecordedEffect> {
        self.effects
    }
}

impl<H: Host + ?Sized> Host for Recorder<'_, H> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        let reply = self.host.batch(batch);
        let cells = |rows: &Rows| -> Vec<Vec<Cell>> {
            rows.iter().map(|row| row.iter().map(Cell::from).collect()).collect()
        };
        self.effects.push(RecordedEffect::Batch {
            write: batch.mode == Mode::Write,
            statements: statements(batch),
            reply: recorded(&reply, |all| all.iter().map(cells).collect()),
        });
        reply
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        let reply = self.host.admit(admit);
        let &Admit { memory_kib, bucket } = admit;
        let reply_text = recorded(&reply, |()| ());
        self.effects.push(RecordedEffect::Admit { memory_kib, bucket, reply: reply_text });
        reply
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        let reply = self.host.strength(job);
        self.effects.push(RecordedEffect::Strength {
            user_inputs: job.user_inputs.clone(),
            year: job.year,
            reply: recorded(&reply, Written::of),
        });
        reply
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        let label = job.label();
        let reply = self.host.hash(job);
        let reply_text = recorded(&reply, |_| ());
        self.effects.push(RecordedEffect::Hash { job: label, reply: reply_text });
        reply
    }
}

/// A host that answers from a transcript and notes the first ask that differs from it.
pub struct Replay<'a> {
    left: std::slice::Iter<'a, RecordedEffect>,
    difference: Option<String>,
}

impl<'a> Replay<'a> {
    /// Answers from these effects, in order.
    #[must_use]
    pub fn new(effects: &'a [RecordedEffect]) -> Self {
        Self { left: effects.iter(), difference: None }
    }

    /// The first difference: an ask that was not recorded so, or one that was and did not come.
    #[must_use]
    pub fn difference(mut self) -> Option<String> {
        let left = self.left.len();
        self.difference
            .take()
            .or_else(|| (left > 0).then(|| format!("{left} recorded effects did not come")))
    }

    fn differs(&mut self, asked: &str) -> Failure {
        let text = format!("{asked} is not what was recorded");
        self.difference.get_or_insert(text);
        Failure::Unavailable
    }
}

impl Host for Replay<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        match self.left.next() {
            Some(RecordedEffect::Batch { write, statements: recorded, reply })
                if *write == (batch.mode == Mode::Write) && *recorded == statements(batch) =>
            {
                let rows = |rows: &Vec<Vec<Cell>>| -> Rows {
                    rows.iter().map(|row| row.iter().map(Value::from).collect()).collect()
                };
                replayed(reply).map(|all| all.iter().map(rows).collect())
            }
            _ => Err(self.differs("a batch")),
        }
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        match self.left.next() {
            Some(RecordedEffect::Admit { memory_kib, bucket, reply })
                if (*memory_kib, *bucket) == (admit.memory_kib, admit.bucket) =>
            {
                replayed(reply).copied()
            }
            _ => Err(self.differs("an admission")),
        }
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        match self.left.next() {
            Some(RecordedEffect::Strength { user_inputs, year, reply })
                if *user_inputs == job.user_inputs && *year == job.year =>
            {
                StrengthVerdict::of(replayed(reply)?).ok_or(Failure::Unavailable)
            }
            _ => Err(self.differs("a question for strength")),
        }
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        match self.left.next() {
            Some(RecordedEffect::Hash { job: label, reply }) if *label == job.label() => {
                replayed(reply)?;
                Ok(job.run())
            }
            _ => Err(self.differs("a hash")),
        }
    }
}
