//! A host whose database tells the test's time: CURRENT_TIMESTAMP is the one clock that a test does
//! not hold.

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Rows, StrengthJob, Value,
};
use authcore::strength::StrengthVerdict;
use authcore::time::UnixMillis;

/// The host.
pub struct Dated<'a> {
    host: &'a mut dyn Host,
    now: i64,
}

impl<'a> Dated<'a> {
    /// The database's clock says `now`, in Unix milliseconds.
    pub fn new(host: &'a mut dyn Host, now: i64) -> Self {
        Self { host, now }
    }
}

/// Whether a statement asks for the database's clock.
#[must_use]
pub fn asks_the_time(sql: &str) -> bool {
    sql.contains("CURRENT_TIMESTAMP")
}

/// The text that SQLite would give for this moment.
fn timestamp(millis: i64) -> String {
    let seconds = millis.div_euclid(1000);
    let (mut day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while day >= 365 + i64::from(is_leap(year)) && year < 10_000 {
        day -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if day >= length && month < 12 {
            day -= length;
            month += 1;
        }
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}", day + 1)
}

impl Host for Dated<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        let mut all = self.host.batch(batch)?;
        for (rows, statement) in all.iter_mut().zip(&batch.statements) {
            if asks_the_time(statement.text()) {
                // What the database itself says is read as well, in its own style.
                let [row] = rows.as_mut_slice() else { panic!("a clock is one row") };
                let [Value::Text(text)] = row.as_mut_slice() else { panic!("a clock is a text") };
                assert!(UnixMillis::from_timestamp(text).is_some(), "{text}");
                *text = timestamp(self.now);
            }
        }
        Ok(all)
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        self.host.admit(admit)
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.host.strength(job)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        self.host.hash(job)
    }
}
