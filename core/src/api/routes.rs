//! The route table: every route, its method, path and access. Documents and tests are made of it.

use serde::Serialize;

use crate::error::{Code, Error};
use crate::settings::{Docs, Settings};

/// Under what a path stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The root.
    Root,
    /// The configured prefix, `/v1` by default.
    Prefix,
}

/// Who may call a route (docs/DESIGN §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Open,
    /// Whoever presents a refresh token.
    RefreshToken,
    /// Whoever is signed in, or presents a refresh token.
    SignedInOrRefreshToken,
    /// Whoever presents a challenge.
    Challenge,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has signed in, by the second factor where there is one, in the last five minutes.
    Fresh,
}

/// What answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handler {
    Index,
    Health,
    Readiness,
    Document,
    Docs,
    KeySet,
    RevocationKeySet,
    RevocationList,
    SignUp,
    Login,
    AnswerWithOtp,
    AnswerWithBackupCode,
    TradeChallenge,
    Refresh,
    Logout,
    PasswordStrength,
    /// A route of [`Access::SignedIn`].
    SignedIn(ForSignedIn),
    /// A route of [`Access::Fresh`].
    Fresh(ForFresh),
}

/// What answers who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForSignedIn {
    Me,
    Reauthenticate,
    Sessions,
    EndOtherSessions,
    EndSession,
    Mfa,
    ConfirmTotp,
    Devices,
    EndDevices,
    EndDevice,
}

/// What answers who is freshly signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForFresh {
    DeleteAccount,
    ChangePassword,
    DisableMfa,
    EnrolTotp,
    ShowTotp,
    RenewBackupCodes,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The method. GET answers HEAD too.
    pub method: &'static str,
    /// Under what the path stands.
    pub base: Base,
    /// The path, matched exactly: no decoding, no trailing slash, no dot segments (SECURITY 98).
    /// `{id}` stands for one segment.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    pub(super) handler: Handler,
}

const fn route(
    method: &'static str,
    base: Base,
    path: &'static str,
    access: Access,
    handler: Handler,
) -> Route {
    Route { method, base, path, access, handler }
}

const fn signed_in(method: &'static str, path: &'static str, handler: ForSignedIn) -> Route {
    route(method, Base::Prefix, path, Access::SignedIn, Handler::SignedIn(handler))
}

const fn fresh(method: &'static str, path: &'static str, handler: ForFresh) -> Route {
    route(method, Base::Prefix, path, Access::Fresh, Handler::Fresh(handler))
}

