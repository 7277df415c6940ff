//! Table `sessions`: who is signed in, and the refresh token that keeps it so.

use super::{integer, maybe_text, only, text};
use crate::effect::{Rows, Statement, Value};
use crate::error::Error;
use crate::freshness::Proofs;
use crate::id::{AccountId, OperationId, SessionId};
use crate::session::{Lifetime, Proof};
use crate::store::accounts::Status;
use crate::time::{Millis, UnixMillis};

/// The columns of [`SessionRow`].
macro_rules! columns {
    () => {
        "SELECT s.id, s.account_id, s.auth_time, s.factor_time, s.amr, s.idle_span, s.refresh_hash, \
         s.previous_hash, s.generation, s.refreshed_at, s.idle_end, s.absolute_end, s.revoked_at, \
         a.status FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE "
    };
}

statements! {
    /// Depends on the guard of the login.
    INSERT = "INSERT INTO sessions (id, account_id, created_at, auth_time, aal, amr, idle_span, \
        user_agent, address, family_hash, refresh_hash, generation, refreshed_at, idle_end, \
        absolute_end, op, factor_time) \
        SELECT CAST(?1 AS TEXT), a.id, CAST(?2 AS BIGINT), CAST(?2 AS BIGINT), \
        CAST(?13 AS BIGINT), CAST(?3 AS TEXT), CAST(?4 AS BIGINT), CAST(?5 AS TEXT), CAST(?6 AS TEXT), \
        CAST(?7 AS TEXT), CAST(?8 AS TEXT), 1, CAST(?2 AS BIGINT), CAST(?9 AS BIGINT), \
        CAST(?10 AS BIGINT), CAST(?11 AS TEXT), CAST(?14 AS BIGINT) FROM accounts a \
        WHERE a.id = ?12 AND a.op = ?11 RETURNING id";
    /// Ends the oldest sessions of an account beyond ?3 and the one that this operation began, if
    /// it did: its own is kept, also where its host's clock is behind another's.
    CAP = "UPDATE sessions SET revoked_at = ?1, revoked_for = 'cap', op = ?4 \
        WHERE account_id = ?2 AND revoked_at IS NULL AND id IN \
        (SELECT s.id FROM sessions s WHERE s.account_id = ?2 AND s.revoked_at IS NULL \
        AND s.idle_end > ?1 AND s.op <> ?4 ORDER BY s.id DESC \
        LIMIT 1000 OFFSET CAST(?3 AS BIGINT)) \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?2 AND a.op = ?4)";
    /// A session by its id.
    BY_ID = concat!(columns!(), "s.id = ?1");
    /// A session by the family of its refresh token, hashed under each key of the ring.
    BY_FAMILY = concat!(columns!(), "s.family_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    /// The guard of a refresh: the presented token is still the current one.
    ROTATE = "UPDATE sessions SET family_hash = ?1, refresh_hash = ?2, previous_hash = ?3, \
        generation = generation + 1, refreshed_at = ?4, idle_end = ?5, op = ?6 \
        WHERE id = ?7 AND refresh_hash = ?8 AND revoked_at IS NULL RETURNING id";
    /// Ends a session.
    REVOKE = "UPDATE sessions SET revoked_at = ?1, revoked_for = ?2, op = ?3 \
        WHERE id = ?4 AND revoked_at IS NULL RETURNING id";
    /// Ends one session of an account. Depends on the guard on the account.
    REVOKE_ONE = "UPDATE sessions SET revoked_at = ?1, revoked_for = ?2, op = ?3 \
        WHERE id = ?4 AND account_id = ?5 AND revoked_at IS NULL AND idle_end > ?1 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?5 AND a.op = ?3) RETURNING id";
    /// Ends all sessions of an account but ?4. Depends on the guard on the account.
    REVOKE_OTHERS = "UPDATE sessions SET revoked_at = ?1, revoked_for = ?2, op = ?3 \
        WHERE account_id = ?5 AND id <> ?4 AND revoked_at IS NULL \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?5 AND a.op = ?3)";
    /// Whoever holds a session has just proved who they are by the password. One that has shown the
    /// factor there is stays as it is: its `amr` and `auth_time` say when it showed both. Depends on
    /// the guard on the account.
    PROVE = "UPDATE sessions SET auth_time = ?1, aal = 1, amr = ?4 \
        WHERE id = ?2 AND revoked_at IS NULL AND (factor_time IS NULL OR NOT EXISTS \
        (SELECT 1 FROM authenticators au WHERE au.account_id = sessions.account_id \
        AND au.confirmed_at IS NOT NULL)) \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = sessions.account_id AND a.op = ?3)";
    /// The same by the second factor itself.
    PROVE_FACTOR = "UPDATE sessions SET auth_time = ?1, factor_time = ?1, aal = 2, amr = ?4 \
        WHERE id = ?2 AND revoked_at IS NULL \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = sessions.account_id AND a.op = ?3) \
        RETURNING id";
    /// The factor gave way to another: what other sessions than ?2 showed counts no more. Depends on
    /// the guard on the account.
    FORGET_FACTOR = "UPDATE sessions SET factor_time = NULL WHERE account_id = ?1 AND id <> ?2 \
        AND factor_time IS NOT NULL \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?3)";
    /// The predecessor of the refresh token is one of the older ones from now on: no token has the
    /// empty hash. Depends on the guard on the account.
    END_GRACE = "UPDATE sessions SET previous_hash = '' WHERE id = ?1 \
        AND previous_hash IS NOT NULL \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = sessions.account_id AND a.op = ?2)";
    /// The live sessions of the account of a session, the last begun first.
    OF_SAME_ACCOUNT = "SELECT s.id, s.created_at, s.refreshed_at, s.idle_end, s.aal, s.user_agent, \
        s.address FROM sessions s JOIN sessions mine ON mine.account_id = s.account_id \
        WHERE mine.id = ?1 AND s.revoked_at IS NULL AND s.idle_end > ?2 \
        ORDER BY s.id DESC LIMIT 1000";
    /// Sessions revoked after ?1 (which no NULL is), the last revoked first; one more than a list
    /// holds says it is full.
    REVOKED = "SELECT id, revoked_at FROM sessions WHERE revoked_at > ?1 \
        ORDER BY revoked_at DESC, id DESC LIMIT CAST(?2 AS BIGINT)";
    /// The keys of the ring under which sessions that live after ?1 are found.
    RING_KEYS = concat!(
        "SELECT ", ring_key_of_hash!("s.family_hash"), ", count(*) FROM sessions s \
        WHERE s.idle_end > ?1 AND s.revoked_at IS NULL GROUP BY 1"
    );
    /// The same of each of the hundred that have been idle for longest; 0 for a revoked one.
    RING_KEYS_OF_IDLE = concat!(
        "SELECT ", ring_key_of_hash!("s.family_hash"), ", \
        CASE WHEN s.revoked_at IS NULL THEN CAST(1 AS BIGINT) ELSE 0 END FROM sessions s \
        WHERE s.idle_end > ?1 ORDER BY s.idle_end LIMIT 100"
    );
    /// What nobody needs any more.
    SWEEP = "DELETE FROM sessions WHERE id IN \
        (SELECT s.id FROM sessions s WHERE s.idle_end <= ?1 ORDER BY s.idle_end LIMIT 1000) RETURNING id";
}

/// A row to insert.
pub(crate) struct NewSession<'a> {
    pub(crate) id: &'a SessionId,
    pub(crate) account_id: &'a AccountId,
    pub(crate) now: UnixMillis,
    /// With what its owner proved who they are.
    pub(crate) proof: Proof,
    pub(crate) idle: Millis,
    pub(crate) user_agent: &'a str,
    pub(crate) address: &'a str,
    pub(crate) family_hash: &'a str,
    pub(crate) refresh_hash: &'a str,
    pub(crate) lifetime: Lifetime,
    pub(crate) op: &'a OperationId,
}

