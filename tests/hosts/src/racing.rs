//! Many requests at once, from two processes with many threads each.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};

use crate::database::{Database, Kind};
use crate::postgres::Held;

const PROCESSES: usize = 2;
/// A hundred requests in flight.
const THREADS: usize = 50;

/// One race at a time, on however many cores tests run: PostgreSQL takes 300 connections.
static TRACK: Mutex<()> = Mutex::new(());

/// A request of a race: `number` makes its seed and its address differ from the others'. A body
/// that is text is a form.
#[must_use]
pub fn request(number: usize, target: &str, body: &Json) -> Json {
    let peer = format!("198.51.{}.{}", number / 200, number % 200 + 1);
    json!({"number": number + 1, "target": target, "body": body, "peer": peer})
}

/// A request of a race by who is signed in.
#[must_use]
pub fn acting(number: usize, token: &str, method: &str, target: &str, body: &Json) -> Json {
    let mut request = request(number, target, body);
    request["token"] = token.into();
    request["method"] = method.into();
    request
}

/// The same request with user id and password in its head (RFC 7617).
#[must_use]
pub fn with_basic(mut request: Json, name: &str, password: &str) -> Json {
    request["basic"] = BASE64_STANDARD.encode(format!("{name}:{password}")).into();
    request
}

struct Racer(Child, BufReader<ChildStdout>);

impl Racer {
    fn start(program: &str, database: &Database, own: &[(&str, &str)], requests: &[Json]) -> Self {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the racer starts");
        let race = json!({
            "kind": format!("{:?}", database.kind()), "address": database.address(),
            "settings": own, "threads": THREADS, "requests": requests,
        });
        writeln!(child.stdin.as_mut().expect("piped"), "{race}").expect("it reads");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Self(child, output)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).expect("it writes");
        line
    }
}

/// Sends these requests at once, by the racer of this path, and gives the answers, in no order.
///
/// # Panics
/// If an answer is missing.
#[must_use]
pub fn race_by(
    racer: &str,
    database: &Database,
    own: &[(&str, &str)],
    requests: &[Json],
) -> Vec<Json> {
    race_at(racer, database, own, requests, || ())
}

/// As [`race_by`], with no chance in it on PostgreSQL: every row of `accounts` is held back until
/// each of the requests waits for one, so all have read what they read before any of them wrote.
/// No more requests than threads. On SQLite, where writers wait for the file, as [`race_by`].
///
/// # Panics
/// If an answer is missing, or not all of the requests come to wait.
#[must_use]
pub fn race_held_by(
    racer: &str,
    database: &Database,
    own: &[(&str, &str)],
    requests: &[Json],
) -> Vec<Json> {
    assert!(requests.len() <= PROCESSES * THREADS);
    match database.kind() {
        Kind::Sqlite => race_by(racer, database, own, requests),
        Kind::Postgres => {
            let held = Held::accounts(database.address());
            race_at(racer, database, own, requests, || held.release_at(requests.len()))
        }
    }
}

/// `begun` is called once all requests are on their way.
fn race_at(
    racer: &str,
    database: &Database,
    own: &[(&str, &str)],
    requests: &[Json],
    begun: impl FnOnce(),
) -> Vec<Json> {
    let _track = TRACK.lock().unwrap_or_else(PoisonError::into_inner);
    let mut racers: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let mine: Vec<_> = requests.iter().skip(process).step_by(PROCESSES).cloned().collect();
            Racer::start(racer, database, own, &mine)
        })
        .collect();
    for racer in &mut racers {
        assert_eq!(racer.line(), "ready\n");
    }
    for racer in &mut racers {
        writeln!(racer.0.stdin.as_mut().expect("piped")).expect("it reads");
    }
    begun();
    let mut answers = Vec::new();
    for mut racer in racers {
        let line = racer.line();
        answers.extend(serde_json::from_str::<Vec<Json>>(&line).expect("answers"));
        assert!(racer.0.wait().expect("it ends").success());
    }
    assert_eq!(answers.len(), requests.len());
    answers
}

/// How many answers have this status.
#[must_use]
pub fn with_status(answers: &[Json], status: u16) -> usize {
    answers.iter().filter(|answer| answer["status"] == status).count()
}
