//! Problem documents (RFC 9457): one shape for every error.

use std::borrow::Cow;

use serde::Serialize;

use crate::effect::Response;
use crate::error::{Class, Code, Error, FieldError};
use crate::json;
use crate::strength::StrengthVerdict;

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    /// Extension members (RFC 9457 §3.2): score, guesses, feedback.
    #[serde(flatten)]
    strength: Option<&'a StrengthVerdict>,
}

#[derive(Serialize)]
struct Entry<'a> {
    pointer: &'a str,
    code: &'static str,
    detail: &'a Cow<'static, str>,
}

impl<'a> Entry<'a> {
    fn of(field: &'a FieldError) -> Self {
        Self { pointer: &field.pointer, code: field.code, detail: &field.detail }
    }
}

/// The answer to an error. What is the service's own fault is not told in detail.
pub(super) fn respond(error: &Error) -> Response {
    let code = error.code;
    let detail = match code.class() {
        Class::Internal => code.title(),
        _ => error.detail.as_ref(),
    };
    let problem = Problem {
        kind: format!("tag:authcore,2026:{}", code.as_str()),
        title: code.title(),
        status: code.status(),
        code: code.as_str(),
        detail,
        errors: error.fields.iter().map(Entry::of).collect(),
        retry_after: error.retry_after,
        strength: error.strength.as_deref(),
    };
    let Ok(body) = json::write(&problem) else { return Response::internal_error() };
    let mut headers = vec![
        ("content-type", "application/problem+json".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    if let Some(seconds) = error.retry_after {
        headers.push(("retry-after", seconds.to_string()));
    }
    // RFC 6750 §3: what kind of credential would do. Never Basic: browsers would ask for it.
    match code {
        Code::TokenMissing => headers.push(("www-authenticate", "Bearer".to_owned())),
        Code::TokenInvalid | Code::TokenExpired | Code::SessionEnded => {
            headers.push(("www-authenticate", "Bearer error=\"invalid_token\"".to_owned()));
        }
        _ => {}
    }
    Response { status: code.status(), headers, body, wake: false, keep: None }
}

/// The problem document of the code of this name; without one the table of all codes, as JSON. For
/// tests: a host sends it as it sends its own.
#[cfg(feature = "test-clock")]
#[must_use]
pub fn problem(code: &str) -> Response {
    if let Some(code) = Code::ALL.iter().find(|known| known.as_str() == code) {
        return respond(&Error::from(*code).retry_after(1));
    }
    let rows = Code::ALL.iter().map(|code| (code.as_str(), code.status(), code.title()));
    super::respond::json(200, &rows.collect::<Vec<_>>()).unwrap_or_else(|error| respond(&error))
}

/// 405 with the methods that exist.
pub(super) fn method_not_allowed(methods: &str) -> Response {
    let error = Error::new(Code::MethodNotAllowed, "this route has other methods; see `Allow`");
    let mut response = respond(&error);
    response.headers.push(("allow", methods.to_owned()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_a_panic_is_the_problem_document_of_its_code() {
        assert_eq!(respond(&Code::Internal.into()), Response::internal_error());
    }

    #[test]
    fn a_fault_of_the_service_is_not_told_in_detail() {
        let response = respond(&Error::new(Code::SealBroken, "key `k1` is not in the ring"));
        assert!(!String::from_utf8(response.body).expect("text").contains("k1"));
    }
}
