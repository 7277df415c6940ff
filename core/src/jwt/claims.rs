//! The claims of an access token, written and read with exact types (RFC 9068 §2.2, RFC 7519 §4.1).

use serde::Serialize;

use crate::error::{Code, Error};
use crate::json::{Object, Value};
use crate::time::{MAX_EXACT, UnixMillis};

/// The largest NumericDate: its milliseconds are still exact on every host.
const MAX_NUMERIC_DATE: i64 = MAX_EXACT / 1000;

/// The claims of an access token, serialised in this order: those that RFC 9068 §2.2 requires, and
/// `sid` (the session), `nbf`, `auth_time`, `amr`, `roles`. Moments are NumericDates: whole Unix
/// seconds (RFC 7519 §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessClaims {
    /// Who issued the token (RFC 7519 §4.1.1).
    pub iss: String,
    /// For whom it is (RFC 7519 §4.1.3).
    pub aud: String,
    /// The account's id (RFC 7519 §4.1.2).
    pub sub: String,
    /// The session's id.
    pub sid: String,
    /// The client that asked for the token (RFC 8693 §4.3).
    pub client_id: String,
    /// When it was issued (RFC 7519 §4.1.6).
    pub iat: i64,
    /// Before this moment it is refused (RFC 7519 §4.1.5).
    pub nbf: i64,
    /// From this moment on it is refused (RFC 7519 §4.1.4).
    pub exp: i64,
    /// The token's own id (RFC 7519 §4.1.7).
    pub jti: String,
    /// When the owner last signed in; a refresh does not move it (OpenID Connect Core §2).
    pub auth_time: i64,
    /// How the owner signed in (RFC 8176 §2), e.g. `pwd`, `otp`.
    pub amr: Vec<String>,
    /// Names of the account's roles (RFC 9068 §2.2.3.1).
    pub roles: Vec<String>,
}

fn wrong(detail: &'static str) -> Error {
    Error::new(Code::TokenInvalid, detail)
}

/// Claims of a payload whose signature holds. A claim of the wrong type is refused, never taken for
/// an absent one, also where it may be absent (CVE-2026-25537).
pub(super) struct Payload<'a>(pub(super) &'a Object);

impl<'a> Payload<'a> {
    /// A string that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, Error> {
        match self.0.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            _ => Err(wrong("a claim that must be a string is missing or something else")),
        }
    }

    /// A list of strings that is there.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Error> {
        let refused =
            || wrong("a claim that must be a list of strings is missing or something else");
        let Some(Value::Array(items)) = self.0.get(name) else { return Err(refused()) };
        let text = |item: &Value| match item {
            Value::String(text) => Ok(text.clone()),
            _ => Err(refused()),
        };
        items.iter().map(text).collect()
    }

    /// A NumericDate that is there: an integer from 0 to what milliseconds bear.
    pub(super) fn moment(&self, name: &str) -> Result<UnixMillis, Error> {
        let refused = || wrong("a claim that must be a NumericDate is missing or something else");
        self.moment_if_there(name)?.ok_or_else(refused)
    }

    /// A NumericDate that may be absent, and is nothing else if it is there.
    pub(super) fn moment_if_there(&self, name: &str) -> Result<Option<UnixMillis>, Error> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Integer(seconds)) if (0..=MAX_NUMERIC_DATE).contains(seconds) => {
                Ok(Some(UnixMillis::new(seconds.saturating_mul(1000))))
            }
            Some(_) => {
                Err(wrong("a claim that must be a NumericDate is missing or something else"))
            }
        }
    }

    /// Whether `aud` is this audience, or a list of strings with it in it; compared whole and
    /// exactly (RFC 7519 §4.1.3).
    pub(super) fn is_for(&self, audience: &str) -> Result<(), Error> {
        let found = match self.0.get("aud") {
            Some(Value::String(aud)) => aud == audience,
            _ => self.texts("aud")?.iter().any(|aud| aud == audience),
        };
        if found { Ok(()) } else { Err(wrong("the token is for another audience")) }
    }
}
