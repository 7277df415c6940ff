//! The forms of POST /login: JSON, the OAuth2 password form, HTTP Basic (docs/DESIGN §6).

use std::collections::BTreeSet;
use std::{iter, mem};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::bodies::missing;
use super::extract::{Head, MediaType, conflicting, fields, new_password, password};
use crate::error::{Code, Error, FieldError};
use crate::json::{Fields, MAX_ENTRIES, Object, pointer};
use crate::password::Password;
use crate::secret::Secret;
use crate::service::{LoginRequest, PresentedCode, SessionKind};
use crate::text::LoginName;

/// Reads a login in whichever form it comes.
pub(super) fn login(head: &Head<'_>, body: &[u8]) -> Result<LoginRequest, Error> {
    let basic = basic(head)?;
    match (head.media_type(), basic) {
        // Swagger's button sends an empty client beside the form (RFC 6749 §2.3.1).
        (MediaType::Form, Some(pair)) if !pair.is_empty() => Err(conflicting()),
        (MediaType::Form, _) => form(body),
        (MediaType::Json, Some(pair)) => by_basic(&pair, fields(head, body)?),
        (_, Some(pair)) if body.is_empty() => by_basic(&pair, Fields::new(Object::default())),
        _ => json(fields(head, body)?),
    }
}

fn json(mut fields: Fields) -> Result<LoginRequest, Error> {
    let login = fields.required_string("login");
    let password = password(&mut fields, "password");
    let beside = Beside::take(&mut fields);
    fields.finish()?;
    Ok(beside.login(&login.ok_or_else(missing)?, password.ok_or_else(missing)?))
}

/// What a login may hold besides name and password.
struct Beside {
    otp: Option<PresentedCode>,
    device_token: Option<String>,
    kind: SessionKind,
}

impl Beside {
    /// What is empty is absent, as in a form: pages send the fields that nobody filled in.
    fn take(fields: &mut Fields) -> Self {
        let mut filled = |name| fields.string(name).filter(|text| !text.is_empty());
        Self {
            otp: filled("otp").map(|code| PresentedCode::Otp(Secret::new(code))),
            device_token: filled("device_token"),
            kind: match fields.boolean("long") {
                Some(true) => SessionKind::Long,
                Some(false) | None => SessionKind::Short,
            },
        }
    }

    fn login(self, login: &str, password: Password) -> LoginRequest {
        let Self { otp, device_token, kind } = self;
        LoginRequest { login: LoginName::parse(login), password, otp, device_token, kind }
    }
}

/// User id and password of `Authorization: Basic` (RFC 7617 §2), in UTF-8.
struct BasicPair {
    user: String,
    password: Zeroizing<String>,
}

impl BasicPair {
    fn is_empty(&self) -> bool {
        self.user.is_empty() && self.password.is_empty()
    }
}

fn basic(head: &Head<'_>) -> Result<Option<BasicPair>, Error> {
    let value = head.authorization.unwrap_or_default();
    let Some((scheme, encoded)) = value.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let malformed = || Error::new(Code::MalformedRequest, "`authorization` is no Basic credential");
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(encoded.trim()).map_err(|_| malformed())?);
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
    let (user, password) = text.split_once(':').ok_or_else(malformed)?;
    Ok(Some(BasicPair { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) }))
}

/// Basic, with a body that holds no second credential.
fn by_basic(pair: &BasicPair, mut fields: Fields) -> Result<LoginRequest, Error> {
    if fields.string("login").is_some() || fields.secret_string("password").is_some() {
        return Err(conflicting());
    }
    let beside = Beside::take(&mut fields);
    let password = new_password(&mut fields, "password", pair.password.clone());
    fields.finish()?;
    Ok(beside.login(&pair.user, password.ok_or_else(missing)?))
}

/// The OAuth2 password form (RFC 6749 §4.3.2). A client and its scope are not told apart.
fn form(body: &[u8]) -> Result<LoginRequest, Error> {
    let mut form = Form::default();
    let malformed = |detail| Error::new(Code::MalformedRequest, detail);
    let text = std::str::from_utf8(body).map_err(|_| malformed("the form is not UTF-8"))?;
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name).ok_or_else(|| malformed("the form is not UTF-8"))?;
        let value = decoded(value).ok_or_else(|| malformed("the form is not UTF-8"))?;
        form.put(&name, value)?;
    }
    form.finish()
}

/// `+` is a space, `%` begins an octet (URL Standard, application/x-www-form-urlencoded).
fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(text.len()));
    for (at, part) in text.split('+').enumerate() {
        if at > 0 {
            octets.push(b' ');
        }
        octets.extend(percent_decode_str(part));
    }
    match String::from_utf8(mem::take(&mut *octets)) {
        Ok(decoded) => Some(Zeroizing::new(decoded)),
        Err(refused) => {
            drop(Zeroizing::new(refused.into_bytes()));
            None
        }
    }
}

#[derive(Default)]
struct Form {
    seen: BTreeSet<String>,
    username: Option<Zeroizing<String>>,
    password: Option<Zeroizing<String>>,
    otp: Option<Zeroizing<String>>,
    errors: Vec<FieldError>,
}

impl Form {
    fn put(&mut self, name: &str, value: Zeroizing<String>) -> Result<(), Error> {
        // RFC 6749 §3.1: parameters must not be included more than once.
        if !self.seen.insert(name.to_owned()) {
            return Err(Error::new(Code::MalformedRequest, "a form field stands twice"));
        }
        match name {
            "username" => self.username = Some(value),
            "password" => self.password = Some(value),
            "otp" => self.otp = Some(value),
            "scope" | "client_id" | "client_secret" => {}
            "grant_type" if matches!(value.as_str(), "" | "password") => {}
            "grant_type" => self.refuse(name, "unsupported", "the grant type is `password`"),
            _ => self.refuse(name, "unknown_field", "unknown field"),
        }
        Ok(())
    }

    fn refuse(&mut self, name: &str, code: &'static str, detail: &'static str) {
        if self.errors.len() >= MAX_ENTRIES {
            return;
        }
        self.errors.push(FieldError::new(pointer(iter::once(name)), code, detail));
    }

    fn finish(mut self) -> Result<LoginRequest, Error> {
        for (name, given) in [("username", &self.username), ("password", &self.password)] {
            if given.is_none() {
                self.errors.push(FieldError::new(format!("/{name}"), "required", "required"));
            }
        }
        let password = match self.password.take().map(Password::new) {
            Some(Ok(password)) => Some(password),
            Some(Err(reason)) => {
                self.errors.push(reason.at("/password"));
                None
            }
            None => None,
        };
        if !self.errors.is_empty() {
            self.errors.truncate(MAX_ENTRIES);
            return Err(Error::fields(self.errors));
        }
        let otp = self.otp.filter(|code| !code.is_empty());
        let otp = otp.map(|code| PresentedCode::Otp(Secret::new(code.to_string())));
        let beside = Beside { otp, device_token: None, kind: SessionKind::Short };
        let username = self.username.ok_or_else(missing)?;
        Ok(beside.login(&username, password.ok_or_else(missing)?))
    }
}
