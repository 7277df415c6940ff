//! GET /readyz: whether the service can serve, and what fails if not.

use serde::Serialize;

use super::{Caller, Service, database, keys};
use crate::effect::Effects;
use crate::error::Error;
use crate::store::{schema, signing_keys};
use crate::time::Millis;

/// How far a host's clock may lag behind what another host wrote.
const SKEW: Millis = Millis::minutes(5);

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
        checks.push(Check {
            name: "address",
            status: "warning",
            detail: Some("client addresses are not known: all share one limit".to_owned()),
        });
    }
    let failed = checks.iter().any(|check| check.status == "failed");
    Readiness { status: if failed { "unavailable" } else { "ok" }, checks }
}

async fn of_rows(service: &Service, fx: &mut Effects, caller: &Caller) -> Vec<Check> {
    let read: Result<_, Error> =
        database::read(fx, [signing_keys::all(), schema::heartbeat()]).await;
    let (keys, heartbeat) = match read {
        Ok([keys, heartbeat]) => (keys, heartbeat),
        Err(error) => return vec![Check::of("keys", Some(error.detail.into_owned()))],
    };
    let keys = match keys::broken(service, keys) {
        Ok(broken) if broken.is_empty() => None,
        Ok(broken) => {
            Some(format!("AUTHCORE_SECRET does not open signing_keys {}", broken.join(", ")))
        }
        Err(error) => Some(error.detail.into_owned()),
    };
    let clock = match schema::read_heartbeat(heartbeat) {
        Ok(Some(at)) if at.since(caller.now) > SKEW => {
            Some("this host's clock is behind what the database has seen".to_owned())
        }
        Ok(_) => None,
        Err(error) => Some(error.detail.into_owned()),
    };
    vec![Check::of("keys", keys), Check::of("clock", clock)]
}