pub(crate) fn insert(new: &NewSession<'_>) -> Statement {
    let params = vec![
        text(new.id.as_str()),
        integer(new.now.as_millis()),
        text(new.proof.amr()),
        integer(new.idle.as_millis()),
        text(new.user_agent),
        text(new.address),
        text(new.family_hash),
        text(new.refresh_hash),
        integer(new.lifetime.idle_end.as_millis()),
        integer(new.lifetime.absolute_end.as_millis()),
        text(new.op.as_str()),
        text(new.account_id.as_str()),
        integer(new.proof.assurance_level()),
        new.proof.shows_factor().map_or(Value::Null, |()| integer(new.now.as_millis())),
    ];
    Statement::new(INSERT, params)
}

/// Ends what is beyond `most` sessions, the new one among them.
pub(crate) fn cap(now: UnixMillis, account: &AccountId, most: u32, op: &OperationId) -> Statement {
    let others = integer(i64::from(most.saturating_sub(1)));
    let params = vec![integer(now.as_millis()), text(account.as_str()), others, text(op.as_str())];
    Statement::new(CAP, params)
}

pub(crate) fn by_id(id: &SessionId) -> Statement {
    Statement::new(BY_ID, vec![text(id.as_str())])
}

pub(crate) fn by_family(hashes: &[String]) -> Statement {
    Statement::new(BY_FAMILY, super::per_ring_key(hashes))
}

