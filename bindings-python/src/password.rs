//! The password primitives.

use authcore::error::{Code, Error};
use authcore::password::{self, Argon2Params, Ceilings, Password, PasswordHash, Verified};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::Raised;
use crate::hashing::MEMORY;
use crate::host;

/// Hashes a new password with argon2id. Other threads run meanwhile.
#[pyfunction]
#[pyo3(signature = (password, /))]
pub fn hash_password(password: &Bound<'_, PyString>) -> PyResult<String> {
    let py = password.py();
    let password = presented(password)?;
    let salt = host::random()?;
    let hashed =
        py.detach(|| password::hash_in(&MEMORY, &password, &Argon2Params::default(), salt));
    Ok(hashed.map_err(Raised::from)?.as_str().to_owned())
}

/// Checks a password against a stored hash; raises unless it is the right one.
#[pyfunction]
#[pyo3(signature = (hash, password, /))]
pub fn verify_password(hash: &Bound<'_, PyString>, password: &Bound<'_, PyString>) -> PyResult<()> {
    let stored = stored(hash)?;
    let presented = presented(password)?;
    let Verified { .. } = password
        .py()
        .detach(|| password::verify_in(&MEMORY, &presented, &stored))
        .map_err(Raised::from)?;
    Ok(())
}

/// Whether a hash should be made anew at the next login.
#[pyfunction]
#[pyo3(signature = (hash, /))]
pub fn needs_rehash(hash: &Bound<'_, PyString>) -> PyResult<bool> {
    Ok(password::needs_rehash(&stored(hash)?, &Argon2Params::default()))
}

fn stored(hash: &Bound<'_, PyString>) -> Result<PasswordHash, Raised> {
    let text = hash.to_cow().map_err(|_| Error::from(Code::HashMalformed))?;
    Ok(PasswordHash::parse(&text, &Ceilings::default())?)
}

/// A password as presented. Python's own error would show it: it is mapped, not passed on.
fn presented(text: &Bound<'_, PyString>) -> Result<Password, Raised> {
    let text = text
        .to_cow()
        .map_err(|_| Error::new(Code::InvalidInput, "the password is not Unicode text"))?;
    let password = Password::new(text.into_owned());
    Ok(password.map_err(|reason| Error::fields(vec![reason.at("/password")]))?)
}
