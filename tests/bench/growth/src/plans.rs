//! How the planners look up what a request has asked: in the filled tables, with the parameters
//! that were sent, and PostgreSQL's defaults.

use std::collections::BTreeSet;

use authcore::effect::{Batch, Dialect, Host, Mode, Statement, Value};
use authcore_tests::{Database, Kind};
use serde_json::{Value as Json, json};

use crate::measure::Subject;

/// Of each task how many statements it asked, and which tables are read whole for them.
pub fn rows(name: &str, database: &Database, subject: &Subject) -> Vec<Json> {
    let mut host = database.connect();
    let row = |(task, statements): (&&str, &Vec<Statement>)| {
        let whole: BTreeSet<String> = statements
            .iter()
            .flat_map(|statement| whole(&plan(&mut *host, database.kind(), statement)))
            .collect();
        json!({"task": format!("{name}: {task}"), "statements": statements.len(), "whole": whole})
    };
    subject.asked.iter().map(row).collect()
}

fn plan(host: &mut dyn Host, kind: Kind, statement: &Statement) -> Vec<String> {
    let explain = if kind == Kind::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let text = format!("{explain} {}", statement.sql(Dialect::Sqlite));
    let statements = vec![Statement::new(text.leak(), statement.params.clone())];
    let answer = host.batch(&Batch { mode: Mode::Write, statements }).expect("a sound statement");
    let last = |row: &Vec<Value>| match row.last() {
        Some(Value::Text(text)) => text.trim().to_owned(),
        _ => panic!("a plan is text"),
    };
    answer[0].iter().map(last).collect()
}

/// The tables that a plan reads from end to end, by themselves or by an index without a condition.
fn whole(plan: &[String]) -> Vec<String> {
    let next = plan.iter().skip(1).map(String::as_str).chain([""]);
    let read = plan.iter().zip(next).filter_map(|(line, next)| {
        let (_, table) = line
            .split_once("Seq Scan on ")
            .or_else(|| line.strip_prefix("SCAN ").map(|table| ("", table)))
            .or_else(|| {
                let (_, walked) = line.split_once("Index")?;
                let (_, table) = walked.split_once(" on ").filter(|_| walked.contains("Scan"))?;
                (!next.starts_with("Index Cond:")).then_some(("", table))
            })?;
        let table = table.split_once(' ').map_or(table, |(table, _)| table);
        // The rows of a query within the query, whose own plan stands in lines of its own.
        let inner = plan.contains(&format!("CO-ROUTINE {table}"));
        (table != "CONSTANT" && !inner).then(|| table.to_owned())
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_read_from_end_to_end_is_named() {
        let plan =
            |lines: &[&str]| -> Vec<String> { lines.iter().map(|&l| l.to_owned()).collect() };
        assert_eq!(whole(&plan(&["SCAN accounts"])), ["accounts"]);
        assert_eq!(whole(&plan(&["SCAN accounts USING INDEX by_email"])), ["accounts"]);
        assert_eq!(whole(&plan(&["Seq Scan on accounts a  (cost=0.00..1.01)"])), ["accounts"]);
        let walked =
            ["Index Scan using by_email on accounts  (cost=0.42..8.44)", "Filter: (a = 1)"];
        assert_eq!(whole(&plan(&walked)), ["accounts"]);
        let inner = ["CO-ROUTINE counted", "SCAN accounts USING INDEX by_id", "SCAN counted"];
        assert_eq!(whole(&plan(&inner)), ["accounts"]);
    }

    #[test]
    fn a_row_that_is_looked_up_is_not() {
        let looked_up = [
            "SEARCH accounts USING INDEX by_email (email_folded=?)",
            "SCAN CONSTANT ROW",
            "CO-ROUTINE counted",
            "SEARCH a USING COVERING INDEX by_id (id>?)",
            "SCAN counted",
            "->  Index Scan using by_email on accounts  (cost=0.42..8.44 rows=1 width=8)",
            "Index Cond: (email_folded = 'e'::text)",
        ];
        let plan: Vec<String> = looked_up.map(str::to_owned).into();
        assert_eq!(whole(&plan), Vec::<String>::new());
    }
}
