//! What a presented refresh token means: rotate, hand out the successor again, or revoke
//! (docs/DESIGN §4; RFC 9700 §4.14.2).

use crate::session::{Lifetime, State};
use crate::time::{Millis, UnixMillis};

/// How long the immediate predecessor still gets the successor, so that two honest tabs that
/// refresh at once are not signed out. Inclusive.
pub const GRACE: Millis = Millis::seconds(10);

/// Which of a session's tokens was presented. The family was found; the secret is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// The one that was handed out last.
    Current,
    /// The one before it.
    Predecessor,
    /// Any other of this family: an older one, or the one before since when the password changed.
    Older,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Rotate: the presented token dies, its successor lives.
    Rotate,
    /// Hand out the successor that exists already.
    Repeat,
    /// It was used before: revoke the session.
    Revoke,
    /// The session was revoked or has ended; nothing is left to revoke.
    Ended,
}

/// Decides. `refreshed_at` is the moment of the last rotation.
#[must_use]
pub fn decide(
    presented: Presented,
    lifetime: &Lifetime,
    refreshed_at: UnixMillis,
    now: UnixMillis,
) -> Decision {
    match (lifetime.state(now), presented) {
        (State::Revoked | State::Ended, _) => Decision::Ended,
        (State::Live, Presented::Current) => Decision::Rotate,
        (State::Live, Presented::Predecessor) if now.since(refreshed_at) <= GRACE => {
            Decision::Repeat
        }
        (State::Live, Presented::Predecessor | Presented::Older) => Decision::Revoke,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(presented: Presented, now: i64) -> Decision {
        let lifetime = Lifetime::begin(UnixMillis::new(0), Millis::hours(1), Millis::days(1));
        decide(presented, &lifetime, UnixMillis::new(1_000), UnixMillis::new(now))
    }

    #[test]
    fn the_predecessor_gets_the_successor_for_ten_seconds() {
        assert_eq!(at(Presented::Predecessor, 11_000), Decision::Repeat);
        assert_eq!(at(Presented::Predecessor, 11_001), Decision::Revoke);
    }

    #[test]
    fn an_older_token_revokes_at_once() {
        assert_eq!(at(Presented::Older, 1_001), Decision::Revoke);
    }

    #[test]
    fn a_dead_session_gives_nothing_not_even_in_the_grace() {
        let mut lifetime = Lifetime::begin(UnixMillis::new(0), Millis::hours(1), Millis::days(1));
        lifetime.revoked_at = Some(UnixMillis::new(1));
        for presented in [Presented::Current, Presented::Predecessor, Presented::Older] {
            let decision =
                decide(presented, &lifetime, UnixMillis::new(1_000), UnixMillis::new(1_001));
            assert_eq!(decision, Decision::Ended);
        }
    }

    #[test]
    fn a_clock_that_runs_backwards_does_not_revoke() {
        assert_eq!(at(Presented::Predecessor, 500), Decision::Repeat);
    }
}
