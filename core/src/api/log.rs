//! One line of JSON per request, for a host's log: no secret, nothing that input can forge.

use serde::Serialize;

use super::routes::{Found, find};
use crate::effect::{Request, Response};
use crate::json;
use crate::service::Service;
use crate::text::one_line;
use crate::time::UnixMillis;

#[derive(Serialize)]
struct Line<'a> {
    at: i64,
    method: &'a str,
    /// The path of a route, never the target: a target may hold anything.
    route: &'a str,
    status: u16,
}

/// The line for a request and its answer (SECURITY 88, 91).
#[must_use]
pub fn log_line(
    service: &Service,
    request_line: (&str, &str),
    response: &Response,
    now: UnixMillis,
) -> String {
    let (method, target) = request_line;
    let route = match find(&service.settings, method, target) {
        Ok(Found::Route(route, _)) => route.path,
        _ => "-",
    };
    let method = one_line(method, 16);
    let line = Line { at: now.as_millis(), method: &method, route, status: response.status };
    let bytes = json::write(&line).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

impl Request {
    /// Method and target, copied before the request is handed over: what [`log_line`] needs.
    #[must_use]
    pub fn line(&self) -> (String, String) {
        (self.method.clone(), self.target.clone())
    }
}
