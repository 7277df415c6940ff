//! Claims, read with exact types (RFC 7519 §4.1).

use crate::error::{Code, Error};
use crate::json::{Object, Value};
use crate::time::{MAX_EXACT, UnixMillis};

/// The largest NumericDate: its milliseconds are still exact on every host.
const MAX_NUMERIC_DATE: i64 = MAX_EXACT / 1000;

/// The claims that RFC 7519 §4.1 registers, as far as they are there. One of the wrong type is
/// refused, never taken for an absent one (CVE-2026-25537).
pub(super) struct Registered<'a> {
    pub(super) iss: Option<&'a str>,
    pub(super) aud: Option<Audience<'a>>,
    pub(super) exp: Option<UnixMillis>,
    pub(super) nbf: Option<UnixMillis>,
    pub(super) iat: Option<UnixMillis>,
}

impl<'a> Registered<'a> {
    /// Reads all seven; the error is the name of the first that is wrong.
    pub(super) fn read(claims: &'a Object) -> Result<Self, &'static str> {
        for name in ["sub", "jti"] {
            text(claims, name)?;
        }
        let aud = match claims.get("aud") {
            None => None,
            Some(Value::String(aud)) if !aud.is_empty() => Some(Audience::One(aud)),
            Some(Value::Array(items)) if items.iter().all(|item| item.as_str().is_some()) => {
                Some(Audience::List(items))
            }
            Some(_) => return Err("aud"),
        };
        Ok(Self {
            iss: text(claims, "iss")?,
            aud,
            exp: moment(claims, "exp")?,
            nbf: moment(claims, "nbf")?,
            iat: moment(claims, "iat")?,
        })
    }
}

/// For whom a token is: a string, or a list of strings (RFC 7519 §4.1.3).
pub(super) enum Audience<'a> {
    One(&'a str),
    List(&'a [Value]),
}

impl Audience<'_> {
    /// Whether it is this one, or one of these; compared whole.
    pub(super) fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(aud) => *aud == audience,
            Self::List(items) => items.iter().any(|item| item.as_str() == Some(audience)),
        }
    }
}

/// A string that is not empty, if the claim is there.
fn text<'a>(claims: &'a Object, name: &'static str) -> Result<Option<&'a str>, &'static str> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(name),
    }
}

/// A NumericDate, if the claim is there: an integer from 0 to what milliseconds bear.
fn moment(claims: &Object, name: &'static str) -> Result<Option<UnixMillis>, &'static str> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Integer(seconds)) if (0..=MAX_NUMERIC_DATE).contains(seconds) => {
            Ok(Some(UnixMillis::new(seconds.saturating_mul(1000))))
        }
        Some(_) => Err(name),
    }
}

/// Claims of a payload whose signature holds, as a type of token requires them.
pub(super) struct Payload<'a>(pub(super) &'a Object);

impl<'a> Payload<'a> {
    /// A string that is there and not empty.
    pub(super) fn text(&self, name: &'static str) -> Result<&'a str, Error> {
        let found = text(self.0, name).ok().flatten();
        found.ok_or_else(|| wrong("a claim that must be a string is missing or something else"))
    }

    /// A list of strings that is there.
    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<String>, Error> {
        let texts = |items: &Vec<Value>| items.iter().map(owned).collect::<Option<_>>();
        let owned = match self.0.get(name) {
            Some(Value::Array(items)) => texts(items),
            _ => None,
        };
        let detail = "a claim that must be a list of strings is missing or something else";
        owned.ok_or_else(|| wrong(detail))
    }

    /// A NumericDate that is there.
    pub(super) fn moment(&self, name: &'static str) -> Result<UnixMillis, Error> {
        self.moment_if_there(name)?.ok_or_else(|| wrong(NO_DATE))
    }

    /// A NumericDate that may be absent, and is nothing else if it is there.
    pub(super) fn moment_if_there(&self, name: &'static str) -> Result<Option<UnixMillis>, Error> {
        moment(self.0, name).map_err(|_| wrong(NO_DATE))
    }
}

const NO_DATE: &str = "a claim that must be a NumericDate is missing or something else";

fn owned(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn wrong(detail: &'static str) -> Error {
    Error::new(Code::TokenInvalid, detail)
}
