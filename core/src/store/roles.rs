//! Tables `roles` and `account_roles`: what an account may be.

use super::{Cells, integer, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::{AccountId, OperationId, SessionId};
use crate::time::UnixMillis;

statements! {
    /// Gives a role to the account that this operation inserted.
    GRANT_NEW = "INSERT INTO account_roles (account_id, role, granted_at) \
        SELECT a.id, CAST(?1 AS TEXT), CAST(?2 AS BIGINT) FROM accounts a \
        WHERE a.id = ?3 AND a.op = ?4";
    /// The roles of an account, by name.
    OF_ACCOUNT = "SELECT role FROM account_roles WHERE account_id = ?1 ORDER BY role";
    /// The roles of the account that a login names.
    OF_LOGIN = "SELECT r.role FROM account_roles r JOIN accounts a ON a.id = r.account_id \
        WHERE a.email_folded = ?1 OR a.username_folded = ?1 ORDER BY r.role";
    /// The roles of the account of a session.
    OF_SESSION = "SELECT r.role FROM account_roles r JOIN sessions s ON s.account_id = r.account_id \
        WHERE s.id = ?1 ORDER BY r.role";
    /// The roles of the account of a challenge, by its token hashed under each key of the ring.
    OF_CHALLENGE = "SELECT r.role FROM account_roles r \
        JOIN challenges c ON c.account_id = r.account_id \
        WHERE c.token_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ORDER BY r.role";
    /// The roles of the account of a refresh token's family, hashed under each key of the ring.
    OF_FAMILY = "SELECT r.role FROM account_roles r JOIN sessions s ON s.account_id = r.account_id \
        WHERE s.family_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ORDER BY r.role";
}

/// The role that every new account has.
pub(crate) const USER: &str = "user";

pub(crate) fn grant_new(
    role: &str,
    now: UnixMillis,
    account: &AccountId,
    op: &OperationId,
) -> Statement {
    let params =
        vec![text(role), integer(now.as_millis()), text(account.as_str()), text(op.as_str())];
    Statement::new(GRANT_NEW, params)
}

pub(crate) fn of_account(id: &AccountId) -> Statement {
    Statement::new(OF_ACCOUNT, vec![text(id.as_str())])
}

pub(crate) fn of_login(folded: &str) -> Statement {
    Statement::new(OF_LOGIN, vec![text(folded)])
}

pub(crate) fn of_session(id: &SessionId) -> Statement {
    Statement::new(OF_SESSION, vec![text(id.as_str())])
}

pub(crate) fn of_challenge(hashes: &[String]) -> Statement {
    Statement::new(OF_CHALLENGE, super::per_ring_key(hashes))
}

pub(crate) fn of_family(hashes: &[String]) -> Statement {
    Statement::new(OF_FAMILY, super::per_ring_key(hashes))
}

pub(crate) fn read(rows: Rows) -> Result<Vec<String>, Error> {
    rows.into_iter().map(|row| Cells::of(row).text()).collect()
}
