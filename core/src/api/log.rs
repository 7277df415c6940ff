//! Lines of JSON for a host's log: no secret, nothing that input can forge.

use serde::ser::{Serialize, Serializer};

use super::routes::{Found, find};
use crate::effect::{Request, Response};
use crate::json;
use crate::service::{RingKeyUse, Service};
use crate::text::one_line;
use crate::time::UnixMillis;

#[derive(serde::Serialize)]
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
    written(&line)
}

/// A key of the ring: `ring_key` is its id, `rows` maps tables to how many of their rows need it.
#[derive(serde::Serialize)]
struct KeyLine<'a> {
    at: i64,
    ring_key: &'a str,
    place: &'static str,
    /// Whether AUTHCORE_SECRET must hold it.
    needed: bool,
    rows: Counts<'a>,
}

/// An object of the tables' names: of a map there would be more code than of this.
struct Counts<'a>(&'a [(&'static str, i64)]);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// The line for a key that [`Command::RingKeys`](crate::service::Command::RingKeys) counted, for an
/// operator whose host has no command line (SECURITY 82).
#[must_use]
pub fn ring_key_line(key: &RingKeyUse, now: UnixMillis) -> String {
    written(&KeyLine {
        at: now.as_millis(),
        ring_key: &key.id,
        place: key.place.as_str(),
        needed: key.is_needed(),
        rows: Counts(&key.rows),
    })
}

fn written(line: &impl Serialize) -> String {
    let bytes = json::write(line).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

impl Request {
    /// Method and target, copied before the request is handed over: what [`log_line`] needs.
    #[must_use]
    pub fn line(&self) -> (String, String) {
        (self.method.clone(), self.target.clone())
    }
}
