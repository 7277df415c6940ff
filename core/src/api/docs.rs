//! GET /docs: a page of our own that shows the OpenAPI document and sends requests, without
//! anything from elsewhere (docs/decisions/0022).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::respond;
use crate::effect::Response;

const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// The page. It may run its own script, ask its own origin, and nothing else.
pub(super) fn page() -> Response {
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    let policy = format!(
        "default-src 'none'; connect-src 'self'; img-src blob:; style-src {style}; \
         script-src {script}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = respond::no_content();
    response.status = 200;
    response.headers.insert(0, ("content-type", "text/html; charset=utf-8".to_owned()));
    response.headers.push(("content-security-policy", policy));
    response.headers.push(("referrer-policy", "no-referrer".to_owned()));
    response.body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>authcore</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style>\
         <body><script type=\"module\">{SCRIPT}</script></body></html>"
    )
    .into_bytes();
    response
}

/// What a policy names an inline text by (Content Security Policy Level 3 §2.3.1).
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}
