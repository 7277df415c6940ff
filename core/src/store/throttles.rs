//! Table `throttles`: tries counted before they are evaluated, and requests counted per hour.

use super::{Cells, integer, text};
use crate::effect::{Rows, Statement, Value};
use crate::error::Error;
use crate::id::{AccountId, AuthenticatorId, DeviceId, OperationId, SessionId};
use crate::lockout::{Schedule, Try};
use crate::time::{Millis, UnixMillis};

/// The row a try counts on: that of a remembered device of the account, whose tries are its own, so
/// that strangers cannot lock an owner out (SECURITY 62); else the account's if the name has one;
/// else the name's.
macro_rules! account_or {
    ($name:literal, $bucket:literal, $now:literal, $devices:literal) => {
        concat!(
            "COALESCE((SELECT 'device.' || d.id FROM remembered_devices d \
             JOIN accounts o ON o.id = d.account_id WHERE d.token_hash IN (",
            $devices,
            ") AND d.expires_at > ",
            $now,
            " AND (o.email_folded = ",
            $name,
            " OR o.username_folded = ",
            $name,
            ")), (SELECT 'account.' || a.id FROM accounts a WHERE a.email_folded = ",
            $name,
            " OR a.username_folded = ",
            $name,
            "), CAST(",
            $bucket,
            " AS TEXT))"
        )
    };
}

/// The wait after try number `failures + 1`, and when the row is forgotten.
/// Parameters: ?2 op, ?3 now, ?4 expiry, ?5 to ?8 the tries after which waits begin, ?9 to ?13 the
/// ends of the waits, ?14 the end of the wait after a first try. No wait is as long as a row is
/// remembered (?4): one that is was begun by a clock that was ahead, and is not waited for.
macro_rules! counted {
    () => {
        " ON CONFLICT (key) DO UPDATE SET \
         failures = CASE WHEN throttles.expires_at <= ?3 THEN 1 ELSE throttles.failures + 1 END, \
         until = CASE WHEN throttles.expires_at <= ?3 THEN CAST(?14 AS BIGINT) \
           WHEN throttles.failures + 1 < CAST(?5 AS BIGINT) THEN 0 \
           WHEN throttles.failures + 1 = CAST(?5 AS BIGINT) THEN CAST(?9 AS BIGINT) \
           WHEN throttles.failures + 1 = CAST(?6 AS BIGINT) THEN CAST(?10 AS BIGINT) \
           WHEN throttles.failures + 1 = CAST(?7 AS BIGINT) THEN CAST(?11 AS BIGINT) \
           WHEN throttles.failures + 1 = CAST(?8 AS BIGINT) THEN CAST(?12 AS BIGINT) \
           ELSE CAST(?13 AS BIGINT) END, \
         expires_at = ?4, op = ?2 \
         WHERE throttles.until <= ?3 OR throttles.until > ?4 OR throttles.expires_at <= ?3 \
         RETURNING failures"
    };
}

