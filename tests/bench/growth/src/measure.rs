//! Times requests on databases of several sizes, one after the other, round by round.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Mode, Request, Rows, Statement, StrengthJob,
    drive,
};
use authcore::service::{Command, Outcome};
use authcore::strength::StrengthVerdict;
use authcore_tests::client::{PASSWORD, bearing, get, post};
use authcore_tests::settings::NOW;
use authcore_tests::{Answer, Client, Database, settings};
use serde_json::{Value as Json, json};

use crate::audit::Log;
use crate::list;
use crate::rows::{MINUTE, SWEEPS, account, has_factor, username};

/// What was measured of each task, in nanoseconds.
pub type Times = BTreeMap<&'static str, Vec<f64>>;

/// What each task has asked the database last.
pub type Asked = BTreeMap<&'static str, Vec<Statement>>;

/// A database of one size, and who asks it.
pub struct Subject {
    accounts: i64,
    client: Client,
    sweeper: Client,
    /// The database's share is timed apart: a hash takes a hundred times as long.
    timed: Timed,
    /// What was measured.
    pub times: Times,
    /// What each task has asked the database last.
    pub asked: Asked,
}

impl Subject {
    /// Of a database that was filled.
    pub fn new(database: &Database, accounts: i64) -> Self {
        let connect = || Client::new(settings::service(&[]), database.connect());
        let timed = Timed {
            host: database.connect(),
            spent: Duration::ZERO,
            asked: Vec::new(),
            log: Log::default(),
            deed: None,
        };
        let (mut client, mut sweeper) = (connect(), connect());
        client.number = 1;
        sweeper.now = NOW - SWEEPS * MINUTE;
        let (times, asked) = (Times::new(), Asked::new());
        Self { accounts, client, sweeper, timed, times, asked }
    }

    /// What each task has asked, and the connection on which it did: PostgreSQL keeps plans there.
    pub fn asked(&mut self) -> (&Asked, &mut dyn Host) {
        (&self.asked, &mut *self.timed.host)
    }

    /// One round: somebody logs in, asks who they are, refreshes; the sweep runs; an administrator
    /// lists accounts.
    pub fn round(&mut self, round: i64) {
        // A stride that has no factor in common with the sizes meets accounts all over the table.
        let place = round * 7_919 + 13;
        let mut number = place % self.accounts;
        while has_factor(number) {
            number = (number + 1) % self.accounts;
        }
        self.client.now += 1000;
        let login = json!({"login": username(number), "password": PASSWORD});
        self.timed.deed = Some(Deed { number, act: "login", at: self.client.now });
        let tokens = self.send(["login", "login: the database's part"], post("/v1/login", &login));
        self.timed.deed = None;
        let me = bearing(get("/v1/me"), tokens.text("access_token"));
        let _ = self.send(["token check", "token check: the database's part"], me);
        let refresh = json!({"refresh_token": tokens.text("refresh_token")});
        self.timed.deed = Some(Deed { number, act: "refresh", at: self.client.now });
        let _ =
            self.send(["refresh", "refresh: the database's part"], post("/v1/refresh", &refresh));
        self.timed.deed = None;
        self.sweep();
        self.list(place);
    }

