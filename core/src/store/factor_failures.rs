//! Columns `factor_failures` and `factor_until` of `accounts`: wrong codes, counted before each
//! code is looked at and forgotten after a right one (docs/DESIGN §5).

use super::{Step, integer, mark, only, text};
use crate::effect::{Rows, Statement, Value};
use crate::error::Error;
use crate::id::{AccountId, OperationId, SessionId};
use crate::lockout::{FactorFailures, Schedule};
use crate::store::throttles::Key;
use crate::time::UnixMillis;

/// Counts a code on the account, unless it is stopped (FACTOR_STOP) or has to wait; the waits
/// begin as in `Schedule::factor`. Parameters: ?1 mark, ?2 now, ?3 to ?7 the ends of the waits.
macro_rules! count {
    ($accounts:expr) => {
        concat!(
            "UPDATE accounts SET factor_failures = factor_failures + 1, op = ?1, factor_until = \
             CASE WHEN factor_failures + 1 < 5 THEN 0 \
             WHEN factor_failures + 1 = 5 THEN CAST(?3 AS BIGINT) \
             WHEN factor_failures + 1 = 6 THEN CAST(?4 AS BIGINT) \
             WHEN factor_failures + 1 = 7 THEN CAST(?5 AS BIGINT) \
             WHEN factor_failures + 1 = 8 THEN CAST(?6 AS BIGINT) \
             ELSE CAST(?7 AS BIGINT) END \
             WHERE factor_failures < 20 AND (factor_until <= ?2 OR factor_until > ?7) \
             AND id IN (",
            $accounts,
            ") RETURNING id"
        )
    };
}

statements! {
    /// Takes the row of a challenge's account before its failures and its challenges are looked
    /// at, as `accounts::LOCK` does.
    LOCK_OF_CHALLENGE = "UPDATE accounts SET op = ?9 WHERE id IN (SELECT c.account_id \
        FROM challenges c WHERE c.token_hash IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))";
    /// Counts a code that answers a challenge, if the request was counted on ?8 by this operation
    /// (?9) and the challenge is open and has room for one of ?10 tries.
    COUNT_OF_CHALLENGE = count!("SELECT c.account_id FROM challenges c \
        WHERE c.token_hash IN (?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) AND c.used_by IS NULL \
        AND c.expires_at > ?2 AND c.attempts < ?10 \
        AND EXISTS (SELECT 1 FROM throttles g WHERE g.key = ?8 AND g.op = ?9)");
    /// Counts a code of a session that lives.
    COUNT_OF_SESSION = count!("SELECT s.account_id FROM sessions s \
        WHERE s.id = ?8 AND s.revoked_at IS NULL AND s.idle_end > ?2");
    /// Counts a code beside a right password.
    COUNT_OF_ACCOUNT = count!("CAST(?8 AS TEXT)");
    /// What is counted so far.
    OF_ACCOUNT = "SELECT factor_failures, factor_until FROM accounts WHERE id = ?1";
    /// The factor was shown: nothing is held against the account any more, and what depends on it
    /// may be written. Depends on the claim, and on a code taken by this operation.
    SHOWN = "UPDATE accounts SET op = ?1, factor_failures = 0, factor_until = 0 \
        WHERE id = ?2 AND op = ?3 AND (EXISTS (SELECT 1 FROM authenticators au \
        WHERE au.account_id = accounts.id AND au.op = ?1) OR EXISTS (SELECT 1 \
        FROM backup_codes b WHERE b.account_id = accounts.id AND b.used_by = ?1)) RETURNING id";
}

fn counted(op: &OperationId, now: UnixMillis) -> Vec<Value> {
    let mut params = vec![mark(op, Step::Count), integer(now.as_millis())];
    params.extend(Schedule::factor().waits.map(|wait| integer(now.after(wait).as_millis())));
    params
}

pub(crate) fn lock_of_challenge(hashes: &[String], op: &OperationId) -> Statement {
    let mut params = super::per_ring_key(hashes);
    params.push(mark(op, Step::Lock));
    Statement::new(LOCK_OF_CHALLENGE, params)
}

/// Counts a code, if the request was counted on `guard` and the challenge had fewer than `tries`.
pub(crate) fn count_of_challenge(
    hashes: &[String],
    tries: u32,
    guard: &Key,
    op: &OperationId,
    now: UnixMillis,
) -> Statement {
    let mut params = counted(op, now);
    params.extend([text(guard.as_str()), text(op.as_str()), integer(i64::from(tries))]);
    params.extend(super::per_ring_key(hashes));
    Statement::new(COUNT_OF_CHALLENGE, params)
}

pub(crate) fn count_of_session(id: &SessionId, op: &OperationId, now: UnixMillis) -> Statement {
    let mut params = counted(op, now);
    params.push(text(id.as_str()));
    Statement::new(COUNT_OF_SESSION, params)
}

pub(crate) fn count_of_account(id: &AccountId, op: &OperationId, now: UnixMillis) -> Statement {
    let mut params = counted(op, now);
    params.push(text(id.as_str()));
    Statement::new(COUNT_OF_ACCOUNT, params)
}

pub(crate) fn of_account(id: &AccountId) -> Statement {
    Statement::new(OF_ACCOUNT, vec![text(id.as_str())])
}

pub(crate) fn read(rows: Rows) -> Result<FactorFailures, Error> {
    let mut cells = only(rows).ok_or_else(super::misshapen)?;
    Ok(FactorFailures { failures: cells.integer()?, until: UnixMillis::new(cells.integer()?) })
}

pub(crate) fn shown(account: &AccountId, op: &OperationId) -> Statement {
    let params = vec![text(op.as_str()), text(account.as_str()), mark(op, Step::Claim)];
    Statement::new(SHOWN, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockout::FACTOR_STOP;

    #[test]
    fn the_statement_waits_and_stops_as_the_schedule_does() {
        let tries = Schedule::factor().tries;
        for (_, sql) in ALL.iter().filter(|(name, _)| name.starts_with("COUNT_")) {
            assert!(sql.contains(&format!("factor_failures < {FACTOR_STOP} AND")));
            assert!(sql.contains(&format!("factor_failures + 1 < {tries} THEN 0")));
            for step in 0..4 {
                let wait = format!("= {} THEN CAST(?{} AS BIGINT)", tries + step, 3 + step);
                assert!(sql.contains(&wait), "{wait}");
            }
        }
    }
}
