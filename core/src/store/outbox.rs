//! Table `outbox`: what owners are told, written in the batch of its cause (docs/DESIGN §8).

use super::{integer, text};
use crate::effect::{Statement, Value};
use crate::id::{AccountId, NoticeId, OperationId};
use crate::time::UnixMillis;

/// Inserts a notice for an account that has an address, guarded by the mark ?6 on the account, unless
/// the account was told the same ?9 times after ?8: who can cause it cannot fill a mailbox.
macro_rules! insert {
    ($more:literal) => {
        concat!(
            "INSERT INTO outbox (id, kind, template, account_id, recipient, sealed, state, \
             attempts, created_at, due_at, expires_at, op) SELECT CAST(?1 AS TEXT), 'mail', \
             CAST(?2 AS TEXT), a.id, a.email, CAST(?3 AS TEXT), 'queued', 0, CAST(?4 AS BIGINT), \
             CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS TEXT) FROM accounts a \
             WHERE a.id = ?7 AND a.op = ?6 AND a.email IS NOT NULL \
             AND (SELECT COUNT(*) FROM outbox o WHERE o.account_id = a.id \
             AND o.template = CAST(?2 AS TEXT) AND o.created_at > ?8) < CAST(?9 AS BIGINT)",
            $more
        )
    };
}

statements! {
    /// Depends on the guard on the account.
    INSERT = insert!("");
    /// A sign-in with a user agent (?10) that none of the account's known sessions has, unless it is
    /// the first of all: before the account is marked as signed in. Depends on the guard on the
    /// account.
    INSERT_SIGN_IN = insert!(" AND a.last_login_at IS NOT NULL AND NOT EXISTS (SELECT 1 \
        FROM sessions s WHERE s.account_id = a.id AND s.op <> ?6 AND s.user_agent = ?10)");
    /// The keys of the ring that open what still waits after ?1.
    RING_KEYS = concat!(
        "SELECT ", ring_key_of_sealed!("o.sealed"), ", count(*) FROM outbox o \
        WHERE o.expires_at > ?1 GROUP BY 1"
    );
    /// What nobody needs any more.
    SWEEP = "DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o WHERE o.expires_at <= ?1 \
        ORDER BY o.expires_at LIMIT 1000) RETURNING id";
}

/// A notice for the owner of an account.
pub(crate) struct NewNotice<'a> {
    pub(crate) id: &'a NoticeId,
    pub(crate) template: &'static str,
    pub(crate) account: &'a AccountId,
    pub(crate) sealed: &'a str,
    pub(crate) now: UnixMillis,
    pub(crate) expires_at: UnixMillis,
    /// How often the same is told since a moment, this one among them.
    pub(crate) most: (i64, UnixMillis),
    pub(crate) op: &'a OperationId,
}

fn params(new: &NewNotice<'_>) -> Vec<Value> {
    vec![
        text(new.id.as_str()),
        text(new.template),
        text(new.sealed),
        integer(new.now.as_millis()),
        integer(new.expires_at.as_millis()),
        text(new.op.as_str()),
        text(new.account.as_str()),
        integer(new.most.1.as_millis()),
        integer(new.most.0),
    ]
}

pub(crate) fn insert(new: &NewNotice<'_>) -> Statement {
    Statement::new(INSERT, params(new))
}

/// Tells of a sign-in, if this user agent is a new one.
pub(crate) fn insert_sign_in(new: &NewNotice<'_>, user_agent: &str) -> Statement {
    let mut params = params(new);
    params.push(text(user_agent));
    Statement::new(INSERT_SIGN_IN, params)
}

pub(crate) fn ring_keys(now: UnixMillis) -> Statement {
    Statement::new(RING_KEYS, vec![integer(now.as_millis())])
}

pub(crate) fn sweep(now: UnixMillis) -> Statement {
    Statement::new(SWEEP, vec![integer(now.as_millis())])
}
