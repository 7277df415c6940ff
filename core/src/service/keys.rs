//! Signing keys: made on first use, exchanged when due, opened by the ring, published.

mod opened;

use std::sync::Arc;

use self::opened::generate;
pub(super) use self::opened::{Memo, OpenedKey};
use super::database::{self, Written};
use super::{Caller, Service};
use crate::effect::{Effects, Rows};
use crate::error::{Code, Error};
use crate::jwt::{self, KeySet, VerifyingKey};
use crate::rotation::{self, Decision, State};
use crate::store::signing_keys::{self, KeyRow};
use crate::time::UnixMillis;

/// The keys as they are stored now: at least an active one.
pub(super) struct Keys(Vec<KeyRow>);

/// The keys of these rows; makes, replaces or exchanges keys first, if that is due: one more batch,
/// on first use, once in a rotation, and once when another algorithm is set
/// (docs/decisions/0004, 0018).
pub(super) async fn current(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    rows: Rows,
) -> Result<Keys, Error> {
    let stored = signing_keys::read(rows)?;
    let states: Vec<_> = stored.iter().map(|row| row.key).collect();
    let settings = &service.settings;
    match rotation::decide(&states, settings.jwt_algorithm, settings.key_rotation, caller.now) {
        Decision::Keep => Ok(Keys(stored)),
        Decision::Create => create(service, fx, caller).await,
        Decision::Replace => replace(service, fx, caller, &stored).await,
        Decision::Rotate => rotate(service, fx, caller, &stored).await,
    }
}

async fn create(service: &Service, fx: &mut Effects, caller: &Caller) -> Result<Keys, Error> {
    let active = generate(&service.settings, caller)?;
    let next = generate(&service.settings, caller)?;
    let written = database::write(
        fx,
        [
            signing_keys::create_active(&active, caller.now, &caller.op),
            signing_keys::create_next(&next, caller.now, &caller.op, &active.id),
            signing_keys::all(),
        ],
    )
    .await?;
    let rows = match written {
        Written::Done([_, _, rows]) => rows,
        Written::Unknown => read_again(fx).await?,
    };
    usable(rows)
}

async fn replace(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    stored: &[KeyRow],
) -> Result<Keys, Error> {
    let next = stored.iter().find(|row| row.key.state == State::Next).ok_or(Code::Internal)?;
    let fresh = generate(&service.settings, caller)?;
    let written = database::write(
        fx,
        [signing_keys::replace_next(&fresh, caller.now, &caller.op, &next.id), signing_keys::all()],
    )
    .await?;
    let rows = match written {
        Written::Done([_, rows]) => rows,
        Written::Unknown => read_again(fx).await?,
    };
    usable(rows)
}

async fn rotate(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    stored: &[KeyRow],
) -> Result<Keys, Error> {
    let find = |state| stored.iter().find(|row| row.key.state == state);
    let (Some(old), Some(next)) = (find(State::Active), find(State::Next)) else {
        return Err(Code::Internal.into());
    };
    let fresh = generate(&service.settings, caller)?;
    let written = database::write(
        fx,
        [
            signing_keys::retire(caller.now, &caller.op, &old.id),
            signing_keys::activate(caller.now, &caller.op, &next.id, &old.id),
            signing_keys::create_next(&fresh, caller.now, &caller.op, &next.id),
            signing_keys::all(),
        ],
    )
    .await?;
    let rows = match written {
        Written::Done([_, _, _, rows]) => rows,
        Written::Unknown => read_again(fx).await?,
    };
    usable(rows)
}

/// Whatever another operation or this one committed is what counts.
async fn read_again(fx: &mut Effects) -> Result<Rows, Error> {
    let [rows] = database::read(fx, [signing_keys::all()]).await?;
    Ok(rows)
}

fn usable(rows: Rows) -> Result<Keys, Error> {
    let stored = signing_keys::read(rows)?;
    let active = stored.iter().any(|row| row.key.state == State::Active);
    active.then_some(Keys(stored)).ok_or_else(database::unavailable)
}

impl Keys {
    /// The key that signs.
    pub(super) fn active(&self, service: &Service) -> Result<Arc<OpenedKey>, Error> {
        let active = self.0.iter().find(|row| row.key.state == State::Active);
        service.opened.open(&service.settings.ring, active.ok_or(Code::Internal)?)
    }

    /// The keys that belong into a published set, each derived from what is sealed, so that nobody
    /// who can write to the table but lacks the ring publishes a key of their own. A retired key
    /// that a lost key of the ring sealed is left out: its tokens are refused.
    fn published(&self, service: &Service, now: UnixMillis) -> Result<Vec<Arc<OpenedKey>>, Error> {
        let (ring, longest) = (&service.settings.ring, service.settings.access_ttl);
        let published = self.0.iter().filter(|row| rotation::is_published(&row.key, longest, now));
        let lost = |row: &KeyRow| row.key.state == State::Retired && !opened::opens(ring, row);
        let mut keys = Vec::new();
        for row in published {
            match service.opened.open(ring, row) {
                Ok(key) => keys.push(key),
                Err(_) if lost(row) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(keys)
    }
}

fn verifying_keys(keys: &[Arc<OpenedKey>]) -> Vec<VerifyingKey> {
    keys.iter().map(|key| key.of_tokens().verifying_key().clone()).collect()
}

/// The keys of these rows that may have signed a token that still lives.
pub(super) fn verifying(service: &Service, rows: Rows, now: UnixMillis) -> Result<KeySet, Error> {
    KeySet::new(verifying_keys(&Keys(signing_keys::read(rows)?).published(service, now)?))
}

/// Whether the ring opens the stored keys; the ids of those it does not.
pub(super) fn broken(service: &Service, rows: Rows) -> Result<Vec<String>, Error> {
    let stored = signing_keys::read(rows)?;
    let needed = stored.iter().filter(|row| row.key.state != State::Retired);
    let opens = |row: &KeyRow| service.opened.open(&service.settings.ring, row).is_ok();
    Ok(needed.filter(|row| !opens(row)).map(|row| row.id.clone()).collect())
}

/// The public key set (RFC 7517 §5): what verifies every access token that still lives or comes
/// next. Of HMAC keys there is nothing to publish.
pub(crate) async fn key_set(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
) -> Result<String, Error> {
    jwt::jwks(&verifying_keys(&published(service, fx, caller).await?))
}

/// The public key set that verifies the signed list of revoked sessions: that of the access
/// tokens, or, where those are signed by HMAC, keys of its own (docs/decisions/0018).
pub(crate) async fn list_key_set(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
) -> Result<String, Error> {
    let keys = published(service, fx, caller).await?;
    let keys: Vec<_> = keys.iter().map(|key| key.of_lists().verifying_key().clone()).collect();
    jwt::jwks(&keys)
}

async fn published(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
) -> Result<Vec<Arc<OpenedKey>>, Error> {
    let [rows] = database::read(fx, [signing_keys::all()]).await?;
    current(service, fx, caller, rows).await?.published(service, caller.now)
}