statements! {
    /// Counts a request within a window that begins with its first: ?1 key, ?2 op, ?3 now,
    /// ?4 end of a window that begins now, ?5 how many it holds. No row: there is no room.
    /// A window that ends later than ?4 began by a clock that was ahead: a new one begins, or that
    /// clock's mistake would shut everybody out until it is true.
    RATE = "INSERT INTO throttles (key, failures, until, expires_at, op) \
        VALUES (?1, 1, 0, ?4, ?2) ON CONFLICT (key) DO UPDATE SET \
        failures = CASE WHEN throttles.expires_at <= ?3 OR throttles.expires_at > ?4 THEN 1 \
          ELSE throttles.failures + 1 END, \
        expires_at = CASE WHEN throttles.expires_at <= ?3 OR throttles.expires_at > ?4 THEN ?4 \
          ELSE throttles.expires_at END, \
        op = ?2 \
        WHERE throttles.failures < ?5 OR throttles.expires_at <= ?3 OR throttles.expires_at > ?4 \
        RETURNING failures";
    /// Counts a try of an address (?1), if the request was counted on ?15 by this operation and the
    /// account, or the name (?17) without one (?16), does not refuse it anyway: what nobody
    /// evaluates is not held against all who share the address.
    COUNT_ADDRESS = concat!(
        "INSERT INTO throttles (key, failures, until, expires_at, op) \
         SELECT CAST(?1 AS TEXT), 1, CAST(?14 AS BIGINT), CAST(?4 AS BIGINT), CAST(?2 AS TEXT) \
         WHERE EXISTS (SELECT 1 FROM throttles g WHERE g.key = ?15 AND g.op = ?2) \
         AND NOT EXISTS (SELECT 1 FROM throttles r WHERE r.key = ",
        account_or!("?17", "?16", "?3", "?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25"),
        " AND r.until > ?3 AND r.until <= ?4 AND r.expires_at > ?3)",
        counted!()
    );
    /// Counts a try of an account, or of a name (?16) without one (?1), if the address (?15) was
    /// counted by this operation.
    COUNT_ACCOUNT = concat!(
        "INSERT INTO throttles (key, failures, until, expires_at, op) SELECT ",
        account_or!("?16", "?1", "?3", "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24"),
        ", 1, CAST(?14 AS BIGINT), CAST(?4 AS BIGINT), CAST(?2 AS TEXT) \
         WHERE EXISTS (SELECT 1 FROM throttles g WHERE g.key = ?15 AND g.op = ?2)",
        counted!()
    );
    /// How long a row refuses and lives.
    WAIT = "SELECT until, expires_at FROM throttles WHERE key = ?1";
    /// The same of an account, or of a name (?2) without one (?1).
    WAIT_ACCOUNT = concat!(
        "SELECT until, expires_at FROM throttles WHERE key = ",
        account_or!("?2", "?1", "?3", "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11")
    );
    /// Counts a try of a session (?1) that lives, of its own.
    COUNT_SESSION = concat!(
        "INSERT INTO throttles (key, failures, until, expires_at, op) \
         SELECT CAST(?1 AS TEXT), 1, CAST(?14 AS BIGINT), CAST(?4 AS BIGINT), CAST(?2 AS TEXT) \
         WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?15 AND s.revoked_at IS NULL)",
        counted!()
    );
    /// Counts a try on an account (?1) beside the row that refuses it: that one (?15) was counted
    /// by this operation.
    COUNT_BESIDE = concat!(
        "INSERT INTO throttles (key, failures, until, expires_at, op) \
         SELECT CAST(?1 AS TEXT), 1, CAST(?14 AS BIGINT), CAST(?4 AS BIGINT), CAST(?2 AS TEXT) \
         WHERE EXISTS (SELECT 1 FROM throttles g WHERE g.key = ?15 AND g.op = ?2)",
        counted!()
    );
    /// A right password: an address gets its own try back, and the wait that this try began.
    GIVE_BACK = "UPDATE throttles SET failures = failures - 1, \
        until = CASE WHEN op = ?1 THEN 0 ELSE until END WHERE key = ?2 AND failures > 0 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?3 AND a.op = ?1)";
    /// A right password of who is signed in: the account gets the try back that this operation
    /// counted on it, if it counted one. While the account is locked none is counted.
    TAKE_BACK = "UPDATE throttles SET failures = failures - 1, until = 0 \
        WHERE key = ?2 AND failures > 0 AND op = ?1 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?3 AND a.op = ?1)";
    /// A right password: an account's failures are forgotten.
    FORGET = "DELETE FROM throttles WHERE key = ?1 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?2 AND a.op = ?3)";
    /// What nobody needs any more.
    SWEEP = "DELETE FROM throttles WHERE key IN \
        (SELECT t.key FROM throttles t WHERE t.expires_at <= ?1 ORDER BY t.expires_at LIMIT 1000) \
        RETURNING key";
}

/// Whom a try or a request is counted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    /// An account.
    pub(crate) fn account(id: &AccountId) -> Self {
        Self(format!("account.{id}"))
    }

    /// A bucket of names without an account, or of addresses: `kind` and 20 bits of a keyed hash,
    /// so that strangers cannot grow the table without bound (SECURITY 59).
    pub(crate) fn bucket(kind: &str, hash: &[u8; 32]) -> Self {
        let [a, b, c, ..] = *hash;
        Self(format!("{kind}.{a:02x}{b:02x}{:x}", c >> 4))
    }

    /// A session, whose tries are its own.
    pub(crate) fn session(id: &SessionId) -> Self {
        Self(format!("session.{}", id.as_str()))
    }

    /// A remembered device, whose tries are its own.
    pub(crate) fn device(id: &DeviceId) -> Self {
        Self(format!("device.{}", id.as_str()))
    }

    /// The new enrolments that an account's challenges are traded for.
    pub(crate) fn trades(id: &AccountId) -> Self {
        Self(format!("trades.{}", id.as_str()))
    }

    /// The codes that are tried to confirm an enrolment.
    pub(crate) fn confirmations(id: &AuthenticatorId) -> Self {
        Self(format!("confirm.{}", id.as_str()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// All clients whose address is not known.
    pub(crate) fn nowhere(kind: &str) -> Self {
        Self(format!("{kind}.nowhere"))
    }
}

/// A name that a login gives.
pub(crate) struct Name<'a> {
    pub(crate) folded: &'a str,
    /// The bucket of names without an account that it falls into.
    pub(crate) bucket: Key,
    /// The token of a remembered device beside it, hashed under each key of the ring, or nothing.
    pub(crate) device: &'a [String],
}

impl Name<'_> {
    fn devices(&self) -> Vec<Value> {
        super::per_ring_key(self.device)
    }
}

fn counted(
    key: &Key,
    op: &OperationId,
    now: UnixMillis,
    schedule: &Schedule,
    guard: &str,
) -> Vec<Value> {
    let mut params = vec![
        text(key.0.as_str()),
        text(op.as_str()),
        integer(now.as_millis()),
        integer(now.after(schedule.memory).as_millis()),
    ];
    let tries = i64::from(schedule.tries);
    params.extend((0..4).map(|step| integer(tries.saturating_add(step))));
    let ends = schedule.waits.map(|wait| now.after(wait).as_millis());
    params.extend(ends.map(integer));
    let [first, ..] = ends;
    params.push(integer(if schedule.tries <= 1 { first } else { 0 }));
    params.push(text(guard));
    params
}

