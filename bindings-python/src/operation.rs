//! One operation of the service: Python performs its batches, everything else is done here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authcore::effect::{
    Abandoned, Batch, Effect, Failure, Response, Resume, Rows, Step, StrengthJob,
};
use authcore::error::Error;
use authcore::service::{Outcome, SignedIn};
use authcore::strength::StrengthVerdict;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::Raised;
use crate::exchange::{PyResponse, PyRingKey, PySignedIn};
use crate::hashing::{Admitted, MEMORY, Queue};
use crate::rows::{self, PyBatch};

/// The names of failures that a database can have.
const FAILURES: [(&str, Failure); 4] = [
    ("busy", Failure::Busy),
    ("conflict", Failure::Conflict),
    ("unavailable", Failure::Unavailable),
    ("outcome_unknown", Failure::OutcomeUnknown),
];

/// What an operation ends with, for Python.
pub trait Answer: Abandoned + Send + 'static {
    /// The value, or the exception.
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

impl Answer for Response {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyResponse(self).into_py_any(py)
    }
}

impl Answer for Result<SignedIn, Error> {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PySignedIn(self.map_err(Raised::from)?).into_py_any(py)
    }
}

impl Answer for Result<Outcome, Error> {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.map_err(Raised::from)? {
            Outcome::Migrated { version } => version.into_py_any(py),
            Outcome::RingKeys(keys) => {
                let keys: Vec<_> = keys.into_iter().map(PyRingKey).collect();
                keys.into_py_any(py)
            }
            _ => Ok(py.None()),
        }
    }
}

/// An operation that has ended, or waits for a batch.
enum Paused<T> {
    Batch(Batch, Resume<Batch, T>),
    Done(T),
}

/// [`Paused`], whatever it ends with.
trait Running: Send {
    fn batch(&self) -> Option<&Batch>;
    fn reply(
        self: Box<Self>,
        reply: Result<Vec<Rows>, Failure>,
        hashing: &mut Hashing,
    ) -> Box<dyn Running>;
    fn result(self: Box<Self>, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

impl<T: Answer> Running for Paused<T> {
    fn batch(&self) -> Option<&Batch> {
        match self {
            Self::Batch(batch, _) => Some(batch),
            Self::Done(_) => None,
        }
    }

    fn reply(
        self: Box<Self>,
        reply: Result<Vec<Rows>, Failure>,
        hashing: &mut Hashing,
    ) -> Box<dyn Running> {
        match *self {
            Self::Batch(_, resume) => Box::new(advance(|| resume.reply(reply), hashing)),
            done @ Self::Done(_) => Box::new(done),
        }
    }

    fn result(self: Box<Self>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match *self {
            Self::Done(value) => value.into_python(py),
            Self::Batch(..) => Err(PyRuntimeError::new_err("the operation waits for a batch")),
        }
    }
}

/// Where this operation's hashes wait for their turns.
struct Hashing {
    queue: Arc<Queue>,
    /// Kept until they are done, or the operation is.
    admitted: Option<Admitted>,
    hashed: bool,
}

/// Runs an operation on to its next batch or its end. A panic ends it as core says.
fn advance<T: Answer>(first: impl FnOnce() -> Step<T>, hashing: &mut Hashing) -> Paused<T> {
    let paused = catch_unwind(AssertUnwindSafe(|| {
        let mut step = first();
        loop {
            step = match step {
                Step::Done(value) => {
                    hashing.admitted = None;
                    return Paused::Done(value);
                }
                Step::Perform(Effect::Batch(pending)) => {
                    if hashing.hashed {
                        hashing.admitted = None;
                    }
                    let (batch, resume) = pending.split();
                    return Paused::Batch(batch, resume);
                }
                Step::Perform(Effect::Admit(pending)) => {
                    let (admit, resume) = pending.split();
                    let admitted = hashing.queue.admit(admit.bucket);
                    resume.reply(admitted.map(|admitted| hashing.admitted = Some(admitted)))
                }
                Step::Perform(Effect::Hash(pending)) => {
                    let (job, resume) = pending.split();
                    let place = hashing.queue.turn();
                    let outcome = job.run_in(&MEMORY);
                    drop(place);
                    hashing.hashed = true;
                    resume.reply(Ok(outcome))
                }
                Step::Perform(Effect::Strength(pending)) => {
                    let (job, resume) = pending.split();
                    resume.reply(strength(&job))
                }
                Step::Perform(other) => other.fail(Failure::Unsupported),
            }
        }
    }));
    paused.unwrap_or_else(|_| Paused::Done(T::abandoned()))
}

fn strength(job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
    let verdict = authcore_strength::estimate(&job.password, &job.user_inputs, job.year);
    StrengthVerdict::from_json(&verdict.to_json()).ok_or(Failure::Unavailable)
}

/// An operation, driven by `authcore._loop`.
#[pyclass(frozen, module = "authcore._authcore")]
pub struct Operation(Mutex<Option<(Box<dyn Running>, Hashing)>>);

impl Operation {
    /// Starts an operation.
    pub fn start<T: Answer>(
        py: Python<'_>,
        queue: &Arc<Queue>,
        first: impl FnOnce() -> Step<T> + Send,
    ) -> Self {
        let mut hashing = Hashing { queue: Arc::clone(queue), admitted: None, hashed: false };
        // Other threads run meanwhile: there may be a wait for a turn in here.
        let paused = py.detach(|| advance(first, &mut hashing));
        Self(Mutex::new(Some((Box::new(paused), hashing))))
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Box<dyn Running>, Hashing)>> {
        // Held for a move only.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, py: Python<'_>, reply: Result<Vec<Rows>, Failure>) -> PyResult<()> {
        let (running, mut hashing) = self.lock().take().ok_or_else(ended)?;
        let running = py.detach(|| running.reply(reply, &mut hashing));
        *self.lock() = Some((running, hashing));
        Ok(())
    }
}

fn ended() -> PyErr {
    PyRuntimeError::new_err("the operation has ended")
}

#[pymethods]
impl Operation {
    /// The batch that the operation waits for; none if it has come to its result.
    fn batch(&self, py: Python<'_>) -> PyResult<Option<PyBatch>> {
        let lock = self.lock();
        let (running, _) = lock.as_ref().ok_or_else(ended)?;
        running.batch().map(|batch| rows::batch(py, batch)).transpose()
    }

    /// Answers the batch with the rows of each statement.
    fn reply(&self, py: Python<'_>, rows: Vec<Vec<Bound<'_, PyTuple>>>) -> PyResult<()> {
        // Rows that are none of ours: whatever the batch did is done.
        let rows = rows::rows(rows).map_err(|_| Failure::OutcomeUnknown);
        self.answer(py, rows)
    }

    /// Answers the batch with the name of a failure.
    fn fail(&self, py: Python<'_>, failure: &str) -> PyResult<()> {
        let known = FAILURES.iter().find(|(name, _)| *name == failure);
        let (_, failure) = known.ok_or_else(|| PyValueError::new_err("no such failure"))?;
        self.answer(py, Err(*failure))
    }

    /// What the operation came to; raises its error.
    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (running, _) = self.lock().take().ok_or_else(ended)?;
        running.result(py)
    }

    /// Drops whatever is left of the operation, which leaves the queue for hashes.
    fn abandon(&self) {
        let left = self.lock().take();
        drop(left);
    }
}
