//! Who may call an operation: the ways to prove it, and which of them each route takes.

use serde::Serialize;

use super::super::routes::{Access, Handler, Route};
use super::schema::Map;
use crate::settings::Settings;

/// A scheme by its name, without scopes.
pub(super) type Requirement = Map<&'static str, [&'static str; 0]>;

const BEARER: &str = "bearer";
const PASSWORD: &str = "password";
const BASIC: &str = "basic";
/// The ways to prove who calls.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Scheme {
    Http {
        #[serde(rename = "type")]
        kind: &'static str,
        scheme: &'static str,
    },
    Header {
        #[serde(rename = "type")]
        kind: &'static str,
        #[serde(rename = "in")]
        place: &'static str,
        name: String,
    },
    Password {
        #[serde(rename = "type")]
        kind: &'static str,
        flows: Flows,
    },
}

#[derive(Serialize)]
pub(super) struct Flows {
    password: Flow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Flow {
    token_url: String,
    refresh_url: String,
    scopes: Map<&'static str, &'static str>,
}

/// The password flow is the one that Swagger's Authorize button sends (RFC 6749 §4.3); it ends in
/// the `Authorization` header, so that it helps nobody where tokens stand elsewhere.
pub(super) fn schemes(settings: &Settings) -> Vec<(&'static str, Scheme)> {
    let basic = (BASIC, Scheme::Http { kind: "http", scheme: "basic" });
    if !is_authorization(settings) {
        let name = settings.token_header.clone();
        return vec![(BEARER, Scheme::Header { kind: "apiKey", place: "header", name }), basic];
    }
    let url = |route| format!("{}{}{route}", settings.public_url, settings.prefix);
    let (token_url, refresh_url) = (url("/login"), url("/refresh"));
    let password = Flow { token_url, refresh_url, scopes: Map(Vec::new()) };
    vec![
        (BEARER, Scheme::Http { kind: "http", scheme: "bearer" }),
        (PASSWORD, Scheme::Password { kind: "oauth2", flows: Flows { password } }),
        basic,
    ]
}

fn is_authorization(settings: &Settings) -> bool {
    settings.token_header == "authorization"
}

/// Either of these; an empty one is none at all.
pub(super) fn security(route: &Route, settings: &Settings) -> Vec<Requirement> {
    let token: &[&[&str]] =
        if is_authorization(settings) { &[&[BEARER], &[PASSWORD]] } else { &[&[BEARER]] };
    let any: &[&[&str]] = match (route.handler, route.access) {
        (Handler::Login, _) => &[&[], &[BASIC]],
        (_, Access::Open | Access::RefreshToken | Access::Challenge) => &[],
        (_, Access::SignedInOrRefreshToken) => &[&[]],
        (_, Access::SignedIn | Access::Fresh) => &[],
    };
    let token = match route.access {
        Access::SignedIn | Access::Fresh | Access::SignedInOrRefreshToken => token,
        Access::Open | Access::RefreshToken | Access::Challenge => &[],
    };
    let named = |all: &&[&'static str]| Map(all.iter().map(|name| (*name, [])).collect());
    any.iter().chain(token).map(named).collect()
}
