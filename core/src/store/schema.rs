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
    /// The database's own clock: its style differs between databases and their settings.
    CLOCK = "SELECT CAST(CURRENT_TIMESTAMP AS TEXT)";
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
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "0001_foundation.sql",
        sql: include_str!("../../migrations/0001_foundation.sql"),
    },
    Migration {
        version: 2,
        name: "0002_second_factor.sql",
        sql: include_str!("../../migrations/0002_second_factor.sql"),
    },
];

/// The versions that this build serves: its own, which its statements need, and the next one, which
/// only adds to it (docs/DESIGN §3).
pub const SERVED: std::ops::RangeInclusive<i64> = latest()..=latest().saturating_add(1);

/// The version that this build's migrations lead to.
#[must_use]
pub const fn latest() -> i64 {
    match MIGRATIONS.last() {
        Some(migration) => migration.version,
        None => 0,
    }
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

pub(crate) fn clock() -> Statement {
    Statement::new(CLOCK, Vec::new())
}

/// What the database's clock says; none where it is written in a style of its own.
pub(crate) fn read_clock(rows: Rows) -> Result<Option<UnixMillis>, Error> {
    let mut cells = only(rows).ok_or_else(super::misshapen)?;
    Ok(UnixMillis::from_timestamp(&cells.text()?))
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
            assert!(!migration.sql.contains('\r'), "statements end with `;` and a line feed");
        }
    }

    #[test]
    fn a_build_serves_the_schema_that_it_makes_and_the_next_one() {
        assert_eq!(SERVED, latest()..=latest() + 1);
    }

    // SECURITY 59
    #[test]
    fn every_table_is_swept_or_bounded_by_the_accounts() {
        // One row, one row an account, or rows that only administrators add.
        let kept = [
            "schema_version",
            "heartbeat",
            "accounts",
            "credentials",
            "roles",
            "account_roles",
            "backup_codes",
        ];
        let statements = crate::store::all_statements();
        for line in MIGRATIONS.iter().flat_map(|migration| migration.sql.lines()) {
            let Some(rest) = line.strip_prefix("CREATE TABLE ") else { continue };
            let table = rest.trim_start_matches("IF NOT EXISTS ").trim_end_matches(" (");
            let delete = format!("DELETE FROM {table} WHERE ");
            let swept = statements
                .iter()
                .any(|(_, name, sql)| *name == "SWEEP" && sql.starts_with(&delete));
            assert!(swept || kept.contains(&table), "{table} grows and is never swept");
        }
    }
}
