//! Extraction: headers from an allow-list, bodies by media type, fields into parsed types.

use crate::error::{Code, Error};
use crate::json::{self, Fields};
use crate::password::Password;
use crate::service::{LoginRequest, Presented, SessionKind, SignUp};
use crate::text::{Email, FullName, LoginName, Username, user_agent};

/// The headers that core reads, in lower case; the configured token header comes on top.
pub(super) const READ: &[&str] = &[
    "authorization",
    "content-encoding",
    "content-type",
    "idempotency-key",
    "origin",
    "sec-fetch-site",
    "user-agent",
    "x-forwarded-for",
];

/// The headers of a request, read.
pub(super) struct Head {
    token: Option<String>,
    token_is_bearer: bool,
    content_type: Option<String>,
    content_encoding: Option<String>,
    idempotency_key: Option<String>,
    pub(super) origin: Option<String>,
    pub(super) sec_fetch_site: Option<String>,
    pub(super) forwarded_for: Vec<String>,
    /// One line, at most 256 characters.
    pub(super) user_agent: String,
}

impl Head {
    /// Reads the headers.
    pub(super) fn of(headers: &[(String, Vec<u8>)], token_header: &str) -> Result<Self, Error> {
        let all = |name: &str| values(headers, token_header, name);
        let one = |name: &str| match all(name).as_slice() {
            [] => Ok(None),
            [value] => visible(name, value).map(Some),
            _ => Err(Error::new(Code::MalformedRequest, format!("more than one `{name}`"))),
        };
        let token = match all(token_header).as_slice() {
            [] => None,
            // `fetch` joins doubled headers with a comma: no credential holds one (SECURITY 95).
            [value] if value.contains(&b',') => return Err(conflicting()),
            [value] => Some(visible(token_header, value)?),
            _ => return Err(conflicting()),
        };
        let forwarded = all("x-forwarded-for").into_iter();
        Ok(Self {
            token,
            token_is_bearer: token_header == "authorization",
            content_type: one("content-type")?,
            content_encoding: one("content-encoding")?,
            idempotency_key: one("idempotency-key")?,
            origin: one("origin")?,
            sec_fetch_site: one("sec-fetch-site")?,
            forwarded_for: forwarded.map(|v| String::from_utf8_lossy(v).into_owned()).collect(),
            user_agent: user_agent(all("user-agent").first().copied().unwrap_or_default()),
        })
    }

