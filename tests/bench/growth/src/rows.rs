//! What a service that has run for a while has in its tables, account by account.

use std::sync::OnceLock;

use authcore::effect::Value;
use authcore::password::{Argon2Params, Password, hash};
use authcore_tests::client::PASSWORD;
use authcore_tests::settings::NOW;

/// A minute in milliseconds.
pub const MINUTE: i64 = 60_000;
/// A day in milliseconds.
pub const DAY: i64 = 24 * 60 * MINUTE;

/// How long core keeps sessions beyond their end.
const KEPT: i64 = 7 * DAY;

/// A browser, as it names itself.
pub const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// How many sessions and throttles each sweep finds.
pub const SWEPT: i64 = 20;

/// The sweeps before [`NOW`] that find something, one a minute: what a thousand accounts suffice for.
pub const SWEEPS: i64 = 50;

/// The rows of an account in one table.
pub type OfAccount = fn(i64) -> Vec<Vec<Value>>;

/// A table, the columns that are filled, and the rows of an account.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, separated by commas.
    pub columns: &'static str,
    /// The rows of the account of a number.
    pub rows: OfAccount,
}

/// All tables of the service that are filled, referenced ones first.
pub const TABLES: &[Table] = &[
    Table {
        name: "accounts",
        columns: "id, username, username_folded, email, email_folded, status, properties, \
            admin_properties, created_at, op",
        rows: accounts,
    },
    Table {
        name: "credentials",
        columns: "account_id, phc, version, changed_at",
        rows: credentials,
    },
    Table { name: "account_roles", columns: "account_id, role, granted_at", rows: roles },
    Table {
        name: "sessions",
        columns: "id, account_id, created_at, auth_time, aal, amr, idle_span, user_agent, address, \
            family_hash, refresh_hash, generation, refreshed_at, idle_end, absolute_end, \
            revoked_at, revoked_for, op",
        rows: sessions,
    },
    Table { name: "throttles", columns: "key, failures, until, expires_at, op", rows: throttles },
    Table {
        name: "authenticators",
        columns: "id, account_id, kind, origin, sealed, created_at, confirm_by, confirmed_at, \
            last_step, op",
        rows: authenticators,
    },
    Table {
        name: "backup_codes",
        columns: "code_hash, account_id, created_at",
        rows: backup_codes,
    },
    Table {
        name: "remembered_devices",
        columns: "id, account_id, token_hash, user_agent, address, created_at, expires_at, op",
        rows: remembered_devices,
    },
    Table {
        name: "outbox",
        columns: "id, kind, template, account_id, recipient, sealed, state, attempts, created_at, \
            due_at, expires_at, op",
        rows: outbox,
    },
];

/// Whether an account has a second factor, as one in ten has.
pub const fn has_factor(number: i64) -> bool {
    number % 10 == 9
}

/// The username of an account.
pub fn username(number: i64) -> String {
    format!("user{number}")
}

/// The id of an account. Accounts of higher numbers have higher ones.
pub fn account(number: i64) -> Value {
    id(0, number)
}

/// The id of a row of a kind that is made with its account.
fn id(kind: i64, number: i64) -> Value {
    uuid(kind, created(number), number)
}

/// A UUIDv7 (RFC 9562 §5.7); kinds of rows differ in its random bits.
pub fn uuid(kind: i64, moment: i64, number: i64) -> Value {
    text(format!("{:08x}-{:04x}-7{kind:03x}-8000-{number:012x}", moment >> 16, moment & 0xffff))
}

/// Within the year before [`NOW`].
const fn created(number: i64) -> i64 {
    NOW - 365 * DAY + number
}

/// What stands for a keyed hash: as long as one, and not in the order of the accounts.
pub fn hashed(number: i64) -> Value {
    // An odd factor is a permutation of the 64-bit numbers.
    let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64);
    text(format!("k1.{spread:016x}{number:027}"))
}

/// A text cell.
pub fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

/// An integer cell.
pub const fn integer(value: i64) -> Value {
    Value::Integer(value)
}

