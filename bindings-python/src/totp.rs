//! TOTP and HOTP: codes, otpauth URIs and their QR codes.

use std::borrow::Cow;

use authcore::error::Error;
use authcore::qr::Matrix;
use authcore::secret::Secret;
use authcore::text::Reason;
use authcore::totp::{
    AccountName, Algorithm, Counter, Digits, Hotp, Issuer, LookAhead, MatchedCounter, MatchedStep,
    Parameters, Period, SharedSecret, Step, Totp, Window,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::Raised;
use crate::host;

/// A text of Python, if it is given.
type Text<'a, 'py> = Option<&'a Bound<'py, PyString>>;

/// A value that core parses, with the place of a refusal.
fn parsed<T>(pointer: &str, value: Result<T, Reason>) -> Result<T, Raised> {
    Ok(value.map_err(|reason| Error::fields(vec![reason.at(pointer)]))?)
}

/// The secret that is given, or a new one.
fn secret(given: Text<'_, '_>) -> Result<SharedSecret, Raised> {
    match given {
        Some(text) => {
            let text = Secret::new(host::text(text, "/secret")?);
            parsed("/secret", SharedSecret::from_base32(text.expose()))
        }
        None => Ok(SharedSecret::from_random(host::random()?)),
    }
}

fn algorithm(name: Text<'_, '_>) -> Result<Algorithm, Raised> {
    let Some(name) = name else { return Ok(Algorithm::default()) };
    parsed("/algorithm", Algorithm::parse(&host::text(name, "/algorithm")?))
}

fn or_default<T: Default>(
    pointer: &str,
    number: Option<u32>,
    parse: impl FnOnce(u32) -> Result<T, Reason>,
) -> Result<T, Raised> {
    number.map_or_else(|| Ok(T::default()), |number| parsed(pointer, parse(number)))
}

/// Issuer and account as they were given to a constructor.
#[derive(Default)]
struct Label {
    issuer: String,
    account: String,
}

impl Label {
    fn new(issuer: Text<'_, '_>, account: Text<'_, '_>) -> Result<Self, Raised> {
        Self::default().or(issuer, account)
    }

    /// This label, with what is given in place of its own.
    fn or(&self, issuer: Text<'_, '_>, account: Text<'_, '_>) -> Result<Self, Raised> {
        let own = |text: &String| Ok(text.clone());
        Ok(Self {
            issuer: issuer.map_or_else(|| own(&self.issuer), |text| host::text(text, "/issuer"))?,
            account: account
                .map_or_else(|| own(&self.account), |text| host::text(text, "/account"))?,
        })
    }

    fn parse(&self) -> Result<(Issuer, AccountName), Raised> {
        let issuer = parsed("/issuer", Issuer::parse(&self.issuer))?;
        Ok((issuer, parsed("/account", AccountName::parse(&self.account))?))
    }
}

/// Proof that a code was accepted: store the step, and pass it as `after_step` from then on.
#[pyclass(frozen, module = "authcore", name = "MatchedStep")]
pub struct PyMatchedStep(MatchedStep);

#[pymethods]
impl PyMatchedStep {
    /// The step whose code was presented.
    #[getter]
    const fn step(&self) -> i64 {
        self.0.step().as_i64()
    }

    fn __repr__(&self) -> String {
        format!("MatchedStep(step={})", self.step())
    }
}

/// Time-based one-time passwords (RFC 6238).
#[pyclass(frozen, module = "authcore", name = "Totp")]
pub struct PyTotp {
    totp: Totp,
    label: Label,
}

#[pymethods]
impl PyTotp {
    #[new]
    #[pyo3(signature = (
        secret=None, *, algorithm=None, digits=None, period=None, window=None, issuer=None,
        account=None
    ))]
    fn new(
        secret: Text<'_, '_>,
        algorithm: Text<'_, '_>,
        digits: Option<u32>,
        period: Option<u32>,
        window: Option<u32>,
        issuer: Text<'_, '_>,
        account: Text<'_, '_>,
    ) -> Result<Self, Raised> {
        let parameters = Parameters {
            algorithm: self::algorithm(algorithm)?,
            digits: or_default("/digits", digits, Digits::new)?,
            period: or_default("/period", period, Period::from_seconds)?,
            window: or_default("/window", window, Window::new)?,
        };
        let totp = Totp::new(self::secret(secret)?, parameters);
        Ok(Self { totp, label: Label::new(issuer, account)? })
    }

    /// The shared secret in base32.
    #[getter]
    fn secret(&self) -> String {
        self.totp.secret().to_base32().expose().clone()
    }

    /// The code of a moment.
    #[pyo3(signature = (at=None))]
    fn generate(&self, py: Python<'_>, at: Option<i64>) -> PyResult<String> {
        Ok(self.totp.generate(host::moment(py, at)?).expose().to_owned())
    }

    /// Judges a presented code; raises `OtpInvalid` unless it is right and new.
    #[pyo3(signature = (code, at=None, *, after_step=None))]
    fn verify(
        &self,
        code: &Bound<'_, PyString>,
        at: Option<i64>,
        after_step: Option<i64>,
    ) -> PyResult<PyMatchedStep> {
        let at = host::moment(code.py(), at)?;
        let code = host::text(code, "/code")?;
        let matched = self.totp.verify(&code, at, after_step.map(Step::new));
        Ok(PyMatchedStep(matched.map_err(Raised::from)?))
    }

    /// The otpauth URI for an authenticator.
    #[pyo3(signature = (account=None, issuer=None))]
    fn uri(&self, account: Text<'_, '_>, issuer: Text<'_, '_>) -> Result<String, Raised> {
        Ok(self.otpauth(account, issuer)?.expose().clone())
    }

    /// The URI's QR code as SVG.
    #[pyo3(signature = (account=None, issuer=None))]
    fn qr_svg(&self, account: Text<'_, '_>, issuer: Text<'_, '_>) -> Result<String, Raised> {
        Ok(Matrix::new(self.otpauth(account, issuer)?.expose())?.svg())
    }

    /// The URI's QR code as PNG.
    #[pyo3(signature = (account=None, issuer=None))]
    fn qr_png(
        &self,
        account: Text<'_, '_>,
        issuer: Text<'_, '_>,
    ) -> Result<Cow<'static, [u8]>, Raised> {
        Ok(Matrix::new(self.otpauth(account, issuer)?.expose())?.png().into())
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.totp)
    }
}

