//! Table `credentials`: one password hash per account, with a version that each change raises.

use super::{integer, maybe_text, only, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::{AccountId, OperationId, SessionId};
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
    /// Hash and version of the password of the account of a session.
    OF_SESSION = "SELECT c.phc, c.version FROM credentials c \
        JOIN sessions s ON s.account_id = c.account_id WHERE s.id = ?1";
    /// A new password. Depends on the guard on the account, which asked for the old version.
    CHANGE = "UPDATE credentials SET phc = ?1, version = version + 1, changed_at = ?2 \
        WHERE account_id = ?3 AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?3 AND a.op = ?4) \
        RETURNING version";
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

pub(crate) fn of_session(id: &SessionId) -> Statement {
    Statement::new(OF_SESSION, vec![text(id.as_str())])
}

/// Hash (PHC text) and version.
pub(crate) fn read(rows: Rows) -> Result<Option<(String, i64)>, Error> {
    only(rows).map(|mut cells| Ok((cells.text()?, cells.integer()?))).transpose()
}

pub(crate) fn change(
    phc: &str,
    now: UnixMillis,
    account: &AccountId,
    op: &OperationId,
) -> Statement {
    let params =
        vec![text(phc), integer(now.as_millis()), text(account.as_str()), text(op.as_str())];
    Statement::new(CHANGE, params)
}
