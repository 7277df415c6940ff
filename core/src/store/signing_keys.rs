//! Table `signing_keys`: sealed keys; at most one active and one next.

use super::{Cells, integer, text};
use crate::effect::{Rows, Statement};
use crate::error::Error;
use crate::id::OperationId;
use crate::jwt::Algorithm;
use crate::rotation::{Key, State};
use crate::time::UnixMillis;

statements! {
    /// All keys, oldest first.
    ALL_KEYS = "SELECT id, algorithm, public_key, sealed, state, created_at, activated_at, \
        retired_at FROM signing_keys ORDER BY created_at, id";
    /// The first active key, if no other operation made one: a unique index stands behind it.
    CREATE_ACTIVE = "INSERT INTO signing_keys (id, algorithm, public_key, sealed, state, \
        created_at, activated_at, op) VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?5, ?6) \
        ON CONFLICT DO NOTHING";
    /// The next key, if this operation made or exchanged the active one (?7).
    CREATE_NEXT = "INSERT INTO signing_keys (id, algorithm, public_key, sealed, state, \
        created_at, op) SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), \
        CAST(?4 AS TEXT), 'next', CAST(?5 AS BIGINT), CAST(?6 AS TEXT) \
        WHERE EXISTS (SELECT 1 FROM signing_keys g WHERE g.id = ?7 AND g.op = ?6) \
        ON CONFLICT DO NOTHING";
    /// A key of another algorithm in the place of the next one, which has never signed: its id is
    /// the guard.
    REPLACE_NEXT = "UPDATE signing_keys SET id = ?1, algorithm = ?2, public_key = ?3, sealed = ?4, \
        created_at = ?5, op = ?6 WHERE id = ?7 AND state = 'next' RETURNING id";
    /// The guard of a rotation: the active key retires.
    RETIRE = "UPDATE signing_keys SET state = 'retired', retired_at = ?1, op = ?2 \
        WHERE id = ?3 AND state = 'active' RETURNING id";
    /// The next key becomes active, if this operation retired the active one (?4).
    ACTIVATE = "UPDATE signing_keys SET state = 'active', activated_at = ?1, op = ?2 \
        WHERE id = ?3 AND state = 'next' \
        AND EXISTS (SELECT 1 FROM signing_keys g WHERE g.id = ?4 AND g.op = ?2)";
    /// The keys of the ring that open those that sign or will sign; retired ones sign no more.
    RING_KEYS = concat!(
        "SELECT ", ring_key_of_sealed!("sealed"), ", count(*) FROM signing_keys \
        WHERE state <> 'retired' GROUP BY 1"
    );
    /// Keys that retired so long ago that nobody needs them.
    SWEEP = "DELETE FROM signing_keys WHERE state = 'retired' AND retired_at <= ?1";
}

/// A key as it is stored.
#[derive(Clone)]
pub(crate) struct KeyRow {
    /// `kid`: the RFC 7638 thumbprint.
    pub(crate) id: String,
    /// The public half, for whoever looks into the table: what is published comes from `sealed`,
    /// and the two must agree.
    pub(crate) public_key: String,
    pub(crate) sealed: String,
    pub(crate) key: Key,
}

pub(crate) fn all() -> Statement {
    Statement::new(ALL_KEYS, Vec::new())
}

pub(crate) fn read(rows: Rows) -> Result<Vec<KeyRow>, Error> {
    let key_row = |row| {
        let mut cells = Cells::of(row);
        let id = cells.text()?;
        let algorithm = Algorithm::named(&cells.text()?).ok_or_else(super::misshapen)?;
        let (public_key, sealed) = (cells.text()?, cells.text()?);
        let state = match cells.text()?.as_str() {
            "next" => State::Next,
            "active" => State::Active,
            "retired" => State::Retired,
            _ => return Err(super::misshapen()),
        };
        let created_at = UnixMillis::new(cells.integer()?);
        let activated_at = cells.maybe_integer()?.map(UnixMillis::new);
        let retired_at = cells.maybe_integer()?.map(UnixMillis::new);
        let key = Key { state, algorithm, created_at, activated_at, retired_at };
        Ok(KeyRow { id, public_key, sealed, key })
    };
    rows.into_iter().map(key_row).collect()
}

/// A new key, sealed.
pub(crate) struct NewKey {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) public_key: String,
    pub(crate) sealed: String,
}

fn created(new: &NewKey, now: UnixMillis, op: &OperationId) -> Vec<crate::effect::Value> {
    vec![
        text(new.id.as_str()),
        text(new.algorithm.as_str()),
        text(new.public_key.as_str()),
        text(new.sealed.as_str()),
        integer(now.as_millis()),
        text(op.as_str()),
    ]
}

pub(crate) fn create_active(new: &NewKey, now: UnixMillis, op: &OperationId) -> Statement {
    Statement::new(CREATE_ACTIVE, created(new, now, op))
}

/// `active` is the key whose creation or activation by this operation the next one depends on.
pub(crate) fn create_next(
    new: &NewKey,
    now: UnixMillis,
    op: &OperationId,
    active: &str,
) -> Statement {
    let mut params = created(new, now, op);
    params.push(text(active));
    Statement::new(CREATE_NEXT, params)
}

/// `replaced` is the next key in whose place the new one comes.
pub(crate) fn replace_next(
    new: &NewKey,
    now: UnixMillis,
    op: &OperationId,
    replaced: &str,
) -> Statement {
    let mut params = created(new, now, op);
    params.push(text(replaced));
    Statement::new(REPLACE_NEXT, params)
}

pub(crate) fn retire(now: UnixMillis, op: &OperationId, id: &str) -> Statement {
    Statement::new(RETIRE, vec![integer(now.as_millis()), text(op.as_str()), text(id)])
}

pub(crate) fn activate(now: UnixMillis, op: &OperationId, id: &str, retired: &str) -> Statement {
    let params = vec![integer(now.as_millis()), text(op.as_str()), text(id), text(retired)];
    Statement::new(ACTIVATE, params)
}

pub(crate) fn ring_keys() -> Statement {
    Statement::new(RING_KEYS, Vec::new())
}

pub(crate) fn sweep(cutoff: UnixMillis) -> Statement {
    Statement::new(SWEEP, vec![integer(cutoff.as_millis())])
}
