//! Table `credentials`: one password hash per account, with a version that each change raises.

use super::{integer, text};
use crate::effect::Statement;
use crate::id::{AccountId, OperationId};
use crate::time::UnixMillis;

statements! {
    /// Depends on the account having been inserted by this operation.
    INSERT = "INSERT INTO credentials (account_id, phc, version, changed_at) \
        SELECT a.id, CAST(?1 AS TEXT), 1, CAST(?2 AS BIGINT) FROM accounts a \
        WHERE a.id = ?3 AND a.op = ?4";
    /// Puts a hash of today's cost in place of the one that was verified: compare-and-set, so that
    /// it never undoes a change of the password (SECURITY 8). The version stays: the password did.
    /// Depends on the guard of the login.
    REHASH = "UPDATE credentials SET phc = ?1 WHERE account_id = ?2 AND phc = ?3 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?2 AND a.op = ?4)";
}

pub(crate) fn insert(
    phc: &str,
    now: UnixMillis,
    account: &AccountId,
    op: &OperationId,
) -> Statement {
    let params =
        vec![text(phc), integer(now.as_millis()), text(account.as_str()), text(op.as_str())];
    Statement::new(INSERT, params)
}

pub(crate) fn rehash(account: &AccountId, old: &str, new: &str, op: &OperationId) -> Statement {
    Statement::new(REHASH, vec![text(new), text(account.as_str()), text(old), text(op.as_str())])
}
