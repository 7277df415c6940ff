//! What comes in and what goes out over HTTP, free of any host's types.

use super::program::Abandoned;

/// An HTTP request as the host received it. Our own type, because the conversion must be total:
/// other types refuse or drop what this one passes on to be judged by core.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, as sent (RFC 9110 §9.1: case-sensitive).
    pub method: String,
    /// The request target in origin form: path and query, percent-encoded as sent.
    pub target: String,
    /// Field names (any case) and values, in the order received.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body. Hosts stop reading at [`Request::MAX_BODY`] + 1 bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// The largest body any route takes, in bytes: one more and core answers 413.
    pub const MAX_BODY: usize = 64 * 1024;
}

/// Names the method only: target, headers and body may hold secrets.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} headers, {} bytes)", self.headers.len(), self.body.len())
    }
}

/// An HTTP response, to be sent as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Field names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, possibly empty.
    pub body: Vec<u8>,
    /// Whether the outbox has something to deliver: the host starts a delivery after answering.
    pub wake: bool,
    /// What the host may keep to answer such requests with: only ever a public document.
    pub keep: Option<Keep>,
}

/// A copy of a public document for the host to keep, if it likes, wherever it likes: core takes
/// no kept copy that it did not make itself ([`crate::service::Service`]'s `from_kept`).
#[derive(Clone, PartialEq, Eq)]
pub struct Keep {
    /// Under which name: ASCII, at most 100 characters, another for other settings.
    pub name: String,
    /// The copy, at most 1 MiB.
    pub copy: Vec<u8>,
    /// For how many seconds it can be of use: at least 60.
    pub seconds: u32,
}

impl std::fmt::Debug for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keep({}, {} bytes, {} s)", self.name, self.copy.len(), self.seconds)
    }
}

impl Response {
    /// What a host sends when core itself failed (a caught panic): a problem document, status 500.
    #[must_use]
    pub fn internal_error() -> Self {
        let body = concat!(
            r#"{"type":"tag:authcore,2026:internal_error","title":"internal error","status":500,"#,
            r#""code":"internal_error","detail":"internal error"}"#
        );
        Self {
            status: 500,
            headers: vec![
                ("content-type", "application/problem+json".to_owned()),
                ("cache-control", "no-store".to_owned()),
                ("x-content-type-options", "nosniff".to_owned()),
            ],
            body: body.as_bytes().to_vec(),
            wake: false,
            keep: None,
        }
    }
}

impl Abandoned for Response {
    fn abandoned() -> Self {
        Self::internal_error()
    }
}

/// Names the status only: the body may hold tokens.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}