/// A session with the status of its account.
pub(crate) struct SessionRow {
    pub(crate) id: SessionId,
    pub(crate) account_id: AccountId,
    pub(crate) proofs: Proofs,
    /// Authentication methods, separated by spaces (RFC 8176).
    pub(crate) amr: String,
    pub(crate) idle: Millis,
    pub(crate) refresh_hash: String,
    pub(crate) previous_hash: Option<String>,
    pub(crate) generation: i64,
    pub(crate) refreshed_at: UnixMillis,
    pub(crate) lifetime: Lifetime,
    pub(crate) status: Status,
}

pub(crate) fn read(rows: Rows) -> Result<Option<SessionRow>, Error> {
    let Some(mut cells) = only(rows) else { return Ok(None) };
    Ok(Some(SessionRow {
        id: cells.session_id()?,
        account_id: cells.account_id()?,
        proofs: Proofs {
            auth_time: UnixMillis::new(cells.integer()?),
            factor_time: cells.maybe_integer()?.map(UnixMillis::new),
        },
        amr: cells.text()?,
        idle: Millis::from_millis(cells.integer()?),
        refresh_hash: cells.text()?,
        previous_hash: cells.maybe_text()?,
        generation: cells.integer()?,
        refreshed_at: UnixMillis::new(cells.integer()?),
        lifetime: Lifetime {
            idle_end: UnixMillis::new(cells.integer()?),
            absolute_end: UnixMillis::new(cells.integer()?),
            revoked_at: cells.maybe_integer()?.map(UnixMillis::new),
        },
        status: Status::parse(&cells.text()?)?,
    }))
}

/// The new state of a rotated session.
pub(crate) struct Rotation<'a> {
    pub(crate) session: &'a SessionRow,
    pub(crate) family_hash: &'a str,
    pub(crate) successor_hash: &'a str,
    /// The hash of the presented token, under today's key.
    pub(crate) presented_hash: &'a str,
    pub(crate) now: UnixMillis,
    pub(crate) op: &'a OperationId,
}

pub(crate) fn rotate(rotation: &Rotation<'_>) -> Statement {
    let session = rotation.session;
    let idle_end = session.lifetime.idle_end_from(rotation.now, session.idle);
    let params = vec![
        text(rotation.family_hash),
        text(rotation.successor_hash),
        maybe_text(Some(rotation.presented_hash)),
        integer(rotation.now.as_millis()),
        integer(idle_end.as_millis()),
        text(rotation.op.as_str()),
        text(session.id.as_str()),
        text(session.refresh_hash.as_str()),
    ];
    Statement::new(ROTATE, params)
}

/// Why a session was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RevokedFor {
    /// Its owner signed out.
    Logout,
    /// A refresh token was used a second time.
    Reuse,
    /// Its owner ended it from another one.
    Owner,
    /// The password was changed.
    Password,
    /// The account was deleted.
    Deletion,
}

impl RevokedFor {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Reuse => "refresh_reuse",
            Self::Owner => "owner",
            Self::Password => "password",
            Self::Deletion => "deletion",
        }
    }
}

pub(crate) fn revoke(
    now: UnixMillis,
    why: RevokedFor,
    op: &OperationId,
    id: &SessionId,
) -> Statement {
    let params =
        vec![integer(now.as_millis()), text(why.as_str()), text(op.as_str()), text(id.as_str())];
    Statement::new(REVOKE, params)
}

