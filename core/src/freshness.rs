//! Whether a sign-in is fresh enough for what changes an account (docs/DESIGN §4, §6).

use crate::time::{Millis, UnixMillis};

/// How long a sign-in counts as fresh.
pub const FRESH: Millis = Millis::minutes(5);

/// Whether the session's `auth_time` is fresh. A refresh does not renew it (SECURITY 43).
#[must_use]
pub fn is_fresh(auth_time: UnixMillis, now: UnixMillis) -> bool {
    now.since(auth_time) <= FRESH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_fresh_for_five_minutes() {
        let auth_time = UnixMillis::new(0);
        assert!(is_fresh(auth_time, UnixMillis::new(300_000)));
        assert!(!is_fresh(auth_time, UnixMillis::new(300_001)));
    }
}
