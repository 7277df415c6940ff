//! Table `authenticators`: what an account shows as its second factor.

use super::{Cells, integer, maybe_text, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::{AccountId, AuthenticatorId, OperationId, SessionId};
use crate::second_factor::{Origin, Standing};
use crate::time::UnixMillis;

/// The columns of [`AuthenticatorRow`], of the table under the name `au`.
macro_rules! columns {
    () => {
        "SELECT au.id, au.account_id, au.kind, au.origin, au.sealed, au.confirm_by, \
         au.confirmed_at, au.last_step, au.op FROM authenticators au "
    };
}

statements! {
    /// The authenticators of the account that a login names: at most one that is confirmed and one
    /// that is not.
    OF_LOGIN = concat!(columns!(), "JOIN accounts a ON a.id = au.account_id \
        WHERE a.email_folded = ?1 OR a.username_folded = ?1 ORDER BY au.id");
    /// The authenticators of the account of a session.
    OF_SESSION = concat!(columns!(), "JOIN sessions s ON s.account_id = au.account_id \
        WHERE s.id = ?1 ORDER BY au.id");
    /// The authenticator that a challenge asks for, by its token hashed under each key of the ring.
    OF_CHALLENGE = concat!(columns!(), "JOIN challenges c ON c.authenticator_id = au.id \
        WHERE c.token_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    /// Depends on the guard on the account.
    INSERT = "INSERT INTO authenticators (id, account_id, kind, origin, sealed, created_at, \
        confirm_by, op) SELECT CAST(?1 AS TEXT), a.id, 'totp', CAST(?2 AS TEXT), CAST(?3 AS TEXT), \
        CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS TEXT) FROM accounts a \
        WHERE a.id = ?7 AND a.op = ?6 RETURNING id";
    /// An older enrolment dies with its seed. Depends on the guard on the account.
    DELETE_UNCONFIRMED = "DELETE FROM authenticators WHERE account_id = ?1 AND confirmed_at IS NULL \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?2)";
    /// The factor gives way to the enrolment ?3, which a code confirms next. Depends on the claim on
    /// the account.
    REPLACE = "DELETE FROM authenticators WHERE account_id = ?1 AND confirmed_at IS NOT NULL \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?2) \
        AND EXISTS (SELECT 1 FROM authenticators n WHERE n.id = ?3 AND n.account_id = ?1 \
        AND n.confirmed_at IS NULL AND n.confirm_by > ?4)";
    /// The factor is removed. Depends on the guard on the account.
    DELETE = "DELETE FROM authenticators WHERE account_id = ?1 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?2)";
    /// Takes a code of a confirmed authenticator: the step is later than any taken before, on any
    /// route (SECURITY 10). Depends on the claim on the account.
    /// With a seed sealed anew (?6), that one takes the place of the old.
    TAKE = "UPDATE authenticators SET last_step = ?1, op = ?2, \
        sealed = COALESCE(CAST(?6 AS TEXT), sealed) WHERE id = ?3 AND account_id = ?4 \
        AND confirmed_at IS NOT NULL AND (last_step IS NULL OR last_step < ?1) \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?4 AND a.op = ?5) RETURNING id";
    /// Takes the first code of an enrolment, which confirms it. Depends on the claim on the account.
    CONFIRM = "UPDATE authenticators SET last_step = ?1, op = ?2, confirmed_at = ?6 \
        WHERE id = ?3 AND account_id = ?4 AND confirmed_at IS NULL AND confirm_by > ?6 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?4 AND a.op = ?5) RETURNING id";
    /// The keys of the ring that open the seeds.
    RING_KEYS = concat!(
        "SELECT ", ring_key_of_sealed!("sealed"), ", count(*) FROM authenticators \
        WHERE sealed IS NOT NULL GROUP BY 1"
    );
    /// The same of the hundred oldest.
    RING_KEYS_OF_OLDEST = concat!(
        "SELECT ", ring_key_of_sealed!("sealed"), ", CAST(1 AS BIGINT) FROM authenticators \
        WHERE id > '' AND sealed IS NOT NULL ORDER BY id LIMIT 100"
    );
    /// Enrolments that nobody confirmed in time.
    SWEEP = "DELETE FROM authenticators WHERE id IN (SELECT au.id FROM authenticators au \
        WHERE au.confirmed_at IS NULL AND au.confirm_by <= ?1 ORDER BY au.confirm_by LIMIT 1000) \
        RETURNING id";
}

/// What kind of second factor an authenticator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Codes of an app (RFC 6238).
    Totp,
    /// Codes by mail.
    Email,
}

impl Kind {
    /// The text in the database and in answers.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Email => "email",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let all = [Self::Totp, Self::Email];
        all.into_iter().find(|kind| kind.as_str() == text).ok_or_else(super::misshapen)
    }
}

const fn origin_text(origin: Origin) -> &'static str {
    match origin {
        Origin::SignUp => "sign_up",
        Origin::Session => "session",
    }
}

