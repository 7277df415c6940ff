//! D1: each batch is one round trip to the primary, all or nothing.

use authcore::effect::{Batch, Dialect, Failure, Mode, Rows, Statement, Value};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Array, Object, Promise};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::worker_sys::types::{D1Database, D1DatabaseSession, D1Result};
use worker::{Env, console_error};

use crate::failure;

/// The binding's name in wrangler.toml.
const BINDING: &str = "DB";

/// Reads that decide go to the primary, never to a replica (SECURITY 108).
const PRIMARY: &str = "first-primary";

/// The largest integer that JavaScript holds exactly, 2^53−1: core keeps within it.
const LARGEST: u64 = 9_007_199_254_740_991;

/// The database of this Worker, or why there is none.
pub struct Database(Result<D1Database, String>);

/// Where a batch failed, with a text for the log.
enum Fault {
    /// Before it was sent.
    Unsent(String),
    /// D1 threw an error of this text.
    Thrown(String),
    /// D1 did it and gave an answer that this host does not understand.
    Answered(String),
}

impl Database {
    /// The database bound to this Worker.
    pub fn of(env: &Env) -> Self {
        let bound = env.d1(BINDING).map(|database| JsValue::from(database).unchecked_into());
        Self(bound.map_err(|error| error.to_string()))
    }

    /// Runs a batch.
    ///
    /// # Errors
    /// What became of it. The reason is logged: D1's text, never a parameter.
    pub async fn run(&self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        let Ok(database) = &self.0 else {
            console_error!("D1: {}", self.0.as_ref().err().map_or("", String::as_str));
            return Err(Failure::Unavailable);
        };
        run(database, batch).await.map_err(|fault| {
            let (failure, text) = fault.told(batch.mode);
            console_error!("D1: {failure:?}: {text}");
            failure
        })
    }
}

impl Fault {
    /// What became of a batch of this mode, and the text for the log.
    fn told(self, mode: Mode) -> (Failure, String) {
        match self {
            Self::Unsent(text) => (Failure::Unavailable, text),
            Self::Thrown(text) => (failure::thrown(&text, mode), text),
            Self::Answered(text) => (failure::lost(mode), text),
        }
    }
}

async fn run(database: &D1Database, batch: &Batch) -> Result<Vec<Rows>, Fault> {
    let sent = send(database, batch).map_err(|error| Fault::Unsent(message(&error)))?;
    let answer = JsFuture::from(sent).await.map_err(|error| Fault::Thrown(message(&error)))?;
    let answers: Array = answer.unchecked_into();
    let all = answers.iter().map(|answer| rows(&answer.unchecked_into()));
    all.collect::<Result<_, _>>().map_err(|error| Fault::Answered(message(&error)))
}

fn send(database: &D1Database, batch: &Batch) -> Result<Promise, JsValue> {
    let session = database.with_session(Some(PRIMARY))?;
    let prepared = batch.statements.iter().map(|statement| prepare(&session, statement));
    session.session_batch(prepared.collect::<Result<Array, _>>()?)
}

/// The message of something thrown, with the messages of its causes: D1 wraps what it is told.
fn message(thrown: &JsValue) -> String {
    let mut texts = Vec::new();
    let mut error = thrown.clone();
    while let Some(known) = error.dyn_ref::<worker::js_sys::Error>() {
        texts.push(String::from(known.message()));
        error = known.cause();
    }
    texts.extend(error.as_string());
    texts.join(": ")
}

fn prepare(session: &D1DatabaseSession, statement: &Statement) -> Result<JsValue, JsValue> {
    let prepared = session.session_prepare(&statement.sql(Dialect::Sqlite))?;
    let params = statement.params.iter().map(parameter).collect::<Result<Array, _>>()?;
    prepared.bind(params).map(JsValue::from)
}

fn parameter(value: &Value) -> Result<JsValue, JsValue> {
    match value {
        Value::Null => Ok(JsValue::NULL),
        Value::Integer(integer) if integer.unsigned_abs() <= LARGEST => {
            Ok(JsValue::from_f64(*integer as f64))
        }
        Value::Integer(_) => Err("a parameter beyond 2^53".into()),
        Value::Text(text) => Ok(JsValue::from_str(text)),
    }
}

/// The rows of one statement. D1 gives a batch's rows as objects, whose members stand in the order
/// of the columns.
fn rows(answer: &D1Result) -> Result<Rows, JsValue> {
    let rows = answer.results()?.unwrap_or_default();
    let rows = rows.iter().map(|row| {
        let row: Object = row.unchecked_into();
        Object::values(&row).iter().map(|cell| value(&cell)).collect()
    });
    rows.collect()
}

fn value(cell: &JsValue) -> Result<Value, JsValue> {
    if cell.is_null() {
        return Ok(Value::Null);
    }
    if let Some(number) = cell.as_f64() {
        return integer(number).map(Value::Integer).ok_or("a number that is no integer".into());
    }
    cell.as_string().map(Value::Text).ok_or("a cell that is no number, text or null".into())
}

/// The integer that a number is, exactly.
fn integer(number: f64) -> Option<i64> {
    let integer = number as i64;
    (integer as f64 == number && integer.unsigned_abs() <= LARGEST).then_some(integer)
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 107
    #[test]
    fn only_a_batch_that_was_never_sent_is_known_to_be_undone() {
        let text = || "a parameter beyond 2^53".to_owned();
        for (fault, read, write) in [
            (Fault::Unsent as fn(_) -> _, Failure::Unavailable, Failure::Unavailable),
            (Fault::Thrown, Failure::Unavailable, Failure::OutcomeUnknown),
            (Fault::Answered, Failure::Unavailable, Failure::OutcomeUnknown),
        ] {
            assert_eq!(fault(text()).told(Mode::Read), (read, text()));
            assert_eq!(fault(text()).told(Mode::Write), (write, text()));
        }
    }

    #[test]
    fn only_numbers_that_are_integers_pass() {
        assert_eq!(integer(1_790_000_000_123.0), Some(1_790_000_000_123));
        assert_eq!(integer(-1.0), Some(-1));
        for number in [0.5, f64::NAN, f64::INFINITY, 9_007_199_254_740_992.0, -1e300] {
            assert_eq!(integer(number), None, "{number}");
        }
    }
}