/// All routes.
pub const ROUTES: &[Route] = &[
    route("GET", Base::Root, "/", Access::Open, Handler::Index),
    route("GET", Base::Root, "/healthz", Access::Open, Handler::Health),
    route("GET", Base::Root, "/readyz", Access::Open, Handler::Readiness),
    route("GET", Base::Root, "/openapi.json", Access::Open, Handler::Document),
    route("GET", Base::Root, "/docs", Access::Open, Handler::Docs),
    route("GET", Base::Root, "/.well-known/jwks.json", Access::Open, Handler::KeySet),
    route("GET", Base::Root, "/.well-known/revocations", Access::Open, Handler::RevocationList),
    route(
        "GET",
        Base::Root,
        "/.well-known/revocations/jwks.json",
        Access::Open,
        Handler::RevocationKeySet,
    ),
    route("POST", Base::Prefix, "/accounts", Access::Open, Handler::SignUp),
    route("POST", Base::Prefix, "/login", Access::Open, Handler::Login),
    route("POST", Base::Prefix, "/login/otp", Access::Challenge, Handler::AnswerWithOtp),
    route(
        "POST",
        Base::Prefix,
        "/login/backup-code",
        Access::Challenge,
        Handler::AnswerWithBackupCode,
    ),
    route("POST", Base::Prefix, "/login/enrolment", Access::Challenge, Handler::TradeChallenge),
    route("POST", Base::Prefix, "/refresh", Access::RefreshToken, Handler::Refresh),
    route("POST", Base::Prefix, "/logout", Access::SignedInOrRefreshToken, Handler::Logout),
    route("POST", Base::Prefix, "/password/strength", Access::Open, Handler::PasswordStrength),
    signed_in("POST", "/reauthenticate", ForSignedIn::Reauthenticate),
    signed_in("GET", "/me", ForSignedIn::Me),
    fresh("DELETE", "/me", ForFresh::DeleteAccount),
    fresh("PUT", "/me/password", ForFresh::ChangePassword),
    signed_in("GET", "/sessions", ForSignedIn::Sessions),
    signed_in("DELETE", "/sessions", ForSignedIn::EndOtherSessions),
    signed_in("DELETE", "/sessions/{id}", ForSignedIn::EndSession),
    signed_in("GET", "/mfa", ForSignedIn::Mfa),
    fresh("DELETE", "/mfa", ForFresh::DisableMfa),
    fresh("POST", "/mfa/totp", ForFresh::EnrolTotp),
    signed_in("POST", "/mfa/totp/confirm", ForSignedIn::ConfirmTotp),
    fresh("GET", "/mfa/totp/qr", ForFresh::ShowTotp),
    fresh("POST", "/mfa/backup-codes", ForFresh::RenewBackupCodes),
    signed_in("GET", "/devices", ForSignedIn::Devices),
    signed_in("DELETE", "/devices", ForSignedIn::EndDevices),
    signed_in("DELETE", "/devices/{id}", ForSignedIn::EndDevice),
];

impl Route {
    /// Its path, under the prefix that is set.
    pub(super) fn full_path(&self, prefix: &str) -> String {
        match self.base {
            Base::Root => self.path.to_owned(),
            Base::Prefix => format!("{prefix}{}", self.path),
        }
    }

    /// Whether the settings have it: a route that they have not answers 404.
    pub(super) fn is_served(&self, settings: &Settings) -> bool {
        match self.handler {
            Handler::Document => settings.docs != Docs::Nothing,
            Handler::Docs => settings.docs == Docs::Page,
            _ => true,
        }
    }
}

/// The segment of a path that a route names `{id}`, as it was sent; empty, if it names none.
pub(super) type Parameter = String;

/// What a method and a target lead to.
pub(super) enum Found {
    Route(&'static Route, Parameter),
    /// The path exists, the method does not: those that do.
    Methods(String),
}

pub(super) fn unknown() -> Error {
    Error::new(Code::NotFound, "no such route")
}

/// Finds the route of a request.
pub(super) fn find(settings: &Settings, method: &str, target: &str) -> Result<Found, Error> {
    // Origin form only (RFC 9112 §3.2.1): links come from the settings, never from a target.
    if !target.starts_with('/') {
        return Err(Error::new(Code::MalformedRequest, "the request target must be a path"));
    }
    let path = target.split('?').next().unwrap_or_default();
    let here = |route: &'static Route| {
        let rest = match route.base {
            Base::Root => Some(path),
            Base::Prefix => path.strip_prefix(settings.prefix.as_str()),
        };
        rest.and_then(|rest| parameter(route.path, rest)).map(|parameter| (route, parameter))
    };
    let wanted = if method == "HEAD" { "GET" } else { method };
    let served = ROUTES.iter().filter(|route| route.is_served(settings));
    let found: Vec<_> = served.filter_map(here).collect();
    if let Some((route, parameter)) = found.iter().find(|(route, _)| route.method == wanted) {
        return Ok(Found::Route(route, (*parameter).to_owned()));
    }
    let mut methods: Vec<&str> = found.iter().map(|(route, _)| route.method).collect();
    if methods.is_empty() {
        return Err(unknown());
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    Ok(Found::Methods(methods.join(", ")))
}

/// What stands in a path at the route's `{id}`, if the path is the route's.
fn parameter<'a>(route: &str, path: &'a str) -> Option<&'a str> {
    match route.strip_suffix("{id}") {
        None => (route == path).then_some(""),
        Some(before) => {
            let segment = path.strip_prefix(before)?;
            (!segment.is_empty() && !segment.contains('/')).then_some(segment)
        }
    }
}

