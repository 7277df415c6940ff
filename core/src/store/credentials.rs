//! Table `credentials`: one password hash per account, with a version that each change raises.

use super::{integer, maybe_text, text};
use crate::effect::Statement;
use crate::id::{AccountId, OperationId};
use crate::password::PasswordHash;
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

/// A hash of today's cost, and the one that it replaces.
pub(crate) struct Rehash {
    pub(crate) verified: String,
    pub(crate) renewed: PasswordHash,
}

/// Without a hash to put in place both are NULL, which no hash equals: the statement runs, so that
/// every login asks for the same batch, and changes nothing.
pub(crate) fn rehash(account: &AccountId, new: Option<&Rehash>, op: &OperationId) -> Statement {
    let renewed = maybe_text(new.map(|new| new.renewed.as_str()));
    let verified = maybe_text(new.map(|new| new.verified.as_str()));
    Statement::new(REHASH, vec![renewed, text(account.as_str()), verified, text(op.as_str())])
}
