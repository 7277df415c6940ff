//! The access matrix, made from the route table: each route × each credential (SECURITY 67).

use authcore::api::{Access, Base, ROUTES, Route};
use authcore_tests::client::{PASSWORD, bearing, get, post};
use authcore_tests::database::on_each;
use authcore_tests::{Client, settings};
use serde_json::{Value as Json, json};

/// What a request presents as its access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credential {
    None,
    Garbage,
    /// Of another service with the same settings and other keys.
    Foreign,
    Expired,
    Revoked,
    /// A refresh token in the place of an access token.
    RefreshToken,
    Valid,
}

const CREDENTIALS: [Credential; 7] = [
    Credential::None,
    Credential::Garbage,
    Credential::Foreign,
    Credential::Expired,
    Credential::Revoked,
    Credential::RefreshToken,
    Credential::Valid,
];

impl Credential {
    /// The error of a route that asks for an access token; none for one that answers.
    const fn refused(self) -> Option<(u16, &'static str)> {
        match self {
            Self::None => Some((401, "token_missing")),
            Self::Garbage | Self::Foreign | Self::RefreshToken => Some((401, "token_invalid")),
            Self::Expired => Some((401, "token_expired")),
            Self::Revoked => Some((401, "session_ended")),
            Self::Valid => None,
        }
    }
}

/// A request that the route takes, and its answer to whoever may call it.
struct Row {
    body: Json,
    /// The status, and the code of a problem document.
    answer: (u16, &'static str),
}

/// A route without a row fails the test.
fn row(route: &Route, client: &mut Client) -> Row {
    let ok = |status| (Json::Null, (status, ""));
    let dead = (401, "challenge_dead");
    let nowhere = json!({"challenge": format!("ch_{}", "A".repeat(43)), "code": "000000"});
    let (body, answer) = match (route.method, route.path) {
        ("GET", "/" | "/healthz" | "/readyz" | "/openapi.json" | "/docs") => ok(200),
        ("GET", "/.well-known/jwks.json" | "/.well-known/revocations") => ok(200),
        ("GET", "/.well-known/revocations/jwks.json") => ok(200),
        ("GET", "/me" | "/sessions" | "/mfa" | "/devices") => ok(200),
        ("POST", "/logout") | ("DELETE", "/sessions" | "/devices" | "/mfa" | "/me") => ok(204),
        ("POST", "/mfa/totp") => ok(200),
        ("GET", "/mfa/totp/qr") => (Json::Null, (404, "not_found")),
        ("DELETE", "/sessions/{id}" | "/devices/{id}") => (Json::Null, (404, "not_found")),
        ("POST", "/mfa/backup-codes") => (Json::Null, (409, "no_second_factor")),
        ("POST", "/mfa/totp/confirm") => (json!({"code": "000000"}), (409, "no_enrolment")),
        ("POST", "/login/otp" | "/login/backup-code") => (nowhere, dead),
        ("POST", "/login/enrolment") => (json!({"challenge": nowhere["challenge"]}), dead),
        ("POST", "/accounts") => (json!({"username": "newcomer", "password": PASSWORD}), (201, "")),
        ("POST", "/login") => (json!({"login": "ada", "password": PASSWORD}), (200, "")),
        ("POST", "/password/strength") => (json!({"password": PASSWORD}), (200, "")),
        ("POST", "/reauthenticate") => (json!({"password": PASSWORD}), (200, "")),
        ("PUT", "/me/password") => {
            (json!({"current_password": PASSWORD, "password": PASSWORD}), (204, ""))
        }
        ("POST", "/refresh") => {
            let tokens = client.login("ada", PASSWORD).expect(200);
            (json!({"refresh_token": tokens.text("refresh_token")}), (200, ""))
        }
        (method, path) => panic!("{method} {path} has no row in this matrix"),
    };
    Row { body, answer }
}

fn path(route: &Route) -> String {
    let path = route.path.replace("{id}", "018f0000-0000-7000-8000-000000000001");
    match route.base {
        Base::Root => path,
        Base::Prefix => format!("/v1{path}"),
    }
}

/// The credential itself, made anew: a logout uses a session up.
fn token(client: &mut Client, credential: Credential) -> Option<String> {
    let tokens = |client: &mut Client| client.login("ada", PASSWORD).expect(200);
    match credential {
        Credential::None => None,
        Credential::Garbage => Some("garbage".to_owned()),
        Credential::Foreign => {
            let valid = tokens(client).text("access_token").to_owned();
            let (signed, _) = valid.rsplit_once('.').expect("three parts");
            Some(format!("{signed}.{}", "A".repeat(86)))
        }
        Credential::Expired => {
            let now = client.now;
            client.now -= 5 * 60 * 1000;
            let expired = tokens(client).text("access_token").to_owned();
            client.now = now;
            Some(expired)
        }
        Credential::Revoked => {
            let revoked = tokens(client).text("access_token").to_owned();
            let _ = client.logout(&revoked).expect(204);
            Some(revoked)
        }
        Credential::RefreshToken => Some(tokens(client).text("refresh_token").to_owned()),
        Credential::Valid => Some(tokens(client).text("access_token").to_owned()),
    }
}

// SECURITY 33, 67
#[test]
fn each_route_answers_exactly_those_it_is_for() {
    on_each(|database| {
        let docs = settings::service(&[("AUTHCORE_DOCS", "on")]);
        let mut client = Client::new(docs, database.connect());
        let _ = client.sign_up("ada").expect(201);
        for route in ROUTES {
            for credential in CREDENTIALS {
                let what = format!("{} {} with {credential:?}", route.method, route.path);
                let presented = token(&mut client, credential);
                client.now += 1000;
                let target = path(route);
                let Row { body, answer: due } = row(route, &mut client);
                let mut request = match body {
                    Json::Null => get(&target),
                    body => post(&target, &body),
                };
                request.method = route.method.to_owned();
                if let Some(token) = &presented {
                    request = bearing(request, token);
                }
                let refused = match route.access {
                    Access::Open | Access::RefreshToken | Access::Challenge => None,
                    Access::SignedIn | Access::Fresh | Access::SignedInOrRefreshToken => {
                        credential.refused()
                    }
                };
                let answer = client.send(request);
                match refused {
                    Some((status, code)) => {
                        assert_eq!((answer.status, answer.code()), (status, code), "{what}");
                        assert!(answer.header("www-authenticate").is_some(), "{what}");
                    }
                    None => {
                        let told = (answer.status, answer.code());
                        assert_eq!(told, due, "{what}: {}", answer.body);
                    }
                }
                let cacheable = route.path.starts_with("/.well-known/");
                let control = answer.header("cache-control").expect("always there");
                assert_eq!(control.contains("public"), cacheable, "{what}: {control}");
                assert_eq!(control.contains("no-store"), !cacheable, "{what}: {control}");
                assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
                database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
                database.query("DELETE FROM authenticators WHERE id <> ''", Vec::new());
                let revive = "UPDATE accounts SET status = 'active' WHERE username = 'ada'";
                database.query(revive, Vec::new());
                database.query(
                    "DELETE FROM account_roles WHERE account_id IN \
                     (SELECT id FROM accounts WHERE username = 'newcomer')",
                    Vec::new(),
                );
                database.query(
                    "DELETE FROM credentials WHERE account_id IN \
                     (SELECT id FROM accounts WHERE username = 'newcomer')",
                    Vec::new(),
                );
                database.query("DELETE FROM accounts WHERE username = 'newcomer'", Vec::new());
            }
        }
    });
}
