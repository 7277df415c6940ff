//! Every statement of the store on both databases: prepared, typed, and served by an index.

use authcore::effect::{Batch, Host, Mode, Rows, Statement, Value};
use authcore::service::{Command, Outcome};
use authcore::store::{all_statements, schema};
use authcore_tests::{Client, Database, Kind, database, settings};

/// D1's limit.
const MOST_PARAMETERS: usize = 100;

/// Tables that hold a handful of rows: all of them are read, or swept, at once.
const TINY: [&str; 1] = ["signing_keys"];

/// Count all rows, for an operator who asks (`Command::RingKeys`).
const WHOLE: [(&str, &str); 2] = [("authenticators", "RING_KEYS"), ("backup_codes", "RING_KEYS")];

fn is_whole(name: &str) -> bool {
    WHOLE.iter().any(|(table, statement)| name == format!("{table}::{statement}"))
}

/// Defines a table: there is nothing to prepare or to look up.
const DEFINITIONS: [(&str, &str); 1] = [("schema", "CREATE_VERSION")];

fn statements() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    let all = all_statements().into_iter();
    all.filter(|(table, name, _)| !DEFINITIONS.contains(&(*table, *name)))
        .map(|(table, name, sql)| (format!("{table}::{name}"), table, sql))
}

/// The numbers of the parameters in a text, sorted, each once.
fn parameters(sql: &str) -> Vec<usize> {
    let number = |part: &str| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a parameter has a number")
    };
    let mut numbers: Vec<usize> = sql.split('?').skip(1).map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn run(host: &mut dyn Host, sql: Vec<String>, params: usize) -> Vec<Rows> {
    let statement = |sql: String| {
        let params = if sql.contains('?') { vec![Value::Null; params] } else { Vec::new() };
        Statement::new(sql.leak(), params)
    };
    let statements = sql.into_iter().map(statement).collect();
    host.batch(&Batch { mode: Mode::Write, statements }).expect("sound statements")
}

fn lines(rows: &Rows) -> Vec<String> {
    let last = |row: &Vec<Value>| match row.last() {
        Some(Value::Text(text)) => text.trim().to_owned(),
        _ => panic!("a plan is text"),
    };
    rows.iter().map(last).collect()
}

// SECURITY 87
#[test]
fn statements_have_numbered_parameters_and_portable_words_only() {
    for (name, _, sql) in statements() {
        let numbers = parameters(sql);
        assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{name}");
        assert!(numbers.len() <= MOST_PARAMETERS, "{name}");
        let upper = sql.to_uppercase();
        for word in [" LIKE ", "LOWER(", "UPPER(", "MAX(", "MIN(", "SUM(", "JSON", "TRUE", "FALSE"]
        {
            assert!(!upper.contains(word), "{name} has {word}");
        }
        for number in numbers {
            assert!(!upper.contains(&format!("?{number} IS NULL")), "{name}");
        }
    }
}

#[test]
fn sqlite_looks_every_row_up_by_an_index() {
    let database = Database::new(Kind::Sqlite);
    let mut host = database.connect();
    for (name, table, sql) in statements() {
        let explain = vec![format!("EXPLAIN QUERY PLAN {sql}")];
        let plan = lines(&run(&mut *host, explain, parameters(sql).len())[0]);
        for line in &plan {
            // Also `SCAN … USING INDEX`: an index that is read from end to end.
            let scans = line.starts_with("SCAN ") && line != "SCAN CONSTANT ROW";
            assert!(!scans || TINY.contains(&table) || is_whole(&name), "{name}: {plan:#?}");
        }
    }
}