    /// The access token that the request presents.
    pub(super) fn presented(&self) -> Result<Presented, Error> {
        let Some(value) = &self.token else { return Ok(Presented::Nothing) };
        let bearer = || match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
            _ => None,
        };
        match (self.token_is_bearer, bearer()) {
            (_, Some(token)) => Ok(Presented::AccessToken(token.to_owned())),
            (false, None) => Ok(Presented::AccessToken(value.clone())),
            (true, None) => Err(Error::new(Code::TokenInvalid, "a Bearer token is needed")),
        }
    }

    /// The access token that the request presents beside a credential in its body: nothing but
    /// a Bearer token stands beside another one (SECURITY 95).
    pub(super) fn presented_beside(&self) -> Result<Presented, Error> {
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

fn conflicting() -> Error {
    Error::new(Code::ConflictingCredentials, "more than one credential was presented")
}

/// A header value of visible ASCII characters, spaces and tabs (RFC 9110 §5.5).
fn visible(name: &str, value: &[u8]) -> Result<String, Error> {
    let fits = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    match std::str::from_utf8(value) {
        Ok(text) if value.iter().all(fits) => Ok(text.trim().to_owned()),
        _ => Err(Error::new(Code::MalformedRequest, format!("`{name}` holds unusual characters"))),
    }
}

/// The members of a JSON body.
fn fields(head: &Head, body: &[u8]) -> Result<Fields, Error> {
    let wrong = |detail| Error::new(Code::UnsupportedMediaType, detail);
    if !matches!(head.content_encoding.as_deref(), None | Some("identity")) {
        return Err(wrong("the body must not be encoded"));
    }
    let media_type = head.content_type.as_deref().unwrap_or_default();
    let (essence, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
    let utf8 = parameters.trim().to_ascii_lowercase();
    if !essence.trim().eq_ignore_ascii_case("application/json")
        || !matches!(utf8.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
    {
        return Err(wrong("the body must be application/json"));
    }
    Fields::of(json::read(body)?)
}

/// Refuses a field that its own type refuses.
fn parsed<T>(
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
fn password(fields: &mut Fields, name: &'static str) -> Option<Password> {
    let text = fields.required_secret_string(name)?;
    match Password::new(text) {
        Ok(password) => Some(password),
        Err(reason) => {
            let entry = reason.at(&format!("/{name}"));
            fields.refuse(entry.pointer, entry.code, entry.detail);
            None
        }
    }
}

/// What [`Fields::finish`] leaves impossible: a required field that is missing without an entry.
fn missing() -> Error {
    Code::Internal.into()
}

/// The body of POST /accounts.
pub(super) fn sign_up(head: &Head, body: &[u8]) -> Result<SignUp, Error> {
    let mut fields = fields(head, body)?;
    let email = parsed(&mut fields, "email", Email::parse);
    let username = parsed(&mut fields, "username", Username::parse);
    let password = password(&mut fields, "password");
    let confirmed = fields.secret_string("password_confirm");
    if let (Some(confirmed), Some(password)) = (confirmed, &password)
        && !password.is(&confirmed)
    {
        fields.refuse("/password_confirm", "mismatch", "the passwords differ");
    }
    let full_name = parsed(&mut fields, "full_name", FullName::parse);
    let properties = fields.canonical_object("properties");
    if email.is_none() && username.is_none() && !fields.refuses(&["/email", "/username"]) {
        fields.refuse("/email", "required", "an e-mail address or a username is needed");
    }
    fields.finish()?;
    let password = password.ok_or_else(missing)?;
    let idempotency_key = idempotency_key(head)?;
    Ok(SignUp { email, username, password, full_name, properties, idempotency_key })
}

fn idempotency_key(head: &Head) -> Result<Option<String>, Error> {
    match &head.idempotency_key {
        Some(key) if !(16..=128).contains(&key.len()) => Err(Error::new(
            Code::MalformedRequest,
            "`idempotency-key` must have 16 to 128 characters",
        )),
        key => Ok(key.clone()),
    }
}

/// The body of POST /login.
pub(super) fn login(head: &Head, body: &[u8]) -> Result<LoginRequest, Error> {
    let mut fields = fields(head, body)?;
    let basic = head.token.as_deref().and_then(|value| value.split(' ').next());
    if basic.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic")) {
        return Err(conflicting());
    }
    let login = fields.required_string("login");
    let password = password(&mut fields, "password");
    let long = fields.boolean("long").unwrap_or(false);
    fields.finish()?;
    Ok(LoginRequest {
        login: LoginName::parse(&login.ok_or_else(missing)?),
        password: password.ok_or_else(missing)?,
        kind: if long { SessionKind::Long } else { SessionKind::Short },
    })
}

/// The body of POST /refresh.
pub(super) fn refresh_token(head: &Head, body: &[u8]) -> Result<String, Error> {
    let mut fields = fields(head, body)?;
    let token = fields.required_string("refresh_token");
    fields.finish()?;
    token.ok_or_else(missing)
}

/// The body of POST /logout: empty, or with a refresh token.
pub(super) fn optional_refresh_token(head: &Head, body: &[u8]) -> Result<Option<String>, Error> {
    if body.is_empty() {
        return Ok(None);
    }
    let mut fields = fields(head, body)?;
    let token = fields.string("refresh_token");
    fields.finish()?;
    Ok(token)
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
