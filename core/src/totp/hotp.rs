//! Counter-based codes (RFC 4226), with the look-ahead that finds a token's counter again.

use std::fmt;

use subtle::{Choice, ConditionallySelectable};

use super::code::{Code, Generator};
use super::{AccountName, Algorithm, Digits, Issuer, SharedSecret, uri, wrong_code};
use crate::error::Error;
use crate::secret::Secret;
use crate::text::Reason;

/// The largest counter: 2^53−1, which every host counts exactly.
const MAX_COUNTER: u64 = (1 << 53) - 1;

/// The moving factor of RFC 4226 §5.1: 0 to 2^53−1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter(u64);

impl Counter {
    /// # Errors
    /// `out_of_range`.
    pub fn new(counter: u64) -> Result<Self, Reason> {
        if counter > MAX_COUNTER {
            return Err(Reason::new("out_of_range", "a counter is at most 9007199254740991"));
        }
        Ok(Self(counter))
    }

    /// The number.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

/// How many counters after the expected one are accepted too (RFC 4226 §7.4, s): 0 to 100, 10 by
/// default. Each one more gives a guess one more code to hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookAhead(u8);

impl LookAhead {
    /// # Errors
    /// `out_of_range`.
    pub fn new(counters: u32) -> Result<Self, Reason> {
        match u8::try_from(counters) {
            Ok(counters @ 0..=100) => Ok(Self(counters)),
            _ => Err(Reason::new("out_of_range", "the look-ahead has 0 to 100 counters")),
        }
    }
}

impl Default for LookAhead {
    fn default() -> Self {
        Self(10)
    }
}

/// The counter whose code was presented: the proof that [`Hotp::verify`] accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a code is accepted once: store the next counter"]
pub struct MatchedCounter(Counter);

impl MatchedCounter {
    /// The counter that matched.
    #[must_use]
    pub const fn counter(self) -> Counter {
        self.0
    }

    /// The counter to store and to hand to the next [`Hotp::verify`], so that no code is accepted
    /// twice. `None` after the last one: the token is used up.
    #[must_use]
    pub fn next(self) -> Option<Counter> {
        Counter::new(self.0.0.saturating_add(1)).ok()
    }
}

/// A counter-based one-time password generator and verifier (RFC 4226).
pub struct Hotp {
    secret: SharedSecret,
    algorithm: Algorithm,
    digits: Digits,
    look_ahead: LookAhead,
    generator: Generator,
}

impl Hotp {
    /// The codes of this secret. RFC 4226 itself knows [`Algorithm::Sha1`] only.
    #[must_use]
    pub fn new(
        secret: SharedSecret,
        algorithm: Algorithm,
        digits: Digits,
        look_ahead: LookAhead,
    ) -> Self {
        let generator = Generator::new(&secret, algorithm, digits);
        Self { secret, algorithm, digits, look_ahead, generator }
    }

    /// The secret that it shares with the authenticator.
    #[must_use]
    pub const fn secret(&self) -> &SharedSecret {
        &self.secret
    }

    /// The code of this counter (RFC 4226 §5.3).
    #[must_use]
    pub fn generate(&self, counter: Counter) -> Code {
        self.generator.made(counter.0)
    }

    /// Judges a presented code over the `expected` counter and the look-ahead (RFC 4226 §7.4); the
    /// first counter that matches is taken, as a token that ran ahead shows it. The code is read
    /// as by [`super::Totp::verify`], and every counter is compared in constant time.
    ///
    /// # Errors
    /// [`crate::error::Code::OtpInvalid`] if none matches.
    pub fn verify(&self, code: &str, expected: Counter) -> Result<MatchedCounter, Error> {
        let presented = Code::read(code, self.digits).ok_or_else(wrong_code)?;
        let last = expected.0.saturating_add(u64::from(self.look_ahead.0)).min(MAX_COUNTER);
        let mut found = Choice::from(0);
        let mut first = 0;
        for counter in expected.0..=last {
            let matched = self.generator.searched(counter).is(&presented);
            first.conditional_assign(&counter, matched & !found);
            found |= matched;
        }
        let confirmed = found.into() && self.generator.confirms(first, &presented).into();
        if confirmed { Ok(MatchedCounter(Counter(first))) } else { Err(wrong_code()) }
    }

    /// The `otpauth://hotp/` URI for an authenticator that begins at `counter`.
    #[must_use]
    pub fn uri(&self, issuer: &Issuer, account: &AccountName, counter: Counter) -> Secret<String> {
        let Self { secret, algorithm, digits, .. } = self;
        let counter = ("counter", counter.0);
        uri::build("hotp", issuer, account, secret, *algorithm, *digits, counter)
    }
}

impl fmt::Debug for Hotp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret: _, algorithm, digits, look_ahead, generator: _ } = self;
        f.debug_struct("Hotp")
            .field("algorithm", algorithm)
            .field("digits", digits)
            .field("look_ahead", look_ahead)
            .finish_non_exhaustive()
    }
}
