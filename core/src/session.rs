//! When a session ends: idle limit, absolute end, revocation (docs/DESIGN §4).

use crate::time::{Millis, UnixMillis};

/// The ends of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Ends here unless it is refreshed before. Never after the absolute end.
    pub idle_end: UnixMillis,
    /// Ends here whatever happens; rotation does not move it.
    pub absolute_end: UnixMillis,
    /// Revoked at this moment.
    pub revoked_at: Option<UnixMillis>,
}

/// With what the owner of a session proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A password.
    Password,
    /// A password, on a device that showed the second factor before.
    RememberedDevice,
    /// A code of an authenticator, beside a password.
    Otp,
    /// A backup code, beside a password.
    BackupCode,
}

impl Proof {
    /// Authentication methods, separated by spaces (RFC 8176 §2).
    #[must_use]
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password | Self::RememberedDevice => "pwd",
            Self::Otp => "pwd otp mfa",
            Self::BackupCode => "pwd mfa",
        }
    }

    /// 1 or 2: how many factors were shown (NIST SP 800-63B-4 §2).
    #[must_use]
    pub const fn assurance_level(self) -> i64 {
        match self.shows_factor() {
            None => 1,
            Some(()) => 2,
        }
    }

    /// Whether the second factor itself was shown.
    #[must_use]
    pub const fn shows_factor(self) -> Option<()> {
        match self {
            Self::Password | Self::RememberedDevice => None,
            Self::Otp | Self::BackupCode => Some(()),
        }
    }
}

/// Whether a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It lives.
    Live,
    /// It was revoked.
    Revoked,
    /// Its idle limit or its absolute end has passed.
    Ended,
}

impl Lifetime {
    /// The lifetime of a session that begins now.
    #[must_use]
    pub fn begin(now: UnixMillis, idle: Millis, longest: Millis) -> Self {
        let absolute_end = now.after(longest);
        Self { idle_end: now.after(idle).min(absolute_end), absolute_end, revoked_at: None }
    }

    /// The idle end after a refresh now.
    #[must_use]
    pub fn idle_end_from(&self, now: UnixMillis, idle: Millis) -> UnixMillis {
        now.after(idle).min(self.absolute_end)
    }

    /// Whether the session lives at `now`. It has ended at its end, not after it.
    #[must_use]
    pub fn state(&self, now: UnixMillis) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if now >= self.idle_end || now >= self.absolute_end {
            State::Ended
        } else {
            State::Live
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refreshing_does_not_move_the_absolute_end() {
        let start = UnixMillis::new(0);
        let lifetime = Lifetime::begin(start, Millis::hours(24), Millis::days(2));
        let later = start.after(Millis::hours(40));
        assert_eq!(lifetime.idle_end_from(later, Millis::hours(24)), start.after(Millis::days(2)));
    }

    #[test]
    fn a_session_has_ended_at_its_end() {
        let lifetime = Lifetime::begin(UnixMillis::new(0), Millis::seconds(10), Millis::days(1));
        assert_eq!(lifetime.state(UnixMillis::new(9_999)), State::Live);
        assert_eq!(lifetime.state(UnixMillis::new(10_000)), State::Ended);
    }

    #[test]
    fn a_revoked_session_is_revoked_before_anything_else() {
        let mut lifetime = Lifetime::begin(UnixMillis::new(0), Millis::seconds(1), Millis::days(1));
        lifetime.revoked_at = Some(UnixMillis::new(5));
        assert_eq!(lifetime.state(UnixMillis::new(9_999)), State::Revoked);
    }
}
