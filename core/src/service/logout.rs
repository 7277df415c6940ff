//! POST /logout: a session ends, by its access token or its refresh token.

use super::authenticate::{self, Presented, authenticate};
use super::database::{self, Written};
use super::refresh_token::RefreshToken;
use super::{Caller, Service};
use crate::effect::Effects;
use crate::error::{Code, Error};
use crate::id::SessionId;
use crate::store::sessions::{self, RevokedFor};

/// Ends a session. A refresh token is enough, so that an expired access token keeps nobody in; an
/// access token beside it must not be good for another session (SECURITY 95).
pub(crate) async fn logout(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
    refresh_token: Option<String>,
) -> Result<(), Error> {
    let session = match (refresh_token, presented) {
        (None, presented) => authenticate(service, fx, presented, caller.now).await?.session_id,
        (Some(text), Presented::Nothing) => by_refresh_token(service, fx, &text).await?,
        (Some(text), Presented::AccessToken(token)) => {
            by_both(service, fx, caller, &text, token).await?
        }
    };
    end(fx, caller, &session, RevokedFor::Logout).await
}

fn unknown() -> Error {
    Error::new(Code::TokenInvalid, "not a refresh token of this service")
}

/// The session of a refresh token: any of its family proves that its holder was signed in, and
/// one that has ended already ends again.
async fn by_refresh_token(
    service: &Service,
    fx: &mut Effects,
    text: &str,
) -> Result<SessionId, Error> {
    let token = RefreshToken::parse(text).ok_or_else(unknown)?;
    let family = sessions::by_family(&token.family_hashes(&service.settings.ring));
    let [rows] = database::read(fx, [family]).await?;
    Ok(sessions::read(rows)?.ok_or_else(unknown)?.id)
}

/// The session of a refresh token, of which the access token beside it may be, too. One that is
/// good for nothing, expired or of a session that has ended, says nothing: clients send it along.
async fn by_both(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    text: &str,
    access_token: &str,
) -> Result<SessionId, Error> {
    let Ok(claimed) = authenticate::claimed(access_token) else {
        return by_refresh_token(service, fx, text).await;
    };
    let token = RefreshToken::parse(text).ok_or_else(unknown)?;
    let family = sessions::by_family(&token.family_hashes(&service.settings.ring));
    let [keys, session, account, roles] = authenticate::statements(claimed.session_id());
    let [family, rows @ ..] = database::read(fx, [family, keys, session, account, roles]).await?;
    let session = sessions::read(family)?.ok_or_else(unknown)?.id;
    match authenticate::judge(service, claimed, rows, caller.now) {
        Ok(signed_in) if signed_in.session_id != session => Err(Error::new(
            Code::ConflictingCredentials,
            "the access token and the refresh token are of two sessions",
        )),
        _ => Ok(session),
    }
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
