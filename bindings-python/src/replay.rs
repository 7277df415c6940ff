//! What only builds for tests have: transcripts replayed, and an operation that panics.

use authcore::effect::{Response, Step};
use pyo3::exceptions::PyAssertionError;
use pyo3::prelude::*;

use crate::hashing::Queue;
use crate::operation::Operation;

/// Replays a transcript, given as JSON text; raises with what differs.
#[pyfunction]
#[pyo3(signature = (transcript, /))]
pub fn replay(transcript: &str) -> PyResult<()> {
    authcore::api::replay(transcript).map_err(PyAssertionError::new_err)
}

/// An operation in which core fails, as no input makes it fail.
#[pyfunction]
#[expect(clippy::panic, reason = "the fault that is asked for")]
pub fn fault(py: Python<'_>) -> Operation {
    let broken = || -> Step<Response> { panic!("a fault of core") };
    Operation::start(py, &Queue::new(None), broken)
}
