//! TOTP and HOTP: codes, otpauth URIs and their QR codes.

use authcore::error::Error;
use authcore::qr::Matrix;
use authcore::secret::Secret;
use authcore::totp::{self, Counter, Digits, LookAhead, Parameters, Period, SharedSecret, Step};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{self, Options, parsed};
use crate::error::Thrown;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What the authenticator shows beside a code. */
export interface LabelOptions {
  /** Who gives out the secret: 1 to 64 bytes, no colon. */
  issuer?: string;
  /** Whose secret it is, such as an e-mail address: 1 to 256 bytes. */
  account?: string;
}

/** What a generator is made with. */
interface GeneratorOptions extends LabelOptions {
  /** By default SHA1; many authenticators know no other. */
  algorithm?: "SHA1" | "SHA256" | "SHA512";
  /** 6 (the default) to 8. */
  digits?: number;
}

/** What a `Totp` is made with. */
export interface TotpOptions extends GeneratorOptions {
  /** Seconds: 10 to 300, by default 30. */
  period?: number;
  /** Steps to either side that are accepted too: 0 to 3, by default 1. */
  window?: number;
}

/** What a `Hotp` is made with. */
export interface HotpOptions extends GeneratorOptions {
  /** Counters after the expected one that are accepted too: 0 to 100, by default 10. */
  lookAhead?: number;
}

/** Proof that a code was accepted: store the step, and pass it as `afterStep` from then on. */
export interface MatchedStep {
  /** The step whose code was presented: periods since 1970. */
  readonly step: number;
}

/** Proof that a code was accepted: store `next`, and pass it as `counter` from then on. */
export interface MatchedCounter {
  /** The counter whose code was presented. */
  readonly counter: number;
  /** The counter to expect next; null after the last. */
  readonly next: number | null;
}
"#;

#[derive(Serialize)]
struct MatchedStep {
    step: i64,
}

#[derive(Serialize)]
struct MatchedCounter {
    counter: u64,
    next: Option<u64>,
}

/// Issuer and account as they were given to a constructor.
#[derive(Default)]
struct Label {
    issuer: String,
    account: String,
}

impl Label {
    const NAMES: [&str; 2] = ["issuer", "account"];

    /// This label, with what is given in place of its own.
    fn or(&self, options: &Options) -> Result<Self, Error> {
        Ok(Self {
            issuer: options.text("issuer")?.unwrap_or_else(|| self.issuer.clone()),
            account: options.text("account")?.unwrap_or_else(|| self.account.clone()),
        })
    }

    /// The parts for a URI, with what is given in place of the constructor's.
    fn parse(&self, options: JsValue) -> Result<(totp::Issuer, totp::AccountName), Error> {
        let label = self.or(&Options::read(options, &Self::NAMES)?)?;
        let issuer = parsed("/issuer", totp::Issuer::parse(&label.issuer))?;
        Ok((issuer, parsed("/account", totp::AccountName::parse(&label.account))?))
    }
}

/// The secret that is given, or a new one.
fn secret(given: JsValue) -> Result<SharedSecret, Error> {
    if given.is_undefined() {
        return Ok(SharedSecret::from_random(convert::random()?));
    }
    let text = Secret::new(convert::text(given, "/secret")?);
    parsed("/secret", SharedSecret::from_base32(text.expose()))
}

fn algorithm(options: &Options) -> Result<totp::Algorithm, Error> {
    options.text("algorithm")?.map_or_else(
        || Ok(totp::Algorithm::default()),
        |name| parsed("/algorithm", totp::Algorithm::parse(&name)),
    )
}

/// Time-based one-time passwords (RFC 6238), as authenticators make them. Moments are Unix
/// milliseconds; without `at` it is now.
#[wasm_bindgen]
pub struct Totp {
    totp: totp::Totp,
    label: Label,
}

