//! What only builds for tests have: transcripts replayed, signatures of what is no token, and an
//! operation that panics.

use authcore::effect::{Response, Step};
use authcore::jwt::VerifyingKey;
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

/// Whether an Ed25519 key, given as its point, has signed the message.
#[pyfunction]
#[pyo3(signature = (point, message, signature, /))]
pub fn holds(point: [u8; 32], message: &[u8], signature: &[u8]) -> bool {
    VerifyingKey::ed25519(&point).is_ok_and(|key| key.holds(message, signature))
}

/// An operation in which core fails, as no input makes it fail.
#[pyfunction]
#[expect(clippy::panic, reason = "the fault that is asked for")]
pub fn fault(py: Python<'_>) -> Operation {
    let broken = || -> Step<Response> { panic!("a fault of core") };
    Operation::start(py, &Queue::new(None), broken)
}
