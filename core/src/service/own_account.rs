//! What owners do with their account: change the password, delete it.

use super::authenticate::{Presented, authenticate_counted, lost};
use super::database::{self, Statements, Written};
use super::hashing;
use super::notice::{self, Notice};
use super::password_rule;
use super::reauthenticate::{Verified, verify_password};
use super::throttling::release_session;
use super::{Caller, Service};
use crate::effect::Effects;
use crate::error::Error;
use crate::password::Password;
use crate::store::sessions::RevokedFor;
use crate::store::{accounts, challenges, credentials, remembered_devices, sessions};

/// What PUT /me/password takes.
pub(crate) struct PasswordChange {
    pub(crate) current: Password,
    pub(crate) new: Password,
}

/// Changes the password: whoever asks is freshly signed in and knows the old one. Other sessions,
/// remembered devices and open challenges end, and so does the grace of this session's last refresh
/// token but one (SECURITY 22, 25, 28). One batch more than other requests: the try is counted once
/// it is known whose it is (docs/decisions/0021).
pub(crate) async fn change_password(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
    change: PasswordChange,
) -> Result<(), Error> {
    hashing::admit(service, fx, caller).await?;
    let beside = |id: &_| [credentials::of_session(id)];
    let (signed_in, [credential]) =
        authenticate_counted(service, fx, caller, presented, beside).await?;
    let fresh = signed_in.fresh(caller.now)?;
    let PasswordChange { current, new } = change;
    password_rule::require_strong(service, fx, caller, &new, &fresh.account.names()).await?;
    let Verified { version, .. } =
        verify_password(service, fx, caller, &fresh, current, credential).await?;
    let hash = hashing::create(service, fx, caller, new).await?;
    let (account, session) = (&fresh.account_id, &fresh.session_id);
    let mut statements = Statements::default();
    statements.extend([
        accounts::lock(account, &caller.op),
        accounts::act_fresh_by_password(account, session, version, caller.now, &caller.op),
    ]);
    statements.extend(release_session(service, caller, &fresh));
    let changed =
        statements.add(credentials::change(hash.as_str(), caller.now, account, &caller.op));
    let why = RevokedFor::Password;
    statements.extend([
        sessions::revoke_others(caller.now, why, &caller.op, session, account),
        sessions::end_grace(session, &caller.op),
        remembered_devices::delete(account, &caller.op),
        challenges::delete(account, &caller.op),
        notice::tell(service, caller, account, Notice::PasswordChanged)?,
    ]);
    match statements.write(fx).await? {
        // The session ended, or another request changed the password or the factor first.
        Written::Done(answers) if answers.is_empty(changed) => {
            Err(lost(fx, session, caller.now).await?)
        }
        Written::Done(_) => Ok(()),
        Written::Unknown => {
            let [rows] = database::read(fx, [credentials::of_session(session)]).await?;
            let stored = credentials::read(rows)?;
            let committed = stored.is_some_and(|(phc, _)| phc == hash.as_str());
            committed.then_some(()).ok_or_else(database::unavailable)
        }
    }
}

/// DELETE /me: the owner leaves. The names stay reserved; all sessions end.
pub(crate) async fn delete_account(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<(), Error> {
    let (signed_in, []) = authenticate_counted(service, fx, caller, presented, |_| []).await?;
    let fresh = signed_in.fresh(caller.now)?;
    let (account, session, op) = (&fresh.account_id, &fresh.session_id, &caller.op);
    let why = RevokedFor::Deletion;
    let mut statements = Statements::default();
    statements.extend([
        accounts::lock(account, op),
        accounts::act_fresh(account, session, caller.now, op),
    ]);
    let deleted = statements.add(accounts::delete(caller.now, account, op));
    statements.extend([
        sessions::revoke_others(caller.now, why, op, session, account),
        sessions::revoke_one(caller.now, why, op, session, account),
        remembered_devices::delete(account, op),
        challenges::delete(account, op),
    ]);
    match statements.write(fx).await? {
        Written::Done(answers) if answers.is_empty(deleted) => {
            Err(lost(fx, session, caller.now).await?)
        }
        Written::Done(_) => Ok(()),
        Written::Unknown => {
            let [rows] = database::read(fx, [accounts::by_id(account)]).await?;
            let row = accounts::read_account(rows)?;
            let gone = row.is_some_and(|row| row.status == accounts::Status::Deleted);
            gone.then_some(()).ok_or_else(database::unavailable)
        }
    }
}
