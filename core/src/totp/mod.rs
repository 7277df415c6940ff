//! Codes of authenticators: TOTP (RFC 6238), HOTP under it (RFC 4226), otpauth URIs.
//!
//! Sizes and defaults are those that every authenticator knows: SHA-1, 6 digits, 30 seconds. A
//! code is accepted once: [`Totp::verify`] takes the step that was accepted last, and returns the
//! newest one that matches as a [`MatchedStep`], which the caller stores by compare-and-set.

use std::fmt;

use subtle::{Choice, ConditionallySelectable};

mod code;
mod hotp;
mod parameters;
mod shared_secret;
mod uri;

use crate::error::{Code as ErrorCode, Error};
use crate::secret::Secret;
use crate::time::UnixMillis;

pub use code::Code;
pub use hotp::{Counter, Hotp, LookAhead, MatchedCounter};
pub use parameters::{Algorithm, Digits, Parameters, Period, Step, Window};
pub use shared_secret::SharedSecret;
pub use uri::{AccountName, Issuer};

use code::Generator;

/// The step whose code was presented: the proof that [`Totp::verify`] accepted it.
///
/// Whoever holds it stores [`MatchedStep::step`] as the last one accepted, and refuses the code
/// if that fails because another request was first (RFC 6238 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a code is accepted once: store the step"]
pub struct MatchedStep(Step);

impl MatchedStep {
    /// The step to store and to hand to the next [`Totp::verify`].
    #[must_use]
    pub const fn step(self) -> Step {
        self.0
    }
}

/// A time-based one-time password generator and verifier (RFC 6238).
pub struct Totp {
    secret: SharedSecret,
    parameters: Parameters,
    generator: Generator,
}

impl Totp {
    /// The codes of this secret.
    #[must_use]
    pub fn new(secret: SharedSecret, parameters: Parameters) -> Self {
        let generator = Generator::new(&secret, parameters.algorithm, parameters.digits);
        Self { secret, parameters, generator }
    }

    /// The secret that it shares with the authenticator.
    #[must_use]
    pub const fn secret(&self) -> &SharedSecret {
        &self.secret
    }

    /// Algorithm, digits, period and window.
    #[must_use]
    pub const fn parameters(&self) -> Parameters {
        self.parameters
    }

    /// The code of the moment `at` (RFC 6238 §4.2). A moment before 1970 counts as 1970.
    #[must_use]
    pub fn generate(&self, at: UnixMillis) -> Code {
        self.generator.made(self.parameters.period.step(at).counter())
    }

    /// Judges a code that was presented at the moment `at`, over every step of the window
    /// (RFC 6238 §5.2): of those that match and are newer than `after`, the last step accepted,
    /// the newest is taken.
    ///
    /// Spaces (U+0020) in the code are left out; everything else but ASCII digits is refused.
    /// Every step is compared in constant time, whichever matches.
    ///
    /// # Errors
    /// [`ErrorCode::OtpInvalid`] if no step matches. That a code was used before is not told apart.
    pub fn verify(
        &self,
        code: &str,
        at: UnixMillis,
        after: Option<Step>,
    ) -> Result<MatchedStep, Error> {
        let Parameters { digits, period, window, .. } = self.parameters;
        let presented = Code::read(code, digits).ok_or_else(wrong_code)?;
        let mut found = Choice::from(0);
        let mut newest = 0;
        // Oldest first, so that the newest remains.
        for step in window.around(period.step(at)) {
            let unused = Choice::from(u8::from(after.is_none_or(|after| step > after)));
            let matched = self.generator.searched(step.counter()).is(&presented) & unused;
            newest.conditional_assign(&step.as_i64(), matched);
            found |= matched;
        }
        let newest = Step::new(newest);
        let confirmed =
            found.into() && self.generator.confirms(newest.counter(), &presented).into();
        if confirmed { Ok(MatchedStep(newest)) } else { Err(wrong_code()) }
    }

    /// The `otpauth://totp/` URI that an authenticator reads from the QR code. Its algorithm,
    /// digits and period are those that [`Totp::verify`] judges by.
    #[must_use]
    pub fn uri(&self, issuer: &Issuer, account: &AccountName) -> Secret<String> {
        let Parameters { algorithm, digits, period, .. } = self.parameters;
        let period = ("period", u64::from(period.as_seconds()));
        uri::build("totp", issuer, account, &self.secret, algorithm, digits, period)
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

/// The one answer to a code that is not accepted, whatever is wrong with it.
fn wrong_code() -> Error {
    Error::new(ErrorCode::OtpInvalid, "the code is wrong, too old, or was used before")
}
