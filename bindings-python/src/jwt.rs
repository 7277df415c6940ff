//! JSON Web Tokens: keys, issue, verify, key sets.

use authcore::error::Error;
use authcore::jwt::{Algorithm, Expected, KeySet, verify_claims};
use authcore::text::Reason;
use authcore::time::Millis;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::errors::Raised;
use crate::host;
use crate::values;

fn algorithm(name: &Bound<'_, PyString>) -> Result<Algorithm, Raised> {
    let name = host::text(name, "/alg")?;
    let refused = |reason: Reason| Error::fields(vec![reason.at("/alg")]);
    Ok(Algorithm::parse(&name).map_err(refused)?)
}

fn json_text(value: &Bound<'_, PyDict>) -> PyResult<String> {
    value.py().import("json")?.call_method1("dumps", (value,))?.extract()
}

fn object<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyDict>> {
    Ok(py.import("json")?.call_method1("loads", (text,))?.cast_into()?)
}

fn maybe_text(
    value: Option<&Bound<'_, PyString>>,
    pointer: &str,
) -> Result<Option<String>, Raised> {
    value.map(|text| host::text(text, pointer)).transpose()
}

/// The keys that are trusted, and the one among them that signs.
#[pyclass(frozen, module = "authcore", name = "KeySet")]
pub struct PyKeySet(KeySet);

#[pymethods]
impl PyKeySet {
    /// A new key.
    #[staticmethod]
    #[pyo3(signature = (alg, /))]
    fn generate(alg: &Bound<'_, PyString>) -> Result<Self, Raised> {
        Ok(Self(KeySet::generate(algorithm(alg)?, &host::random()?)?))
    }

    /// A secret for HS256 or HS512.
    #[staticmethod]
    #[pyo3(signature = (alg, secret, /))]
    fn from_secret(alg: &Bound<'_, PyString>, secret: &[u8]) -> Result<Self, Raised> {
        Ok(Self(KeySet::from_secret(algorithm(alg)?, secret)?))
    }

    /// The key of a JWK.
    #[staticmethod]
    #[pyo3(signature = (jwk, /))]
    fn from_jwk(jwk: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self(KeySet::from_jwk(&json_text(jwk)?).map_err(Raised::from)?))
    }

    /// The keys of a JWK Set.
    #[staticmethod]
    #[pyo3(signature = (jwks, /))]
    fn from_jwks(jwks: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self(KeySet::from_jwks(&json_text(jwks)?).map_err(Raised::from)?))
    }

    /// Signs a token with these claims.
    #[pyo3(signature = (claims, /, *, typ=None))]
    fn issue(
        &self,
        claims: &Bound<'_, PyDict>,
        typ: Option<&Bound<'_, PyString>>,
    ) -> PyResult<String> {
        let typ = maybe_text(typ, "/typ")?;
        let token = match values::plain_object(claims) {
            Some(claims) => self.0.issue_object(typ.as_deref(), &claims),
            None => self.0.issue(typ.as_deref(), &json_text(claims)?),
        };
        Ok(token.map_err(Raised::from)?)
    }

    /// The claims of a token; raises unless it is one of these keys and what is expected.
    #[pyo3(signature = (token, /, *, issuer=None, audience=None, typ=None, leeway=None, at=None))]
    fn verify<'py>(
        &self,
        token: &Bound<'py, PyString>,
        issuer: Option<&Bound<'_, PyString>>,
        audience: Option<&Bound<'_, PyString>>,
        typ: Option<&Bound<'_, PyString>>,
        leeway: Option<u32>,
        at: Option<i64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = token.py();
        let (issuer, audience) =
            (maybe_text(issuer, "/issuer")?, maybe_text(audience, "/audience")?);
        let typ = maybe_text(typ, "/typ")?;
        let mut expected = Expected::named(typ.as_deref(), host::moment(py, at)?);
        expected.issuer = issuer.as_deref();
        expected.audience = audience.as_deref();
        expected.leeway = leeway.map_or(expected.leeway, Millis::seconds);
        let token = host::text(token, "/token")?;
        let verified = verify_claims(&token, &self.0, &expected).map_err(Raised::from)?;
        values::dict(py, verified.claims())
    }

    /// The JWK Set document: public keys only.
    fn jwks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        object(py, &self.0.jwks().map_err(Raised::from)?)
    }

    /// The private key that signs, as a JWK: for a backup.
    fn to_private_jwk<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        object(py, &self.0.to_private_jwk().map_err(Raised::from)?)
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}
