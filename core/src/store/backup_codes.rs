//! Table `backup_codes`: keyed hashes of the codes that stand in for a lost authenticator.

use super::{integer, only, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::{AccountId, OperationId, SessionId};
use crate::time::UnixMillis;

statements! {
    /// One code of a new set. Depends on the guard on the account.
    INSERT = "INSERT INTO backup_codes (code_hash, account_id, created_at) \
        SELECT CAST(?1 AS TEXT), a.id, CAST(?2 AS BIGINT) FROM accounts a \
        WHERE a.id = ?3 AND a.op = ?4";
    /// A new set ends the old one. Depends on the guard on the account.
    DELETE = "DELETE FROM backup_codes WHERE account_id = ?1 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?2)";
    /// Takes a code, hashed under each key of the ring: it was not used before. Depends on the
    /// claim on the account.
    TAKE = "UPDATE backup_codes SET used_at = ?9, used_by = ?10 \
        WHERE code_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) AND account_id = ?11 \
        AND used_by IS NULL AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?11 AND a.op = ?12) \
        RETURNING code_hash";
    /// How many codes the account of a session has left.
    LEFT_OF_SESSION = "SELECT COUNT(*) FROM backup_codes b \
        JOIN sessions s ON s.account_id = b.account_id WHERE s.id = ?1 AND b.used_by IS NULL";
    /// The keys of the ring under which codes are found that can still be used.
    RING_KEYS = concat!(
        "SELECT ", ring_key_of_hash!("code_hash"), ", count(*) FROM backup_codes \
        WHERE used_by IS NULL GROUP BY 1"
    );
    /// The same of the hundred of the oldest accounts; 0 for a used one.
    RING_KEYS_OF_OLDEST = concat!(
        "SELECT ", ring_key_of_hash!("code_hash"), ", \
        CASE WHEN used_by IS NULL THEN CAST(1 AS BIGINT) ELSE 0 END FROM backup_codes \
        WHERE account_id > '' ORDER BY account_id LIMIT 100"
    );
    /// How many codes the account of a challenge has left.
    LEFT_OF_CHALLENGE = "SELECT COUNT(*) FROM backup_codes b \
        JOIN challenges c ON c.account_id = b.account_id \
        WHERE c.token_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) AND b.used_by IS NULL";
}

pub(crate) fn insert(
    hash: &str,
    now: UnixMillis,
    account: &AccountId,
    op: &OperationId,
) -> Statement {
    let params =
        vec![text(hash), integer(now.as_millis()), text(account.as_str()), text(op.as_str())];
    Statement::new(INSERT, params)
}

pub(crate) fn delete(account: &AccountId, op: &OperationId) -> Statement {
    Statement::new(DELETE, vec![text(account.as_str()), text(op.as_str())])
}

pub(crate) fn take(
    hashes: &[String],
    now: UnixMillis,
    account: &AccountId,
    op: &OperationId,
) -> Statement {
    let mut params = super::per_ring_key(hashes);
    params.extend([
        integer(now.as_millis()),
        text(op.as_str()),
        text(account.as_str()),
        super::mark(op, super::Step::Claim),
    ]);
    Statement::new(TAKE, params)
}

pub(crate) fn ring_keys() -> Statement {
    Statement::new(RING_KEYS, Vec::new())
}

pub(crate) fn ring_keys_of_oldest() -> Statement {
    Statement::new(RING_KEYS_OF_OLDEST, Vec::new())
}

pub(crate) fn left_of_session(id: &SessionId) -> Statement {
    Statement::new(LEFT_OF_SESSION, vec![text(id.as_str())])
}

pub(crate) fn left_of_challenge(hashes: &[String]) -> Statement {
    Statement::new(LEFT_OF_CHALLENGE, super::per_ring_key(hashes))
}

pub(crate) fn read_left(rows: Rows) -> Result<i64, Error> {
    only(rows).ok_or_else(super::misshapen)?.integer()
}
