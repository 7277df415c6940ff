//! The schedule of waits after failed tries, and what a counted try means (docs/DESIGN §6).
//!
//! A try is counted by one atomic statement before anything is verified; the statement takes the
//! waits from here, so that parallel tries cannot pass the limit.

use crate::settings::Lock;
use crate::time::{Millis, UnixMillis};

/// How many steps the growing wait has: 1, 2, 4, 8 and the longest.
pub const STEPS: usize = 5;

/// Longer than anybody waits.
const FOREVER: Millis = Millis::days(36_500);

/// The longest wait that an answer names, in seconds: what is longer, somebody has to end.
const LONGEST_TOLD: u32 = 24 * 60 * 60;

/// How many tries are free and how long to wait after each further one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The try that begins the first wait.
    pub tries: u32,
    /// The waits after that try, the next, … the last one for all that follow.
    pub waits: [Millis; STEPS],
    /// After how long without a counted try everything is forgotten.
    pub memory: Millis,
}

impl Schedule {
    /// Failed passwords of one account, or of one name that has none: free to `tries`, then 1, 2,
    /// 4, 8 minutes and `longest`, none longer than that; forgotten a day after the last try.
    #[must_use]
    pub const fn account(tries: u32, lock: Lock) -> Self {
        match lock {
            Lock::For(longest) => Self::growing(tries, longest),
            // A wait is shorter than its row is remembered.
            Lock::UntilAdmin => {
                Self { tries, waits: [FOREVER; STEPS], memory: FOREVER.and(Millis::days(1)) }
            }
        }
    }

    const fn growing(tries: u32, longest: Millis) -> Self {
        let waits = [
            Millis::minutes(1).at_most(longest),
            Millis::minutes(2).at_most(longest),
            Millis::minutes(4).at_most(longest),
            Millis::minutes(8).at_most(longest),
            longest,
        ];
        Self { tries, waits, memory: Millis::days(1) }
    }

    /// Wrong codes of one account, whatever the challenge: free to 5, then 1, 2, 4, 8 and 15
    /// minutes; [`FACTOR_STOP`] ends it. Nothing is forgotten but by a right code, a reset or an
    /// administrator (docs/DESIGN §5, SECURITY 12).
    #[must_use]
    pub const fn factor() -> Self {
        Self::growing(5, Millis::minutes(15))
    }

    /// Failed passwords from one address, whatever the account: four times as many tries as an
    /// account has, since a household or an office shares one (docs/decisions/0006). No
    /// administrator has to end it.
    #[must_use]
    pub const fn address(tries: u32, lock: Lock) -> Self {
        let longest = match lock {
            Lock::For(longest) => longest,
            Lock::UntilAdmin => Millis::minutes(15),
        };
        Self::growing(tries.saturating_mul(4), longest)
    }
}

/// The number of wrong codes after which no code is looked at any more.
pub const FACTOR_STOP: u32 = 20;

/// Wrong codes of an account, as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorFailures {
    /// How many since the last right one.
    pub failures: i64,
    /// Codes are not looked at before this moment.
    pub until: UnixMillis,
}

/// Why a code is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorLock {
    /// It may be looked at.
    Open,
    /// Not before this moment.
    WaitUntil(UnixMillis),
    /// Not before a reset or an administrator's word.
    Stopped,
}

impl FactorFailures {
    /// What the failures so far mean now. A wait longer than the longest was begun by a clock that
    /// was ahead, and is not waited for.
    #[must_use]
    pub fn lock(&self, now: UnixMillis) -> FactorLock {
        let [.., longest] = Schedule::factor().waits;
        if self.failures >= i64::from(FACTOR_STOP) {
            FactorLock::Stopped
        } else if self.until > now && self.until <= now.after(longest) {
            FactorLock::WaitUntil(self.until)
        } else {
            FactorLock::Open
        }
    }
}

/// How many requests a window holds; it begins with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub requests: u32,
    /// How long.
    pub window: Millis,
}

impl Rate {
    /// At most `requests` in an hour.
    #[must_use]
    pub const fn hourly(requests: u32) -> Self {
        Self { requests, window: Millis::hours(1) }
    }

    /// At most `requests` in a minute.
    #[must_use]
    pub const fn a_minute(requests: u32) -> Self {
        Self { requests, window: Millis::minutes(1) }
    }

    /// At most `requests` in a day.
    #[must_use]
    pub const fn daily(requests: u32) -> Self {
        Self { requests, window: Millis::days(1) }
    }

    /// All clients whose address is not known, together: at most four times `tries` in a second.
    /// It slows, and never shuts others out for longer than that (docs/decisions/0006).
    #[must_use]
    pub const fn nowhere(tries: u32) -> Self {
        Self { requests: tries.saturating_mul(4), window: Millis::seconds(1) }
    }
}

/// What the database said about a counted try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// Counted: it may be evaluated.
    Counted,
    /// Not counted: nothing may be evaluated before this moment.
    WaitUntil(UnixMillis),
}

/// How long a caller is told to wait: whole seconds, rounded up, at least 1 and at most a day.
#[must_use]
pub fn retry_after(now: UnixMillis, until: UnixMillis) -> u32 {
    until.since(now).as_seconds_ceil().clamp(1, LONGEST_TOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits = Schedule::account(5, Lock::For(Millis::minutes(15))).waits;
        let minutes = waits.map(|wait| wait.as_seconds() / 60);
        assert_eq!(minutes, [1, 2, 4, 8, 15]);
        assert!(
            Schedule::account(5, Lock::For(Millis::minutes(3)))
                .waits
                .iter()
                .all(|w| *w <= Millis::minutes(3))
        );
    }

    #[test]
    fn a_lock_until_an_administrator_outlives_everybody_and_not_its_row() {
        let Schedule { waits, memory, .. } = Schedule::account(5, Lock::UntilAdmin);
        assert!(waits.iter().all(|wait| *wait == FOREVER && *wait < memory));
        let address = Schedule::address(5, Lock::UntilAdmin);
        assert_eq!(address.waits[STEPS - 1], Millis::minutes(15));
    }

    // SECURITY 12
    #[test]
    fn codes_wait_longer_and_longer_and_stop_at_twenty() {
        let now = UnixMillis::new(1_000_000);
        let lock = |failures, until| FactorFailures { failures, until }.lock(now);
        assert_eq!(lock(19, now), FactorLock::Open);
        let until = now.after(Millis::minutes(15));
        assert_eq!(lock(19, until), FactorLock::WaitUntil(until));
        assert_eq!(lock(19, until.after(Millis::seconds(1))), FactorLock::Open);
        assert_eq!(lock(20, now), FactorLock::Stopped);
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds_of_at_least_one() {
        let now = UnixMillis::new(1_000);
        assert_eq!(retry_after(now, UnixMillis::new(1_001)), 1);
        assert_eq!(retry_after(now, UnixMillis::new(3_001)), 3);
        assert_eq!(retry_after(now, UnixMillis::new(0)), 1);
        assert_eq!(retry_after(now, now.after(FOREVER)), 86_400);
    }
}
