//! GET /readyz: whether the service can serve, and what fails if not.

use serde::Serialize;

use super::{Caller, Service, database, keys, ring_keys};
use crate::effect::{Effects, Rows};
use crate::error::Error;
use crate::store::{authenticators, backup_codes, schema, sessions, signing_keys};
use crate::time::{Millis, UnixMillis};

/// How far a host's clock may be from the database's (docs/decisions/0016).
const SKEW: Millis = Millis::minutes(5);

/// After how long without a sweep somebody should look.
const UNSWEPT: Millis = Millis::days(1);

/// What was checked.
#[derive(Serialize)]
pub(crate) struct Readiness {
    pub(crate) status: &'static str,
    pub(crate) checks: Vec<Check>,
}

/// One check.
#[derive(Serialize)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// `ok`, `warning` or `failed`.
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

impl Check {
    fn of(name: &'static str, failed: Option<String>) -> Self {
        Self { name, status: if failed.is_some() { "failed" } else { "ok" }, detail: failed }
    }

    /// What somebody should look at while the service serves.
    fn warning(name: &'static str, detail: String) -> Self {
        Self { name, status: "warning", detail: Some(detail) }
    }
}

/// Checks database, schema, keys, clock and address.
pub(crate) async fn readiness(service: &Service, fx: &mut Effects, caller: &Caller) -> Readiness {
    let mut checks = match database::read(fx, [schema::version()]).await {
        Err(error) => {
            let detail = format!("{}, or no migration was applied to it", error.detail);
            vec![Check::of("database", Some(detail))]
        }
        Ok([rows]) => {
            let mut checks = vec![Check::of("database", None)];
            let version = schema::read_version(rows).unwrap_or(0);
            let served = schema::SERVED.contains(&version);
            checks.push(Check::of(
                "schema",
                (!served).then(|| {
                    let (least, most) = (schema::SERVED.start(), schema::SERVED.end());
                    format!("the database is at {version}; this build serves {least} to {most}")
                }),
            ));
            if served {
                checks.extend(of_rows(service, fx, caller).await);
            }
            checks
        }
    };
    if caller.address.is_none() {
        let detail = "client addresses are not known: all share one limit";
        checks.push(Check::warning("address", detail.to_owned()));
    }
    let failed = checks.iter().any(|check| check.status == "failed");
    Readiness { status: if failed { "unavailable" } else { "ok" }, checks }
}

async fn of_rows(service: &Service, fx: &mut Effects, caller: &Caller) -> Vec<Check> {
    let read: Result<_, Error> = database::read(
        fx,
        [
            signing_keys::all(),
            sessions::ring_keys_of_idle(caller.now),
            authenticators::ring_keys_of_oldest(),
            backup_codes::ring_keys_of_oldest(),
            schema::clock(),
            schema::heartbeat(),
        ],
    )
    .await;
    match read {
        Ok([keys, sessions, seeds, backup_codes, clock, heartbeat]) => {
            let checks = [
                keys_open(service, keys),
                key_there(service, "sessions", sessions),
                key_there(service, "authenticators", seeds),
                key_there(service, "backup_codes", backup_codes),
                clocks_agree(clock, caller.now),
                swept(heartbeat, caller.now),
            ];
            checks.into_iter().flatten().collect()
        }
        Err(error) => vec![Check::of("keys", Some(error.detail.into_owned()))],
    }
}

fn keys_open(service: &Service, rows: Rows) -> Option<Check> {
    let failed = match keys::broken(service, rows) {
        Ok(broken) if broken.is_empty() => None,
        Ok(broken) => {
            Some(format!("AUTHCORE_SECRET does not open signing_keys {}", broken.join(", ")))
        }
        Err(error) => Some(error.detail.into_owned()),
    };
    Some(Check::of("keys", failed))
}

/// Whether the ring has the keys of these rows. Whose token is not found signs in again; whose seed
/// or backup codes are lost is locked out. The others are served, so it is a warning.
fn key_there(service: &Service, table: &'static str, rows: Rows) -> Option<Check> {
    let lost = match ring_keys::lost(service, rows) {
        Ok(lost) => lost,
        Err(error) => return Some(Check::of(table, Some(error.detail.into_owned()))),
    };
    (!lost.is_empty()).then(|| {
        let detail = format!("AUTHCORE_SECRET lacks the key of {table}: {}", lost.join(", "));
        Check::warning(table, detail)
    })
}

fn clocks_agree(rows: Rows, now: UnixMillis) -> Option<Check> {
    match schema::read_clock(rows) {
        Ok(Some(at)) if at.since(now) > SKEW => {
            Some(Check::of("clock", Some("this host's clock is behind the database's".to_owned())))
        }
        Ok(Some(at)) if now.since(at) > SKEW => {
            let detail = "this host's clock is ahead of the database's";
            Some(Check::of("clock", Some(detail.to_owned())))
        }
        Ok(Some(_)) => Some(Check::of("clock", None)),
        Ok(None) => Some(Check::warning("clock", "the database's clock cannot be read".to_owned())),
        Err(error) => Some(Check::of("clock", Some(error.detail.into_owned()))),
    }
}

fn swept(rows: Rows, now: UnixMillis) -> Option<Check> {
    match schema::read_heartbeat(rows) {
        Ok(Some(at)) if now.since(at) > UNSWEPT => {
            let detail = "no sweep has run for a day: what has expired is still stored";
            Some(Check::warning("sweep", detail.to_owned()))
        }
        Ok(_) => None,
        Err(error) => Some(Check::of("sweep", Some(error.detail.into_owned()))),
    }
}
