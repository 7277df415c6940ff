//! Table `challenges`: right passwords that wait for the second factor.

use super::{integer, only, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::{AccountId, AuthenticatorId, ChallengeId, OperationId};
use crate::lockout::FactorFailures;
use crate::store::accounts::Status;
use crate::time::{Millis, UnixMillis};

/// A challenge by its token, hashed under each key of the ring.
macro_rules! by_token {
    () => {
        "token_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    };
}

/// The columns of [`ChallengeRow`].
macro_rules! columns {
    () => {
        "SELECT c.id, c.account_id, c.authenticator_id, c.credential_version, c.idle_span, \
         c.expires_at, c.used_by, a.status, a.factor_failures, a.factor_until, k.version, \
         c.attempts FROM challenges c JOIN accounts a ON a.id = c.account_id \
         LEFT JOIN credentials k ON k.account_id = c.account_id "
    };
}

statements! {
    /// Depends on the guard of the login.
    INSERT = "INSERT INTO challenges (id, account_id, authenticator_id, credential_version, \
        token_hash, idle_span, attempts, created_at, expires_at, op) \
        SELECT CAST(?1 AS TEXT), a.id, CAST(?2 AS TEXT), CAST(?3 AS BIGINT), CAST(?4 AS TEXT), \
        CAST(?5 AS BIGINT), 0, CAST(?6 AS BIGINT), CAST(?7 AS BIGINT), CAST(?8 AS TEXT) \
        FROM accounts a WHERE a.id = ?9 AND a.op = ?8 RETURNING id";
    /// Ends the oldest open challenges of an account beyond ?3 and the one of this operation.
    CAP = "DELETE FROM challenges WHERE account_id = ?2 AND id IN \
        (SELECT c.id FROM challenges c WHERE c.account_id = ?2 AND c.used_by IS NULL \
        AND c.expires_at > ?1 AND c.op <> ?4 ORDER BY c.id DESC LIMIT 1000 \
        OFFSET CAST(?3 AS BIGINT)) \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?2 AND a.op = ?4)";
    /// Takes one of the challenge's tries, before the code is looked at (SECURITY 13). Depends on
    /// the count on the account.
    RESERVE = concat!("UPDATE challenges SET attempts = attempts + 1, op = ?9 WHERE ",
        by_token!(), " AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = challenges.account_id \
        AND a.op = ?10) RETURNING id");
    /// A challenge, with its account and credential as they are now.
    BY_TOKEN = concat!(columns!(), "WHERE c.", by_token!());
    /// A challenge by its id, in the same columns.
    BY_ID = concat!(columns!(), "WHERE c.id = ?1");
    /// Uses a challenge up, whose code this operation takes. Depends on the guard on the account.
    USE = "UPDATE challenges SET used_by = ?1 WHERE id = ?2 AND used_by IS NULL AND EXISTS \
        (SELECT 1 FROM accounts a WHERE a.id = challenges.account_id AND a.op = ?1) RETURNING id";
    /// Asks for a new enrolment's code from now on. Depends on the guard on the account.
    REBIND = "UPDATE challenges SET authenticator_id = ?1 WHERE id = ?2 AND EXISTS \
        (SELECT 1 FROM accounts a WHERE a.id = challenges.account_id AND a.op = ?3) RETURNING id";
    /// A change of the factor or of the password ends them. Depends on the guard on the account.
    DELETE = "DELETE FROM challenges WHERE account_id = ?1 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?2)";
    /// What nobody needs any more.
    SWEEP = "DELETE FROM challenges WHERE id IN (SELECT c.id FROM challenges c \
        WHERE c.expires_at <= ?1 ORDER BY c.expires_at LIMIT 1000) RETURNING id";
}

/// A challenge to begin.
pub(crate) struct NewChallenge<'a> {
    pub(crate) id: &'a ChallengeId,
    pub(crate) account: &'a AccountId,
    pub(crate) authenticator: &'a AuthenticatorId,
    pub(crate) credential_version: i64,
    pub(crate) token_hash: &'a str,
    /// How long the session that it leads to may lie idle.
    pub(crate) idle: Millis,
    pub(crate) now: UnixMillis,
    pub(crate) expires_at: UnixMillis,
    pub(crate) op: &'a OperationId,
}

pub(crate) fn insert(new: &NewChallenge<'_>) -> Statement {
    let params = vec![
        text(new.id.as_str()),
        text(new.authenticator.as_str()),
        integer(new.credential_version),
        text(new.token_hash),
        integer(new.idle.as_millis()),
        integer(new.now.as_millis()),
        integer(new.expires_at.as_millis()),
        text(new.op.as_str()),
        text(new.account.as_str()),
    ];
    Statement::new(INSERT, params)
}

/// Ends what is beyond `most` open challenges, the new one among them.
pub(crate) fn cap(now: UnixMillis, account: &AccountId, most: u32, op: &OperationId) -> Statement {
    let others = integer(i64::from(most.saturating_sub(1)));
    let params = vec![integer(now.as_millis()), text(account.as_str()), others, text(op.as_str())];
    Statement::new(CAP, params)
}

pub(crate) fn reserve(hashes: &[String], op: &OperationId) -> Statement {
    let mut params = super::per_ring_key(hashes);
    params.extend([text(op.as_str()), super::mark(op, super::Step::Count)]);
    Statement::new(RESERVE, params)
}

pub(crate) fn by_token(hashes: &[String]) -> Statement {
    Statement::new(BY_TOKEN, super::per_ring_key(hashes))
}

pub(crate) fn by_id(id: &ChallengeId) -> Statement {
    Statement::new(BY_ID, vec![text(id.as_str())])
}

/// A challenge, with its account and credential as they are now.
pub(crate) struct ChallengeRow {
    pub(crate) id: ChallengeId,
    pub(crate) account_id: AccountId,
    pub(crate) authenticator_id: AuthenticatorId,
    pub(crate) idle: Millis,
    pub(crate) expires_at: UnixMillis,
    pub(crate) attempts: i64,
    pub(crate) failures: FactorFailures,
    /// Not used, of an active account whose password is still the one that was right.
    pub(crate) stands: bool,
}

pub(crate) fn read(rows: Rows) -> Result<Option<ChallengeRow>, Error> {
    let Some(mut cells) = only(rows) else { return Ok(None) };
    let id = cells.id(ChallengeId::parse)?;
    let account_id = cells.account_id()?;
    let authenticator_id = cells.id(AuthenticatorId::parse)?;
    let version = cells.integer()?;
    let idle = Millis::from_millis(cells.integer()?);
    let expires_at = UnixMillis::new(cells.integer()?);
    let used = cells.maybe_text()?.is_some();
    let status = Status::parse(&cells.text()?)?;
    let failures =
        FactorFailures { failures: cells.integer()?, until: UnixMillis::new(cells.integer()?) };
    let same_password = cells.maybe_integer()? == Some(version);
    let attempts = cells.integer()?;
    let stands = !used && status == Status::Active && same_password;
    Ok(Some(ChallengeRow {
        id,
        account_id,
        authenticator_id,
        idle,
        expires_at,
        attempts,
        failures,
        stands,
    }))
}

pub(crate) fn use_up(id: &ChallengeId, op: &OperationId) -> Statement {
    Statement::new(USE, vec![text(op.as_str()), text(id.as_str())])
}

pub(crate) fn rebind(
    id: &ChallengeId,
    authenticator: &AuthenticatorId,
    op: &OperationId,
) -> Statement {
    let params = vec![text(authenticator.as_str()), text(id.as_str()), text(op.as_str())];
    Statement::new(REBIND, params)
}

pub(crate) fn delete(account: &AccountId, op: &OperationId) -> Statement {
    Statement::new(DELETE, vec![text(account.as_str()), text(op.as_str())])
}

pub(crate) fn sweep(now: UnixMillis) -> Statement {
    Statement::new(SWEEP, vec![integer(now.as_millis())])
}
