//! What generator and verifier agree on (RFC 6238 §4, §5.2): algorithm, digits, period, window.

use crate::text::Reason;
use crate::time::UnixMillis;

/// The hash function under the HMAC (RFC 6238 §1.2). Many authenticators know SHA-1 only, and
/// some take the others for it without a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA-1, of RFC 4226. Its known collisions do not weaken it here (RFC 4226 §B.2).
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name in an otpauth URI and in AUTHCORE_OTP_ALGORITHM: `SHA1`, `SHA256` or `SHA512`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// Reads the name, in capital letters.
    ///
    /// # Errors
    /// `algorithm_unsupported`.
    pub fn parse(name: &str) -> Result<Self, Reason> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == name)
            .ok_or(Reason::new("algorithm_unsupported", "use SHA1, SHA256 or SHA512"))
    }
}

/// Digits of a code: 6 to 8 (RFC 4226 §5.3), 6 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits(u8);

impl Digits {
    /// # Errors
    /// `out_of_range`.
    pub fn new(digits: u32) -> Result<Self, Reason> {
        match digits {
            6 => Ok(Self(6)),
            7 => Ok(Self(7)),
            8 => Ok(Self(8)),
            _ => Err(Reason::new("out_of_range", "a code has 6 to 8 digits")),
        }
    }

    /// How many.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self.0
    }
}

impl Default for Digits {
    fn default() -> Self {
        Self(6)
    }
}

/// How long a code is shown (RFC 6238 §4.1, X): 10 to 300 seconds, 30 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period(u16);

impl Period {
    /// A period in seconds.
    ///
    /// # Errors
    /// `out_of_range`.
    pub fn from_seconds(seconds: u32) -> Result<Self, Reason> {
        match u16::try_from(seconds) {
            Ok(seconds @ 10..=300) => Ok(Self(seconds)),
            _ => Err(Reason::new("out_of_range", "a period has 10 to 300 seconds")),
        }
    }

    /// Seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u16 {
        self.0
    }

    /// The step of a moment (RFC 6238 §4.2, T with T0 = 0). One before 1970 counts as 1970.
    #[must_use]
    pub fn step(self, at: UnixMillis) -> Step {
        // The period is never 0, the fallback never taken.
        Step::new(at.as_seconds().checked_div(i64::from(self.0)).unwrap_or_default())
    }
}

impl Default for Period {
    fn default() -> Self {
        Self(30)
    }
}

/// How many steps before and after the present one are accepted too: 0 to 3, 1 by default, as
/// RFC 6238 §5.2 recommends. Each one more gives a guess two more codes to hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window(u8);

impl Window {
    /// # Errors
    /// `out_of_range`.
    pub fn new(steps: u32) -> Result<Self, Reason> {
        match u8::try_from(steps) {
            Ok(steps @ 0..=3) => Ok(Self(steps)),
            _ => Err(Reason::new("out_of_range", "a window has 0 to 3 steps to either side")),
        }
    }

    /// Steps to either side.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self.0
    }

    /// The steps around `middle`, oldest first; there is none before step 0.
    pub(super) fn around(self, middle: Step) -> impl Iterator<Item = Step> {
        let (middle, width) = (middle.as_i64(), i64::from(self.0));
        let oldest = middle.saturating_sub(width).max(0);
        (oldest..=middle.saturating_add(width)).map(Step::new)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self(1)
    }
}

/// A time step (RFC 6238 §4.2, T): how many periods passed since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(i64);

impl Step {
    /// A step as stored. One before 1970 counts as step 0.
    #[must_use]
    pub const fn new(step: i64) -> Self {
        Self(if step < 0 { 0 } else { step })
    }

    /// The number to store.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// The moving factor of RFC 4226 §5.1.
    pub(super) const fn counter(self) -> u64 {
        self.0.unsigned_abs()
    }
}

/// All that a verifier must know beside the secret. The default is what every authenticator knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The hash function.
    pub algorithm: Algorithm,
    /// Digits of a code.
    pub digits: Digits,
    /// How long a code is shown.
    pub period: Period,
    /// How many steps to either side are accepted.
    pub window: Window,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_refused() {
        let digits = [0, 5, 6, 7, 8, 9, 256 + 6, u32::MAX].map(|n| Digits::new(n).is_ok());
        assert_eq!(digits, [false, false, true, true, true, false, false, false]);
        let period = [0, 9, 10, 30, 300, 301, 65_536 + 30].map(|n| Period::from_seconds(n).is_ok());
        assert_eq!(period, [false, false, true, true, true, false, false]);
        let window = [0, 3, 4, 256, u32::MAX].map(|n| Window::new(n).is_ok());
        assert_eq!(window, [true, true, false, false, false]);
        let algorithm = ["SHA1", "SHA256", "SHA512", "sha1", "MD5", "SHA-1", ""];
        let known = algorithm.map(|name| Algorithm::parse(name).is_ok());
        assert_eq!(known, [true, true, true, false, false, false, false]);
    }

    // SECURITY 18
    #[test]
    fn steps_are_held_at_the_bounds_of_time() {
        let period = Period::default();
        let step = |millis| period.step(UnixMillis::new(millis)).as_i64();
        assert_eq!([step(0), step(29_999), step(30_000)], [0, 0, 1]);
        assert_eq!([step(-1), step(-30_001), step(i64::MIN)], [0, 0, 0]);
        assert_eq!(step(i64::MAX), ((1 << 53) - 1) / 30_000);
        let around = |millis| -> Vec<i64> {
            Window(3).around(period.step(UnixMillis::new(millis))).map(Step::as_i64).collect()
        };
        assert_eq!(around(0), [0, 1, 2, 3]);
        assert_eq!(around(i64::MAX).len(), 7);
        let last: Vec<_> = Window(3).around(Step::new(i64::MAX)).collect();
        assert_eq!(last.len(), 4);
    }
}
