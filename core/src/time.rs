//! Moments and durations: Unix milliseconds with checked arithmetic. There is no clock here.

/// Milliseconds since 1970-01-01T00:00:00Z, within ±(2^53−1) so that every host reads it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(i64);

/// The largest integer that JSON carries exactly on every host (RFC 7493 §2.2).
pub const MAX_EXACT: i64 = (1 << 53) - 1;

impl UnixMillis {
    /// The epoch.
    pub const EPOCH: Self = Self(0);

    /// A moment from Unix milliseconds; values beyond ±(2^53−1) are held at that bound.
    #[must_use]
    pub const fn new(millis: i64) -> Self {
        if millis > MAX_EXACT {
            Self(MAX_EXACT)
        } else if millis < -MAX_EXACT {
            Self(-MAX_EXACT)
        } else {
            Self(millis)
        }
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole Unix seconds, rounded down: the NumericDate of RFC 7519 §2.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `span` later, held at the bound instead of overflowing.
    #[must_use]
    pub const fn after(self, span: Millis) -> Self {
        Self::new(self.0.saturating_add(span.0))
    }

    /// This moment and `span` earlier, held at the bound instead of overflowing.
    #[must_use]
    pub const fn before(self, span: Millis) -> Self {
        Self::new(self.0.saturating_sub(span.0))
    }

    /// How long after `earlier` this moment is; zero if the clock ran backwards.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        let span = self.0.saturating_sub(earlier.0);
        Millis(if span < 0 { 0 } else { span })
    }
}

/// A span of milliseconds, never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(i64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of milliseconds.
    #[must_use]
    pub const fn new(millis: u32) -> Self {
        Self(millis as i64)
    }

    /// A span of milliseconds as stored; a negative one counts as none.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < 0 { 0 } else { millis })
    }

    /// A span of seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self((seconds as i64).saturating_mul(1000))
    }

    /// A span of minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self((minutes as i64).saturating_mul(60_000))
    }

    /// A span of hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self((hours as i64).saturating_mul(3_600_000))
    }

    /// A span of days.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self((days as i64).saturating_mul(86_400_000))
    }

    /// Milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded down.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whole seconds, rounded up: what `Retry-After` says (RFC 9110 §10.2.3).
    #[must_use]
    pub const fn as_seconds_ceil(self) -> u32 {
        let seconds = self.0.saturating_add(999).div_euclid(1000);
        if seconds > u32::MAX as i64 { u32::MAX } else { seconds as u32 }
    }

    /// Both spans, one after the other.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The shorter of two spans.
    #[must_use]
    pub const fn at_most(self, other: Self) -> Self {
        if self.0 < other.0 { self } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_held_at_the_bounds() {
        let last = UnixMillis::new(i64::MAX);
        assert_eq!(last.as_millis(), MAX_EXACT);
        assert_eq!(last.after(Millis::days(u32::MAX)), last);
        assert_eq!(UnixMillis::new(i64::MIN).before(Millis::days(1)).as_millis(), -MAX_EXACT);
    }

    #[test]
    fn a_clock_that_runs_backwards_gives_no_time_passed() {
        assert_eq!(UnixMillis::new(5).since(UnixMillis::new(9)), Millis::ZERO);
    }

    #[test]
    fn seconds_round_down_and_waits_round_up() {
        assert_eq!(UnixMillis::new(1999).as_seconds(), 1);
        assert_eq!(UnixMillis::new(-1).as_seconds(), -1);
        assert_eq!(Millis::new(1001).as_seconds_ceil(), 2);
    }
}