/// Counts a request; a window of `span` holds `most`.
pub(crate) fn rate(
    key: &Key,
    op: &OperationId,
    now: UnixMillis,
    most: u32,
    span: Millis,
) -> Statement {
    let params = vec![
        text(key.0.as_str()),
        text(op.as_str()),
        integer(now.as_millis()),
        integer(now.after(span).as_millis()),
        integer(i64::from(most)),
    ];
    Statement::new(RATE, params)
}

/// Counts a try of an address, if `guard` was counted by this operation and the account of the name
/// does not refuse it.
pub(crate) fn count_address(
    key: &Key,
    name: &Name<'_>,
    op: &OperationId,
    now: UnixMillis,
    schedule: &Schedule,
    guard: &Key,
) -> Statement {
    let mut params = counted(key, op, now, schedule, guard.as_str());
    params.extend([text(name.bucket.0.as_str()), text(name.folded)]);
    params.extend(name.devices());
    Statement::new(COUNT_ADDRESS, params)
}

/// Counts a try of the account of a name, or of the name, if `guard` was counted by this
/// operation.
pub(crate) fn count_account(
    name: &Name<'_>,
    op: &OperationId,
    now: UnixMillis,
    schedule: &Schedule,
    guard: &Key,
) -> Statement {
    let mut params = counted(&name.bucket, op, now, schedule, guard.as_str());
    params.push(text(name.folded));
    params.extend(name.devices());
    Statement::new(COUNT_ACCOUNT, params)
}

/// Counts a try of a session that lives.
pub(crate) fn count_session(
    id: &SessionId,
    op: &OperationId,
    now: UnixMillis,
    schedule: &Schedule,
) -> Statement {
    let key = Key::session(id);
    Statement::new(COUNT_SESSION, counted(&key, op, now, schedule, id.as_str()))
}

/// Counts a try on an account beside its session's, if that was counted.
pub(crate) fn count_beside(
    account: &AccountId,
    session: &SessionId,
    op: &OperationId,
    now: UnixMillis,
    schedule: &Schedule,
) -> Statement {
    let (key, guard) = (Key::account(account), Key::session(session));
    Statement::new(COUNT_BESIDE, counted(&key, op, now, schedule, guard.as_str()))
}

pub(crate) fn wait(key: &Key) -> Statement {
    Statement::new(WAIT, vec![text(key.0.as_str())])
}

pub(crate) fn wait_account(name: &Name<'_>, now: UnixMillis) -> Statement {
    let mut params =
        vec![text(name.bucket.0.as_str()), text(name.folded), integer(now.as_millis())];
    params.extend(name.devices());
    Statement::new(WAIT_ACCOUNT, params)
}

/// Whether a request was counted, from the rows of the count and of the wait: until its window
/// ends there is no room.
pub(crate) fn read_request(counted: &Rows, wait: Rows, now: UnixMillis) -> Result<Try, Error> {
    if !counted.is_empty() {
        return Ok(Try::Counted);
    }
    let (_, expires_at) = read_wait(wait)?.unwrap_or((now, now));
    Ok(Try::WaitUntil(expires_at))
}

/// Whether a try was counted on all its rows, from the rows of the last count, which depends on
/// those before it, and of the waits: until the last of them ends it is refused.
pub(crate) fn read_try(counted: &Rows, waits: [Rows; 2], now: UnixMillis) -> Result<Try, Error> {
    if !counted.is_empty() {
        return Ok(Try::Counted);
    }
    let mut last = now;
    for wait in waits {
        if let Some((until, _)) = read_wait(wait)? {
            last = last.max(until);
        }
    }
    Ok(Try::WaitUntil(last))
}

/// When a row ceases to refuse, and when it is forgotten.
fn read_wait(rows: Rows) -> Result<Option<(UnixMillis, UnixMillis)>, Error> {
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut cells = Cells::of(row);
    Ok(Some((UnixMillis::new(cells.integer()?), UnixMillis::new(cells.integer()?))))
}

pub(crate) fn give_back(key: &Key, op: &OperationId, account: &AccountId) -> Statement {
    let params = vec![text(op.as_str()), text(key.0.as_str()), text(account.as_str())];
    Statement::new(GIVE_BACK, params)
}

/// Gives an account the try back that this operation counted on it. Depends on the guard on the
/// account.
pub(crate) fn take_back(key: &Key, op: &OperationId, account: &AccountId) -> Statement {
    let params = vec![text(op.as_str()), text(key.0.as_str()), text(account.as_str())];
    Statement::new(TAKE_BACK, params)
}

pub(crate) fn forget(key: &Key, op: &OperationId, account: &AccountId) -> Statement {
    let params = vec![text(key.0.as_str()), text(account.as_str()), text(op.as_str())];
    Statement::new(FORGET, params)
}

pub(crate) fn sweep(now: UnixMillis) -> Statement {
    Statement::new(SWEEP, vec![integer(now.as_millis())])
}