/// What GET / answers.
#[derive(Serialize)]
pub(super) struct Index {
    name: &'static str,
    version: &'static str,
    routes: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    path: String,
    methods: Vec<&'static str>,
}

/// Name, version and routes.
pub(super) fn index(settings: &Settings) -> Index {
    let mut routes: Vec<Listed> = Vec::new();
    for route in ROUTES.iter().filter(|route| route.is_served(settings)) {
        let path = route.full_path(&settings.prefix);
        match routes.iter_mut().find(|listed| listed.path == path) {
            Some(listed) => listed.methods.push(route.method),
            None => routes.push(Listed { path, methods: vec![route.method] }),
        }
    }
    Index { name: "authcore", version: env!("CARGO_PKG_VERSION"), routes }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 67
    #[test]
    fn a_route_of_the_signed_in_is_reached_with_their_proof_only() {
        for route in ROUTES {
            let asked = match route.handler {
                Handler::SignedIn(_) => Some(Access::SignedIn),
                Handler::Fresh(_) => Some(Access::Fresh),
                _ => None,
            };
            let due = [Access::SignedIn, Access::Fresh].contains(&route.access);
            let due = due.then_some(route.access);
            assert_eq!(asked, due, "{} {}", route.method, route.path);
        }
    }

    /// What is found with these settings.
    fn found(more: &[(&str, &str)], method: &str, target: &str) -> Result<Found, Error> {
        let variables = [
            ("AUTHCORE_SECRET", "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw="),
            ("AUTHCORE_ENV", "dev"),
        ];
        let variables = variables.iter().chain(more).map(|(name, value)| (*name, *value));
        find(&Settings::from_variables(variables).unwrap(), method, target)
    }

    #[test]
    fn a_route_that_is_not_served_is_not_there_for_any_method() {
        for method in ["GET", "HEAD", "POST", "OPTIONS"] {
            let code = |docs| found(&[("AUTHCORE_DOCS", docs)], method, "/docs").err();
            assert_eq!(code("off").map(|error| error.code), Some(Code::NotFound), "{method}");
            assert!(code("on").is_none(), "{method}");
        }
    }

    // SECURITY 98
    #[test]
    fn paths_match_exactly() {
        for target in [
            "/v1/me/",
            "/v1//me",
            "//v1/me",
            "/V1/me",
            "/v1/%6de",
            "/v1/./me",
            "/v1/me;/",
            "/me",
            "/v1/x/../me",
            "/v1",
            "/v1/sessions/",
            "/v1/sessions/a/b",
        ] {
            let error = found(&[], "GET", target).err().map(|error| error.code);
            assert_eq!(error, Some(Code::NotFound), "{target}");
        }
        assert!(matches!(found(&[], "GET", "/v1/me?x=1"), Ok(Found::Route(..))));
        let Ok(Found::Route(route, id)) = found(&[], "DELETE", "/v1/sessions/a%2fb?x") else {
            panic!()
        };
        assert_eq!((route.path, id.as_str()), ("/sessions/{id}", "a%2fb"));
    }

    // SECURITY 50
    #[test]
    fn only_a_path_is_a_target() {
        for target in ["https://evil.example/v1/me", "evil.example:443", "*", ""] {
            let error = found(&[], "GET", target).err().map(|error| error.code);
            assert_eq!(error, Some(Code::MalformedRequest), "{target}");
        }
    }

    #[test]
    fn a_wrong_method_is_told_which_are_right() {
        let Ok(Found::Methods(methods)) = found(&[], "TRACE", "/v1/me") else { panic!() };
        assert_eq!(methods, "GET, DELETE, HEAD, OPTIONS");
    }
}
