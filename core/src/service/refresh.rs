//! POST /refresh: rotation, grace, reuse detection (docs/DESIGN §4).

use super::authenticate::ended;
use super::database::{self, Written};
use super::refresh_token::RefreshToken;
use super::throttling::{Throttle, require_request};
use super::tokens::{self, Subject, Tokens};
use super::{Caller, Service, keys};
use crate::effect::{Effects, Rows};
use crate::error::{Code, Error};
use crate::refresh::{Decision, decide};
use crate::session::Lifetime;
use crate::store::accounts::Status;
use crate::store::sessions::{RevokedFor, Rotation, SessionRow};
use crate::store::{roles, sessions, signing_keys};

/// Hands out the next pair. Two batches: the request is counted and the session read; then it is rotated, guarded by the
/// presented token still being the current one.
pub(crate) async fn refresh(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: &str,
) -> Result<Tokens, Error> {
    let unknown = || Error::new(Code::TokenInvalid, "not a refresh token of this service");
    let presented = RefreshToken::parse(presented).ok_or_else(unknown)?;
    let families = presented.family_hashes(&service.settings.ring);
    let throttle = Throttle::other(service, caller);
    let read = [
        throttle.count_request(caller),
        throttle.wait_request(),
        sessions::by_family(&families),
        roles::of_family(&families),
        signing_keys::all(),
    ];
    let Written::Done([request, wait, session, roles, keys]) = database::write(fx, read).await?
    else {
        return Err(database::unavailable());
    };
    require_request(&request, wait, caller)?;
    let session = sessions::read(session)?.ok_or_else(unknown)?;
    let read = Read { roles: roles::read(roles)?, keys };
    match outcome(service, caller, &presented, &session) {
        Decision::Rotate => rotate(service, fx, caller, &presented, &session, read).await,
        Decision::Repeat => repeat(service, fx, caller, &presented, &session, read).await,
        Decision::Revoke => revoke(fx, caller, &session).await,
        Decision::Ended => Err(ended()),
    }
}

struct Read {
    roles: Vec<String>,
    keys: Rows,
}

fn outcome(
    service: &Service,
    caller: &Caller,
    presented: &RefreshToken,
    session: &SessionRow,
) -> Decision {
    if session.status != Status::Active {
        return Decision::Ended;
    }
    let place = presented.place(&service.settings.ring, session);
    decide(place, &session.lifetime, session.refreshed_at, caller.now)
}

async fn rotate(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: &RefreshToken,
    session: &SessionRow,
    read: Read,
) -> Result<Tokens, Error> {
    let ring = &service.settings.ring;
    let keys = keys::current(service, fx, caller, read.keys).await?;
    let key = keys.active(service)?;
    let successor = presented.successor(ring.current(), &session.id, session.generation);
    let rotation = Rotation {
        session,
        family_hash: &presented.family_hash(ring),
        successor_hash: &successor.hash(ring, &session.id),
        presented_hash: &presented.hash(ring, &session.id),
        now: caller.now,
        op: &caller.op,
    };
    let statements = [sessions::rotate(&rotation), sessions::by_id(&session.id)];
    let rows = match database::write(fx, statements).await? {
        Written::Done([_, rows]) => rows,
        Written::Unknown => {
            let [rows] = database::read(fx, [sessions::by_id(&session.id)]).await?;
            rows
        }
    };
    // This operation rotated, or another one that was presented the same token: the successor is
    // the same, unless that one came under another ring key, was used, or the session ended.
    let now_stored = sessions::read(rows)?.ok_or_else(ended)?;
    match outcome(service, caller, presented, &now_stored) {
        Decision::Repeat => {
            let successor = presented.issued_successor(ring, &now_stored).ok_or(Code::Internal)?;
            let subject = subject(&now_stored, read.roles, now_stored.lifetime);
            tokens::issue(service, caller, &key, subject, &successor)
        }
        Decision::Revoke => revoke(fx, caller, &now_stored).await,
        Decision::Ended => Err(ended()),
        // Nothing was rotated: the write was lost.
        Decision::Rotate => Err(database::unavailable()),
    }
}

async fn repeat(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: &RefreshToken,
    session: &SessionRow,
    read: Read,
) -> Result<Tokens, Error> {
    let ring = &service.settings.ring;
    let Some(successor) = presented.issued_successor(ring, session) else {
        // The key it was derived under has left the ring.
        return Err(ended());
    };
    let key = keys::current(service, fx, caller, read.keys).await?.active(service)?;
    let subject = subject(session, read.roles, session.lifetime);
    tokens::issue(service, caller, &key, subject, &successor)
}

fn subject(session: &SessionRow, roles: Vec<String>, lifetime: Lifetime) -> Subject<'_> {
    Subject {
        account: session.account_id,
        session: session.id,
        auth_time: session.proofs.auth_time,
        amr: &session.amr,
        roles,
        lifetime,
    }
}

/// A token was used a second time: whoever holds the session, it ends.
async fn revoke(fx: &mut Effects, caller: &Caller, session: &SessionRow) -> Result<Tokens, Error> {
    super::logout::end(fx, caller, &session.id, RevokedFor::Reuse).await?;
    Err(Error::new(Code::RefreshReused, "the refresh token was used before; sign in again"))
}
