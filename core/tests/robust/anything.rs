//! A host that answers anything.

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Rows, StrengthJob, Value,
};
use authcore::strength::StrengthVerdict;

use crate::generator::Generator;

/// The id of whatever has one.
pub const ID: &str = "01990000-0000-7000-8000-0000000000bb";
const PHC: &str = "$argon2id$v=19$m=256,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$\
    nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

/// A host that answers failures, or rows whose cells fit their columns' names.
pub struct Anything<'a>(pub &'a mut Generator);

const FAILURES: [Failure; 5] = [
    Failure::Unsupported,
    Failure::Busy,
    Failure::Conflict,
    Failure::Unavailable,
    Failure::OutcomeUnknown,
];

impl Anything<'_> {
    fn failure(&mut self) -> Failure {
        *self.0.pick(&FAILURES)
    }

    /// The columns that come back: those of RETURNING, or of the first SELECT.
    fn columns(sql: &str) -> Vec<String> {
        let list = match (sql.rsplit_once("RETURNING "), sql.split_once("SELECT ")) {
            (Some((_, list)), _) => list,
            (None, Some((_, rest))) => rest.split(" FROM ").next().unwrap_or_default(),
            (None, None) => return Vec::new(),
        };
        let mut depth = 0_i32;
        let mut columns = vec![String::new()];
        for c in list.chars() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                ',' if depth == 0 => columns.push(String::new()),
                _ => {}
            }
            columns.last_mut().unwrap().push(c);
        }
        columns
    }

    fn cell(&mut self, column: &str) -> Value {
        if self.0.once_in(12) {
            return match self.0.below(3) {
                0 => Value::Null,
                1 => Value::Integer(self.0.integer()),
                _ => Value::Text(String::from_utf8_lossy(&self.0.bytes(40)).into_owned()),
            };
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let has = |part: &str| column.contains(part);
        match () {
            () if has("_at") || has("until") || has("generation") || has("version") => {
                Value::Integer(self.0.integer())
            }
            () if has("failures") || has("count") || has("level") || has("number") => {
                Value::Integer(self.0.below(9) as i64)
            }
            () if has("phc") => text(PHC),
            () if has("status") => {
                text(self.0.pick::<&str>(&["active", "pending", "blocked", "deleted"]))
            }
            () if has("properties") => text(self.0.pick::<&str>(&["{}", r#"{"a":1}"#, "{", ""])),
            () if has("role") || has("name") => text(self.0.pick::<&str>(&["user", "admin"])),
            () if has("email") => text("ada@example.org"),
            () if has("id") || has("op") => text(ID),
            () => match self.0.below(3) {
                0 => Value::Integer(self.0.integer()),
                1 => Value::Null,
                _ => text(ID),
            },
        }
    }
}

impl Host for Anything<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        if self.0.once_in(10) {
            return Err(self.failure());
        }
        let mut all = Vec::new();
        for statement in &batch.statements {
            let columns = Self::columns(statement.text());
            let rows = (0..self.0.below(3))
                .map(|_| columns.iter().map(|column| self.cell(column)).collect());
            all.push(rows.collect());
        }
        // A host that forgets a statement, or makes one up.
        if self.0.once_in(100) {
            drop(all.pop());
        } else if self.0.once_in(100) {
            all.push(Rows::new());
        }
        Ok(all)
    }

    fn admit(&mut self, _: &Admit) -> Result<(), Failure> {
        if self.0.once_in(10) { Err(self.failure()) } else { Ok(()) }
    }

    fn strength(&mut self, _: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        const VERDICT: &str =
            r#"{"score":2,"guesses":5,"warning":"date","suggestions":["add_words"]}"#;
        match StrengthVerdict::from_json(VERDICT) {
            Some(verdict) if !self.0.once_in(5) => {
                Ok(StrengthVerdict { score: self.0.below(5) as u8, ..verdict })
            }
            _ => Err(self.failure()),
        }
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        // Most of the time there is none: a hash takes longer than all the rest.
        if self.0.once_in(300) { Ok(job.run()) } else { Err(self.failure()) }
    }
}
