//! What hosts run besides requests: migrations from a command line, the sweep from cron.

use super::database::{self, Written};
use super::{Caller, RingKeyUse, Service, ring_keys};
use crate::effect::{Batch, Effects, Mode};
use crate::error::{Code, Error};
use crate::rotation;
use crate::store::{self, authenticators, challenges, outbox, remembered_devices};
use crate::store::{schema, sessions, signing_keys, throttles};
use crate::time::Millis;

/// How many batches one sweep takes at most; each deletes up to 1,000 rows a table, so that no
/// lock is held for long.
const ROUNDS: u32 = 50;

/// How long an ended session is kept, so that an old token of it is still told from a stranger's.
const KEPT: Millis = Millis::days(7);

/// Something to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Brings the schema to this build's version.
    Migrate,
    /// Deletes what has expired, the oldest first.
    Sweep,
    /// Says which keys of AUTHCORE_SECRET are still needed. Reads each live session, seed and backup
    /// code once.
    RingKeys,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The schema has this version now.
    Migrated {
        /// The version.
        version: i64,
    },
    /// What had expired is gone.
    Swept,
    /// A sweep ended at its bound of 50,000 rows a table: sweep again.
    SweptInPart,
    /// The keys of the ring, newest first, and the lost ones.
    RingKeys(Vec<RingKeyUse>),
}

pub(super) async fn run(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    command: Command,
) -> Result<Outcome, Error> {
    match command {
        Command::Migrate => migrate(fx).await,
        Command::Sweep => sweep(service, fx, caller).await,
        Command::RingKeys => ring_keys::ring_keys(service, fx, caller).await.map(Outcome::RingKeys),
    }
}

/// Applies what is missing, one batch a migration. Of two hosts that migrate at once, one's batch
/// fails and finds the other's work done.
async fn migrate(fx: &mut Effects) -> Result<Outcome, Error> {
    let mut version = version(fx).await?;
    for migration in schema::MIGRATIONS {
        if migration.version <= version {
            continue;
        }
        let batch = Batch { mode: Mode::Write, statements: migration.statements() };
        let applied = fx.perform(batch).await;
        version = self::version(fx).await?;
        if version < migration.version {
            let why = if applied.is_ok() { Code::Internal } else { Code::Unavailable };
            return Err(Error::new(why, format!("migration {} was not applied", migration.name)));
        }
    }
    Ok(Outcome::Migrated { version })
}

/// The version of the database. Where the table is made by another host at this moment, making it
/// fails and reading it works.
async fn version(fx: &mut Effects) -> Result<i64, Error> {
    let rows = match database::write(fx, [schema::create_version(), schema::version()]).await {
        Ok(Written::Done([_, rows])) => rows,
        Ok(Written::Unknown) | Err(_) => {
            let [rows] = database::read(fx, [schema::version()]).await?;
            rows
        }
    };
    schema::read_version(rows)
}

async fn sweep(service: &Service, fx: &mut Effects, caller: &Caller) -> Result<Outcome, Error> {
    let now = caller.now;
    let retired_before = now.before(rotation::kept(service.settings.access_ttl));
    for _ in 0..ROUNDS {
        let statements = [
            schema::beat(now),
            signing_keys::sweep(retired_before),
            sessions::sweep(now.before(KEPT)),
            throttles::sweep(now),
            authenticators::sweep(now),
            challenges::sweep(now),
            remembered_devices::sweep(now),
            outbox::sweep(now),
        ];
        let Written::Done([_, _, swept @ ..]) = database::write(fx, statements).await? else {
            // Swept or not: sweeping again does no harm.
            return Err(database::unavailable());
        };
        if swept.iter().all(|rows| rows.len() < store::SWEPT_AT_ONCE) {
            return Ok(Outcome::Swept);
        }
    }
    Ok(Outcome::SweptInPart)
}
