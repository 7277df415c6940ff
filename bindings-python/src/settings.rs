//! Settings from variables.

use std::sync::Arc;

use authcore::error::{Code, Error};
use authcore::service::Service;
use authcore::settings::Settings;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::errors::Raised;
use crate::exchange::text;

/// How many hashes run at once.
const HASHES_AT_ONCE: &str = "AUTHCORE_HASHES_AT_ONCE";

/// What is this host's own and means nothing to core. Where the database is, the program says
/// (`Sqlite`); where the caches are, this repository's build.
const OWN: [&str; 3] = [HASHES_AT_ONCE, "AUTHCORE_DATABASE", "AUTHCORE_CACHE"];

/// Everything that can be configured, parsed and checked: held as the service it makes.
#[pyclass(frozen, module = "authcore", name = "Settings")]
pub struct PySettings {
    service: Arc<Service>,
    hashes_at_once: Option<usize>,
    warnings: Vec<&'static str>,
}

impl PySettings {
    pub fn service(&self) -> Arc<Service> {
        Arc::clone(&self.service)
    }

    pub const fn hashes_at_once(&self) -> Option<usize> {
        self.hashes_at_once
    }
}

#[pymethods]
impl PySettings {
    /// Parses variables; names without the prefix `AUTHCORE_` are ignored.
    #[staticmethod]
    fn from_variables(variables: &Bound<'_, PyMapping>) -> PyResult<Self> {
        let mut given = Vec::new();
        for item in variables.items()?.iter() {
            let (name, value) = item.extract::<(Bound<'_, PyString>, Bound<'_, PyString>)>()?;
            given.push((text(&name), text(&value)));
        }
        let own = given.iter().find(|(name, value)| name == HASHES_AT_ONCE && !value.is_empty());
        let hashes_at_once = own.map(|(_, value)| places(value)).transpose()?;
        given.retain(|(name, _)| !OWN.contains(&name.as_str()));
        let settings = Settings::from_variables(given).map_err(Raised::from)?;
        let warnings = settings.warnings();
        let service = Service::new(settings).map_err(Raised::from)?;
        Ok(Self { service, hashes_at_once, warnings })
    }

    /// What an operator should know at start.
    #[getter]
    fn warnings(&self) -> Vec<&'static str> {
        self.warnings.clone()
    }

    #[expect(clippy::unused_self, reason = "a method for Python")]
    const fn __repr__(&self) -> &'static str {
        "Settings(..)"
    }
}

fn places(value: &str) -> Result<usize, Raised> {
    let number = value.parse().ok().filter(|number| (1..=1024).contains(number));
    number.ok_or_else(|| {
        let why = format!("{HASHES_AT_ONCE}: must be a whole number from 1 to 1024");
        Error::new(Code::InvalidSettings, why).into()
    })
}