#[wasm_bindgen]
impl Totp {
    /// The codes of a secret in base32 (16 to 128 bytes; case, spaces, hyphens and padding do not
    /// matter), or of a new one of 160 bits of the host's CSPRNG.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if the secret or an option does not fit.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "string")] secret: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "TotpOptions")] options: JsValue,
    ) -> Result<Self, Thrown> {
        let own = ["algorithm", "digits", "period", "window"];
        let options = Options::read(options, &[&own[..], &Label::NAMES].concat())?;
        let parameters = Parameters {
            algorithm: algorithm(&options)?,
            digits: options.parsed("digits", Digits::new)?,
            period: options.parsed("period", Period::from_seconds)?,
            window: options.parsed("window", totp::Window::new)?,
        };
        let totp = totp::Totp::new(self::secret(secret)?, parameters);
        Ok(Self { totp, label: Label::default().or(&options)? })
    }

    /// The shared secret in base32, to be stored like a password in clear: sealed.
    #[wasm_bindgen(getter)]
    pub fn secret(&self) -> String {
        self.totp.secret().to_base32().expose().clone()
    }

    /// The code of a moment.
    pub fn generate(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "{ at?: number }")] options: JsValue,
    ) -> Result<String, Thrown> {
        let options = Options::read(options, &["at"])?;
        Ok(self.totp.generate(options.moment("at")?).expose().to_owned())
    }

    /// Judges a presented code; spaces in it are left out. Of the steps of the window that match
    /// and come after `afterStep`, the last one that was accepted, the newest is taken. Store it
    /// by compare-and-set: a code is accepted once.
    ///
    /// Throws an `AuthcoreError`: `otp_invalid` if there is none; `invalid_input`.
    #[wasm_bindgen(unchecked_return_type = "MatchedStep")]
    pub fn verify(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] code: JsValue,
        #[wasm_bindgen(
            unchecked_optional_param_type = "{ at?: number; afterStep?: number | null }"
        )]
        options: JsValue,
    ) -> Result<JsValue, Thrown> {
        let code = convert::text(code, "/code")?;
        let options = Options::read(options, &["at", "afterStep"])?;
        let after = options.integer("afterStep")?.map(Step::new);
        let matched = self.totp.verify(&code, options.moment("at")?, after)?;
        convert::value(&MatchedStep { step: matched.step().as_i64() })
    }

    /// The `otpauth://totp/` URI, by default for the constructor's issuer and account.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if one of them is missing or cannot be shown.
    pub fn uri(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "LabelOptions")] options: JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.otpauth(options)?.expose().clone())
    }

    /// The QR code of `uri` as an SVG that can stand in a page as it is.
    #[wasm_bindgen(js_name = qrSvg)]
    pub fn qr_svg(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "LabelOptions")] options: JsValue,
    ) -> Result<String, Thrown> {
        Ok(Matrix::new(self.otpauth(options)?.expose())?.svg())
    }

    /// The QR code of `uri` as a PNG, of less than 1,000 bytes for an ordinary URI.
    #[wasm_bindgen(js_name = qrPng)]
    pub fn qr_png(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "LabelOptions")] options: JsValue,
    ) -> Result<Vec<u8>, Thrown> {
        Ok(Matrix::new(self.otpauth(options)?.expose())?.png())
    }

    fn otpauth(&self, options: JsValue) -> Result<Secret<String>, Error> {
        let (issuer, account) = self.label.parse(options)?;
        Ok(self.totp.uri(&issuer, &account))
    }
}

/// Counter-based one-time passwords (RFC 4226). A counter is 0 to 2^53−1.
#[wasm_bindgen]
pub struct Hotp {
    hotp: totp::Hotp,
    label: Label,
}

#[wasm_bindgen]
impl Hotp {
    /// The codes of a secret, as for `Totp`.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if the secret or an option does not fit.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "string")] secret: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "HotpOptions")] options: JsValue,
    ) -> Result<Self, Thrown> {
        let own = ["algorithm", "digits", "lookAhead"];
        let options = Options::read(options, &[&own[..], &Label::NAMES].concat())?;
        let hotp = totp::Hotp::new(
            self::secret(secret)?,
            algorithm(&options)?,
            options.parsed("digits", Digits::new)?,
            options.parsed("lookAhead", LookAhead::new)?,
        );
        Ok(Self { hotp, label: Label::default().or(&options)? })
    }

    /// The shared secret in base32, to be stored like a password in clear: sealed.
    #[wasm_bindgen(getter)]
    pub fn secret(&self) -> String {
        self.hotp.secret().to_base32().expose().clone()
    }

    /// The code of a counter.
    pub fn generate(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number")] counter: JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.hotp.generate(self::counter(counter)?).expose().to_owned())
    }

    /// Judges a presented code by the expected counter and the look-ahead; the first match is
    /// taken. Store its `next` by compare-and-set: a code is accepted once.
    ///
    /// Throws an `AuthcoreError`: `otp_invalid` if there is none; `invalid_input`.
    #[wasm_bindgen(unchecked_return_type = "MatchedCounter")]
    pub fn verify(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] code: JsValue,
        #[wasm_bindgen(unchecked_param_type = "number")] counter: JsValue,
    ) -> Result<JsValue, Thrown> {
        let code = convert::text(code, "/code")?;
        let matched = self.hotp.verify(&code, self::counter(counter)?)?;
        let next = matched.next().map(Counter::as_u64);
        convert::value(&MatchedCounter { counter: matched.counter().as_u64(), next })
    }

    /// The `otpauth://hotp/` URI for an authenticator that begins at `counter`.
    ///
    /// Throws an `AuthcoreError`: `invalid_input`, as for `Totp`.
    pub fn uri(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number")] counter: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "LabelOptions")] options: JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.otpauth(counter, options)?.expose().clone())
    }

    /// The QR code of `uri` as an SVG that can stand in a page as it is.
    #[wasm_bindgen(js_name = qrSvg)]
    pub fn qr_svg(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number")] counter: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "LabelOptions")] options: JsValue,
    ) -> Result<String, Thrown> {
        Ok(Matrix::new(self.otpauth(counter, options)?.expose())?.svg())
    }

    /// The QR code of `uri` as a PNG.
    #[wasm_bindgen(js_name = qrPng)]
    pub fn qr_png(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number")] counter: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "LabelOptions")] options: JsValue,
    ) -> Result<Vec<u8>, Thrown> {
        Ok(Matrix::new(self.otpauth(counter, options)?.expose())?.png())
    }

    fn otpauth(&self, counter: JsValue, options: JsValue) -> Result<Secret<String>, Error> {
        let (issuer, account) = self.label.parse(options)?;
        Ok(self.hotp.uri(&issuer, &account, self::counter(counter)?))
    }
}

fn counter(value: JsValue) -> Result<Counter, Error> {
    let number = convert::integer(value, "/counter")?;
    // Below 0 is as far out of range as beyond the end.
    parsed("/counter", Counter::new(u64::try_from(number).unwrap_or(u64::MAX)))
}
