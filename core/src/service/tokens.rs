//! What a sign-in hands out: access token, refresh token, and the account as its owner sees it.

use serde::Serialize;

use super::keys::OpenedKey;
use super::refresh_token::RefreshToken;
use super::{Caller, Service};
use crate::error::Error;
use crate::id::{AccountId, Id, SessionId};
use crate::json::CanonicalJson;
use crate::jwt::{AccessClaims, issue_access};
use crate::session::Lifetime;
use crate::store::accounts::AccountRow;
use crate::store::authenticators::Kind;
use crate::time::UnixMillis;

/// The answer to a sign-in or a refresh (docs/DESIGN §6; RFC 6749 §5.1).
#[derive(Serialize)]
pub(crate) struct Tokens {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    refresh_token: String,
    /// Seconds.
    refresh_expires_in: i64,
    session_id: SessionId,
    /// To be presented at the next login from this device, in place of a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device_token: Option<String>,
    /// Shown this once, with the code that confirmed an enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) backup_codes: Option<Vec<String>>,
}

/// What tokens are issued for.
pub(super) struct Subject<'a> {
    pub(super) account: AccountId,
    pub(super) session: SessionId,
    pub(super) auth_time: UnixMillis,
    /// Authentication methods, separated by spaces (RFC 8176).
    pub(super) amr: &'a str,
    pub(super) roles: Vec<String>,
    pub(super) lifetime: Lifetime,
}

/// A fresh access token for a session that goes on.
#[derive(Serialize)]
pub(crate) struct AccessToken {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    session_id: SessionId,
}

/// Issues an access token (RFC 9068 §2.2).
pub(super) fn issue_access_token(
    service: &Service,
    caller: &Caller,
    key: &OpenedKey,
    subject: Subject<'_>,
) -> Result<AccessToken, Error> {
    let settings = &service.settings;
    // No token outlives its session: an end that is no revocation stands in no list.
    let expires = caller.now.after(settings.access_ttl).min(subject.lifetime.idle_end);
    let issued_at = caller.now.as_seconds();
    let claims = AccessClaims {
        iss: settings.issuer.clone(),
        aud: settings.audience.clone(),
        sub: subject.account.as_str().to_owned(),
        sid: subject.session.as_str().to_owned(),
        client_id: settings.client_id.clone(),
        iat: issued_at,
        nbf: issued_at,
        exp: expires.as_seconds(),
        jti: Id::v7(caller.now, caller.streams.bytes("access_token.id")).as_str().to_owned(),
        auth_time: subject.auth_time.as_seconds(),
        amr: subject.amr.split(' ').map(str::to_owned).collect(),
        roles: subject.roles,
    };
    Ok(AccessToken {
        access_token: issue_access(key.of_tokens(), &claims)?,
        token_type: "Bearer",
        expires_in: claims.exp.saturating_sub(issued_at),
        session_id: subject.session,
    })
}

/// Issues an access token and puts the refresh token beside it.
pub(super) fn issue(
    service: &Service,
    caller: &Caller,
    key: &OpenedKey,
    subject: Subject<'_>,
    refresh_token: &RefreshToken,
) -> Result<Tokens, Error> {
    let refresh_expires_in = subject.lifetime.idle_end.since(caller.now).as_seconds();
    let AccessToken { access_token, token_type, expires_in, session_id } =
        issue_access_token(service, caller, key, subject)?;
    Ok(Tokens {
        access_token,
        token_type,
        expires_in,
        refresh_token: refresh_token.expose().to_owned(),
        refresh_expires_in,
        session_id,
        device_token: None,
        backup_codes: None,
    })
}

/// An account as its owner sees it (docs/DESIGN §6).
#[derive(Serialize)]
pub(crate) struct Account {
    id: AccountId,
    email: Option<String>,
    username: Option<String>,
    full_name: Option<String>,
    status: &'static str,
    email_verified: bool,
    second_factor: Option<&'static str>,
    roles: Vec<String>,
    properties: CanonicalJson,
    created_at: i64,
    last_login_at: Option<i64>,
}

impl Account {
    /// What a password must not be made of.
    pub(super) fn names(&self) -> [&str; 3] {
        [&self.email, &self.username, &self.full_name]
            .map(|name| name.as_deref().unwrap_or_default())
    }

    /// Room for its JSON: an ordinary account's, and what its owner made of it.
    pub(crate) fn room(&self) -> usize {
        const ORDINARY: usize = 512;
        ORDINARY.saturating_add(self.properties.as_str().len())
    }

    pub(super) fn of(row: AccountRow, roles: Vec<String>) -> Self {
        Self {
            id: row.id,
            email: row.email,
            username: row.username,
            full_name: row.full_name,
            status: row.status.as_str(),
            email_verified: row.email_verified_at.is_some(),
            second_factor: row.second_factor.map(Kind::as_str),
            roles,
            properties: CanonicalJson::from_stored(row.properties),
            created_at: row.created_at,
            last_login_at: row.last_login_at,
        }
    }
}
