//! TOTP and HOTP: codes, otpauth URIs and their QR codes. js/totp.js reads what a caller passes.

use authcore::error::Error;
use authcore::qr::Matrix;
use authcore::secret::Secret;
use authcore::text::Reason;
use authcore::time::UnixMillis;
use authcore::totp::{self, Counter, Digits, LookAhead, Parameters, Period, SharedSecret, Step};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{self, parsed};
use crate::error::Thrown;

/// The secret that is given, or a new one.
fn secret(given: Option<String>) -> Result<SharedSecret, Error> {
    let Some(text) = given.map(Secret::new) else {
        return Ok(SharedSecret::from_random(convert::random()?));
    };
    parsed("/secret", SharedSecret::from_base32(text.expose()))
}

fn algorithm(name: Option<String>) -> Result<totp::Algorithm, Error> {
    name.map_or_else(
        || Ok(totp::Algorithm::default()),
        |name| parsed("/algorithm", totp::Algorithm::parse(&name)),
    )
}

/// What core parses from a small number, or core's default.
fn small<T: Default>(
    pointer: &str,
    number: Option<f64>,
    parse: impl FnOnce(u32) -> Result<T, Reason>,
) -> Result<T, Error> {
    let Some(number) = number else { return Ok(T::default()) };
    // What is below 0 is as far out of any range as what is beyond 2^32.
    parsed(pointer, parse(u32::try_from(number as i64).unwrap_or(u32::MAX)))
}

/// The digits of a code as a number: quicker across than a text.
fn number(code: &totp::Code) -> u32 {
    code.expose()
        .bytes()
        .fold(0_u32, |number, digit| number.wrapping_mul(10).wrapping_add(u32::from(digit & 0x0f)))
}

/// The URI of a label that core parses.
fn otpauth(
    issuer: &str,
    account: &str,
    uri: impl FnOnce(&totp::Issuer, &totp::AccountName) -> Secret<String>,
) -> Result<Secret<String>, Error> {
    let issuer = parsed("/issuer", totp::Issuer::parse(issuer))?;
    Ok(uri(&issuer, &parsed("/account", totp::AccountName::parse(account))?))
}

#[wasm_bindgen]
pub struct Totp(totp::Totp);

#[wasm_bindgen]
impl Totp {
    #[wasm_bindgen(constructor)]
    pub fn new(
        secret: Option<String>,
        algorithm: Option<String>,
        digits: Option<f64>,
        period: Option<f64>,
        window: Option<f64>,
    ) -> Result<Self, Thrown> {
        let parameters = Parameters {
            algorithm: self::algorithm(algorithm)?,
            digits: small("/digits", digits, Digits::new)?,
            period: small("/period", period, Period::from_seconds)?,
            window: small("/window", window, totp::Window::new)?,
        };
        Ok(Self(totp::Totp::new(self::secret(secret)?, parameters)))
    }

    #[wasm_bindgen(getter)]
    pub fn secret(&self) -> String {
        self.0.secret().to_base32().expose().clone()
    }

    #[wasm_bindgen(getter)]
    pub fn digits(&self) -> u8 {
        self.0.parameters().digits.as_u8()
    }

    pub fn generate(&self, at: f64) -> u32 {
        number(&self.0.generate(UnixMillis::new(at as i64)))
    }

    /// The step.
    pub fn verify(&self, code: &str, at: f64, after: Option<f64>) -> Result<f64, Thrown> {
        let after = after.map(|step| Step::new(step as i64));
        let matched = self.0.verify(code, UnixMillis::new(at as i64), after)?;
        Ok(matched.step().as_i64() as f64)
    }

    pub fn uri(&self, issuer: &str, account: &str) -> Result<String, Thrown> {
        Ok(self.otpauth(issuer, account)?.expose().clone())
    }

    #[wasm_bindgen(js_name = qrSvg)]
    pub fn qr_svg(&self, issuer: &str, account: &str) -> Result<String, Thrown> {
        Ok(Matrix::new(self.otpauth(issuer, account)?.expose())?.svg())
    }

    #[wasm_bindgen(js_name = qrPng)]
    pub fn qr_png(&self, issuer: &str, account: &str) -> Result<Vec<u8>, Thrown> {
        Ok(Matrix::new(self.otpauth(issuer, account)?.expose())?.png())
    }

    fn otpauth(&self, issuer: &str, account: &str) -> Result<Secret<String>, Error> {
        otpauth(issuer, account, |issuer, account| self.0.uri(issuer, account))
    }
}

#[wasm_bindgen]
pub struct Hotp {
    hotp: totp::Hotp,
    digits: Digits,
}

#[wasm_bindgen]
impl Hotp {
    #[wasm_bindgen(constructor)]
    pub fn new(
        secret: Option<String>,
        algorithm: Option<String>,
        digits: Option<f64>,
        look_ahead: Option<f64>,
    ) -> Result<Self, Thrown> {
        let algorithm = self::algorithm(algorithm)?;
        let digits = small("/digits", digits, Digits::new)?;
        let look_ahead = small("/lookAhead", look_ahead, LookAhead::new)?;
        let hotp = totp::Hotp::new(self::secret(secret)?, algorithm, digits, look_ahead);
        Ok(Self { hotp, digits })
    }

    #[wasm_bindgen(getter)]
    pub fn secret(&self) -> String {
        self.hotp.secret().to_base32().expose().clone()
    }

    #[wasm_bindgen(getter)]
    pub fn digits(&self) -> u8 {
        self.digits.as_u8()
    }

    pub fn generate(&self, counter: f64) -> Result<u32, Thrown> {
        Ok(number(&self.hotp.generate(self::counter(counter)?)))
    }

    /// The counter that matched and the one after it, if there is one.
    pub fn verify(&self, code: &str, counter: f64) -> Result<Vec<f64>, Thrown> {
        let matched = self.hotp.verify(code, self::counter(counter)?)?;
        let counters = [Some(matched.counter()), matched.next()];
        Ok(counters.into_iter().flatten().map(|counter| counter.as_u64() as f64).collect())
    }

    pub fn uri(&self, issuer: &str, account: &str, counter: f64) -> Result<String, Thrown> {
        Ok(self.otpauth(issuer, account, counter)?.expose().clone())
    }

    #[wasm_bindgen(js_name = qrSvg)]
    pub fn qr_svg(&self, issuer: &str, account: &str, counter: f64) -> Result<String, Thrown> {
        Ok(Matrix::new(self.otpauth(issuer, account, counter)?.expose())?.svg())
    }

    #[wasm_bindgen(js_name = qrPng)]
    pub fn qr_png(&self, issuer: &str, account: &str, counter: f64) -> Result<Vec<u8>, Thrown> {
        Ok(Matrix::new(self.otpauth(issuer, account, counter)?.expose())?.png())
    }

    fn otpauth(&self, issuer: &str, account: &str, at: f64) -> Result<Secret<String>, Error> {
        let counter = counter(at)?;
        otpauth(issuer, account, |issuer, account| self.hotp.uri(issuer, account, counter))
    }
}

fn counter(number: f64) -> Result<Counter, Error> {
    // Below 0 is as far out of range as beyond the end.
    parsed("/counter", Counter::new(u64::try_from(number as i64).unwrap_or(u64::MAX)))
}
