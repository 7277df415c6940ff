//! Fills a database past the service: straight into SQLite's file, by COPY into PostgreSQL.

use std::io::Write as _;

use authcore::effect::Value;
use authcore_tests::{Database, Kind};

use crate::rows::{TABLES, Table};

/// Gives a database so many accounts.
pub fn fill(database: &Database, accounts: i64) {
    match database.kind() {
        Kind::Sqlite => sqlite(database.address(), accounts),
        Kind::Postgres => postgresql(database.address(), accounts),
    }
}

/// The version of a database.
pub fn version(kind: Kind) -> String {
    if kind == Kind::Sqlite {
        return rusqlite::version().to_owned();
    }
    let database = Database::empty(kind);
    let mut client = postgres::Client::connect(database.address(), postgres::NoTls);
    let client = client.as_mut().expect("a server");
    client.query_one("SHOW server_version_num", &[]).expect("a setting").get(0)
}

fn sqlite(path: &str, accounts: i64) {
    let mut connection = rusqlite::Connection::open(path).expect("a writable file");
    // Hosts set a journal again when they open the file.
    let pragmas = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;\
        PRAGMA foreign_keys = OFF";
    connection.execute_batch(pragmas).expect("known pragmas");
    let transaction = connection.transaction().expect("a transaction");
    for Table { name, columns, rows } in TABLES {
        let count = columns.split(',').count();
        let places: Vec<String> = (1..=count).map(|place| format!("?{place}")).collect();
        let sql = format!("INSERT INTO {name} ({columns}) VALUES ({})", places.join(", "));
        let mut insert = transaction.prepare(&sql).expect("a sound statement");
        for row in (0..accounts).flat_map(rows) {
            insert.execute(rusqlite::params_from_iter(row.iter().map(cell))).expect("a sound row");
        }
    }
    transaction.commit().expect("room on the disk");
}

fn cell(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Integer(integer) => rusqlite::types::Value::Integer(*integer),
        Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
    }
}

fn postgresql(address: &str, accounts: i64) {
    let mut client = postgres::Client::connect(address, postgres::NoTls).expect("a server");
    for Table { name, columns, rows } in TABLES {
        let copy = client.copy_in(&format!("COPY {name} ({columns}) FROM STDIN"));
        let mut writer = copy.expect("a table");
        for row in (0..accounts).flat_map(rows) {
            let cells: Vec<String> = row.iter().map(field).collect();
            writeln!(writer, "{}", cells.join("\t")).expect("a server");
        }
        writer.finish().expect("sound rows");
    }
    // What autovacuum would do by and by.
    client.batch_execute("VACUUM ANALYZE").expect("a server");
}

/// A field of COPY's text format: none of these texts holds what must be escaped.
fn field(value: &Value) -> String {
    match value {
        Value::Null => "\\N".to_owned(),
        Value::Integer(integer) => integer.to_string(),
        Value::Text(text) => text.clone(),
    }
}