/// An authenticator, its seed sealed.
pub(crate) struct AuthenticatorRow {
    pub(crate) id: AuthenticatorId,
    pub(crate) account_id: AccountId,
    pub(crate) kind: Kind,
    /// The seed and its parameters; an e-mail factor has none.
    pub(crate) sealed: Option<String>,
    pub(crate) standing: Standing,
    /// The step of the last code that was taken.
    pub(crate) last_step: Option<i64>,
    /// The operation that wrote it last.
    pub(crate) op: String,
}

pub(crate) fn read(rows: Rows) -> Result<Vec<AuthenticatorRow>, Error> {
    rows.into_iter().map(|row| read_one(Cells::of(row))).collect()
}

fn read_one(mut cells: Cells) -> Result<AuthenticatorRow, Error> {
    let id = cells.id(AuthenticatorId::parse)?;
    let account_id = cells.account_id()?;
    let kind = Kind::parse(&cells.text()?)?;
    let origin = match cells.text()?.as_str() {
        "sign_up" => Origin::SignUp,
        "session" => Origin::Session,
        _ => return Err(super::misshapen()),
    };
    let sealed = cells.maybe_text()?;
    let confirm_by = UnixMillis::new(cells.integer()?);
    let confirmed_at = cells.maybe_integer()?.map(UnixMillis::new);
    let standing = Standing { origin, confirm_by, confirmed_at };
    let last_step = cells.maybe_integer()?;
    let op = cells.text()?;
    Ok(AuthenticatorRow { id, account_id, kind, sealed, standing, last_step, op })
}

/// The authenticator that counts for a login, of those of an account: a confirmed one, else one
/// that waits.
pub(crate) fn counting(rows: Vec<AuthenticatorRow>, now: UnixMillis) -> Option<AuthenticatorRow> {
    let (confirmed, rest): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.standing.confirmed_at.is_some());
    confirmed.into_iter().chain(rest).find(|row| row.standing.counts(now))
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

/// A row to insert.
pub(crate) struct NewAuthenticator<'a> {
    pub(crate) id: &'a AuthenticatorId,
    pub(crate) account: &'a AccountId,
    pub(crate) origin: Origin,
    pub(crate) sealed: &'a str,
    pub(crate) now: UnixMillis,
    pub(crate) confirm_by: UnixMillis,
    pub(crate) op: &'a OperationId,
}

pub(crate) fn insert(new: &NewAuthenticator<'_>) -> Statement {
    let params = vec![
        text(new.id.as_str()),
        text(origin_text(new.origin)),
        text(new.sealed),
        integer(new.now.as_millis()),
        integer(new.confirm_by.as_millis()),
        text(new.op.as_str()),
        text(new.account.as_str()),
    ];
    Statement::new(INSERT, params)
}

pub(crate) fn delete_unconfirmed(account: &AccountId, op: &OperationId) -> Statement {
    Statement::new(DELETE_UNCONFIRMED, vec![text(account.as_str()), text(op.as_str())])
}

/// Makes room for the enrolment that `code` confirms.
pub(crate) fn replace(code: &Taken<'_>, now: UnixMillis) -> Statement {
    let params = vec![
        text(code.account.as_str()),
        super::mark(code.op, super::Step::Claim),
        text(code.authenticator.as_str()),
        integer(now.as_millis()),
    ];
    Statement::new(REPLACE, params)
}

pub(crate) fn delete(account: &AccountId, op: &OperationId) -> Statement {
    Statement::new(DELETE, vec![text(account.as_str()), text(op.as_str())])
}

/// A code to take: its step, of this authenticator.
pub(crate) struct Taken<'a> {
    pub(crate) authenticator: &'a AuthenticatorId,
    pub(crate) account: &'a AccountId,
    pub(crate) step: i64,
    pub(crate) op: &'a OperationId,
}

fn taken(code: &Taken<'_>) -> Vec<crate::effect::Value> {
    vec![
        integer(code.step),
        text(code.op.as_str()),
        text(code.authenticator.as_str()),
        text(code.account.as_str()),
        super::mark(code.op, super::Step::Claim),
    ]
}

pub(crate) fn take(code: &Taken<'_>, resealed: Option<&str>) -> Statement {
    let mut params = taken(code);
    params.push(maybe_text(resealed));
    Statement::new(TAKE, params)
}

pub(crate) fn confirm(code: &Taken<'_>, now: UnixMillis) -> Statement {
    let mut params = taken(code);
    params.push(integer(now.as_millis()));
    Statement::new(CONFIRM, params)
}

pub(crate) fn ring_keys() -> Statement {
    Statement::new(RING_KEYS, Vec::new())
}

pub(crate) fn ring_keys_of_oldest() -> Statement {
    Statement::new(RING_KEYS_OF_OLDEST, Vec::new())
}

pub(crate) fn sweep(now: UnixMillis) -> Statement {
    Statement::new(SWEEP, vec![integer(now.as_millis())])
}
