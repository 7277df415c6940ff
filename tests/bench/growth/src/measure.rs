//! Times requests on databases of several sizes, one after the other, round by round.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Request, Rows, Statement, StrengthJob,
};
use authcore::service::{Command, Outcome};
use authcore::strength::StrengthVerdict;
use authcore_tests::client::{PASSWORD, bearing, get, post};
use authcore_tests::settings::NOW;
use authcore_tests::{Answer, Client, Database, settings};
use serde_json::{Value as Json, json};

use crate::rows::{MINUTE, SWEEPS, has_factor, username};

/// What was measured of each task, in nanoseconds.
pub type Times = BTreeMap<&'static str, Vec<f64>>;

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
    pub asked: BTreeMap<&'static str, Vec<Statement>>,
}

impl Subject {
    /// Of a database that was filled.
    pub fn new(database: &Database, accounts: i64) -> Self {
        let connect = || Client::new(settings::service(&[]), database.connect());
        let timed = Timed { host: database.connect(), spent: Duration::ZERO, asked: Vec::new() };
        let (mut client, mut sweeper) = (connect(), connect());
        client.number = 1;
        sweeper.now = NOW - SWEEPS * MINUTE;
        let (times, asked) = (Times::new(), BTreeMap::new());
        Self { accounts, client, sweeper, timed, times, asked }
    }

    /// One round: somebody logs in, asks who they are, refreshes; the sweep runs.
    pub fn round(&mut self, round: i64) {
        // A stride that has no factor in common with the sizes meets accounts all over the table.
        let mut number = (round * 7_919 + 13) % self.accounts;
        while has_factor(number) {
            number = (number + 1) % self.accounts;
        }
        self.client.now += 1000;
        let login = json!({"login": username(number), "password": PASSWORD});
        let tokens = self.send(["login", "login: the database's part"], post("/v1/login", &login));
        let me = bearing(get("/v1/me"), tokens.text("access_token"));
        let _ = self.send(["token check", "token check: the database's part"], me);
        let refresh = json!({"refresh_token": tokens.text("refresh_token")});
        let _ =
            self.send(["refresh", "refresh: the database's part"], post("/v1/refresh", &refresh));
        self.sweep();
    }

    fn send(&mut self, [whole, part]: [&'static str; 2], request: Request) -> Answer {
        self.timed.spent = Duration::ZERO;
        self.timed.asked.clear();
        let begun = Instant::now();
        let answer = self.client.send_through(&mut self.timed, request).expect(200);
        self.note(whole, begun.elapsed());
        self.note(part, self.timed.spent);
        self.asked.insert(whole, self.timed.asked.clone());
        answer
    }

    fn sweep(&mut self) {
        self.sweeper.now += MINUTE;
        let begun = Instant::now();
        assert_eq!(self.sweeper.run(Command::Sweep), Ok(Outcome::Swept));
        self.note("sweep of 20 sessions and 20 throttles", begun.elapsed());
    }

    fn note(&mut self, task: &'static str, spent: Duration) {
        self.times.entry(task).or_default().push(spent.as_nanos() as f64);
    }
}

/// A host that sums up how long the batches of another take.
struct Timed {
    host: authcore_tests::Connection,
    spent: Duration,
    asked: Vec<Statement>,
}

impl Host for Timed {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        let begun = Instant::now();
        let rows = self.host.batch(batch);
        self.spent += begun.elapsed();
        self.asked.extend_from_slice(&batch.statements);
        rows
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