/// Rows enough that the planner does not take every table for an empty one.
const FILL: [&str; 12] = [
    "INSERT INTO accounts (id, username, username_folded, email, email_folded, status, properties, \
     admin_properties, created_at, op) SELECT 'a' || n, 'u' || n, 'u' || n, 'e' || n, 'e' || n, \
     'active', '{}', '{}', n, 'test' FROM generate_series(1, 20000) n",
    "INSERT INTO credentials (account_id, phc, version, changed_at) \
     SELECT id, 'x', 1, 0 FROM accounts",
    "INSERT INTO account_roles (account_id, role, granted_at) SELECT id, 'user', 0 FROM accounts",
    "INSERT INTO sessions (id, account_id, created_at, auth_time, aal, amr, idle_span, user_agent, \
     address, family_hash, refresh_hash, generation, refreshed_at, idle_end, absolute_end, \
     revoked_at, op) SELECT 's' || n, 'a' || (n % 20000 + 1), n, n, 1, 'pwd', 1, '', '', 'f' || n, \
     'r' || n, 1, n, n, n, CASE WHEN n % 5 = 0 THEN n END, 'test' FROM generate_series(1, 40000) n",
    "INSERT INTO throttles (key, failures, until, expires_at, op) \
     SELECT 'name.' || n, 1, 0, n, 'test' FROM generate_series(1, 40000) n",
    "INSERT INTO authenticators (id, account_id, kind, origin, sealed, created_at, confirm_by, \
     confirmed_at, last_step, op) SELECT 't' || n, 'a' || n, 'totp', 'session', 'x', n, n, \
     CASE WHEN n % 2 = 0 THEN n END, n, 'test' FROM generate_series(1, 20000) n",
    "INSERT INTO backup_codes (code_hash, account_id, created_at) SELECT 'b' || n, \
     'a' || (n % 20000 + 1), n FROM generate_series(1, 40000) n",
    "INSERT INTO challenges (id, account_id, authenticator_id, credential_version, token_hash, \
     idle_span, attempts, created_at, expires_at, op) SELECT 'c' || n, 'a' || (n % 20000 + 1), \
     't' || n, 1, 'h' || n, 1, 0, n, n, 'test' FROM generate_series(1, 40000) n",
    "INSERT INTO remembered_devices (id, account_id, token_hash, user_agent, address, created_at, \
     expires_at, op) SELECT 'd' || n, 'a' || (n % 20000 + 1), 'h' || n, '', '', n, n, 'test' \
     FROM generate_series(1, 40000) n",
    "INSERT INTO outbox (id, kind, template, account_id, recipient, sealed, state, attempts, \
     created_at, due_at, expires_at, op) SELECT 'o' || n, 'mail', 'x', 'a' || (n % 20000 + 1), '', \
     '', 'queued', 0, n, n, n, 'test' FROM generate_series(1, 40000) n",
    "INSERT INTO heartbeat (id, at) VALUES (1, 0)",
    "ANALYZE",
];

#[test]
fn postgresql_looks_every_row_up_by_an_index() {
    let database = Database::new(Kind::Postgres);
    let mut host = database.connect();
    run(&mut *host, FILL.map(str::to_owned).into(), 0);
    for (number, (name, table, sql)) in statements().enumerate() {
        let count = parameters(sql).len();
        let nulls = vec!["NULL"; count].join(", ");
        let execute = if count == 0 { String::new() } else { format!("({nulls})") };
        let answers = run(
            &mut *host,
            vec![
                "SET LOCAL enable_seqscan = off".to_owned(),
                "SET LOCAL plan_cache_mode = force_generic_plan".to_owned(),
                format!("PREPARE s{number} AS {}", sql.replace('?', "$")),
                format!("EXPLAIN EXECUTE s{number}{execute}"),
                format!(
                    "SELECT CAST(t AS TEXT) FROM pg_prepared_statements, \
                     unnest(parameter_types) t WHERE name = 's{number}'"
                ),
            ],
            0,
        );
        for kind in lines(&answers[4]) {
            assert!(kind == "bigint" || kind == "text", "{name} takes {kind}");
        }
        assert_eq!(answers[4].len(), count, "{name}");
        let plan = lines(&answers[3]);
        for (line, next) in plan.iter().zip(plan.iter().skip(1).map(Some).chain([None])) {
            let scans = line.contains("Seq Scan on ");
            // Without a condition an index is read from end to end.
            let walks = (line.contains("Index Scan ") || line.contains("Index Only Scan "))
                && !next.is_some_and(|next| next.starts_with("Index Cond:"));
            let may = TINY.contains(&table) || is_whole(&name);
            assert!(!(scans || walks) || may, "{name}: {plan:#?}");
        }
    }
}

fn migrate(database: &Database) -> Result<Outcome, authcore::error::Error> {
    Client::new(settings::service(&[]), database.connect()).run(Command::Migrate)
}

#[test]
fn migrations_apply_once_however_often_they_are_run() {
    for kind in database::KINDS {
        let database = Database::empty(kind);
        for _ in 0..3 {
            let outcome = migrate(&database);
            assert_eq!(outcome, Ok(Outcome::Migrated { version: schema::latest() }), "{kind:?}");
        }
        assert_eq!(database.count("SELECT count(*) FROM schema_version"), 1);
    }
}

#[test]
fn hosts_that_migrate_at_once_all_find_the_schema() {
    for kind in database::KINDS {
        let database = Database::empty(kind);
        std::thread::scope(|scope| {
            let hosts: Vec<_> = (0..8).map(|_| scope.spawn(|| migrate(&database))).collect();
            for host in hosts {
                let outcome = host.join().expect("no panic");
                assert_eq!(
                    outcome,
                    Ok(Outcome::Migrated { version: schema::latest() }),
                    "{kind:?}"
                );
            }
        });
    }
}

#[test]
fn a_service_meets_a_database_without_a_schema_with_503() {
    for kind in database::KINDS {
        let database = Database::empty(kind);
        let mut client = Client::new(settings::service(&[]), database.connect());
        assert_eq!(client.login("ada", "tall zebra 42").code(), "unavailable");
        let ready = client.send(authcore_tests::client::get("/readyz")).expect(503);
        assert_eq!(ready.text("status"), "unavailable");
    }
}
