//! Table `accounts`: who there is.

use super::{Cells, Step, integer, mark, maybe_text, only, text};
use crate::effect::{Rows, Statement, Value};
use crate::error::Error;
use crate::freshness::FRESH;
use crate::id::{AccountId, AuthenticatorId, ChallengeId, DeviceId, OperationId, SessionId};
use crate::store::authenticators::Kind;
use crate::store::throttles::Key;
use crate::time::UnixMillis;

/// The columns of [`AccountRow`]. Only a confirmed authenticator is a second factor.
macro_rules! columns {
    () => {
        "SELECT a.id, a.email, a.username, a.full_name, a.status, a.email_verified_at, \
         a.properties, a.created_at, a.last_login_at, (SELECT au.kind FROM authenticators au \
         WHERE au.account_id = a.id AND au.confirmed_at IS NOT NULL) FROM accounts a "
    };
}

/// Marks the account of who knows the password of version ?3.
macro_rules! by_credential {
    ($more:literal) => {
        concat!(
            "UPDATE accounts SET op = ?1 WHERE id = ?2 AND status = 'active' AND EXISTS (SELECT 1 \
             FROM credentials c WHERE c.account_id = accounts.id AND c.version = ?3) ",
            $more,
            "RETURNING id"
        )
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
    /// Takes the row of an account before a guard looks at rows beside it. PostgreSQL, where it
    /// waits for a row (READ COMMITTED), looks again at that row only: a guard that waited would
    /// still see the credential of before. Who changes a credential writes the account first.
    LOCK = "UPDATE accounts SET op = ?1 WHERE id = ?2";
    /// The claim, or the guard, of a login: the account is still active and its password the one
    /// that was verified. Serialises the logins of an account.
    CLAIM_BY_CREDENTIAL = by_credential!("");
    /// The guard of a login that shows no factor: there is still none that counts.
    ACT_WITHOUT_FACTOR = by_credential!("AND NOT EXISTS (SELECT 1 FROM authenticators au \
        WHERE au.account_id = accounts.id AND (au.confirmed_at IS NOT NULL \
        OR (au.origin = 'sign_up' AND au.confirm_by > ?4))) ");
    /// The guard of a login on a remembered device: it is still remembered.
    ACT_ON_DEVICE = by_credential!("AND EXISTS (SELECT 1 FROM remembered_devices d \
        WHERE d.id = ?4 AND d.account_id = accounts.id) ");
    /// The claim of who answers a challenge: it is open, asks for the authenticator ?5, and the
    /// password is still the one that was right.
    CLAIM_BY_CHALLENGE = "UPDATE accounts SET op = ?1 WHERE id = ?2 AND status = 'active' \
        AND EXISTS (SELECT 1 FROM challenges c JOIN credentials k ON k.account_id = c.account_id \
        AND k.version = c.credential_version WHERE c.id = ?3 AND c.account_id = accounts.id \
        AND c.used_by IS NULL AND c.expires_at > ?4 AND c.authenticator_id = ?5) RETURNING id";
    /// The claim, or the guard, of who is signed in: their session lives.
    CLAIM_BY_SESSION = "UPDATE accounts SET op = ?1 WHERE id = ?2 AND status = 'active' \
        AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?3 AND s.account_id = accounts.id \
        AND s.revoked_at IS NULL AND s.idle_end > ?4) RETURNING id";
    /// The guard of who is freshly signed in, since ?5: as `freshness::judge` says, of the factors
    /// that there are now.
    ACT_FRESH = "UPDATE accounts SET op = ?1 WHERE id = ?2 AND status = 'active' \
        AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?3 AND s.account_id = accounts.id \
        AND s.revoked_at IS NULL AND s.idle_end > ?4 AND (s.factor_time >= ?5 \
        OR (s.auth_time >= ?5 AND NOT EXISTS (SELECT 1 FROM authenticators au \
        WHERE au.account_id = s.account_id AND au.confirmed_at IS NOT NULL)))) RETURNING id";
    /// The same where the password ?5 was verified: it is still this one.
    CLAIM_BY_PASSWORD = "UPDATE accounts SET op = ?1 WHERE id = ?2 AND status = 'active' \
        AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?3 AND s.account_id = accounts.id \
        AND s.revoked_at IS NULL AND s.idle_end > ?4) \
        AND EXISTS (SELECT 1 FROM credentials c WHERE c.account_id = accounts.id AND c.version = ?5) \
        RETURNING id";
    /// The guard of who trades a challenge for a new enrolment, if nobody confirmed the old one and
    /// the trade was counted on ?6.
    TRADE = "UPDATE accounts SET op = ?1 WHERE id = ?2 AND status = 'active' \
        AND EXISTS (SELECT 1 FROM challenges c JOIN credentials k ON k.account_id = c.account_id \
        AND k.version = c.credential_version WHERE c.id = ?3 AND c.account_id = accounts.id \
        AND c.used_by IS NULL AND c.expires_at > ?4 AND c.authenticator_id = ?5) \
        AND EXISTS (SELECT 1 FROM authenticators au WHERE au.id = ?5 AND au.confirmed_at IS NULL) \
        AND EXISTS (SELECT 1 FROM throttles g WHERE g.key = ?6 AND g.op = ?1) RETURNING id";
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
    pub(crate) id: &'a AccountId,
    pub(crate) email: Option<(&'a str, &'a str)>,
    pub(crate) username: Option<(&'a str, &'a str)>,
    pub(crate) full_name: Option<&'a str>,
    pub(crate) status: Status,
    pub(crate) properties: &'a str,
    pub(crate) created_at: UnixMillis,
    pub(crate) idempotency: Option<&'a str>,
    pub(crate) op: &'a OperationId,
}

pub(crate) fn insert(new: &NewAccount<'_>) -> Statement {
    let params = vec![
        text(new.id.as_str()),
        maybe_text(new.email.map(|(stored, _)| stored)),
        maybe_text(new.email.map(|(_, folded)| folded)),
        maybe_text(new.username.map(|(stored, _)| stored)),
        maybe_text(new.username.map(|(_, folded)| folded)),
        maybe_text(new.full_name),
        text(new.status.as_str()),
        text(new.properties),
        integer(new.created_at.as_millis()),
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

pub(crate) fn lock(id: &AccountId, op: &OperationId) -> Statement {
    Statement::new(LOCK, vec![mark(op, Step::Lock), text(id.as_str())])
}

/// The row is this operation's, whatever it says: what is told to its owner depends on it.
pub(crate) fn take_row(id: &AccountId, op: &OperationId) -> Statement {
    Statement::new(LOCK, vec![text(op.as_str()), text(id.as_str())])
}

/// The claim of who knows the password of this version and shows a code.
pub(crate) fn claim_by_credential(id: &AccountId, version: i64, op: &OperationId) -> Statement {
    let mark = mark(op, Step::Claim);
    Statement::new(CLAIM_BY_CREDENTIAL, by_credential(mark, id, version, None))
}

/// The guard of who knows the password of this version.
pub(crate) fn act_by_credential(id: &AccountId, version: i64, op: &OperationId) -> Statement {
    let mark = text(op.as_str());
    Statement::new(CLAIM_BY_CREDENTIAL, by_credential(mark, id, version, None))
}

/// The guard of who knows the password of this version, of an account without a factor.
pub(crate) fn act_without_factor(
    id: &AccountId,
    version: i64,
    now: UnixMillis,
    op: &OperationId,
) -> Statement {
    let more = Some(integer(now.as_millis()));
    Statement::new(ACT_WITHOUT_FACTOR, by_credential(text(op.as_str()), id, version, more))
}

/// The guard of who knows the password of this version, on a remembered device.
pub(crate) fn act_on_device(
    id: &AccountId,
    version: i64,
    device: &DeviceId,
    op: &OperationId,
) -> Statement {
    let more = Some(text(device.as_str()));
    Statement::new(ACT_ON_DEVICE, by_credential(text(op.as_str()), id, version, more))
}

fn by_credential(mark: Value, id: &AccountId, version: i64, more: Option<Value>) -> Vec<Value> {
    let known = [mark, text(id.as_str()), integer(version)];
    known.into_iter().chain(more).collect()
}

/// The claim of who answers `challenge` with a code of `authenticator`.
pub(crate) fn claim_by_challenge(
    id: &AccountId,
    challenge: &ChallengeId,
    authenticator: &AuthenticatorId,
    now: UnixMillis,
    op: &OperationId,
) -> Statement {
    let mark = mark(op, Step::Claim);
    Statement::new(CLAIM_BY_CHALLENGE, by_challenge(mark, id, challenge, authenticator, now))
}

/// The guard of who trades `challenge`, if that was counted on `trades`.
pub(crate) fn trade(
    id: &AccountId,
    challenge: &ChallengeId,
    authenticator: &AuthenticatorId,
    now: UnixMillis,
    op: &OperationId,
    trades: &Key,
) -> Statement {
    let mut params = by_challenge(text(op.as_str()), id, challenge, authenticator, now);
    params.push(text(trades.as_str()));
    Statement::new(TRADE, params)
}

fn by_challenge(
    mark: Value,
    id: &AccountId,
    challenge: &ChallengeId,
    authenticator: &AuthenticatorId,
    now: UnixMillis,
) -> Vec<Value> {
    vec![
        mark,
        text(id.as_str()),
        text(challenge.as_str()),
        integer(now.as_millis()),
        text(authenticator.as_str()),
    ]
}

/// The claim of who is signed in and shows a code.
pub(crate) fn claim_by_session(
    id: &AccountId,
    session: &SessionId,
    now: UnixMillis,
    op: &OperationId,
) -> Statement {
    Statement::new(CLAIM_BY_SESSION, by_session(mark(op, Step::Claim), id, session, now))
}

/// The guard of who is signed in: nothing but the session is asked for.
pub(crate) fn act_by_session(
    id: &AccountId,
    session: &SessionId,
    now: UnixMillis,
    op: &OperationId,
) -> Statement {
    Statement::new(CLAIM_BY_SESSION, by_session(text(op.as_str()), id, session, now))
}

/// The guard of who is freshly signed in.
pub(crate) fn act_fresh(
    id: &AccountId,
    session: &SessionId,
    now: UnixMillis,
    op: &OperationId,
) -> Statement {
    let mut params = by_session(text(op.as_str()), id, session, now);
    params.push(integer(now.before(FRESH).as_millis()));
    Statement::new(ACT_FRESH, params)
}

/// The guard of who is signed in and whose password, of this version, was right.
pub(crate) fn act_by_password(
    id: &AccountId,
    session: &SessionId,
    version: i64,
    now: UnixMillis,
    op: &OperationId,
) -> Statement {
    let mut params = by_session(text(op.as_str()), id, session, now);
    params.push(integer(version));
    Statement::new(CLAIM_BY_PASSWORD, params)
}

fn by_session(mark: Value, id: &AccountId, session: &SessionId, now: UnixMillis) -> Vec<Value> {
    vec![mark, text(id.as_str()), text(session.as_str()), integer(now.as_millis())]
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
