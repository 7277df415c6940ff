//! A table `audit` of the benchmark's own. It stands in for the one that comes with the audit log's
//! issue, in the shape that docs/DESIGN §3 gives it; core's table, its statement and its sweeper
//! will take the place of this file then.

use authcore::effect::{Statement, Value};
use authcore_tests::settings::NOW;

use crate::rows::{AGENT, DAY, account, hashed, integer, text, uuid};

/// The table, for either database. What a row links to has a number, once a sweeper has given it.
///
/// No foreign key: rows outlive what they tell of, and strangers have no account.
pub const SCHEMA: &str = "
    CREATE TABLE audit (
      id TEXT PRIMARY KEY,
      account_id TEXT,
      actor_id TEXT,
      act TEXT NOT NULL,
      factor TEXT,
      result TEXT NOT NULL,
      at BIGINT NOT NULL,
      address TEXT NOT NULL,
      user_agent TEXT NOT NULL,
      mac TEXT NOT NULL,
      number BIGINT,
      link TEXT
    );
    CREATE INDEX audit_by_account ON audit (account_id, id);
    CREATE UNIQUE INDEX audit_numbered ON audit (number) WHERE number IS NOT NULL;
    CREATE INDEX audit_unnumbered ON audit (id) WHERE number IS NULL;
";

/// What a batch appends: a row that no sweeper has seen yet.
const APPEND: &str = "INSERT INTO audit (id, account_id, actor_id, act, factor, result, at, \
    address, user_agent, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// The columns that are filled.
pub const COLUMNS: &str =
    "id, account_id, actor_id, act, factor, result, at, address, user_agent, mac, number, link";

/// How many rows each account has.
pub const EACH: usize = 10;

/// What an account has done in a year.
const ACTS: [&str; EACH] = [
    "sign_up", "login", "refresh", "refresh", "logout", "login", "refresh", "refresh", "refresh",
    "password",
];

/// The kinds of its ids: of rows that are filled, and of those that are appended.
const FILLED: i64 = 7;
const APPENDED: i64 = 8;

/// The rows of so many accounts, numbered and linked, in the order of time: those of one account
/// lie far apart.
pub fn rows(accounts: i64) -> impl Iterator<Item = Vec<Value>> {
    let turns = (0..).zip(ACTS);
    turns.flat_map(move |(turn, act)| {
        (0..accounts).map(move |n| {
            let number = turn * accounts + n;
            // A month between the turns has more milliseconds than there are accounts.
            let at = NOW - (365 - turn * 30) * DAY + n;
            let mut row = row(uuid(FILLED, at, number), n, act, at, number);
            row.extend([integer(number + 1), hashed(-number)]);
            row
        })
    })
}

fn row(id: Value, n: i64, act: &str, at: i64, number: i64) -> Vec<Value> {
    vec![
        id,
        account(n),
        account(n),
        text(act),
        text("pwd"),
        text("success"),
        integer(at),
        text("192.0.2.7"),
        text(AGENT),
        hashed(number),
    ]
}

/// The log beside one database, as far as this run has written it.
#[derive(Default)]
pub struct Log {
    appended: i64,
}

impl Log {
    /// The statement that appends what an account does at a moment: no two rows have one id.
    pub fn append(&mut self, n: i64, act: &str, at: i64) -> Statement {
        self.appended += 1;
        let number = self.appended;
        Statement::new(APPEND, row(uuid(APPENDED, at, number), n, act, at, number))
    }
}