/// Ends `id`, if it is a live session of the account.
pub(crate) fn revoke_one(
    now: UnixMillis,
    why: RevokedFor,
    op: &OperationId,
    id: &SessionId,
    account: &AccountId,
) -> Statement {
    Statement::new(REVOKE_ONE, of_account(now, why, op, id, account))
}

/// Ends all sessions of the account but `kept`.
pub(crate) fn revoke_others(
    now: UnixMillis,
    why: RevokedFor,
    op: &OperationId,
    kept: &SessionId,
    account: &AccountId,
) -> Statement {
    Statement::new(REVOKE_OTHERS, of_account(now, why, op, kept, account))
}

fn of_account(
    now: UnixMillis,
    why: RevokedFor,
    op: &OperationId,
    id: &SessionId,
    account: &AccountId,
) -> Vec<Value> {
    vec![
        integer(now.as_millis()),
        text(why.as_str()),
        text(op.as_str()),
        text(id.as_str()),
        text(account.as_str()),
    ]
}

/// What sessions other than `kept` showed was a factor that is gone.
pub(crate) fn forget_factor(account: &AccountId, kept: &SessionId, op: &OperationId) -> Statement {
    let params = vec![text(account.as_str()), text(kept.as_str()), text(op.as_str())];
    Statement::new(FORGET_FACTOR, params)
}

/// The holder of a session proved again who they are.
pub(crate) fn prove(now: UnixMillis, id: &SessionId, proof: Proof, op: &OperationId) -> Statement {
    let params =
        vec![integer(now.as_millis()), text(id.as_str()), text(op.as_str()), text(proof.amr())];
    match proof.shows_factor() {
        None => Statement::new(PROVE, params),
        Some(()) => Statement::new(PROVE_FACTOR, params),
    }
}

/// Whoever presents the predecessor of this session's refresh token has no grace any more.
pub(crate) fn end_grace(id: &SessionId, op: &OperationId) -> Statement {
    Statement::new(END_GRACE, vec![text(id.as_str()), text(op.as_str())])
}

pub(crate) fn of_same_account(id: &SessionId, now: UnixMillis) -> Statement {
    Statement::new(OF_SAME_ACCOUNT, vec![text(id.as_str()), integer(now.as_millis())])
}

/// A session as its owner sees it.
pub(crate) struct ListedSession {
    pub(crate) id: SessionId,
    pub(crate) created_at: i64,
    pub(crate) refreshed_at: i64,
    pub(crate) idle_end: i64,
    pub(crate) assurance_level: i64,
    pub(crate) user_agent: String,
    pub(crate) address: String,
}

pub(crate) fn read_list(rows: Rows) -> Result<Vec<ListedSession>, Error> {
    let session = |row| {
        let mut cells = super::Cells::of(row);
        Ok(ListedSession {
            id: cells.session_id()?,
            created_at: cells.integer()?,
            refreshed_at: cells.integer()?,
            idle_end: cells.integer()?,
            assurance_level: cells.integer()?,
            user_agent: cells.text()?,
            address: cells.text()?,
        })
    };
    rows.into_iter().map(session).collect()
}

/// At most `most` sessions that were revoked after `since`, and one more if there are more.
pub(crate) fn revoked_since(since: UnixMillis, most: u32) -> Statement {
    let limit = i64::from(most).saturating_add(1);
    Statement::new(REVOKED, vec![integer(since.as_millis()), integer(limit)])
}

/// Their ids and when they were revoked.
pub(crate) fn read_revoked(rows: Rows) -> Result<Vec<(SessionId, UnixMillis)>, Error> {
    let revoked = |row| {
        let mut cells = super::Cells::of(row);
        Ok((cells.session_id()?, UnixMillis::new(cells.integer()?)))
    };
    rows.into_iter().map(revoked).collect()
}

pub(crate) fn ring_keys(now: UnixMillis) -> Statement {
    Statement::new(RING_KEYS, vec![integer(now.as_millis())])
}

pub(crate) fn ring_keys_of_idle(now: UnixMillis) -> Statement {
    Statement::new(RING_KEYS_OF_IDLE, vec![integer(now.as_millis())])
}

/// Deletes sessions whose idle end passed before `cutoff`.
pub(crate) fn sweep(cutoff: UnixMillis) -> Statement {
    Statement::new(SWEEP, vec![integer(cutoff.as_millis())])
}
