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

    /// The moment that a database writes as `YYYY-MM-DD hh:mm:ss`, with or without a fraction,
    /// with or without its distance from UTC (`+hh`, `-hh:mm`, `+hh:mm:ss`): SQLite's and, in the
    /// ISO style, PostgreSQL's CURRENT_TIMESTAMP. Whole seconds.
    #[must_use]
    pub fn from_timestamp(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(' ')?;
        let [year, month, day] = numbers(date, '-')?;
        let sign = time.rfind(['+', '-']);
        let (time, distance) = match sign.and_then(|at| time.split_at_checked(at)) {
            Some((time, distance)) => (time, seconds_from_utc(distance)?),
            None => (time, 0),
        };
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [hour, minute, second] = numbers(time, ':')?;
        let fits = (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60
            && !fraction.is_empty()
            && fraction.bytes().all(|byte| byte.is_ascii_digit());
        if !fits {
            return None;
        }
        let seconds = days_since_epoch(year, month, day)?.checked_mul(86_400)?;
        let of_day = seconds_of(hour, minute, second)?;
        let seconds = seconds.checked_add(of_day)?.checked_sub(distance)?;
        Some(Self::new(seconds.checked_mul(1000)?))
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

    /// The Gregorian year in UTC, held within ±999999.
    #[must_use]
    pub fn year(self) -> i32 {
        // Days since 0000-03-01, so that leap days come last; 146,097 days are 400 years.
        let days = self.0.div_euclid(86_400_000).saturating_add(719_468);
        let (eras, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        // Whole leap cycles passed: every 1,460 days one day too many, and so on.
        let leaps = day.div_euclid(1_460).saturating_sub(day.div_euclid(36_524));
        let leaps = leaps.saturating_add(day.div_euclid(146_096));
        let year = day.saturating_sub(leaps).div_euclid(365);
        let in_year = day.saturating_sub(
            year.saturating_mul(365)
                .saturating_add(year.div_euclid(4))
                .saturating_sub(year.div_euclid(100)),
        );
        // January and February belong to the next year: they begin at day 306 of one from March.
        let turned = if in_year < 306 { 0 } else { 1 };
        let year = eras.saturating_mul(400).saturating_add(year).saturating_add(turned);
        i32::try_from(year.clamp(-999_999, 999_999)).unwrap_or_default()
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

/// Three numbers of digits only.
fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    });
    let found = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(found)
}

/// `+hh`, `+hh:mm` or `+hh:mm:ss`, in seconds east of Greenwich.
fn seconds_from_utc(text: &str) -> Option<i64> {
    let (east, text) = match text.strip_prefix('+') {
        Some(text) => (1, text),
        None => (-1, text.strip_prefix('-')?),
    };
    let whole = match text.split(':').count() {
        1 => format!("{text}:0:0"),
        2 => format!("{text}:0"),
        _ => text.to_owned(),
    };
    let [hours, minutes, seconds] = numbers(&whole, ':')?;
    seconds_of(hours, minutes, seconds)?.checked_mul(east)
}

fn seconds_of(hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    minutes.checked_mul(60)?.checked_add(seconds)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar: counted in years that begin in March,
/// so that the leap day is the last one.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    let (year, month) = if month > 2 {
        (year, month.checked_sub(3)?)
    } else {
        (year.checked_sub(1)?, month.checked_add(9)?)
    };
    let leap_days = (year / 4).checked_sub(year / 100)?.checked_add(year / 400)?;
    let before_month = month.checked_mul(153)?.checked_add(2)? / 5;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    let days = year.checked_mul(365)?.checked_add(leap_days)?.checked_add(before_month)?;
    days.checked_add(day)?.checked_sub(1)?.checked_sub(719_468)
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
    fn years_begin_at_midnight_utc() {
        for (millis, year) in [
            (0, 1970),
            (-1, 1969),
            (951_782_400_000, 2000), // 2000-02-29
            (978_307_199_999, 2000), // 2000-12-31
            (978_307_200_000, 2001),
            (1_767_225_599_999, 2025),
            (1_767_225_600_000, 2026),
            (4_102_444_800_000, 2100),
            (4_107_542_400_000, 2100), // 2100-03-01
            (13_569_465_599_999, 2399),
            (13_569_465_600_000, 2400),
            (13_601_001_600_000, 2400), // 2400-12-31
            (-62_167_219_200_000, 0),
            (-62_167_219_200_001, -1),
        ] {
            assert_eq!(UnixMillis::new(millis).year(), year, "{millis}");
        }
    }

    #[test]
    fn a_clock_that_runs_backwards_gives_no_time_passed() {
        assert_eq!(UnixMillis::new(5).since(UnixMillis::new(9)), Millis::ZERO);
    }

    #[test]
    fn the_timestamps_of_databases_are_read() {
        let read = |text| UnixMillis::from_timestamp(text).map(UnixMillis::as_millis);
        assert_eq!(read("1970-01-01 00:00:00"), Some(0));
        for same in [
            "2026-01-01 00:00:00",
            "2026-01-01 00:00:00.987654+00",
            "2026-01-01 05:30:00.1+05:30",
            "2025-12-31 20:30:00-03:30",
            "2026-01-01 00:20:21+00:20:21",
        ] {
            assert_eq!(read(same), Some(1_767_225_600_000), "{same}");
        }
        assert_eq!(read("2024-02-29 23:59:59"), Some(1_709_251_199_000));
        assert_eq!(read("2024-03-01 00:00:00"), Some(1_709_251_200_000));
        assert_eq!(read("2100-03-01 00:00:00"), Some(4_107_542_400_000));
        for other in [
            "",
            "now",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "01/01/2026 00:00:00 UTC",
            "Thu Jan  1 00:00:00 2026 UTC",
            "2026-13-01 00:00:00",
            "2026-01-01 24:00:00",
            "2026-01-01 00:00:00.",
            "2026-01-01 00:00:00+",
            "2026-01-01 00:00:00+1:2:3:4",
            "2026-01-01 00:00:00 BC",
            "99999-01-01 00:00:00",
            "2026-01-01 -1:00:00",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn seconds_round_down_and_waits_round_up() {
        assert_eq!(UnixMillis::new(1999).as_seconds(), 1);
        assert_eq!(UnixMillis::new(-1).as_seconds(), -1);
        assert_eq!(Millis::new(1001).as_seconds_ceil(), 2);
    }
}
