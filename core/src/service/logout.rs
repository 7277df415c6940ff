//! POST /logout: a session ends, by its access token or its refresh token.

use super::authenticate::{Presented, authenticate};
use super::database::{self, Written};
use super::refresh_token::RefreshToken;
use super::{Caller, Service};
use crate::effect::Effects;
use crate::error::{Code, Error};
use crate::id::SessionId;
use crate::store::sessions::{self, RevokedFor};

/// Ends a session. A refresh token is enough, so that an expired access token keeps nobody in.
pub(crate) async fn logout(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented,
    refresh_token: Option<String>,
) -> Result<(), Error> {
    let session = match refresh_token {
        Some(text) => by_refresh_token(service, fx, &text).await?,
        None => authenticate(service, fx, &presented, caller.now).await?.session_id,
    };
    end(fx, caller, &session, RevokedFor::Logout).await
}

/// The session of a refresh token: any of its family proves that its holder was signed in, and
/// one that has ended already ends again.
async fn by_refresh_token(
    service: &Service,
    fx: &mut Effects,
    text: &str,
) -> Result<SessionId, Error> {
    let unknown = || Error::new(Code::TokenInvalid, "not a refresh token of this service");
    let token = RefreshToken::parse(text).ok_or_else(unknown)?;
    let [rows] =
        database::read(fx, [sessions::by_family(&token.family_hashes(&service.settings.ring))])
            .await?;
    let session = sessions::read(rows)?.ok_or_else(unknown)?;
    Ok(session.id)
}

/// Ends a session that may have ended already.
pub(super) async fn end(
    fx: &mut Effects,
    caller: &Caller,
    session: &SessionId,
    why: RevokedFor,
) -> Result<(), Error> {
    let revoke = [sessions::revoke(caller.now, why, &caller.op, session)];
    match database::write(fx, revoke).await? {
        Written::Done(_) => Ok(()),
        Written::Unknown => {
            let [rows] = database::read(fx, [sessions::by_id(session)]).await?;
            let ended = sessions::read(rows)?.is_none_or(|row| row.lifetime.revoked_at.is_some());
            ended.then_some(()).ok_or_else(database::unavailable)
        }
    }
}
