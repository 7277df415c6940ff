//! Table `accounts`: who there is.

use super::{Cells, integer, maybe_text, only, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::{AccountId, OperationId, SessionId};
use crate::store::authenticators::Kind;
use crate::time::UnixMillis;

pub(crate) use super::account_guards::{
    act_by_credential, act_by_password, act_by_session, act_fresh, act_fresh_by_password,
    act_on_device, act_without_factor, claim_by_challenge, claim_by_credential, claim_by_session,
    lock, take_row, trade,
};

/// The columns of [`AccountRow`]. Only a confirmed authenticator is a second factor.
macro_rules! columns {
    () => {
        "SELECT a.id, a.email, a.username, a.full_name, a.status, a.email_verified_at, \
         a.properties, a.created_at, a.last_login_at, (SELECT au.kind FROM authenticators au \
         WHERE au.account_id = a.id AND au.confirmed_at IS NOT NULL) FROM accounts a "
    };
}

statements! {
    /// Takes the names, if they are free. Nothing comes back if one of them is not.
    INSERT = "INSERT INTO accounts (id, email, email_folded, username, username_folded, full_name, \
        status, properties, admin_properties, created_at, idempotency, op) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '{}', ?9, ?10, ?11) \
        ON CONFLICT DO NOTHING RETURNING id";
    /// The accounts that hold one of these names: at most two.
    HOLDERS = "SELECT id, email_folded, username_folded, idempotency, created_at FROM accounts \
        WHERE email_folded = ?1 OR username_folded = ?2 ORDER BY id LIMIT 2";
    /// What a login needs, by e-mail address or username: one name is never the other's.
    FOR_LOGIN = "SELECT a.id, a.status, c.phc, c.version FROM accounts a \
        LEFT JOIN credentials c ON c.account_id = a.id \
        WHERE a.email_folded = ?1 OR a.username_folded = ?1";
    /// Which operation wrote the row last.
    OP = "SELECT op FROM accounts WHERE id = ?1";
    /// Somebody has signed in. Depends on the guard on the account.
    SIGNED_IN = "UPDATE accounts SET last_login_at = ?1 WHERE id = ?2 AND op = ?3";
    /// Its owner leaves; the names stay reserved. Depends on the guard on the account.
    DELETE = "UPDATE accounts SET status = 'deleted', deleted_at = ?1 WHERE id = ?2 AND op = ?3 \
        RETURNING id";
    /// The account of a session, as its owner sees it.
    OF_SESSION = concat!(columns!(), "JOIN sessions s ON s.account_id = a.id WHERE s.id = ?1");
    /// The account of a challenge, by its token hashed under each key of the ring.
    OF_CHALLENGE = concat!(columns!(), "JOIN challenges c ON c.account_id = a.id \
        WHERE c.token_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    /// An account by its id, as its owner sees it.
    BY_ID = concat!(columns!(), "WHERE a.id = ?1");
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not activated yet.
    Pending,
    /// In use.
    Active,
    /// Blocked by an administrator.
    Blocked,
    /// Deleted; its names stay reserved.
    Deleted,
}

impl Status {
    /// The text in the database and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Deleted => "deleted",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let all = [Self::Pending, Self::Active, Self::Blocked, Self::Deleted];
        all.into_iter().find(|status| status.as_str() == text).ok_or_else(super::misshapen)
    }
}

/// A row to insert.
pub(crate) struct NewAccount<'a> {
    pub(crate) account: &'a AccountRow,
    pub(crate) email_folded: Option<&'a str>,
    pub(crate) username_folded: Option<&'a str>,
    pub(crate) idempotency: Option<&'a str>,
    pub(crate) op: &'a OperationId,
}

pub(crate) fn insert(new: &NewAccount<'_>) -> Statement {
    let account = new.account;
    let params = vec![
        text(account.id.as_str()),
        maybe_text(account.email.as_deref()),
        maybe_text(new.email_folded),
        maybe_text(account.username.as_deref()),
        maybe_text(new.username_folded),
        maybe_text(account.full_name.as_deref()),
        text(account.status.as_str()),
        text(&account.properties),
        integer(account.created_at),
        maybe_text(new.idempotency),
        text(new.op.as_str()),
    ];
    Statement::new(INSERT, params)
}

pub(crate) fn holders(email_folded: Option<&str>, username_folded: Option<&str>) -> Statement {
    Statement::new(HOLDERS, vec![maybe_text(email_folded), maybe_text(username_folded)])
}

