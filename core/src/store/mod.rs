//! All SQL, one file per table: statements as constants, parameters in, typed rows out.
//!
//! One spelling runs on SQLite, D1 and PostgreSQL (docs/DESIGN §3): a parameter stands alone
//! against a column or in a CAST; no arithmetic on parameters; a guard writes the operation's id
//! and what depends on it asks for that id.

use crate::effect::{Rows, Value};
use crate::error::{Code, Error};
use crate::id::{AccountId, OperationId, SessionId};
use crate::secret::MAX_KEYS;

/// Defines the statements of a table and the list of them that the tests prepare and explain.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*
        /// Name and text of every statement of this file.
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name),)*];
    };
}

/// The key of the ring that a keyed hash in this column needs, as `<key id>.`: the hash behind
/// the dot is in the alphabet that is cut off.
macro_rules! ring_key_of_hash {
    ($column:literal) => {
        ring_key_of!($column, "1")
    };
}

/// The same of a sealed value, which begins with `s1.`.
macro_rules! ring_key_of_sealed {
    ($column:literal) => {
        ring_key_of!($column, "4")
    };
}

/// A key's id has at most 16 characters, and a dot behind it.
macro_rules! ring_key_of {
    ($column:literal, $from:literal) => {
        concat!(
            "rtrim(substr(",
            $column,
            ", ",
            $from,
            ", 17), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')"
        )
    };
}

mod account_guards;
pub mod accounts;
pub mod authenticators;
pub mod backup_codes;
pub mod challenges;
pub mod credentials;
pub mod factor_failures;
pub mod outbox;
pub mod remembered_devices;
pub mod roles;
pub mod schema;
pub mod sessions;
pub mod signing_keys;
pub mod throttles;

/// Every statement of the store as (table, name, text), for the tests that prepare and explain
/// them on each database.
#[must_use]
pub fn all_statements() -> Vec<(&'static str, &'static str, &'static str)> {
    let tables = [
        ("account_guards", account_guards::ALL),
        ("accounts", accounts::ALL),
        ("authenticators", authenticators::ALL),
        ("backup_codes", backup_codes::ALL),
        ("challenges", challenges::ALL),
        ("credentials", credentials::ALL),
        ("factor_failures", factor_failures::ALL),
        ("outbox", outbox::ALL),
        ("remembered_devices", remembered_devices::ALL),
        ("roles", roles::ALL),
        ("schema", schema::ALL),
        ("sessions", sessions::ALL),
        ("signing_keys", signing_keys::ALL),
        ("throttles", throttles::ALL),
    ];
    let named = |(table, all): (&'static str, &'static [(&'static str, &'static str)])| {
        all.iter().map(move |(name, sql)| (table, *name, *sql))
    };
    tables.into_iter().flat_map(named).collect()
}

/// How many rows of a table a SWEEP deletes at once.
pub(crate) const SWEPT_AT_ONCE: usize = 1000;

/// How far an operation that changes an account has come. Each step leaves its own mark in
/// `accounts.op`, so that what depends on one step is not let through by another's.
#[derive(Clone, Copy)]
enum Step {
    /// It holds the account's row.
    Lock,
    /// It has counted a code.
    Count,
    /// Who asks may do so; what they show is not yet taken.
    Claim,
}

/// The mark of a step. The mark of the last one, on which all writes depend, is the operation's id.
fn mark(op: &OperationId, step: Step) -> Value {
    let step = match step {
        Step::Lock => "lock",
        Step::Count => "count",
        Step::Claim => "claim",
    };
    Value::Text(format!("{}.{step}", op.as_str()))
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn maybe_text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, text)
}

const fn integer(value: i64) -> Value {
    Value::Integer(value)
}

// Statements that look a keyed hash up have one parameter per key of the ring: ?1 to ?8.
const _: () = assert!(MAX_KEYS == 8);

/// The hashes of one secret under each key of the ring, as that many parameters.
fn per_ring_key(hashes: &[String]) -> Vec<Value> {
    let last = hashes.last().cloned().unwrap_or_default();
    let padded = hashes.iter().cloned().chain(std::iter::repeat(last));
    padded.take(MAX_KEYS).map(Value::Text).collect()
}

/// The cells of one row, taken in the order of the statement's columns.
struct Cells(std::vec::IntoIter<Value>);

impl Cells {
    fn of(row: Vec<Value>) -> Self {
        Self(row.into_iter())
    }

    fn text(&mut self) -> Result<String, Error> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(misshapen()),
        }
    }

    fn maybe_text(&mut self) -> Result<Option<String>, Error> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(misshapen()),
        }
    }

    fn id<I>(&mut self, parse: fn(&str) -> Option<I>) -> Result<I, Error> {
        parse(&self.text()?).ok_or_else(misshapen)
    }

    fn account_id(&mut self) -> Result<AccountId, Error> {
        self.id(AccountId::parse)
    }

    fn session_id(&mut self) -> Result<SessionId, Error> {
        self.id(SessionId::parse)
    }

    fn integer(&mut self) -> Result<i64, Error> {
        match self.0.next() {
            Some(Value::Integer(integer)) => Ok(integer),
            _ => Err(misshapen()),
        }
    }

    fn maybe_integer(&mut self) -> Result<Option<i64>, Error> {
        match self.0.next() {
            Some(Value::Integer(integer)) => Ok(Some(integer)),
            Some(Value::Null) => Ok(None),
            _ => Err(misshapen()),
        }
    }
}

/// The only row of a statement that gives one or none.
fn only(rows: Rows) -> Option<Cells> {
    rows.into_iter().next().map(Cells::of)
}

/// Rows of `<key id>.` and how many rows of the table need that key, sorted.
pub(crate) fn read_ring_keys(rows: Rows) -> Result<Vec<(String, i64)>, Error> {
    let key = |row| {
        let mut cells = Cells::of(row);
        Ok((cells.text()?.trim_end_matches('.').to_owned(), cells.integer()?))
    };
    let mut keys = rows.into_iter().map(key).collect::<Result<Vec<_>, Error>>()?;
    // Groups come in any order.
    keys.sort_unstable();
    Ok(keys)
}

fn misshapen() -> Error {
    Error::new(Code::Internal, "a row of the database does not have the expected shape")
}
