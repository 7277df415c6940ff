//! Extraction: headers from an allow-list, bodies by media type, fields into parsed types.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::json::{self, Fields};
use crate::password::Password;
use crate::service::Presented;
use crate::text::user_agent;

/// The headers that core reads, in lower case; the configured token header comes on top.
pub(super) const READ: &[&str] = &[
    "accept",
    "authorization",
    "content-encoding",
    "content-type",
    "idempotency-key",
    "origin",
    "sec-fetch-site",
    "user-agent",
    "x-forwarded-for",
];

/// The headers of a request, read where they stand.
pub(super) struct Head<'a> {
    token: Option<&'a str>,
    token_is_bearer: bool,
    /// The `Authorization` header, whatever header holds the access token.
    pub(super) authorization: Option<&'a str>,
    pub(super) accept: Option<Cow<'a, str>>,
    content_type: Option<&'a str>,
    content_encoding: Option<&'a str>,
    pub(super) idempotency_key: Option<&'a str>,
    pub(super) origin: Option<&'a str>,
    pub(super) sec_fetch_site: Option<&'a str>,
    pub(super) forwarded_for: Vec<Cow<'a, str>>,
    /// One line, at most 256 characters.
    pub(super) user_agent: String,
}

impl<'a> Head<'a> {
    /// Reads the headers.
    pub(super) fn of(headers: &'a [(String, Vec<u8>)], token_header: &str) -> Result<Self, Error> {
        let all = |name: &str| values(headers, token_header, name);
        let one = |name: &str| match all(name).as_slice() {
            [] => Ok(None),
            [value] => visible(name, value).map(Some),
            _ => Err(Error::new(Code::MalformedRequest, format!("more than one `{name}`"))),
        };
        let credential = |name: &str| match all(name).as_slice() {
            [] => Ok(None),
            // `fetch` joins doubled headers with a comma: no credential holds one (SECURITY 95).
            [value] if value.contains(&b',') => Err(conflicting()),
            [value] => visible(name, value).map(Some),
            _ => Err(conflicting()),
        };
        let forwarded = all("x-forwarded-for").into_iter();
        Ok(Self {
            token: credential(token_header)?,
            authorization: credential("authorization")?,
            accept: joined(&all("accept")),
            token_is_bearer: token_header == "authorization",
            content_type: one("content-type")?,
            content_encoding: one("content-encoding")?,
            idempotency_key: one("idempotency-key")?,
            origin: one("origin")?,
            sec_fetch_site: one("sec-fetch-site")?,
            forwarded_for: forwarded.map(String::from_utf8_lossy).collect(),
            user_agent: user_agent(all("user-agent").first().copied().unwrap_or_default()),
        })
    }

    /// The access token that the request presents.
    pub(super) fn presented(&self) -> Result<Presented<'a>, Error> {
        let Some(value) = self.token else { return Ok(Presented::Nothing) };
        let bearer = || match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
            _ => None,
        };
        match (self.token_is_bearer, bearer()) {
            (_, Some(token)) => Ok(Presented::AccessToken(token)),
            (false, None) => Ok(Presented::AccessToken(value)),
            (true, None) => Err(Error::new(Code::TokenInvalid, "a Bearer token is needed")),
        }
    }

    /// The access token that the request presents beside a credential in its body: nothing but
    /// a Bearer token stands beside another one (SECURITY 95).
    pub(super) fn presented_beside(&self) -> Result<Presented<'a>, Error> {
        self.presented().map_err(|_| conflicting())
    }
}

/// The values of a header. One that is not in [`READ`] is never there: what core reads also enters
/// the random streams.
fn values<'a>(headers: &'a [(String, Vec<u8>)], token_header: &str, name: &str) -> Vec<&'a [u8]> {
    let is_read = name == token_header || READ.contains(&name);
    let named = headers.iter().filter(|(other, _)| is_read && other.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_slice()).collect()
}

pub(super) fn conflicting() -> Error {
    Error::new(Code::ConflictingCredentials, "more than one credential was presented")
}

/// A header value of visible ASCII characters, spaces and tabs (RFC 9110 §5.5).
fn visible<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Error> {
    let fits = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    match std::str::from_utf8(value) {
        Ok(text) if value.iter().all(fits) => Ok(text.trim()),
        _ => Err(Error::new(Code::MalformedRequest, format!("`{name}` holds unusual characters"))),
    }
}

/// A list header (RFC 9110 §5.3) that steers nothing but the form of an answer.
fn joined<'a>(values: &[&'a [u8]]) -> Option<Cow<'a, str>> {
    let texts: Vec<_> = values.iter().filter_map(|value| std::str::from_utf8(value).ok()).collect();
    match texts.as_slice() {
        [] => None,
        [text] => Some(Cow::Borrowed(text)),
        texts => Some(Cow::Owned(texts.join(","))),
    }
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    Other,
}

impl Head<'_> {
    /// The media type of the body, in UTF-8 and not encoded any further.
    pub(super) fn media_type(&self) -> MediaType {
        let media_type = self.content_type.unwrap_or_default();
        let (essence, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
        let utf8 = parameters.trim().to_ascii_lowercase();
        let plain = matches!(self.content_encoding, None | Some("identity"))
            && matches!(utf8.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"");
        match essence.trim().to_ascii_lowercase().as_str() {
            "application/json" if plain => MediaType::Json,
            "application/x-www-form-urlencoded" if plain => MediaType::Form,
            _ => MediaType::Other,
        }
    }
}

/// The members of a JSON body.
pub(super) fn fields(head: &Head<'_>, body: &[u8]) -> Result<Fields, Error> {
    match head.media_type() {
        MediaType::Json => Fields::of(json::read(body)?),
        MediaType::Form | MediaType::Other => Err(Error::new(
            Code::UnsupportedMediaType,
            "the body must be application/json, not encoded any further",
        )),
    }
}

/// Refuses a field that its own type refuses.
pub(super) fn parsed<T>(
    fields: &mut Fields,
    name: &'static str,
    parse: impl FnOnce(&str) -> Result<T, crate::text::Reason>,
) -> Option<T> {
    let text = fields.string(name)?;
    match parse(&text) {
        Ok(value) => Some(value),
        Err(reason) => {
            fields.refuse(format!("/{name}"), reason.code, reason.detail);
            None
        }
    }
}

/// Reads a required password.
pub(super) fn password(fields: &mut Fields, name: &'static str) -> Option<Password> {
    let text = fields.required_secret_string(name)?;
    new_password(fields, name, text)
}

/// Takes a password that was read already.
pub(super) fn new_password(
    fields: &mut Fields,
    name: &'static str,
    text: Zeroizing<String>,
) -> Option<Password> {
    match Password::new(text) {
        Ok(password) => Some(password),
        Err(reason) => {
            let entry = reason.at(&format!("/{name}"));
            fields.refuse(entry.pointer, entry.code, entry.detail);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_outside_the_list_is_not_read() {
        let headers = [("Cookie".to_owned(), b"a=b".to_vec()), ("Origin".to_owned(), Vec::new())];
        assert!(values(&headers, "authorization", "cookie").is_empty());
        assert_eq!(values(&headers, "cookie", "cookie"), [b"a=b"]);
        assert_eq!(values(&headers, "authorization", "origin"), [b""]);
    }
}