    fn send(&mut self, [whole, part]: [&'static str; 2], request: Request) -> Answer {
        self.timed.begin();
        let begun = Instant::now();
        let answer = self.client.send_through(&mut self.timed, request).expect(200);
        self.note(whole, begun.elapsed());
        self.note(part, self.timed.spent);
        self.asked.insert(whole, self.timed.asked.clone());
        answer
    }

    fn sweep(&mut self) {
        self.sweeper.now += MINUTE;
        let at = self.sweeper.arrival();
        self.timed.begin();
        let begun = Instant::now();
        let outcome = drive(self.sweeper.service.run(Command::Sweep, at), &mut self.timed);
        self.note("sweep of 20 sessions and 20 throttles", begun.elapsed());
        assert_eq!(outcome, Ok(Outcome::Swept));
        self.asked.insert("sweep", self.timed.asked.clone());
    }

    /// A whole page, wherever it begins, but where there are fewer accounts than one holds.
    fn list(&mut self, place: i64) {
        let page = list::PAGE as i64;
        let cursor = account(place % (self.accounts - page).max(1));
        self.timed.begin();
        let replies = self.timed.batch(&list::page(&cursor)).expect("sound statements");
        assert!(replies.iter().all(|rows| !rows.is_empty()), "a page of accounts");
        self.note("admin list: the database's part", self.timed.spent);
        self.asked.insert("admin list", self.timed.asked.clone());
    }

    fn note(&mut self, task: &'static str, spent: Duration) {
        self.times.entry(task).or_default().push(spent.as_nanos() as f64);
    }
}

/// A host that sums up how long the batches of another take.
///
/// To each batch of a deed that writes it appends a row of the audit log, as core will once there
/// is one (docs/DESIGN §3: "appended in the batch of the deed"); this goes then. It cannot tell
/// which batch is the deed's: a login and a refresh, which take two, append two rows, where core
/// will append one. What core itself will take for a row, its MAC, is not measured.
struct Timed {
    host: authcore_tests::Connection,
    spent: Duration,
    /// What core has asked, without the rows of the log: for those nothing is looked up.
    asked: Vec<Statement>,
    log: Log,
    deed: Option<Deed>,
}

/// What is being done, if the log is to tell of it.
struct Deed {
    number: i64,
    act: &'static str,
    at: i64,
}

impl Timed {
    fn begin(&mut self) {
        self.spent = Duration::ZERO;
        self.asked.clear();
    }

    /// The batch with its row of the log, if it has one.
    fn logged(&mut self, batch: &Batch) -> Option<Batch> {
        let Deed { number, act, at } = self.deed.as_ref().filter(|_| batch.mode == Mode::Write)?;
        let mut logged = batch.clone();
        logged.statements.push(self.log.append(*number, act, *at));
        Some(logged)
    }
}

impl Host for Timed {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        let logged = self.logged(batch);
        let begun = Instant::now();
        let rows = self.host.batch(logged.as_ref().unwrap_or(batch));
        self.spent += begun.elapsed();
        self.asked.extend_from_slice(&batch.statements);
        // Core gets replies to its own statements alone.
        rows.map(|mut rows| {
            rows.truncate(batch.statements.len());
            rows
        })
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

/// The rows of the report: of each task the median and the least for each size.
pub fn rows(kind: &str, subjects: &[(String, Subject)]) -> Vec<Json> {
    let tasks = subjects.iter().flat_map(|(_, subject)| subject.times.keys());
    let mut tasks: Vec<_> = tasks.collect();
    tasks.sort_unstable();
    tasks.dedup();
    let of = |task: &str, figure: fn(&[f64]) -> f64| -> serde_json::Map<String, Json> {
        let sizes = subjects.iter();
        sizes.map(|(size, subject)| (size.clone(), json!(figure(&subject.times[task])))).collect()
    };
    let row = |task: &&'static str| {
        let name = format!("{kind}: {task}");
        json!({"task": name, "medians": of(task, median), "least": of(task, least)})
    };
    tasks.into_iter().map(row).collect()
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn least(samples: &[f64]) -> f64 {
    samples.iter().copied().fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use authcore_tests::database;

    use super::*;
    use crate::{audit, fill};

    const LOGINS: &str = "SELECT count(*) FROM audit WHERE number IS NULL AND act = 'login'";
    const REFRESHES: &str = "SELECT count(*) FROM audit WHERE number IS NULL AND act = 'refresh'";
    const ALL: &str = "SELECT count(*) FROM audit";
    const WHO: &str = "SELECT account_id FROM audit WHERE number IS NULL \
        GROUP BY account_id ORDER BY account_id";

    #[test]
    fn every_login_and_every_refresh_appends_to_the_audit_log() {
        const ACCOUNTS: i64 = 20;
        database::on_each(|database| {
            fill::fill(database, ACCOUNTS);
            let counts = || [LOGINS, REFRESHES, ALL].map(|sql| database.count(sql));
            assert_eq!(counts(), [0, 0, ACCOUNTS * audit::EACH as i64]);
            let mut subject = Subject::new(database, ACCOUNTS);
            // The first login makes the signing keys, in a batch of its own.
            subject.round(0);
            let mut before = counts();
            for round in 1..4 {
                subject.round(round);
                let after = counts();
                // One for each of their two batches, and none for a token check, sweep or list.
                assert_eq!([0, 1, 2].map(|at| after[at] - before[at]), [2, 2, 4]);
                before = after;
            }
            assert_eq!(database.query(WHO, Vec::new()), [10, 11, 12, 13].map(|n| vec![account(n)]));
        });
    }
}
