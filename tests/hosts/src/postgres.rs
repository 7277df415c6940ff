//! The host on PostgreSQL: one connection, READ COMMITTED, one batch at a time.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::time::Duration;

use authcore::effect::{
    Batch, Dialect, Failure, HashJob, HashOutcome, Host, Mode, Rows, Statement, StrengthJob, Value,
};
use authcore::strength::StrengthVerdict;
use postgres::error::SqlState;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type};
use postgres::{Client, NoTls, Row};

use crate::database::REPETITIONS;
use crate::hashing;
use crate::strength::judge;

/// A host with one connection and the statements it has prepared.
pub(crate) struct Postgres {
    client: Client,
    prepared: BTreeMap<&'static str, postgres::Statement>,
}

impl Postgres {
    /// Connects with a libpq connection text.
    pub(crate) fn connect(address: &str) -> Self {
        let mut client = Client::connect(address, NoTls).expect("a running server");
        client
            .batch_execute(
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
            )
            .expect("a known isolation level");
        Self { client, prepared: BTreeMap::new() }
    }

    /// Runs one statement outside of a transaction.
    pub(crate) fn execute(address: &str, sql: &str) {
        let mut client = Client::connect(address, NoTls).expect("a running server");
        client.batch_execute(sql).expect("a sound statement");
    }

    fn run(&mut self, batch: &Batch) -> Result<Vec<Rows>, postgres::Error> {
        let mut transaction =
            self.client.build_transaction().read_only(batch.mode == Mode::Read).start()?;
        let mut all = Vec::with_capacity(batch.statements.len());
        for statement in &batch.statements {
            let text = statement.text();
            let prepared = match self.prepared.get(text) {
                Some(prepared) => prepared.clone(),
                None => transaction.prepare(&statement.sql(Dialect::Postgres))?,
            };
            all.push(rows(&mut transaction, &prepared, statement)?);
            self.prepared.insert(text, prepared);
        }
        transaction.commit()?;
        Ok(all)
    }
}

fn rows(
    transaction: &mut postgres::Transaction<'_>,
    prepared: &postgres::Statement,
    statement: &Statement,
) -> Result<Rows, postgres::Error> {
    let parameters: Vec<_> = statement.params.iter().map(Parameter).collect();
    let parameters: Vec<&(dyn ToSql + Sync)> =
        parameters.iter().map(|parameter| parameter as _).collect();
    let rows = transaction.query(prepared, &parameters)?;
    Ok(rows.iter().map(cells).collect())
}

fn cells(row: &Row) -> Vec<Value> {
    let cell = |(index, column): (usize, &postgres::Column)| match *column.type_() {
        Type::INT8 => row.get::<_, Option<i64>>(index).map_or(Value::Null, Value::Integer),
        Type::TEXT => row.get::<_, Option<String>>(index).map_or(Value::Null, Value::Text),
        ref other => panic!("columns are BIGINT or TEXT, `{}` is {other}", column.name()),
    };
    row.columns().iter().enumerate().map(cell).collect()
}

/// A transaction that holds every row of `accounts`.
pub(crate) struct Held(Client);

impl Held {
    pub(crate) fn accounts(address: &str) -> Self {
        let mut client = Client::connect(address, NoTls).expect("a running server");
        client.batch_execute("BEGIN; SELECT id FROM accounts FOR UPDATE").expect("a schema");
        Self(client)
    }

    /// Lets go once so many others wait. Looks until they do: there is no event to wait for.
    pub(crate) fn release_at(mut self, others: usize) {
        let sql = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let mut waiting = 0;
        for _ in 0..4800 {
            // Within a transaction the view stays what it was.
            self.0.batch_execute("SELECT pg_stat_clear_snapshot()").expect("a function");
            let row = self.0.query_one(sql, &[]).expect("a count");
            waiting = row.get::<_, i64>(0);
            if usize::try_from(waiting) == Ok(others) {
                self.0.batch_execute("COMMIT").expect("a transaction");
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("{waiting} of {others} wait");
    }
}

#[derive(Debug)]
struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self.0, kind) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Integer(integer), &Type::INT8) => integer.to_sql(kind, out),
            (Value::Text(text), &Type::TEXT) => text.to_sql(kind, out),
            (value, kind) => {
                Err(format!("a parameter is {value:?}, the statement takes {kind}").into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

impl Host for Postgres {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        for _ in 0..=REPETITIONS {
            match self.run(batch) {
                Ok(rows) => return Ok(rows),
                Err(error) if is_conflict(&error) => {}
                Err(error) => {
                    // Shown with a failing test: a wrong statement answers 503 otherwise.
                    eprintln!("postgres: {error:?}");
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

fn is_conflict(error: &postgres::Error) -> bool {
    let conflicts = [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE];
    error.code().is_some_and(|code| conflicts.contains(code))
}
