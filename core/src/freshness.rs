//! Whether a sign-in is fresh enough for what changes an account (docs/DESIGN §4, §6).

use crate::time::{Millis, UnixMillis};

/// How long a sign-in counts as fresh.
pub const FRESH: Millis = Millis::minutes(5);

/// What a session's last proof of who its owner is counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It may change the account.
    Fresh,
    /// It must be renewed first: `reauthentication_required`.
    Stale,
}

/// Judges the session's `auth_time`. A refresh does not renew it (SECURITY 43).
#[must_use]
pub fn judge(auth_time: UnixMillis, now: UnixMillis) -> Freshness {
    if now.since(auth_time) <= FRESH { Freshness::Fresh } else { Freshness::Stale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_fresh_for_five_minutes() {
        let auth_time = UnixMillis::new(0);
        assert_eq!(judge(auth_time, UnixMillis::new(300_000)), Freshness::Fresh);
        assert_eq!(judge(auth_time, UnixMillis::new(300_001)), Freshness::Stale);
    }
}
