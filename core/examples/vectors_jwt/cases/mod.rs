//! The vectors of `jwt`: what stands in the file, and in which order.
//!
//! Tokens are put together by hand here, without the crate's own code, so that a fault of the one
//! is not repeated by the other.

mod algorithms;
mod claims;
mod edges;
mod form;
mod header;
mod points;
mod signature;
mod time;
mod token;

use serde::Serialize;
use serde_json::Value;
use token::{AUDIENCE, ISSUER, NOW, OURS, Token, jwk};

/// One vector. Durations and moments are in seconds.
#[derive(Serialize)]
pub struct Case {
    name: String,
    input: Input,
    expected: Option<Value>,
    error: Option<&'static str>,
}

#[derive(Serialize)]
struct Input {
    /// Which verifier the case is for: `access`, or `claims` for claims of one's own, whose
    /// verdict is the same where nothing is asked that only access tokens have.
    verifier: &'static str,
    token: String,
    jwks: Vec<Value>,
    issuer: &'static str,
    audience: &'static str,
    typ: &'static str,
    now: i64,
    leeway: i64,
}

impl Case {
    /// A token that is to be refused as invalid.
    fn refused(name: impl Into<String>, token: impl Into<String>) -> Self {
        let name = name.into();
        let input = Input {
            verifier: if is_of_access_tokens(&name) { "access" } else { "claims" },
            token: token.into(),
            jwks: vec![jwk(&OURS)],
            issuer: ISSUER,
            audience: AUDIENCE,
            typ: "at+jwt",
            now: NOW,
            leeway: 0,
        };
        Self { name, input, expected: None, error: Some("token_invalid") }
    }

    /// A token that is to be refused as expired.
    fn expired(name: impl Into<String>, token: impl Into<String>) -> Self {
        Self { error: Some("token_expired"), ..Self::refused(name, token) }
    }

    /// A token that is to be accepted, and what its claims are then.
    fn accepted(name: impl Into<String>, token: &Token) -> Self {
        let case = Self::refused(name, token.signed());
        Self { expected: Some(token.expected()), error: None, ..case }
    }

    /// The same with another name and another spelling of the token.
    fn token(mut self, name: String, token: String) -> Self {
        (self.name, self.input.token) = (name, token);
        self
    }

    fn at(mut self, now: i64, leeway: i64) -> Self {
        (self.input.now, self.input.leeway) = (now, leeway);
        self
    }

    fn typ(mut self, typ: &'static str) -> Self {
        self.input.typ = typ;
        self
    }

    fn jwks(mut self, jwks: Vec<Value>) -> Self {
        self.input.jwks = jwks;
        self
    }
}

/// Whether a case is about a claim that only access tokens are asked for, or more levels than
/// claims of one's own may have.
fn is_of_access_tokens(name: &str) -> bool {
    let own = ["auth_time", "sid", "client_id", "amr", "roles"];
    let required = ["iat is missing", "sub is missing", "jti is missing", "32 levels"];
    name.split(' ').any(|word| own.contains(&word)) || required.contains(&name)
}

fn under_eddsa() -> Vec<Case> {
    let cases = [
        form::cases(),
        header::cases(),
        signature::cases(),
        claims::cases(),
        time::cases(),
        edges::cases(),
    ];
    cases.into_iter().flatten().collect()
}

/// The cases under ES256, HS256 and HS512: some of them are in the file.
pub fn under_other_algorithms() -> Vec<Case> {
    algorithms::cases(&under_eddsa())
}

/// The whole file: one case a line, so that a change reads well.
pub fn document() -> String {
    let source = "RFC 7515 3.1, 4.1, 5.2, A.1, F; RFC 7519 4.1, 6.1; RFC 7797 4.2; RFC 8037 A.4; \
        RFC 8725 3; RFC 9068 2, 4; CVE-2022-29217, CVE-2024-53861, CVE-2026-32597 (PyJWT); \
        CVE-2024-33663, CVE-2024-33664 (python-jose); CVE-2026-25537 (jsonwebtoken); \
        SECURITY 35 to 47; written by core/examples/vectors_jwt";
    let mut cases = under_eddsa();
    cases.extend(under_other_algorithms().into_iter().filter(algorithms::is_for_every_host));
    let lines: Vec<String> =
        cases.iter().map(|case| serde_json::to_string(case).unwrap()).collect();
    let cases = lines.join(",\n    ");
    let head = format!("  \"source\": {source:?},\n  \"feature\": \"jwt\",");
    format!("{{\n{head}\n  \"cases\": [\n    {cases}\n  ]\n}}\n")
}
