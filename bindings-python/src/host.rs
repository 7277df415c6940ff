//! What the host gives to the primitives: the moment, random bytes, text as Python holds it.

use authcore::error::{Code, Error, FieldError};
use authcore::time::UnixMillis;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

use crate::errors::Raised;

/// The moment that was given, or that of Python's clock, in Unix milliseconds.
pub fn moment(py: Python<'_>, at: Option<i64>) -> PyResult<UnixMillis> {
    if let Some(at) = at {
        return Ok(UnixMillis::new(at));
    }
    // The module is found once, the function at each call: a clock that somebody sets is heard.
    static TIME: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let time = TIME.get_or_try_init(py, || py.import("time").map(Bound::unbind))?.bind(py);
    let now = time.call_method0(intern!(py, "time_ns"))?;
    let now = now.extract::<i64>().map_or_else(|_| now.extract::<i128>(), |now| Ok(now.into()))?;
    Ok(UnixMillis::new(i64::try_from(now.div_euclid(1_000_000)).unwrap_or(i64::MAX)))
}

/// Bytes of the system's random generator.
pub fn random<const N: usize>() -> Result<[u8; N], Raised> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills with bytes of the system's random generator.
pub fn fill(bytes: &mut [u8]) -> Result<(), Raised> {
    getrandom::fill(bytes)
        .map_err(|_| Error::new(Code::Unavailable, "the system's random generator failed").into())
}

/// Text that core is to judge. Python's own error would show it: it is mapped, not passed on.
pub fn text(value: &Bound<'_, PyString>, pointer: &str) -> Result<String, Raised> {
    let refuse = |_| FieldError::new(pointer, "not_unicode", "must be well-formed Unicode");
    let text = value.to_cow().map_err(refuse).map_err(|field| Error::fields(vec![field]))?;
    Ok(text.into_owned())
}
