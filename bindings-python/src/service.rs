//! The service, as the Python part of the package drives it.

use std::sync::Arc;

use authcore::api::{KeptDocuments, log_line};
use authcore::arrival::{Arrival, Seed};
use authcore::effect::{Keep, Step};
use authcore::service::{Command, Service};
use authcore::time::UnixMillis;
use pyo3::prelude::*;

use crate::errors::Raised;
use crate::exchange::{PyHeaders, PyRequest, PyResponse, headers};
use crate::hashing::Queue;
use crate::operation::Operation;
use crate::settings::PySettings;

/// The service of one tenant, without its database. Moments are Unix milliseconds, seeds 32 bytes.
#[pyclass(frozen, module = "authcore._authcore")]
pub struct Core {
    service: Arc<Service>,
    queue: Arc<Queue>,
    kept: KeptDocuments,
}

#[pymethods]
impl Core {
    #[new]
    fn new(settings: &PySettings) -> Self {
        Self {
            service: settings.service(),
            queue: Queue::new(settings.hashes_at_once()),
            kept: KeptDocuments::new(),
        }
    }

    /// Answers one HTTP request.
    fn handle(
        &self,
        py: Python<'_>,
        request: &PyRequest,
        now: i64,
        seed: &[u8],
    ) -> PyResult<Operation> {
        let at = Arrival { peer: request.peer(), ..arrival(now, seed)? };
        let request = request.request();
        Ok(Operation::start(py, &self.queue, || {
            match self.kept.answer(&self.service, &request, at.now) {
                Some(response) => Step::Done(response),
                None => self.service.handle(request, at),
            }
        }))
    }

    /// Keeps the copy that a response says may be kept, if it does.
    fn keep(&self, response: &PyResponse) {
        if let Some(Keep { name, copy, .. }) = response.0.keep.clone() {
            self.kept.keep(name, copy);
        }
    }

    /// The line of JSON that a log keeps of a request: no secret, no address.
    fn log_line(&self, request: &PyRequest, response: &PyResponse, now: i64) -> String {
        let (method, target) = request.request().line();
        log_line(&self.service, (&method, &target), &response.0, UnixMillis::new(now))
    }

    /// Authenticates what a request to another route presents in its headers.
    fn authenticate(
        &self,
        py: Python<'_>,
        headers: PyHeaders<'_>,
        now: i64,
        seed: &[u8],
    ) -> PyResult<Operation> {
        let at = arrival(now, seed)?;
        let headers = self::headers(headers);
        let presented = self.service.presented(&headers).map_err(Raised::from)?;
        Ok(Operation::start(py, &self.queue, || self.service.authenticate(presented, at)))
    }

    /// Brings the schema to this build's version.
    fn migrate(&self, py: Python<'_>, now: i64, seed: &[u8]) -> PyResult<Operation> {
        self.run(py, Command::Migrate, arrival(now, seed)?)
    }

    /// Deletes what has expired.
    fn sweep(&self, py: Python<'_>, now: i64, seed: &[u8]) -> PyResult<Operation> {
        self.run(py, Command::Sweep, arrival(now, seed)?)
    }

    /// Says which keys of the ring are still needed.
    fn ring_keys(&self, py: Python<'_>, now: i64, seed: &[u8]) -> PyResult<Operation> {
        self.run(py, Command::RingKeys, arrival(now, seed)?)
    }
}

impl Core {
    fn run(&self, py: Python<'_>, command: Command, at: Arrival) -> PyResult<Operation> {
        Ok(Operation::start(py, &self.queue, || self.service.run(command, at)))
    }
}

fn arrival(now: i64, seed: &[u8]) -> Result<Arrival, Raised> {
    Ok(Arrival { now: UnixMillis::new(now), seed: Seed::from_slice(seed)?, peer: None })
}
