//! The second factor of who is signed in: its state, its backup codes, its end.

use serde::Serialize;

use super::authenticate::{Presented, authenticate_counted, authenticate_reading, lost};
use super::database::{self, Statements, Written};
use super::factor;
use super::notice::{self, Notice};
use super::{Caller, Service};
use crate::effect::Effects;
use crate::error::{Code, Error};
use crate::store::{accounts, authenticators, backup_codes, challenges, remembered_devices};

/// What GET /mfa answers.
#[derive(Serialize)]
pub(crate) struct MfaState {
    second_factor: Option<&'static str>,
    /// Unix milliseconds.
    confirmed_at: Option<i64>,
    backup_codes_left: i64,
    /// An enrolment that waits for its first code.
    enrolment: Option<WaitingEnrolment>,
}

#[derive(Serialize)]
struct WaitingEnrolment {
    /// Seconds.
    expires_in: i64,
}

/// The state of the second factor.
pub(crate) async fn state(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<MfaState, Error> {
    let beside = |id: &_| [authenticators::of_session(id), backup_codes::left_of_session(id)];
    let (_, [rows, left]) =
        authenticate_reading(service, fx, presented, caller.now, beside).await?;
    let rows = authenticators::read(rows)?;
    let confirmed = rows.iter().find_map(|row| row.standing.confirmed_at.map(|at| (row, at)));
    let waiting = rows.iter().find(|row| row.standing.waits(caller.now));
    Ok(MfaState {
        second_factor: confirmed.map(|(row, _)| row.kind.as_str()),
        confirmed_at: confirmed.map(|(_, at)| at.as_millis()),
        backup_codes_left: backup_codes::read_left(left)?,
        enrolment: waiting.map(|row| WaitingEnrolment {
            expires_in: row.standing.confirm_by.since(caller.now).as_seconds(),
        }),
    })
}

/// DELETE /mfa: the account has one factor from now on. Whoever asks has just shown the factor
/// itself (SECURITY 21). With it go the backup codes, the remembered devices, the open challenges.
pub(crate) async fn disable(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<(), Error> {
    let beside = |id: &_| [authenticators::of_session(id)];
    let (signed_in, [rows]) = authenticate_counted(service, fx, caller, presented, beside).await?;
    let fresh = signed_in.fresh(caller.now)?;
    let account = &fresh.account_id;
    let confirmed = |row: &authenticators::AuthenticatorRow| row.standing.confirmed_at.is_some();
    let had_one = authenticators::read(rows)?.iter().any(confirmed);
    let mut statements = Statements::default();
    statements.extend([accounts::lock(account, &caller.op)]);
    let acted =
        statements.add(accounts::act_fresh(account, &fresh.session_id, caller.now, &caller.op));
    statements.extend([
        authenticators::delete(account, &caller.op),
        backup_codes::delete(account, &caller.op),
        remembered_devices::delete(account, &caller.op),
        challenges::delete(account, &caller.op),
    ]);
    if had_one {
        statements.extend([notice::tell(service, caller, account, Notice::FactorRemoved)?]);
    }
    match statements.write(fx).await? {
        Written::Done(answers) if answers.is_empty(acted) => {
            Err(lost(fx, &fresh.session_id, caller.now).await?)
        }
        Written::Done(_) => Ok(()),
        // Asking again does no harm.
        Written::Unknown => Err(database::unavailable()),
    }
}

/// POST /mfa/backup-codes: a new set; the old one dies.
pub(crate) async fn renew_backup_codes(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<Vec<String>, Error> {
    let beside = |id: &_| [authenticators::of_session(id)];
    let (signed_in, [rows]) = authenticate_counted(service, fx, caller, presented, beside).await?;
    let fresh = signed_in.fresh(caller.now)?;
    let account = &fresh.account_id;
    if !authenticators::read(rows)?.iter().any(|row| row.standing.confirmed_at.is_some()) {
        return Err(Error::new(Code::NoSecondFactor, "the account has no second factor"));
    }
    let codes = factor::new_codes(service, caller);
    let mut statements = Statements::default();
    statements.extend([accounts::lock(account, &caller.op)]);
    let acted =
        statements.add(accounts::act_fresh(account, &fresh.session_id, caller.now, &caller.op));
    statements.extend(factor::renew(service, caller, account, &codes));
    statements.extend([notice::tell(service, caller, account, Notice::BackupCodesRenewed)?]);
    match statements.write(fx).await? {
        Written::Done(answers) if answers.is_empty(acted) => {
            Err(lost(fx, &fresh.session_id, caller.now).await?)
        }
        Written::Done(_) => Ok(factor::shown(&codes)),
        // Asking again draws another set, and this one dies.
        Written::Unknown => Err(database::unavailable()),
    }
}
