//! The host on SQLite: one connection, one batch at a time.

use std::path::Path;
use std::time::Duration;

use authcore::effect::{
    Batch, Dialect, Failure, HashJob, HashOutcome, Host, Mode, Rows, Statement, StrengthJob, Value,
};
use authcore::strength::StrengthVerdict;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, TransactionBehavior, params_from_iter};

use crate::database::REPETITIONS;
use crate::hashing;
use crate::strength::judge;

/// How long a writer waits for another process's write lock.
const PATIENCE: Duration = Duration::from_secs(60);

/// A host with one connection.
pub(crate) struct Sqlite(Connection);

impl Sqlite {
    /// Opens the file, which is made if it is not there.
    pub(crate) fn open(path: &Path) -> Self {
        let connection = Connection::open(path).expect("a writable file");
        connection.busy_timeout(PATIENCE).expect("a time-out");
        let journal: String = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .expect("a journal mode");
        assert_eq!(journal, "wal");
        connection
            .execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL")
            .expect("known pragmas");
        Self(connection)
    }

    fn run(&mut self, batch: &Batch) -> Result<Vec<Rows>, rusqlite::Error> {
        let behavior = match batch.mode {
            Mode::Read => TransactionBehavior::Deferred,
            Mode::Write => TransactionBehavior::Immediate,
        };
        let transaction = self.0.transaction_with_behavior(behavior)?;
        let mut all = Vec::with_capacity(batch.statements.len());
        for statement in &batch.statements {
            all.push(rows(&transaction, statement, batch.mode)?);
        }
        transaction.commit()?;
        Ok(all)
    }
}

/// Runs one statement and fetches every row before the next.
fn rows(
    connection: &Connection,
    statement: &Statement,
    mode: Mode,
) -> Result<Rows, rusqlite::Error> {
    let mut prepared = connection.prepare(&statement.sql(Dialect::Sqlite))?;
    assert!(mode == Mode::Write || prepared.readonly(), "a read batch writes: {statement:?}");
    let columns = prepared.column_count();
    let mut rows = prepared.query(params_from_iter(statement.params.iter().map(Parameter)))?;
    let mut fetched = Rows::new();
    while let Some(row) = rows.next()? {
        let cell = |column| row.get_ref(column).map(cell);
        fetched.push((0..columns).map(cell).collect::<Result<_, _>>()?);
    }
    Ok(fetched)
}

fn cell(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).expect("UTF-8").to_owned()),
        other => panic!("only integers and text are stored, not {:?}", other.data_type()),
    }
}

struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(integer) => ValueRef::Integer(*integer),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl Host for Sqlite {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        for _ in 0..=REPETITIONS {
            match self.run(batch) {
                Ok(rows) => return Ok(rows),
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
                Err(error) => {
                    // Shown with a failing test: a wrong statement answers 503 otherwise.
                    eprintln!("sqlite: {error}");
                    return Err(Failure::Unavailable);
                }
            }
        }
        Err(Failure::Conflict)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        Ok(hashing::run(job))
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        judge(job)
    }
}
