//! Fills a database past the service: straight into SQLite's file, by COPY into PostgreSQL.

use std::io::Write as _;

use authcore::effect::Value;
use authcore_tests::{Database, Kind};

use crate::audit;
use crate::rows::{TABLES, Table};

/// Gives a database so many accounts, and a log of what they have done, with a table of its own.
pub fn fill(database: &Database, accounts: i64) {
    match database.kind() {
        Kind::Sqlite => sqlite(database.address(), accounts),
        Kind::Postgres => postgresql(database.address(), accounts),
    }
}

/// Has the system keep SQLite's file in memory: of a large one, what was filled first has left it.
/// PostgreSQL's has been read when it was analysed.
pub fn warm(database: &Database) {
    if database.kind() == Kind::Sqlite {
        let mut file = std::fs::File::open(database.address()).expect("a file");
        let _ = std::io::copy(&mut file, &mut std::io::sink()).expect("a readable file");
    }
}

/// The bytes that this process has had read from the disk so far (proc_pid_io(5)).
pub fn read_from_disk() -> u64 {
    let counts = std::fs::read_to_string("/proc/self/io").expect("Linux");
    let read = counts.lines().find_map(|line| line.strip_prefix("read_bytes: "));
    read.and_then(|bytes| bytes.parse().ok()).expect("a number")
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

/// Gives the SQLite file of a database so many accounts.
pub fn sqlite(path: &str, accounts: i64) {
    let mut connection = rusqlite::Connection::open(path).expect("a writable file");
    // Hosts set a journal again when they open the file.
    let pragmas = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;\
        PRAGMA foreign_keys = OFF";
    connection.execute_batch(pragmas).expect("known pragmas");
    connection.execute_batch(audit::SCHEMA).expect("a sound table");
    let transaction = connection.transaction().expect("a transaction");
    for Table { name, columns, rows } in TABLES {
        insert(&transaction, name, columns, (0..accounts).flat_map(rows));
    }
    insert(&transaction, "audit", audit::COLUMNS, audit::rows(accounts));
    transaction.commit().expect("room on the disk");
}

fn insert(
    connection: &rusqlite::Connection,
    table: &str,
    columns: &str,
    rows: impl Iterator<Item = Vec<Value>>,
) {
    let count = columns.split(',').count();
    let places: Vec<String> = (1..=count).map(|place| format!("?{place}")).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
    let mut insert = connection.prepare(&sql).expect("a sound statement");
    for row in rows {
        insert.execute(rusqlite::params_from_iter(row.iter().map(cell))).expect("a sound row");
    }
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
    client.batch_execute(audit::SCHEMA).expect("a sound table");
    for Table { name, columns, rows } in TABLES {
        copy(&mut client, name, columns, (0..accounts).flat_map(rows));
    }
    copy(&mut client, "audit", audit::COLUMNS, audit::rows(accounts));
    // What autovacuum would do by and by.
    client.batch_execute("VACUUM ANALYZE").expect("a server");
}

fn copy(
    client: &mut postgres::Client,
    table: &str,
    columns: &str,
    rows: impl Iterator<Item = Vec<Value>>,
) {
    let copy = client.copy_in(&format!("COPY {table} ({columns}) FROM STDIN"));
    let mut writer = copy.expect("a table");
    for row in rows {
        let cells: Vec<String> = row.iter().map(field).collect();
        writeln!(writer, "{}", cells.join("\t")).expect("a server");
    }
    writer.finish().expect("sound rows");
}

/// A field of COPY's text format: none of these texts holds what must be escaped.
fn field(value: &Value) -> String {
    match value {
        Value::Null => "\\N".to_owned(),
        Value::Integer(integer) => integer.to_string(),
        Value::Text(text) => text.clone(),
    }
}
