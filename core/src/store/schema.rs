//! The schema itself: migrations, their version, and the heartbeat of the sweep.

use super::{integer, only};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::time::UnixMillis;

statements! {
    /// Makes the table that says which version the database has. Does nothing where it exists.
    CREATE_VERSION = "CREATE TABLE IF NOT EXISTS schema_version \
        (id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL)";
    /// The version of the database.
    VERSION = "SELECT version FROM schema_version WHERE id = 1";
    /// When a sweep last ran.
    HEARTBEAT = "SELECT at FROM heartbeat WHERE id = 1";
    /// Says that a sweep runs now.
    BEAT = "INSERT INTO heartbeat (id, at) VALUES (1, ?1) \
        ON CONFLICT (id) DO UPDATE SET at = excluded.at";
}

/// One step of the schema.
pub struct Migration {
    /// The version that the database has after it.
    pub version: i64,
    /// The name of its file in `core/migrations`.
    pub name: &'static str,
    /// Its text: statements that end with `;` at the end of a line.
    pub sql: &'static str,
}

/// All migrations, oldest first: the same files that `wrangler d1 migrations apply` reads.
pub const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "0001_foundation.sql",
    sql: include_str!("../../migrations/0001_foundation.sql"),
}];

/// The versions that this build serves.
pub const SERVED: std::ops::RangeInclusive<i64> = 1..=2;

/// The version that this build's migrations lead to.
#[must_use]
pub fn latest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

impl Migration {
    /// Its statements, one by one.
    pub(crate) fn statements(&self) -> Vec<Statement> {
        let parts = self.sql.split(";\n").map(str::trim);
        let parts = parts.filter(|part| {
            part.lines().any(|line| !line.trim().is_empty() && !line.starts_with("--"))
        });
        parts.map(|part| Statement::new(part, Vec::new())).collect()
    }
}

pub(crate) fn create_version() -> Statement {
    Statement::new(CREATE_VERSION, Vec::new())
}

pub(crate) fn version() -> Statement {
    Statement::new(VERSION, Vec::new())
}

/// The version, or 0 where nothing has been applied yet.
pub(crate) fn read_version(rows: Rows) -> Result<i64, Error> {
    only(rows).map_or(Ok(0), |mut cells| cells.integer())
}

pub(crate) fn heartbeat() -> Statement {
    Statement::new(HEARTBEAT, Vec::new())
}

pub(crate) fn read_heartbeat(rows: Rows) -> Result<Option<UnixMillis>, Error> {
    only(rows).map(|mut cells| cells.integer().map(UnixMillis::new)).transpose()
}

pub(crate) fn beat(now: UnixMillis) -> Statement {
    Statement::new(BEAT, vec![integer(now.as_millis())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_ends_by_setting_its_version() {
        for (migration, number) in MIGRATIONS.iter().zip(1..) {
            assert_eq!(migration.version, number);
            assert!(migration.name.starts_with(&format!("{number:04}_")));
            let last = migration.statements().pop().expect("a statement").text();
            assert!(last.contains("schema_version"), "{last}");
            assert!(!migration.sql.contains('?'), "would be read as a parameter");
        }
        assert!(SERVED.contains(&latest()));
    }
}
