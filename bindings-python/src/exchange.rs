//! Requests, responses and who is signed in, as Python sees them.

use std::net::IpAddr;

use authcore::effect::{Request, Response};
use authcore::service::{RingKeyUse, SignedIn};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};

/// Header fields as they come from Python: any text, any bytes.
pub type PyHeaders<'py> = Vec<(Bound<'py, PyString>, Vec<u8>)>;

/// Header fields for core.
pub fn headers(given: PyHeaders<'_>) -> Vec<(String, Vec<u8>)> {
    given.into_iter().map(|(name, value)| (text(&name), value)).collect()
}

/// Text that need not be Unicode: what is not is replaced, and judged by core.
pub fn text(given: &Bound<'_, PyString>) -> String {
    given.to_string_lossy().into_owned()
}

/// An HTTP request as the server received it.
#[pyclass(frozen, module = "authcore", name = "Request")]
pub struct PyRequest {
    request: Request,
    peer: Option<IpAddr>,
}

impl PyRequest {
    pub fn request(&self) -> Request {
        self.request.clone()
    }

    pub const fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}

#[pymethods]
impl PyRequest {
    /// The largest body any route takes, in bytes: servers stop reading one byte later.
    #[classattr]
    const MAX_BODY: usize = Request::MAX_BODY;

    #[new]
    #[pyo3(signature = (method, target, headers=Vec::new(), body=Vec::new(), peer=None))]
    fn new(
        method: &Bound<'_, PyString>,
        target: &Bound<'_, PyString>,
        headers: PyHeaders<'_>,
        body: Vec<u8>,
        peer: Option<&Bound<'_, PyString>>,
    ) -> PyResult<Self> {
        let headers = self::headers(headers);
        let request = Request { method: text(method), target: text(target), headers, body };
        Ok(Self { request, peer: peer.map(address).transpose()? })
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.request)
    }
}

/// An IP address; a zone (RFC 4007 §11) says nothing about who the peer is.
fn address(given: &Bound<'_, PyString>) -> PyResult<IpAddr> {
    let given = text(given);
    let bare = given.split('%').next().unwrap_or_default();
    bare.parse().map_err(|_| PyValueError::new_err("peer must be an IP address or None"))
}

/// An HTTP response, to be sent as it is.
#[pyclass(frozen, module = "authcore", name = "Response")]
pub struct PyResponse(pub Response);

#[pymethods]
impl PyResponse {
    /// What a server sends when it failed itself: a problem document, status 500.
    #[staticmethod]
    fn internal_error() -> Self {
        Self(Response::internal_error())
    }

    /// The status code.
    #[getter]
    const fn status(&self) -> u16 {
        self.0.status
    }

    /// Field names in lower case, and values.
    #[getter]
    fn headers(&self) -> Vec<(&'static str, &str)> {
        self.0.headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// The body, possibly empty.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.body)
    }

    /// Whether the outbox has something to deliver.
    #[getter]
    const fn wake(&self) -> bool {
        self.0.wake
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// Proof that a request comes from a live session of an active account.
#[pyclass(frozen, module = "authcore", name = "SignedIn")]
pub struct PySignedIn(pub SignedIn);

#[pymethods]
impl PySignedIn {
    /// UUIDv7 of the account: the token's `sub`.
    #[getter]
    fn account_id(&self) -> &str {
        self.0.account_id.as_str()
    }

    /// UUIDv7 of the session: the token's `sid`.
    #[getter]
    fn session_id(&self) -> &str {
        self.0.session_id.as_str()
    }

    /// When the person last proved who they are, in Unix milliseconds.
    #[getter]
    const fn auth_time(&self) -> i64 {
        self.0.auth_time.as_millis()
    }

    /// The account's roles now.
    #[getter]
    fn roles<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.roles)
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// A key of AUTHCORE_SECRET, or one that rows need and that is not there.
#[pyclass(frozen, module = "authcore", name = "RingKey")]
pub struct PyRingKey(pub RingKeyUse);

#[pymethods]
impl PyRingKey {
    /// The key's id.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// `current`, `older` or `lost`.
    #[getter]
    const fn place(&self) -> &'static str {
        self.0.place.as_str()
    }

    /// How many rows need it, by the table's name; empty if none does.
    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows = PyDict::new(py);
        for (table, count) in &self.0.rows {
            rows.set_item(table, count)?;
        }
        Ok(rows)
    }

    /// Whether AUTHCORE_SECRET must hold it.
    #[getter]
    const fn needed(&self) -> bool {
        self.0.is_needed()
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}
