//! Answers: JSON that nobody stores, and public documents that everybody may.

use serde::Serialize;

use super::accept::Shown;
use crate::effect::Response;
use crate::error::Error;
use crate::json;
use crate::qr::Matrix;
use crate::service::{Account, Enrolment, SignedUp};
use crate::time::Millis;

/// What GET /healthz answers.
#[derive(Serialize)]
pub(super) struct Healthy {
    pub(super) status: &'static str,
}

/// What POST /accounts answers.
#[derive(Serialize)]
struct Created {
    account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolment: Option<Enrolled>,
}

/// An enrolment, as an authenticator app takes it.
#[derive(Serialize)]
struct Enrolled {
    secret: String,
    otpauth_uri: String,
    qr_svg: String,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
}

/// What shows backup codes, this once.
#[derive(Serialize)]
pub(super) struct BackupCodes {
    pub(super) backup_codes: Vec<String>,
}

impl Enrolled {
    fn of(enrolment: &Enrolment) -> Result<Self, Error> {
        let uri = enrolment.otpauth_uri.expose();
        Ok(Self {
            secret: enrolment.secret.expose().clone(),
            otpauth_uri: uri.clone(),
            qr_svg: Matrix::new(uri)?.svg(),
            expires_in: enrolment.expires_in.map(Millis::as_seconds),
        })
    }

    /// Room for its JSON, with the quotes of the picture escaped.
    fn room(&self) -> usize {
        const BESIDE: usize = 512;
        let texts = [self.qr_svg.len(), self.qr_svg.len() / 16, self.otpauth_uri.len()];
        texts.into_iter().fold(BESIDE, usize::saturating_add)
    }
}

/// The new account, with its enrolment if it asked for one; or the picture alone, for a client
/// that prefers it.
pub(super) fn signed_up(signed_up: SignedUp, shown: Shown) -> Result<Response, Error> {
    let SignedUp { account, enrolment } = signed_up;
    match (&enrolment, shown) {
        (Some(enrolment), Shown::Png | Shown::Svg) => picture(201, enrolment, shown),
        _ => {
            let enrolment = enrolment.as_ref().map(Enrolled::of).transpose()?;
            let drawn = enrolment.as_ref().map_or(0, Enrolled::room);
            let room = account.room().saturating_add(drawn);
            json_in(201, &Created { account, enrolment }, room)
        }
    }
}

/// An enrolment, or its picture alone.
pub(super) fn enrolment(enrolment: &Enrolment, shown: Shown) -> Result<Response, Error> {
    match shown {
        Shown::Json => {
            let enrolled = Enrolled::of(enrolment)?;
            json_in(200, &enrolled, enrolled.room())
        }
        Shown::Png | Shown::Svg => picture(200, enrolment, shown),
    }
}

/// The picture of an enrolment. Opened as a document, an SVG may run nothing (SECURITY 33).
fn picture(status: u16, enrolment: &Enrolment, shown: Shown) -> Result<Response, Error> {
    let matrix = Matrix::new(enrolment.otpauth_uri.expose())?;
    let (media_type, body) = match shown {
        Shown::Png => ("image/png", matrix.png()),
        Shown::Json | Shown::Svg => ("image/svg+xml", matrix.svg().into_bytes()),
    };
    let mut response = no_content();
    response.status = status;
    response.body = body;
    response.headers.insert(0, ("content-type", media_type.to_owned()));
    let policy = "default-src 'none'; sandbox";
    response.headers.push(("content-security-policy", policy.to_owned()));
    Ok(response)
}

/// An account, as its owner sees it.
pub(super) fn account(account: &Account) -> Result<Response, Error> {
    json_in(200, account, account.room())
}

/// Room for what is no account and no picture: most are tokens.
const ORDINARY: usize = 1024;

/// JSON that may hold tokens or personal data (SECURITY 33).
pub(super) fn json(status: u16, value: &impl Serialize) -> Result<Response, Error> {
    json_in(status, value, ORDINARY)
}

/// The same, in a buffer of `room` bytes from the start.
fn json_in(status: u16, value: &impl Serialize, room: usize) -> Result<Response, Error> {
    let mut response = no_content();
    response.status = status;
    response.headers.insert(0, ("content-type", "application/json".to_owned()));
    response.body = json::write_in(value, room)?;
    Ok(response)
}

/// A document without secrets that caches may keep for as long as `age` says.
pub(super) fn public(media_type: &'static str, age: String, body: Vec<u8>) -> Response {
    let headers = vec![
        ("content-type", media_type.to_owned()),
        ("cache-control", age),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Response { status: 200, headers, body, wake: false, keep: None }
}

/// 204.
pub(super) fn no_content() -> Response {
    let headers = vec![
        ("cache-control", "no-store".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Response { status: 204, headers, body: Vec::new(), wake: false, keep: None }
}

/// The answer to OPTIONS (RFC 9110 §9.3.7).
pub(super) fn allowed(methods: &str) -> Response {
    let mut response = no_content();
    response.headers.push(("allow", methods.to_owned()));
    response
}

/// HEAD gets the head only (RFC 9110 §9.3.2).
pub(super) fn for_method(method: &str, mut response: Response) -> Response {
    if method == "HEAD" {
        response.body.clear();
    }
    response
}
