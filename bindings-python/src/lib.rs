//! authcore for Python: the private compiled module under the package `authcore`.
//!
//! Conversions, error mapping and the effects that need no database. No decision, no SQL, no
//! default: those are core's.
#![forbid(unsafe_code)]

mod backup_codes;
mod errors;
mod exchange;
mod hashing;
mod host;
mod jwt;
mod operation;
mod password;
#[cfg(feature = "test-clock")]
mod replay;
mod rows;
mod service;
mod settings;
mod totp;
mod values;

use pyo3::prelude::*;

/// The compiled part of authcore. `__all__` is what the package makes public.
#[pymodule]
fn _authcore(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let public = errors::add_to(module)?;
    module.add_function(wrap_pyfunction!(password::hash_password, module)?)?;
    module.add_function(wrap_pyfunction!(password::verify_password, module)?)?;
    module.add_function(wrap_pyfunction!(password::needs_rehash, module)?)?;
    module.add_class::<errors::PyFieldError>()?;
    module.add_class::<exchange::PyRequest>()?;
    module.add_class::<exchange::PyResponse>()?;
    module.add_class::<exchange::PyRingKey>()?;
    module.add_class::<exchange::PySignedIn>()?;
    module.add_class::<settings::PySettings>()?;
    module.add_class::<jwt::PyKeySet>()?;
    module.add_class::<totp::PyTotp>()?;
    module.add_class::<totp::PyMatchedStep>()?;
    module.add_class::<totp::PyHotp>()?;
    module.add_class::<totp::PyMatchedCounter>()?;
    module.add_class::<backup_codes::PyBackupCodes>()?;
    module.add_class::<backup_codes::PyRing>()?;
    let named = ["hash_password", "verify_password", "needs_rehash"];
    let types = ["FieldError", "KeySet", "Request", "Response", "RingKey", "Settings", "SignedIn"];
    let mut public: Vec<String> = public;
    let factors = ["BackupCodes", "Hotp", "MatchedCounter", "MatchedStep", "Ring", "Totp"];
    public.extend(named.iter().chain(&types).chain(&factors).map(|name| (*name).to_owned()));

    module.add_class::<operation::Operation>()?;
    module.add_class::<rows::PyBatch>()?;
    module.add_class::<service::Core>()?;
    #[cfg(feature = "test-clock")]
    {
        module.add_function(wrap_pyfunction!(replay::replay, module)?)?;
        module.add_function(wrap_pyfunction!(replay::fault, module)?)?;
        module.add_function(wrap_pyfunction!(replay::holds, module)?)?;
    }
    public.sort();
    module.setattr("__all__", public)
}
