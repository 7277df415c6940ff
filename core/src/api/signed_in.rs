//! The routes of who is signed in. Each use case takes what the request presented and gives
//! nothing away before it has proved it; those of [`fresh`] ask for a fresh sign-in too.

use super::routes::{ForFresh, ForSignedIn};
use super::{Input, accept, bodies, respond};
use crate::effect::{Effects, Response};
use crate::error::Error;
use crate::id::{DeviceId, SessionId};
use crate::service::{
    Caller, Ending, EndingSessions, Service, authenticate, change_password, confirm,
    delete_account, disable_mfa, end_devices, end_sessions, enrol, list_devices, list_sessions,
    mfa_state, reauthenticate, renew_backup_codes, show_totp,
};

/// Answers a route of `Access::SignedIn`.
pub(super) async fn answer(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    handler: ForSignedIn,
    input: &Input<'_>,
) -> Result<Response, Error> {
    let Input { head, id, body } = *input;
    let presented = head.presented()?;
    match handler {
        ForSignedIn::Me => {
            let signed_in = authenticate(service, fx, presented, caller.now).await?;
            respond::account(&signed_in.account)
        }
        ForSignedIn::Reauthenticate => {
            let proving = bodies::proving(head, body)?;
            let token = reauthenticate(service, fx, caller, presented, proving).await?;
            respond::json(200, &token)
        }
        ForSignedIn::Sessions => {
            respond::json(200, &list_sessions(service, fx, caller, presented).await?)
        }
        ForSignedIn::EndOtherSessions => {
            bodies::nothing(head, body)?;
            let others = EndingSessions::Others;
            end_sessions(service, fx, caller, presented, others).await?;
            Ok(respond::no_content())
        }
        ForSignedIn::EndSession => {
            bodies::nothing(head, body)?;
            let one = SessionId::parse(id).map(EndingSessions::One);
            let ending = one.unwrap_or(EndingSessions::None);
            end_sessions(service, fx, caller, presented, ending).await?;
            Ok(respond::no_content())
        }
        ForSignedIn::Mfa => respond::json(200, &mfa_state(service, fx, caller, presented).await?),
        ForSignedIn::ConfirmTotp => {
            let code = bodies::confirmation(head, body)?;
            let backup_codes = confirm(service, fx, caller, presented, code).await?;
            respond::json(200, &respond::BackupCodes { backup_codes })
        }
        ForSignedIn::Devices => {
            respond::json(200, &list_devices(service, fx, caller, presented).await?)
        }
        ForSignedIn::EndDevices => {
            bodies::nothing(head, body)?;
            end_devices(service, fx, caller, presented, Ending::All).await?;
            Ok(respond::no_content())
        }
        ForSignedIn::EndDevice => {
            bodies::nothing(head, body)?;
            let ending = DeviceId::parse(id).map_or(Ending::None, Ending::One);
            end_devices(service, fx, caller, presented, ending).await?;
            Ok(respond::no_content())
        }
    }
}

/// Answers a route of `Access::Fresh`.
pub(super) async fn fresh(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    handler: ForFresh,
    input: &Input<'_>,
) -> Result<Response, Error> {
    let Input { head, body, .. } = *input;
    let presented = head.presented()?;
    let shown = accept::preferred(head.accept.as_deref());
    if handler != ForFresh::ChangePassword {
        bodies::nothing(head, body)?;
    }
    match handler {
        ForFresh::DeleteAccount => {
            delete_account(service, fx, caller, presented).await?;
            Ok(respond::no_content())
        }
        ForFresh::ChangePassword => {
            let change = bodies::password_change(head, body)?;
            change_password(service, fx, caller, presented, change).await?;
            Ok(respond::no_content())
        }
        ForFresh::DisableMfa => {
            disable_mfa(service, fx, caller, presented).await?;
            Ok(respond::no_content())
        }
        ForFresh::EnrolTotp => {
            respond::enrolment(&enrol(service, fx, caller, presented).await?, shown)
        }
        ForFresh::ShowTotp => {
            respond::enrolment(&show_totp(service, fx, caller, presented).await?, shown)
        }
        ForFresh::RenewBackupCodes => {
            let backup_codes = renew_backup_codes(service, fx, caller, presented).await?;
            respond::json(200, &respond::BackupCodes { backup_codes })
        }
    }
}
