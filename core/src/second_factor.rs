//! Whether a right password is enough, and whether a challenge still takes codes (docs/DESIGN §5).

use crate::time::{Millis, UnixMillis};

/// How long a challenge takes codes.
pub const CHALLENGE: Millis = Millis::minutes(5);

/// How many challenges of an account are open at once; a further one ends the oldest.
pub const CHALLENGES: u32 = 3;

/// How long an enrolment that was asked for at sign-up waits for its first code.
pub const ENROLMENT_AT_SIGN_UP: Millis = Millis::hours(24);

/// How long an enrolment that a session asked for waits for its first code.
pub const ENROLMENT: Millis = Millis::minutes(30);

/// How often a day a challenge is traded for a new enrolment.
pub const TRADES_A_DAY: u32 = 5;

/// How many codes may be tried against one unconfirmed enrolment of a session.
pub const CONFIRMATIONS: u32 = 10;

/// How many remembered devices an account has; a further one ends the oldest.
pub const DEVICES: u32 = 20;

/// Where an authenticator was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// At sign-up: the first login already asks for a code.
    SignUp,
    /// By a session: it asks for nothing before it is confirmed.
    Session,
}

/// What is stored of an authenticator, as far as a login must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it was asked for.
    pub origin: Origin,
    /// Until when a first code may confirm it.
    pub confirm_by: UnixMillis,
    /// When a code confirmed it.
    pub confirmed_at: Option<UnixMillis>,
}

/// What a right password leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// A session: there is no second factor.
    Nothing,
    /// A session: the device was remembered after it showed the factor.
    Remembered,
    /// A challenge: a code of the authenticator is asked for.
    Code,
}

/// Whether a login came with the token of a live remembered device of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// It did.
    Remembered,
    /// It did not.
    Unknown,
}

impl Standing {
    /// Whether the authenticator counts: it is confirmed, or it was asked for at sign-up and still
    /// waits. After that the account has one factor, and says so.
    #[must_use]
    pub fn counts(&self, now: UnixMillis) -> bool {
        self.confirmed_at.is_some() || self.origin == Origin::SignUp && self.waits(now)
    }

    /// Whether a first code may still confirm it.
    #[must_use]
    pub fn waits(&self, now: UnixMillis) -> bool {
        self.confirmed_at.is_none() && now < self.confirm_by
    }
}

/// What a right password leads to (SECURITY 15). A device is remembered by confirmed factors only.
#[must_use]
pub fn requirement(standing: Option<&Standing>, device: Device, now: UnixMillis) -> Requirement {
    match (standing.filter(|standing| standing.counts(now)), device) {
        (None, _) => Requirement::Nothing,
        (Some(Standing { confirmed_at: Some(_), .. }), Device::Remembered) => {
            Requirement::Remembered
        }
        (Some(_), _) => Requirement::Code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_000);

    fn standing(origin: Origin, confirm_by: i64, confirmed_at: Option<i64>) -> Standing {
        let confirmed_at = confirmed_at.map(UnixMillis::new);
        Standing { origin, confirm_by: UnixMillis::new(confirm_by), confirmed_at }
    }

    // SECURITY 15
    #[test]
    fn every_standing_has_its_requirement() {
        use Requirement::{Code, Nothing, Remembered};
        let confirmed = standing(Origin::Session, 0, Some(1));
        let at_sign_up = standing(Origin::SignUp, 1_001, None);
        let too_late = standing(Origin::SignUp, 1_000, None);
        let by_session = standing(Origin::Session, 1_001, None);
        for (standing, unknown, remembered) in [
            (None, Nothing, Nothing),
            (Some(confirmed), Code, Remembered),
            (Some(at_sign_up), Code, Code),
            (Some(too_late), Nothing, Nothing),
            (Some(by_session), Nothing, Nothing),
        ] {
            let standing = standing.as_ref();
            assert_eq!(requirement(standing, Device::Unknown, NOW), unknown, "{standing:?}");
            assert_eq!(requirement(standing, Device::Remembered, NOW), remembered, "{standing:?}");
        }
    }
}
