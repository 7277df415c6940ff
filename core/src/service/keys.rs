//! Signing keys: made on first use, exchanged when due, opened by the ring, published.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::database::{self, Written};
use super::{Caller, Service};
use crate::effect::{Effects, Rows};
use crate::error::{Code, Error};
use crate::jwt::{self, KeySet, SigningKey, VerifyingKey};
use crate::rotation::{self, Decision, State};
use crate::secret::{Binding, Purpose, open, seal};
use crate::store::signing_keys::{self, KeyRow, NewKey};
use crate::time::UnixMillis;

const ALGORITHM: &str = "EdDSA";

/// The keys as they are stored now: at least an active one.
pub(super) struct Keys(Vec<KeyRow>);

/// The keys of these rows; makes or exchanges keys first, if that is due: one more batch, on first
/// use and once in a rotation (docs/decisions/0004).
pub(super) async fn current(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    rows: Rows,
) -> Result<Keys, Error> {
    let stored = signing_keys::read(rows)?;
    let states: Vec<_> = stored.iter().map(|row| row.key).collect();
    match rotation::decide(&states, service.settings.key_rotation, caller.now) {
        Decision::Keep => Ok(Keys(stored)),
        Decision::Create => create(service, fx, caller).await,
        Decision::Rotate => rotate(service, fx, caller, &stored).await,
    }
}

async fn create(service: &Service, fx: &mut Effects, caller: &Caller) -> Result<Keys, Error> {
    let active = generate(service, caller)?;
    let next = generate(service, caller)?;
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
    let fresh = generate(service, caller)?;
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

fn generate(service: &Service, caller: &Caller) -> Result<NewKey, Error> {
    let key = SigningKey::ed25519(caller.streams.bytes("signing_key.seed"));
    let nonce = caller.streams.bytes("signing_key.nonce");
    let sealed = seal(&service.settings.ring, &binding(key.kid()), &*key.seed(), nonce)?;
    let public_key = BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().public_bytes());
    Ok(NewKey { id: key.kid().to_owned(), algorithm: ALGORITHM, public_key, sealed })
}

fn binding(id: &str) -> Binding<'_> {
    Binding { table: "signing_keys", row: id, account: "", purpose: Purpose::SealSigningKey }
}

/// Opens a sealed key, unless it is the one that was opened last.
fn opened(service: &Service, row: &KeyRow) -> Result<Arc<SigningKey>, Error> {
    if let Some(key) = service.remembered(&row.sealed) {
        return Ok(key);
    }
    let plain = open(&service.settings.ring, &binding(&row.id), &row.sealed)?;
    let seed = <[u8; 32]>::try_from(plain.expose().as_slice()).map_err(|_| Code::SealBroken)?;
    let key = Arc::new(SigningKey::ed25519(seed));
    if key.kid() != row.id {
        return Err(Code::SealBroken.into());
    }
    service.remember(&row.sealed, &key);
    Ok(key)
}

fn verifying_key(row: &KeyRow) -> Result<VerifyingKey, Error> {
    let broken = || Error::new(Code::Internal, "a stored public key cannot be read");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&row.public_key).map_err(|_| broken())?;
    let point = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| broken())?;
    let key = VerifyingKey::ed25519(&point)?;
    if row.algorithm != ALGORITHM || key.kid() != row.id {
        return Err(broken());
    }
    Ok(key)
}

impl Keys {
    /// The key that signs.
    pub(super) fn active(&self, service: &Service) -> Result<Arc<SigningKey>, Error> {
        let active = self.0.iter().find(|row| row.key.state == State::Active);
        opened(service, active.ok_or(Code::Internal)?)
    }

    fn published(&self, service: &Service, now: UnixMillis) -> Result<Vec<VerifyingKey>, Error> {
        let longest = service.settings.access_ttl;
        let published = self.0.iter().filter(|row| rotation::is_published(&row.key, longest, now));
        published.map(verifying_key).collect()
    }
}

/// The keys of these rows that may have signed a token that still lives.
pub(super) fn verifying(service: &Service, rows: Rows, now: UnixMillis) -> Result<KeySet, Error> {
    KeySet::new(Keys(signing_keys::read(rows)?).published(service, now)?)
}

/// Whether the ring opens the stored keys; the ids of those it does not.
pub(super) fn broken(service: &Service, rows: Rows) -> Result<Vec<String>, Error> {
    let stored = signing_keys::read(rows)?;
    let needed = stored.iter().filter(|row| row.key.state != State::Retired);
    let opens = |row: &KeyRow| open(&service.settings.ring, &binding(&row.id), &row.sealed).is_ok();
    Ok(needed.filter(|row| !opens(row)).map(|row| row.id.clone()).collect())
}

/// The public key set (RFC 7517 §5): what verifies every token that still lives or comes next.
pub(crate) async fn key_set(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
) -> Result<String, Error> {
    let [rows] = database::read(fx, [signing_keys::all()]).await?;
    let keys = current(service, fx, caller, rows).await?;
    jwt::jwks(&keys.published(service, caller.now)?)
}
