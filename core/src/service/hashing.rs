//! Hashing through the host: room in its queue first, then the work; outcomes are tied to their jobs.

use super::{Caller, Service, throttling};
use crate::effect::Hashed;
use crate::effect::{Admit, Effects, Failure, HashJob};
use crate::error::{Code, Error};
use crate::password::{self, Password, PasswordHash};

/// Asks for room in the queue for a hash of today's cost, before anything is counted.
pub(super) async fn admit(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
) -> Result<(), Error> {
    let memory_kib = service.settings.argon2.memory_kib;
    let bucket = throttling::admission_bucket(service, caller);
    match fx.perform(Admit { memory_kib, bucket }).await {
        // A host that does not ration has room.
        Ok(()) | Err(Failure::Unsupported) => Ok(()),
        Err(_) => Err(busy()),
    }
}

fn busy() -> Error {
    Error::new(Code::Busy, "too many passwords are being checked at once").retry_after(1)
}

/// Hashes a new password.
pub(super) async fn create(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    password: Password,
) -> Result<PasswordHash, Error> {
    let salt = caller.streams.bytes("password.salt");
    match run(fx, caller, |ticket| HashJob::create(password, service.settings.argon2, salt, ticket))
        .await?
    {
        Hashed::Created(hash) => Ok(hash),
        Hashed::Matched { .. } | Hashed::Mismatched => Err(Code::Internal.into()),
    }
}

/// The verdict on a password.
pub(super) enum Verdict {
    /// It fits; the hash of today's cost, where the stored one is weaker.
    Right { renewed: Option<PasswordHash> },
    /// It does not, or there is none.
    Wrong,
}

/// Verifies a password. Without a stored hash, or with one that the host cannot bear, the same
/// work is done on a hash that fits nothing: a stranger cannot tell (SECURITY 56).
pub(super) async fn verify(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    password: Password,
    stored: Option<&str>,
) -> Result<Verdict, Error> {
    let params = service.settings.argon2;
    let parsed = stored.and_then(|phc| PasswordHash::parse(phc, &service.settings.ceilings).ok());
    let exists = parsed.is_some();
    let stored = parsed.unwrap_or_else(|| password::dummy(&params));
    let renewal = (exists && password::needs_rehash(&stored, &params))
        .then(|| (params, caller.streams.bytes("password.salt")));
    match run(fx, caller, |ticket| HashJob::verify(password, stored, renewal, ticket)).await? {
        Hashed::Matched { renewed } if exists => Ok(Verdict::Right { renewed }),
        Hashed::Matched { .. } | Hashed::Mismatched => Ok(Verdict::Wrong),
        Hashed::Created(_) => Err(Code::Internal.into()),
    }
}

async fn run(
    fx: &mut Effects,
    caller: &Caller,
    job: impl FnOnce([u8; 16]) -> HashJob,
) -> Result<Hashed, Error> {
    let ticket = caller.streams.bytes("hash.ticket");
    match fx.perform(job(ticket)).await {
        Ok(outcome) => outcome
            .of(ticket)
            .unwrap_or_else(|| Err(Error::new(Code::Internal, "the outcome of another hash"))),
        Err(Failure::Busy) => Err(busy()),
        Err(_) => {
            Err(Error::new(Code::Unavailable, "the password could not be checked").retry_after(1))
        }
    }
}