impl PyTotp {
    fn otpauth(
        &self,
        account: Text<'_, '_>,
        issuer: Text<'_, '_>,
    ) -> Result<Secret<String>, Raised> {
        let (issuer, account) = self.label.or(issuer, account)?.parse()?;
        Ok(self.totp.uri(&issuer, &account))
    }
}

/// Proof that a code was accepted: store `next`, and pass it as `counter` from then on.
#[pyclass(frozen, module = "authcore", name = "MatchedCounter")]
pub struct PyMatchedCounter(MatchedCounter);

#[pymethods]
impl PyMatchedCounter {
    /// The counter whose code was presented.
    #[getter]
    const fn counter(&self) -> u64 {
        self.0.counter().as_u64()
    }

    /// The counter to expect next; `None` after the last.
    #[getter]
    fn next(&self) -> Option<u64> {
        self.0.next().map(Counter::as_u64)
    }

    fn __repr__(&self) -> String {
        format!("MatchedCounter(counter={})", self.counter())
    }
}

/// Counter-based one-time passwords (RFC 4226).
#[pyclass(frozen, module = "authcore", name = "Hotp")]
pub struct PyHotp {
    hotp: Hotp,
    label: Label,
}

#[pymethods]
impl PyHotp {
    #[new]
    #[pyo3(signature = (
        secret=None, *, algorithm=None, digits=None, look_ahead=None, issuer=None, account=None
    ))]
    fn new(
        secret: Text<'_, '_>,
        algorithm: Text<'_, '_>,
        digits: Option<u32>,
        look_ahead: Option<u32>,
        issuer: Text<'_, '_>,
        account: Text<'_, '_>,
    ) -> Result<Self, Raised> {
        let hotp = Hotp::new(
            self::secret(secret)?,
            self::algorithm(algorithm)?,
            or_default("/digits", digits, Digits::new)?,
            or_default("/look_ahead", look_ahead, LookAhead::new)?,
        );
        Ok(Self { hotp, label: Label::new(issuer, account)? })
    }

    /// The shared secret in base32.
    #[getter]
    fn secret(&self) -> String {
        self.hotp.secret().to_base32().expose().clone()
    }

    /// The code of a counter.
    #[pyo3(signature = (counter))]
    fn generate(&self, counter: u64) -> Result<String, Raised> {
        Ok(self.hotp.generate(self::counter(counter)?).expose().to_owned())
    }

    /// Judges a presented code; raises `OtpInvalid` unless it is right.
    #[pyo3(signature = (code, counter))]
    fn verify(&self, code: &Bound<'_, PyString>, counter: u64) -> Result<PyMatchedCounter, Raised> {
        let code = host::text(code, "/code")?;
        Ok(PyMatchedCounter(self.hotp.verify(&code, self::counter(counter)?)?))
    }

    /// The otpauth URI for an authenticator that begins at `counter`.
    #[pyo3(signature = (counter, account=None, issuer=None))]
    fn uri(
        &self,
        counter: u64,
        account: Text<'_, '_>,
        issuer: Text<'_, '_>,
    ) -> Result<String, Raised> {
        Ok(self.otpauth(counter, account, issuer)?.expose().clone())
    }

    /// The URI's QR code as SVG.
    #[pyo3(signature = (counter, account=None, issuer=None))]
    fn qr_svg(
        &self,
        counter: u64,
        account: Text<'_, '_>,
        issuer: Text<'_, '_>,
    ) -> Result<String, Raised> {
        Ok(Matrix::new(self.otpauth(counter, account, issuer)?.expose())?.svg())
    }

    /// The URI's QR code as PNG.
    #[pyo3(signature = (counter, account=None, issuer=None))]
    fn qr_png(
        &self,
        counter: u64,
        account: Text<'_, '_>,
        issuer: Text<'_, '_>,
    ) -> Result<Cow<'static, [u8]>, Raised> {
        Ok(Matrix::new(self.otpauth(counter, account, issuer)?.expose())?.png().into())
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.hotp)
    }
}

impl PyHotp {
    fn otpauth(
        &self,
        counter: u64,
        account: Text<'_, '_>,
        issuer: Text<'_, '_>,
    ) -> Result<Secret<String>, Raised> {
        let (issuer, account) = self.label.or(issuer, account)?.parse()?;
        Ok(self.hotp.uri(&issuer, &account, self::counter(counter)?))
    }
}

fn counter(number: u64) -> Result<Counter, Raised> {
    parsed("/counter", Counter::new(number))
}
