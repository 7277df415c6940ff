//! GET /.well-known/revocations: what a verifier that does not call us must refuse
//! (docs/DESIGN §4).

use super::{Caller, Service, database, keys};
use crate::effect::Effects;
use crate::error::Error;
use crate::id::SessionId;
use crate::jwt::{MAX_LEEWAY, RevocationClaims, issue_revocations};
use crate::store::{sessions, signing_keys};
use crate::time::{Millis, UnixMillis};

/// How long a list may be used.
pub(crate) const LIFETIME: Millis = Millis::minutes(1);

/// How many sessions a list names; beyond them it gives a moment instead.
const MOST: u32 = 10_000;

/// The signed list (JWT, `typ` of its own) of the sessions that were revoked so lately that an
/// access token of theirs may still live, also for a verifier that gives leeway or whose clock is
/// behind.
pub(crate) async fn revocation_list(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
) -> Result<String, Error> {
    let since = caller.now.before(service.settings.access_ttl).before(MAX_LEEWAY);
    let [revoked, rows] =
        database::read(fx, [sessions::revoked_since(since, MOST), signing_keys::all()]).await?;
    let keys = keys::current(service, fx, caller, rows).await?;
    let (sids, not_before) = listed(sessions::read_revoked(revoked)?);
    let claims = RevocationClaims {
        iss: service.settings.issuer.clone(),
        iat: caller.now.as_seconds(),
        exp: caller.now.after(LIFETIME).as_seconds(),
        sids,
        not_before,
    };
    issue_revocations(keys.active(service)?.of_lists(), &claims)
}

/// The names, or, if there are too many, the second after the last of them was revoked: a token of
/// theirs was issued before it.
fn listed(revoked: Vec<(SessionId, UnixMillis)>) -> (Vec<SessionId>, Option<i64>) {
    if revoked.len() <= usize::try_from(MOST).unwrap_or(usize::MAX) {
        return (revoked.into_iter().map(|(id, _)| id).collect(), None);
    }
    let last = revoked.iter().map(|(_, at)| at.as_seconds()).max();
    (Vec::new(), last.map(|second| second.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_ten_thousand_a_moment_stands_for_all() {
        let revoked = |count: i64| {
            let id = |at| SessionId::v7(at, [0; 10]);
            let moments = (0..count).map(|n| UnixMillis::new(1_000 * n));
            moments.map(|at| (id(at), at)).collect::<Vec<_>>()
        };
        let (sids, not_before) = listed(revoked(10_000));
        assert_eq!((sids.len(), not_before), (10_000, None));
        let (sids, not_before) = listed(revoked(10_001));
        assert_eq!((sids.len(), not_before), (0, Some(10_001)));
    }
}
