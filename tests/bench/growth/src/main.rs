//! Measures what requests take with few accounts in the database and with many, on both databases.
//!
//! usage: authcore-bench-growth <file for the measurements> <rounds> <accounts>...
//!        authcore-bench-growth fill <SQLite file with the schema> <accounts>
//!
//! `make bench-growth` runs it with a thousand, a hundred thousand and a million. No test judges the
//! times; that each statement is served by an index is judged by tests/hosts/tests/statements.rs.
// It looks at a clock, because time is what it measures.
#![allow(clippy::disallowed_methods)]

mod audit;
mod fill;
mod list;
mod measure;
mod plans;
mod rows;

use std::collections::BTreeMap;
use std::process::Command;

use authcore::effect::{Statement, Value};
use authcore_tests::{Database, Kind};
use measure::{Asked, Subject};
use serde_json::{Value as Json, json};

fn main() {
    let mut words = std::env::args().skip(1);
    let out = words.next().expect("a file to write");
    if out == "fill" {
        let file = words.next().expect("a file to fill");
        let accounts = words.next().and_then(|word| word.parse().ok()).expect("a number");
        return fill::sqlite(&file, accounts);
    }
    let mut numbers = words.map(|word| word.parse::<i64>().expect("a number"));
    let rounds = numbers.next().expect("a number of rounds");
    let sizes: Vec<i64> = numbers.collect();
    let kinds = [(Kind::Sqlite, "SQLite"), (Kind::Postgres, "PostgreSQL")];
    let (mut all, mut plans) = (Vec::new(), Vec::new());
    let (mut from_disk, mut asked) = (Json::Null, Json::Null);
    for (kind, name) in kinds {
        let found = measured(kind, name, rounds, &sizes);
        all.extend(found.rows);
        plans.extend(found.plans);
        // PostgreSQL reads in processes of its own.
        if kind == Kind::Sqlite {
            from_disk = json!(found.from_disk);
            asked = written(&found.asked);
        }
    }
    let versions = kinds.map(|(kind, name)| (name.to_owned(), json!(fill::version(kind))));
    let report = json!({
        "runtime": "authcore natively, for D1 as a Worker,",
        "versions": serde_json::Map::from_iter(versions),
        "sizes": sizes,
        "rows": all,
        "plans": plans,
        "from_disk": from_disk,
        // For those who ask another database.
        "asked": asked,
    });
    std::fs::write(&out, format!("{report:#}\n")).expect("a writable file");
}

/// What no transcript has, its statements as transcripts have them.
fn written(asked: &Asked) -> Json {
    let tasks = ["admin list", "sweep"].map(|task| {
        let statements: Vec<Json> = asked[task].iter().map(statement).collect();
        (task.to_owned(), Json::from(statements))
    });
    Json::Object(tasks.into_iter().collect())
}

fn statement(statement: &Statement) -> Json {
    let param = |value: &Value| match value {
        Value::Null => Json::Null,
        Value::Integer(integer) => json!(integer),
        Value::Text(text) => json!(text),
    };
    let params: Vec<Json> = statement.params.iter().map(param).collect();
    json!({"sql": statement.text(), "params": params})
}

/// What was found of one kind of database.
struct Measured {
    /// The times of each task.
    rows: Vec<Json>,
    /// How each is looked up.
    plans: Vec<Json>,
    /// What each has asked, with the most accounts.
    asked: Asked,
    /// The bytes that a round has had read from the disk, by the number of accounts.
    from_disk: BTreeMap<String, u64>,
}

/// All sizes of one kind stand side by side, so that whatever else the machine does meets them alike.
fn measured(kind: Kind, name: &str, rounds: i64, sizes: &[i64]) -> Measured {
    // Kept until the end: a database goes with its value.
    let databases: Vec<_> = sizes.iter().map(|_| Database::new(kind)).collect();
    let subject = |(database, accounts): (&Database, &i64)| {
        eprintln!("{name}: filling {accounts} accounts");
        fill::fill(database, *accounts);
        (accounts.to_string(), Subject::new(database, *accounts))
    };
    let mut subjects: Vec<_> = databases.iter().zip(sizes).map(subject).collect();
    // What was filled is written now, not while it is measured.
    let _ = Command::new("sync").status();
    databases.iter().for_each(fill::warm);
    let mut from_disk = BTreeMap::new();
    for round in 0..rounds {
        for (size, subject) in &mut subjects {
            let before = fill::read_from_disk();
            subject.round(round);
            *from_disk.entry(size.clone()).or_default() += fill::read_from_disk() - before;
        }
    }
    from_disk.values_mut().for_each(|bytes| *bytes /= rounds.unsigned_abs());
    let plans = plans::rows(name, kind, &mut subjects);
    let asked = subjects.last().map(|(_, subject)| subject.asked.clone());
    let rows = measure::rows(name, &subjects);
    Measured { rows, plans, asked: asked.unwrap_or_default(), from_disk }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_measured_on_both_databases() {
        for (kind, name) in [(Kind::Sqlite, "SQLite"), (Kind::Postgres, "PostgreSQL")] {
            let Measured { rows, plans, asked, from_disk } = measured(kind, name, 2, &[20, 300]);
            assert!(from_disk.keys().eq(["20", "300"]), "{from_disk:?}");
            assert_eq!(rows.len(), 8);
            assert_eq!(plans.len(), 5);
            assert!(plans.iter().all(|plan| plan["statements"].as_u64() > Some(0)), "{plans:?}");
            let planned = |size: &str| plans.iter().all(|plan| plan["whole"][size].is_array());
            assert!(planned("20") && planned("300"), "{plans:?}");
            assert_eq!(written(&asked)["sweep"].as_array().map(Vec::len), Some(8));
            for row in rows {
                for size in ["20", "300"] {
                    assert!(row["medians"][size].as_f64().is_some_and(|time| time > 0.0), "{row}");
                }
            }
        }
    }
}
