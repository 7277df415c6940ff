//! Answers: JSON that nobody stores, and public documents that everybody may.

use serde::Serialize;

use crate::effect::Response;
use crate::error::Error;
use crate::json;
use crate::service::Account;

/// What GET /healthz answers.
#[derive(Serialize)]
pub(super) struct Healthy {
    pub(super) status: &'static str,
}

/// What POST /accounts answers.
#[derive(Serialize)]
pub(super) struct Created {
    pub(super) account: Account,
}

/// JSON that may hold tokens or personal data (SECURITY 33).
pub(super) fn json(status: u16, value: &impl Serialize) -> Result<Response, Error> {
    let mut response = no_content();
    response.status = status;
    response.headers.insert(0, ("content-type", "application/json".to_owned()));
    response.body = json::write(value)?;
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
