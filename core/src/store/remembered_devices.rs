//! Table `remembered_devices`: where the second factor is not asked for again for some days.

use super::{Cells, integer, only, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::{AccountId, DeviceId, OperationId, SessionId};
use crate::time::UnixMillis;

statements! {
    /// Depends on the guard on the account.
    INSERT = "INSERT INTO remembered_devices (id, account_id, token_hash, user_agent, address, \
        created_at, expires_at, op) SELECT CAST(?1 AS TEXT), a.id, CAST(?2 AS TEXT), \
        CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS BIGINT), CAST(?6 AS BIGINT), \
        CAST(?7 AS TEXT) FROM accounts a WHERE a.id = ?8 AND a.op = ?7";
    /// Ends the oldest devices of an account beyond ?2 and the one of this operation.
    CAP = "DELETE FROM remembered_devices WHERE account_id = ?1 AND id IN \
        (SELECT d.id FROM remembered_devices d WHERE d.account_id = ?1 AND d.op <> ?3 \
        ORDER BY d.id DESC LIMIT 1000 OFFSET CAST(?2 AS BIGINT)) \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?3)";
    /// The live device of a token, hashed under each key of the ring, if it is one of the account
    /// that a login names.
    OF_LOGIN = "SELECT d.id FROM remembered_devices d JOIN accounts a ON a.id = d.account_id \
        WHERE d.token_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) AND d.expires_at > ?9 \
        AND (a.email_folded = ?10 OR a.username_folded = ?10)";
    /// The live devices of the account of a session, the last remembered first.
    OF_SESSION = "SELECT d.id, d.user_agent, d.address, d.created_at, d.expires_at \
        FROM remembered_devices d JOIN sessions s ON s.account_id = d.account_id \
        WHERE s.id = ?1 AND d.expires_at > ?2 ORDER BY d.id DESC LIMIT 100";
    /// Ends one device. Depends on the guard on the account.
    DELETE_ONE = "DELETE FROM remembered_devices WHERE id = ?1 AND account_id = ?2 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?2 AND a.op = ?3) RETURNING id";
    /// Ends all: of the owner's will, or because a credential or the factor changed. Depends on the
    /// guard on the account.
    DELETE = "DELETE FROM remembered_devices WHERE account_id = ?1 \
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.op = ?2)";
    /// The keys of the ring under which devices that live after ?1 are found.
    RING_KEYS = concat!(
        "SELECT ", ring_key_of_hash!("d.token_hash"), ", count(*) FROM remembered_devices d \
        WHERE d.expires_at > ?1 GROUP BY 1"
    );
    /// What nobody needs any more.
    SWEEP = "DELETE FROM remembered_devices WHERE id IN (SELECT d.id FROM remembered_devices d \
        WHERE d.expires_at <= ?1 ORDER BY d.expires_at LIMIT 1000) RETURNING id";
}

/// A device to remember.
pub(crate) struct NewDevice<'a> {
    pub(crate) id: &'a DeviceId,
    pub(crate) account: &'a AccountId,
    pub(crate) token_hash: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) address: &'a str,
    pub(crate) now: UnixMillis,
    pub(crate) expires_at: UnixMillis,
    pub(crate) op: &'a OperationId,
}

pub(crate) fn insert(new: &NewDevice<'_>) -> Statement {
    let params = vec![
        text(new.id.as_str()),
        text(new.token_hash),
        text(new.user_agent),
        text(new.address),
        integer(new.now.as_millis()),
        integer(new.expires_at.as_millis()),
        text(new.op.as_str()),
        text(new.account.as_str()),
    ];
    Statement::new(INSERT, params)
}

/// Ends what is beyond `most` devices, the new one among them.
pub(crate) fn cap(account: &AccountId, most: u32, op: &OperationId) -> Statement {
    let others = integer(i64::from(most.saturating_sub(1)));
    Statement::new(CAP, vec![text(account.as_str()), others, text(op.as_str())])
}

pub(crate) fn of_login(hashes: &[String], now: UnixMillis, folded: &str) -> Statement {
    let mut params = super::per_ring_key(hashes);
    params.extend([integer(now.as_millis()), text(folded)]);
    Statement::new(OF_LOGIN, params)
}

pub(crate) fn read_id(rows: Rows) -> Result<Option<DeviceId>, Error> {
    only(rows).map(|mut cells| cells.id(DeviceId::parse)).transpose()
}

pub(crate) fn of_session(id: &SessionId, now: UnixMillis) -> Statement {
    Statement::new(OF_SESSION, vec![text(id.as_str()), integer(now.as_millis())])
}

/// A device as its owner sees it.
pub(crate) struct DeviceRow {
    pub(crate) id: DeviceId,
    pub(crate) user_agent: String,
    pub(crate) address: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
}

pub(crate) fn read(rows: Rows) -> Result<Vec<DeviceRow>, Error> {
    let device = |row| {
        let mut cells = Cells::of(row);
        Ok(DeviceRow {
            id: cells.id(DeviceId::parse)?,
            user_agent: cells.text()?,
            address: cells.text()?,
            created_at: cells.integer()?,
            expires_at: cells.integer()?,
        })
    };
    rows.into_iter().map(device).collect()
}

pub(crate) fn delete_one(id: &DeviceId, account: &AccountId, op: &OperationId) -> Statement {
    let params = vec![text(id.as_str()), text(account.as_str()), text(op.as_str())];
    Statement::new(DELETE_ONE, params)
}

pub(crate) fn delete(account: &AccountId, op: &OperationId) -> Statement {
    Statement::new(DELETE, vec![text(account.as_str()), text(op.as_str())])
}

pub(crate) fn ring_keys(now: UnixMillis) -> Statement {
    Statement::new(RING_KEYS, vec![integer(now.as_millis())])
}

pub(crate) fn sweep(now: UnixMillis) -> Statement {
    Statement::new(SWEEP, vec![integer(now.as_millis())])
}
