//! Logins that fail, by the state of the account: SECURITY 56.

use std::fmt::Write as _;
use std::time::Instant;

use authcore_tests::{Client, Database, Kind, settings};

use crate::statistics::{mann_whitney_p, median};

/// What a login meets, and how its account comes to that.
const CLASSES: [(&str, Option<&str>); 5] = [
    ("no such account", None),
    ("active", Some("UPDATE accounts SET status = 'active' WHERE username = ?1")),
    ("blocked", Some("UPDATE accounts SET status = 'blocked' WHERE username = ?1")),
    ("pending", Some("UPDATE accounts SET status = 'pending' WHERE username = ?1")),
    ("deleted", Some("UPDATE accounts SET status = 'deleted' WHERE username = ?1")),
];

/// A section of the document: wrong passwords, one class after the other, again and again.
pub fn report(samples: usize) -> String {
    let database = Database::new(Kind::Sqlite);
    let mut client = Client::new(settings::service(&[]), database.connect());
    let name = |class: usize| format!("somebody{class}");
    for (class, (_, state)) in CLASSES.iter().enumerate() {
        let Some(state) = state else { continue };
        let _ = client.sign_up(&name(class)).expect(201);
        database.query(state, vec![authcore_tests::database::text(&name(class))]);
    }
    let mut times = vec![Vec::with_capacity(samples); CLASSES.len()];
    for sample in 0..samples + 1 {
        // No counter must ever say no: that would be another answer.
        database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
        for (class, times) in times.iter_mut().enumerate() {
            client.now += 1000;
            let started = Instant::now();
            let answer = client.login(&name(class), "not the password");
            let spent = started.elapsed();
            assert_eq!((answer.status, answer.code()), (401, "invalid_credentials"));
            // The first round warms caches up.
            if sample > 0 {
                times.push(spent.as_secs_f64() * 1000.0);
            }
        }
    }
    let wrong = &times[1];
    let mut text = String::from(
        "## Logins with a wrong password\n\n\
         | Account | Median, ms | From that of an active one | Mann-Whitney p |\n|---|---|---|---|\n",
    );
    for ((what, _), times) in CLASSES.iter().zip(&times) {
        let ratio = (median(times) / median(wrong) - 1.0) * 100.0;
        let p = mann_whitney_p(times, wrong);
        writeln!(text, "| {what} | {:.3} | {ratio:+.2} % | {p:.3} |", median(times))
            .expect("memory");
    }
    writeln!(text, "\n{samples} samples of each, in turn, on SQLite.").expect("memory");
    text
}
