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

/// When the owner of a session last proved who they are, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proofs {
    /// By anything: the session's `auth_time`.
    pub auth_time: UnixMillis,
    /// By the second factor itself.
    pub factor_time: Option<UnixMillis>,
}

/// What a change of the account asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The account has no second factor: any proof counts.
    AnyProof,
    /// The account has one: only the factor itself counts (SECURITY 16, 21).
    Factor,
}

/// Judges the last proof. A refresh does not renew it (SECURITY 43).
#[must_use]
pub fn judge(proofs: Proofs, asked: Asked, now: UnixMillis) -> Freshness {
    let proved = match asked {
        Asked::AnyProof => Some(proofs.auth_time),
        Asked::Factor => proofs.factor_time,
    };
    match proved {
        Some(moment) if now.since(moment) <= FRESH => Freshness::Fresh,
        _ => Freshness::Stale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_fresh_for_five_minutes() {
        let proofs = Proofs { auth_time: UnixMillis::new(0), factor_time: None };
        let judged = |now| judge(proofs, Asked::AnyProof, UnixMillis::new(now));
        assert_eq!(judged(300_000), Freshness::Fresh);
        assert_eq!(judged(300_001), Freshness::Stale);
    }

    // SECURITY 16, 21
    #[test]
    fn where_there_is_a_factor_only_the_factor_counts() {
        let now = UnixMillis::new(300_000);
        let judged =
            |factor_time| judge(Proofs { auth_time: now, factor_time }, Asked::Factor, now);
        assert_eq!(judged(None), Freshness::Stale);
        assert_eq!(judged(Some(UnixMillis::new(-1))), Freshness::Stale);
        assert_eq!(judged(Some(UnixMillis::new(0))), Freshness::Fresh);
    }
}