fn accounts(n: i64) -> Vec<Vec<Value>> {
    let (name, email) = (username(n), format!("{}@example.org", username(n)));
    vec![vec![
        account(n),
        text(name.clone()),
        text(name),
        text(email.clone()),
        text(email),
        text("active"),
        text("{}"),
        text("{}"),
        integer(created(n)),
        text("filled"),
    ]]
}

fn credentials(n: i64) -> Vec<Vec<Value>> {
    static PHC: OnceLock<String> = OnceLock::new();
    let phc = PHC.get_or_init(|| {
        let password = Password::new(PASSWORD.to_owned()).expect("short enough");
        let hashed = hash(&password, &Argon2Params::default(), [7; 16]).expect("sound parameters");
        hashed.as_str().to_owned()
    });
    vec![vec![account(n), text(phc.as_str()), integer(1), integer(created(n))]]
}

fn roles(n: i64) -> Vec<Vec<Value>> {
    vec![vec![account(n), text("user"), integer(created(n))]]
}

/// A live session, and one that its owner has ended. The first accounts have one more, which the
/// sweeps find.
fn sessions(n: i64) -> Vec<Vec<Value>> {
    let session = |kind: i64, end: i64, revoked: bool| {
        vec![
            id(kind, n),
            account(n),
            integer(created(n)),
            integer(created(n)),
            integer(1),
            text("pwd"),
            integer(DAY),
            text(AGENT),
            text("192.0.2.7"),
            hashed(3 * n + kind),
            hashed(-(3 * n + kind)),
            integer(1),
            integer(created(n)),
            integer(end),
            integer(end),
            if revoked { integer(NOW - DAY) } else { Value::Null },
            if revoked { text("logout") } else { Value::Null },
            text("filled"),
        ]
    };
    let mut rows = vec![session(1, NOW + DAY + n, false), session(2, NOW + n, true)];
    rows.extend(swept(n).map(|end| session(3, end - KEPT, true)));
    rows
}

/// When what a sweep finds has ended: so many rows before each.
fn swept(n: i64) -> Option<i64> {
    (n < SWEPT * SWEEPS).then(|| NOW - SWEEPS * MINUTE + n / SWEPT * MINUTE)
}

/// Of failed logins and of addresses.
fn throttles(n: i64) -> Vec<Vec<Value>> {
    let row = |key: String, expires_at: i64| {
        vec![text(key), integer(1), integer(0), integer(expires_at), text("filled")]
    };
    let mut rows = vec![row(format!("filled.{n}"), NOW + DAY + n)];
    rows.extend(swept(n).map(|end| row(format!("ended.{n}"), end)));
    rows
}

fn authenticators(n: i64) -> Vec<Vec<Value>> {
    if !has_factor(n) {
        return Vec::new();
    }
    vec![vec![
        id(4, n),
        account(n),
        text("totp"),
        text("session"),
        hashed(n),
        integer(created(n)),
        integer(created(n)),
        integer(created(n)),
        integer(1),
        text("filled"),
    ]]
}

fn backup_codes(n: i64) -> Vec<Vec<Value>> {
    let count = if has_factor(n) { 10 } else { 0 };
    (0..count).map(|code| vec![hashed(10 * n + code), account(n), integer(created(n))]).collect()
}

fn remembered_devices(n: i64) -> Vec<Vec<Value>> {
    if !has_factor(n) {
        return Vec::new();
    }
    vec![vec![
        id(5, n),
        account(n),
        hashed(n),
        text("Mozilla/5.0"),
        text("192.0.2.7"),
        integer(created(n)),
        integer(NOW + 30 * DAY),
        text("filled"),
    ]]
}

/// A notice of a new sign-in, for one in ten.
fn outbox(n: i64) -> Vec<Vec<Value>> {
    if !has_factor(n) {
        return Vec::new();
    }
    vec![vec![
        id(6, n),
        text("mail"),
        text("new_sign_in"),
        account(n),
        text(format!("{}@example.org", username(n))),
        hashed(n),
        text("queued"),
        integer(0),
        integer(created(n)),
        integer(NOW + DAY),
        integer(NOW + 7 * DAY),
        text("filled"),
    ]]
}
