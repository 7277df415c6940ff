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

/// What is sent with a request that the route takes.
#[derive(Clone, Copy, Debug)]
enum Sent {
    Nothing,
    NewAccount,
    Password,
    RefreshToken,
}

/// The matrix: one row a route, whatever its method. A route without a row fails the test, and so
/// does a row without its route.
const MATRIX: &[(&str, &str, Access, Sent)] = &[
    ("GET", "/", Access::Open, Sent::Nothing),
    ("GET", "/healthz", Access::Open, Sent::Nothing),
    ("GET", "/readyz", Access::Open, Sent::Nothing),
    ("GET", "/.well-known/jwks.json", Access::Open, Sent::Nothing),
    ("GET", "/.well-known/revocations", Access::Open, Sent::Nothing),
    ("POST", "/accounts", Access::Open, Sent::NewAccount),
    ("POST", "/login", Access::Open, Sent::Password),
    ("POST", "/refresh", Access::RefreshToken, Sent::RefreshToken),
    ("POST", "/logout", Access::SignedInOrRefreshToken, Sent::Nothing),
    ("GET", "/me", Access::SignedIn, Sent::Nothing),
];

/// The row of a route: the access that its table says must be the one that is meant here.
fn sent(route: &Route) -> Sent {
    let row =
        MATRIX.iter().find(|(method, path, ..)| (*method, *path) == (route.method, route.path));
    let (method, path) = (route.method, route.path);
    let Some((.., access, sent)) = row else { panic!("{method} {path} has no row in this matrix") };
    assert_eq!(*access, route.access, "{method} {path}");
    *sent
}

fn body(sent: Sent, client: &mut Client) -> Json {
    match sent {
        Sent::Nothing => Json::Null,
        Sent::NewAccount => json!({"username": "newcomer", "password": PASSWORD}),
        Sent::Password => json!({"login": "ada", "password": PASSWORD}),
        Sent::RefreshToken => {
            let tokens = client.login("ada", PASSWORD).expect(200);
            json!({"refresh_token": tokens.text("refresh_token")})
        }
    }
}

fn path(route: &Route) -> String {
    match route.base {
        Base::Root => route.path.to_owned(),
        Base::Prefix => format!("/v1{}", route.path),
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

// SECURITY 67
#[test]
fn the_matrix_and_the_route_table_name_the_same_routes() {
    let mut rows: Vec<_> = MATRIX.iter().map(|(method, path, ..)| (*method, *path)).collect();
    let mut routes: Vec<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
    rows.sort_unstable();
    routes.sort_unstable();
    assert_eq!(rows, routes);
}

// SECURITY 33, 67
#[test]
fn each_route_answers_exactly_those_it_is_for() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let _ = client.sign_up("ada").expect(201);
        for route in ROUTES {
            for credential in CREDENTIALS {
                let what = format!("{} {} with {credential:?}", route.method, route.path);
                let presented = token(&mut client, credential);
                client.now += 1000;
                let target = path(route);
                let mut request = match body(sent(route), &mut client) {
                    Json::Null => get(&target),
                    body => post(&target, &body),
                };
                request.method = route.method.to_owned();
                if let Some(token) = &presented {
                    request = bearing(request, token);
                }
                let refused = match route.access {
                    Access::Open | Access::RefreshToken => None,
                    Access::SignedIn | Access::SignedInOrRefreshToken => credential.refused(),
                };
                let answer = client.send(request);
                match refused {
                    Some((status, code)) => {
                        assert_eq!((answer.status, answer.code()), (status, code), "{what}");
                        assert!(answer.header("www-authenticate").is_some(), "{what}");
                    }
                    None => assert!(answer.status < 300, "{what}: {}", answer.body),
                }
                let cacheable = route.path.starts_with("/.well-known/");
                let control = answer.header("cache-control").expect("always there");
                assert_eq!(control.contains("public"), cacheable, "{what}: {control}");
                assert_eq!(control.contains("no-store"), !cacheable, "{what}: {control}");
                assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
                database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
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