/// Who holds a name that was asked for.
pub(crate) struct Holder {
    pub(crate) id: AccountId,
    pub(crate) email_folded: Option<String>,
    pub(crate) username_folded: Option<String>,
    pub(crate) idempotency: Option<String>,
    pub(crate) created_at: UnixMillis,
}

pub(crate) fn read_holders(rows: Rows) -> Result<Vec<Holder>, Error> {
    let holder = |row| {
        let mut cells = Cells::of(row);
        Ok(Holder {
            id: cells.account_id()?,
            email_folded: cells.maybe_text()?,
            username_folded: cells.maybe_text()?,
            idempotency: cells.maybe_text()?,
            created_at: UnixMillis::new(cells.integer()?),
        })
    };
    rows.into_iter().map(holder).collect()
}

pub(crate) fn for_login(folded: &str) -> Statement {
    Statement::new(FOR_LOGIN, vec![text(folded)])
}

/// What a login needs to know of an account.
pub(crate) struct LoginAccount {
    pub(crate) id: AccountId,
    pub(crate) status: Status,
    /// PHC text and version of the credential, if there is a password.
    pub(crate) credential: Option<(String, i64)>,
}

pub(crate) fn read_for_login(rows: Rows) -> Result<Option<LoginAccount>, Error> {
    let Some(mut cells) = only(rows) else { return Ok(None) };
    let id = cells.account_id()?;
    let status = Status::parse(&cells.text()?)?;
    let credential = match (cells.maybe_text()?, cells.maybe_integer()?) {
        (Some(phc), Some(version)) => Some((phc, version)),
        _ => None,
    };
    Ok(Some(LoginAccount { id, status, credential }))
}

pub(crate) fn signed_in(now: UnixMillis, id: &AccountId, op: &OperationId) -> Statement {
    let params = vec![integer(now.as_millis()), text(id.as_str()), text(op.as_str())];
    Statement::new(SIGNED_IN, params)
}

pub(crate) fn delete(now: UnixMillis, id: &AccountId, op: &OperationId) -> Statement {
    let params = vec![integer(now.as_millis()), text(id.as_str()), text(op.as_str())];
    Statement::new(DELETE, params)
}

pub(crate) fn of_session(id: &SessionId) -> Statement {
    Statement::new(OF_SESSION, vec![text(id.as_str())])
}

pub(crate) fn of_challenge(hashes: &[String]) -> Statement {
    Statement::new(OF_CHALLENGE, super::per_ring_key(hashes))
}

pub(crate) fn op_of(id: &AccountId) -> Statement {
    Statement::new(OP, vec![text(id.as_str())])
}

pub(crate) fn read_op(rows: Rows) -> Result<Option<String>, Error> {
    only(rows).map(|mut cells| cells.text()).transpose()
}

pub(crate) fn by_id(id: &AccountId) -> Statement {
    Statement::new(BY_ID, vec![text(id.as_str())])
}

/// An account as its owner sees it, without its roles.
pub struct AccountRow {
    /// UUIDv7.
    pub id: AccountId,
    /// As stored.
    pub email: Option<String>,
    /// As typed at sign-up.
    pub username: Option<String>,
    /// Any text.
    pub full_name: Option<String>,
    /// Whether it may be used.
    pub status: Status,
    /// When the address was proved.
    pub email_verified_at: Option<i64>,
    /// JSON text with sorted keys.
    pub properties: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_login_at: Option<i64>,
    /// `totp` or `email`, if one is confirmed.
    pub(crate) second_factor: Option<Kind>,
}

impl AccountRow {
    /// What an authenticator app shows of the account: the e-mail address, or the username.
    pub(crate) fn label(&self) -> String {
        self.email.clone().or_else(|| self.username.clone()).unwrap_or_default()
    }
}

pub(crate) fn read_account(rows: Rows) -> Result<Option<AccountRow>, Error> {
    let Some(mut cells) = only(rows) else { return Ok(None) };
    Ok(Some(AccountRow {
        id: cells.account_id()?,
        email: cells.maybe_text()?,
        username: cells.maybe_text()?,
        full_name: cells.maybe_text()?,
        status: Status::parse(&cells.text()?)?,
        email_verified_at: cells.maybe_integer()?,
        properties: cells.text()?,
        created_at: cells.integer()?,
        last_login_at: cells.maybe_integer()?,
        second_factor: cells.maybe_text()?.map(|kind| Kind::parse(&kind)).transpose()?,
    }))
}
