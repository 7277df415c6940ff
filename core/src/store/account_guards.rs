//! Claims and guards on a row of `accounts`: who may change what, judged as the row is written. All
//! that an operation writes depends on one of them (docs/decisions/0021).

use super::{Step, integer, mark, text};
use crate::effect::{Statement, Value};
use crate::freshness::FRESH;
use crate::id::{AccountId, AuthenticatorId, ChallengeId, DeviceId, OperationId, SessionId};
use crate::store::throttles::Key;
use crate::time::UnixMillis;

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

/// Marks the account ?2 of who is freshly signed in, since ?5.
macro_rules! fresh {
    ($more:literal) => {
        concat!(
            "UPDATE accounts SET op = ?1 WHERE id = ?2 AND status = 'active' \
             AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?3 AND s.account_id = accounts.id \
             AND s.revoked_at IS NULL AND s.idle_end > ?4 AND (s.factor_time >= ?5 \
             OR (s.auth_time >= ?5 AND NOT EXISTS (SELECT 1 FROM authenticators au \
             WHERE au.account_id = s.account_id AND au.confirmed_at IS NOT NULL)))) ",
            $more,
            "RETURNING id"
        )
    };
}

statements! {
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
    ACT_FRESH = fresh!("");
    /// The same, where the password of version ?6 was verified besides: it is still this one.
    ACT_FRESH_BY_PASSWORD = fresh!("AND EXISTS (SELECT 1 FROM credentials c \
        WHERE c.account_id = accounts.id AND c.version = ?6) ");
    /// The guard of who is signed in and whose password, of version ?5, was verified: it is still
    /// this one.
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
    Statement::new(ACT_FRESH, since_fresh(id, session, now, op))
}

/// The guard of who is freshly signed in and whose password, of this version, was right.
pub(crate) fn act_fresh_by_password(
    id: &AccountId,
    session: &SessionId,
    version: i64,
    now: UnixMillis,
    op: &OperationId,
) -> Statement {
    let mut params = since_fresh(id, session, now, op);
    params.push(integer(version));
    Statement::new(ACT_FRESH_BY_PASSWORD, params)
}

fn since_fresh(
    id: &AccountId,
    session: &SessionId,
    now: UnixMillis,
    op: &OperationId,
) -> Vec<Value> {
    let mut params = by_session(text(op.as_str()), id, session, now);
    params.push(integer(now.before(FRESH).as_millis()));
    params
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
