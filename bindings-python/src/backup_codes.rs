//! Backup codes, and the key ring under which they are stored.

use authcore::backup_codes::{BackupCode, BackupCodes, Count};
use authcore::error::Error;
use authcore::secret::{Ring, Secret};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::errors::Raised;
use crate::host;

/// The keys of AUTHCORE_SECRET.
#[pyclass(frozen, module = "authcore", name = "Ring")]
pub struct PyRing(Ring);

#[pymethods]
impl PyRing {
    #[new]
    #[pyo3(signature = (secret, /))]
    fn new(secret: &Bound<'_, PyString>) -> Result<Self, Raised> {
        let secret = Secret::new(host::text(secret, "/secret")?);
        Ok(Self(Ring::parse(secret.expose())?))
    }

    fn __repr__(&self) -> String {
        format!("Ring({:?})", self.0)
    }
}

/// A new set of backup codes, to be shown once.
#[pyclass(frozen, module = "authcore", name = "BackupCodes")]
pub struct PyBackupCodes(BackupCodes);

#[pymethods]
impl PyBackupCodes {
    #[new]
    #[pyo3(signature = (count=None))]
    fn new(count: Option<u32>) -> Result<Self, Raised> {
        let count = count
            .map_or_else(|| Ok(Count::default()), Count::new)
            .map_err(|reason| Error::fields(vec![reason.at("/count")]))?;
        Ok(Self(BackupCodes::try_filled(count, host::fill)?))
    }

    /// The codes, to be shown to their owner.
    #[getter]
    fn codes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let codes = self.0.iter();
        PyTuple::new(py, codes.map(|code| code.with_text(|text| PyString::new(py, text))))
    }

    /// What to store in place of the codes.
    #[pyo3(signature = (ring, account))]
    fn hashes(&self, ring: &PyRing, account: &Bound<'_, PyString>) -> Result<Vec<String>, Raised> {
        Ok(self.0.hashes(&ring.0, &host::text(account, "/account")?))
    }

    /// The stored hash of a presented code; raises `OtpInvalid` if it is not among them.
    #[staticmethod]
    #[pyo3(signature = (code, stored, ring, account))]
    fn find(
        code: &Bound<'_, PyString>,
        stored: Vec<String>,
        ring: &PyRing,
        account: &Bound<'_, PyString>,
    ) -> Result<String, Raised> {
        let code = Secret::new(host::text(code, "/code")?);
        let account = host::text(account, "/account")?;
        let code = BackupCode::parse(code.expose())?;
        let found = code.find(&ring.0, &account, &stored)?;
        Ok(found.hash().to_owned())
    }

    #[expect(clippy::unused_self, reason = "a method for Python")]
    const fn __repr__(&self) -> &'static str {
        "BackupCodes(..)"
    }
}
