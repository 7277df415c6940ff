//! What only builds for tests have: transcripts replayed, and an operation that panics.

use authcore::effect::{Effects, Response, start};
use pyo3::exceptions::PyAssertionError;
use pyo3::prelude::*;

use crate::hashing::Places;
use crate::operation::Operation;

/// Replays a transcript, given as JSON text; raises with what differs.
#[pyfunction]
#[pyo3(signature = (transcript, /))]
pub fn replay(transcript: &str) -> PyResult<()> {
    authcore::api::replay(transcript).map_err(PyAssertionError::new_err)
}

/// An operation in which core fails, as no input makes it fail.
#[pyfunction]
#[pyo3(signature = (secret, /))]
#[expect(clippy::panic, reason = "the fault that is asked for")]
pub fn fault(py: Python<'_>, secret: String) -> Operation {
    let broken = move |_: Effects| async move {
        // What a panic holds must not come out.
        std::panic::panic_any::<String>(secret);
        #[expect(unreachable_code, reason = "gives the operation its type")]
        Response::internal_error()
    };
    Operation::start(py, &Places::new(None), || start(broken))
}
