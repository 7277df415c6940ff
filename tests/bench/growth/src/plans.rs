//! How the planners look up what a request has asked: in the filled tables, with the parameters
//! that were sent, and PostgreSQL's defaults; there as on the connection that was measured.

use std::collections::{BTreeMap, BTreeSet};

use authcore::effect::{Batch, Dialect, Host, Mode, Rows, Statement, Value};
use authcore_tests::Kind;
use serde_json::{Map, Value as Json, json};

use crate::measure::Subject;

/// Of each task how many statements it asked, and which tables are read whole for them, by size.
pub fn rows(name: &str, kind: Kind, subjects: &mut [(String, Subject)]) -> Vec<Json> {
    let mut found = BTreeMap::<&str, (usize, Map<String, Json>)>::new();
    for (size, subject) in subjects {
        let (asked, host) = subject.asked();
        for (task, statements) in asked {
            let whole: BTreeSet<String> = statements
                .iter()
                .flat_map(|statement| whole(&plan(host, kind, statement)))
                .collect();
            let (count, by_size) = found.entry(task).or_default();
            *count = statements.len();
            by_size.insert(size.clone(), json!(whole));
        }
    }
    let row = |(task, (count, whole)): (&str, _)| {
        let task = format!("{name}: {task}");
        json!({"task": task, "statements": count, "whole": whole})
    };
    found.into_iter().map(row).collect()
}

fn plan(host: &mut dyn Host, kind: Kind, statement: &Statement) -> Vec<String> {
    let answer = match kind {
        Kind::Sqlite => {
            let text = format!("EXPLAIN QUERY PLAN {}", statement.text());
            ask(host, text, statement.params.clone())
        }
        Kind::Postgres => {
            let execute = execute(host, statement);
            ask(host, format!("EXPLAIN {execute}"), Vec::new())
        }
    };
    answer.into_iter().map(last).collect()
}

/// A statement as it was prepared on this connection when it was measured: after five times the
/// planner may keep a plan for it that takes no heed of the parameters.
fn execute(host: &mut dyn Host, statement: &Statement) -> String {
    let named = "SELECT name FROM pg_prepared_statements WHERE statement = ?1".to_owned();
    let sql = statement.sql(Dialect::Postgres).into_owned();
    let name = ask(host, named, vec![Value::Text(sql)]).into_iter().map(last).next();
    let literal = |value: &Value| match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(integer) => integer.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
    };
    let literals: Vec<String> = statement.params.iter().map(literal).collect();
    let given =
        if literals.is_empty() { String::new() } else { format!("({})", literals.join(", ")) };
    format!("EXECUTE {}{given}", name.expect("a statement that was measured"))
}

fn ask(host: &mut dyn Host, text: String, params: Vec<Value>) -> Rows {
    let statements = vec![Statement::new(text.leak(), params)];
    let answer = host.batch(&Batch { mode: Mode::Write, statements });
    answer.expect("a sound statement").remove(0)
}

/// The text that a row ends with.
fn last(mut row: Vec<Value>) -> String {
    match row.pop() {
        Some(Value::Text(text)) => text.trim().to_owned(),
        _ => panic!("a name and a plan are text"),
    }
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
