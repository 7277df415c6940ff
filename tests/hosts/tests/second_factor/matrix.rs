//! Every route that may give a session or tokens × every state of a second factor (DESIGN §5).

use authcore::api::{Access, Base, ROUTES, Route};
use authcore::effect::Request;
use authcore_tests::client::{PASSWORD, bearing, post, with};
use authcore_tests::database::on_each;
use authcore_tests::owner::{PERIOD, call};
use authcore_tests::{Answer, Authenticator, Client, Database, Owner, settings};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};

const DAY: i64 = 24 * 60 * 60_000;

/// What an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NoFactor,
    Confirmed,
    /// Asked for at sign-up, and waiting for the first code.
    WaitingSinceSignUp,
    /// The same, a day later.
    NeverConfirmed,
    /// Asked for by a session, and waiting.
    WaitingSinceSession,
    /// A factor by mail, for which no code was sent.
    Email,
    /// A confirmed one, on a device that it was remembered on.
    Remembered,
}

const STATES: [State; 7] = [
    State::NoFactor,
    State::Confirmed,
    State::WaitingSinceSignUp,
    State::NeverConfirmed,
    State::WaitingSinceSession,
    State::Email,
    State::Remembered,
];

/// An account in a state.
struct Scene {
    app: Option<Authenticator>,
    backup_code: String,
    device: Option<String>,
    /// A session from before, where there can be one.
    session: Option<(String, String)>,
    challenge: String,
}

const NAME: &str = "ada";

fn enter(client: &mut Client, database: &Database, state: State) -> Scene {
    let nothing = "AAAA-AAAA-AAAA-AAAA".to_owned();
    let mut scene = Scene {
        app: None,
        backup_code: nothing,
        device: None,
        session: None,
        challenge: String::new(),
    };
    let pair = |it: &Answer| {
        Some((it.text("access_token").to_owned(), it.text("refresh_token").to_owned()))
    };
    match state {
        State::NoFactor => scene.session = pair(&client.signed_in(NAME)),
        State::WaitingSinceSignUp | State::NeverConfirmed => {
            let account = client.sign_up_with_totp(NAME).expect(201);
            scene.app = Some(Authenticator::enrolled(&account));
            if state == State::NeverConfirmed {
                client.now += DAY;
                scene.session = pair(&client.login(NAME, PASSWORD).expect(200));
            }
        }
        State::WaitingSinceSession => {
            let tokens = client.signed_in(NAME);
            let access = tokens.text("access_token");
            let enrolment = client.act(access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
            scene.app = Some(Authenticator::enrolled(&enrolment));
            scene.session = pair(&tokens);
        }
        State::Confirmed | State::Email | State::Remembered => {
            let owner = client.enrolled(NAME);
            if state == State::Remembered {
                let device = client.remembered(&owner);
                scene.device = Some(device.text("device_token").to_owned());
                client.now += 2 * PERIOD;
            }
            if state == State::Email {
                for sql in [
                    "UPDATE authenticators SET kind = 'email', sealed = NULL WHERE id <> ''",
                    "DELETE FROM backup_codes WHERE code_hash <> ''",
                ] {
                    database.query(sql, Vec::new());
                }
            } else {
                scene.backup_code.clone_from(&owner.backup_codes[0]);
            }
            scene.session = Some((owner.access, owner.refresh));
            scene.app = Some(owner.app);
        }
    }
    scene.challenge = match client.login(NAME, PASSWORD) {
        Answer { status: 202, body, .. } => body["challenge"].as_str().expect("text").to_owned(),
        _ => format!("ch_{}", "A".repeat(43)),
    };
    scene
}

/// A way to a session or to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Json,
    Form,
    Basic,
    JsonWithCode,
    JsonWithWrongCode,
    Otp,
    BackupCode,
    Refresh,
    ReauthenticateByPassword,
    ReauthenticateByCode,
    ReauthenticateByBackupCode,
}

/// The ways of a route; none where it never gives tokens. A new route without a row fails.
fn ways(route: &Route) -> &'static [Way] {
    match (route.method, route.path) {
        ("POST", "/login") => {
            &[Way::Json, Way::Form, Way::Basic, Way::JsonWithCode, Way::JsonWithWrongCode]
        }
        ("POST", "/login/otp") => &[Way::Otp],
        ("POST", "/login/backup-code") => &[Way::BackupCode],
        ("POST", "/refresh") => &[Way::Refresh],
        ("POST", "/reauthenticate") => &[
            Way::ReauthenticateByPassword,
            Way::ReauthenticateByCode,
            Way::ReauthenticateByBackupCode,
        ],
        ("GET", "/" | "/healthz" | "/readyz" | "/openapi.json" | "/docs") => &[],
        ("GET", "/.well-known/jwks.json") => &[],
        ("GET", "/.well-known/revocations" | "/.well-known/revocations/jwks.json") => &[],
        ("GET", "/me" | "/sessions" | "/mfa" | "/mfa/totp/qr" | "/devices") => &[],
        ("POST", "/accounts" | "/login/enrolment" | "/logout" | "/password/strength") => &[],
        ("POST", "/mfa/totp" | "/mfa/totp/confirm" | "/mfa/backup-codes") => &[],
        ("PUT", "/me/password") => &[],
        (
            "DELETE",
            "/me" | "/mfa" | "/sessions" | "/sessions/{id}" | "/devices" | "/devices/{id}",
        ) => &[],
        (method, path) => panic!("{method} {path} has no row in this matrix"),
    }
}

/// What DESIGN §5 says: the status, and the code of a problem document.
fn due(way: Way, state: State) -> (u16, &'static str) {
    use State::{
        Confirmed, Email, NeverConfirmed, NoFactor, Remembered, WaitingSinceSession,
        WaitingSinceSignUp,
    };
    let tokens = (200, "");
    let challenge = (202, "");
    let wrong = (401, "otp_invalid");
    match (way, state) {
        // What is not confirmed asks for nothing, but for what the sign-up asked for, for a day.
        (_, NoFactor | NeverConfirmed | WaitingSinceSession) => match way {
            Way::Otp | Way::BackupCode => (401, "challenge_dead"),
            Way::ReauthenticateByCode | Way::ReauthenticateByBackupCode => {
                (409, "no_second_factor")
            }
            _ => tokens,
        },
        // A form has no place for the token of a device.
        (Way::Json | Way::Basic | Way::JsonWithCode | Way::JsonWithWrongCode, Remembered) => tokens,
        (Way::Json | Way::Form | Way::Basic, _) => challenge,
        (Way::JsonWithWrongCode, _) => wrong,
        // No code was sent by mail, so none is right.
        (Way::JsonWithCode | Way::Otp | Way::ReauthenticateByCode, Email) => wrong,
        (Way::BackupCode, WaitingSinceSignUp | Email) => (401, "backup_codes_exhausted"),
        (Way::ReauthenticateByBackupCode, Email) => (401, "backup_codes_exhausted"),
        (_, Confirmed | Remembered | WaitingSinceSignUp | Email) => tokens,
    }
}

/// Nobody has a session whose account waits for its first code since the sign-up.
fn is_possible(way: Way, state: State) -> bool {
    let by_session = [
        Way::Refresh,
        Way::ReauthenticateByPassword,
        Way::ReauthenticateByCode,
        Way::ReauthenticateByBackupCode,
    ];
    !(by_session.contains(&way) && state == State::WaitingSinceSignUp)
}

fn go(client: &mut Client, scene: &Scene, way: Way) -> Answer {
    let now = client.now;
    let code = scene.app.as_ref().map_or_else(|| "123456".to_owned(), |app| app.code(now));
    let wrong = scene.app.as_ref().map_or_else(|| "123456".to_owned(), |app| app.wrong_code(now));
    let mut beside = json!({});
    if let Some(device) = &scene.device {
        beside["device_token"] = device.as_str().into();
    }
    let mut login = beside.clone();
    login["login"] = NAME.into();
    login["password"] = PASSWORD.into();
    let (access, refresh) = scene.session.clone().unwrap_or_default();
    let reauthenticate = |body: &Json| bearing(post("/v1/reauthenticate", body), &access);
    let request = match way {
        Way::Json => post("/v1/login", &login),
        Way::Form => {
            let mut form = post("/v1/login", &Json::Null);
            form.headers[0].1 = b"application/x-www-form-urlencoded".to_vec();
            let password = PASSWORD.replace(' ', "+");
            form.body = format!("username={NAME}&password={password}").into_bytes();
            form
        }
        Way::Basic => {
            let pair = BASE64_STANDARD.encode(format!("{NAME}:{PASSWORD}"));
            with(post("/v1/login", &beside), "authorization", &format!("Basic {pair}"))
        }
        Way::JsonWithCode => {
            login["otp"] = code.into();
            post("/v1/login", &login)
        }
        Way::JsonWithWrongCode => {
            login["otp"] = wrong.into();
            post("/v1/login", &login)
        }
        Way::Otp => post("/v1/login/otp", &json!({"challenge": scene.challenge, "code": code})),
        Way::BackupCode => {
            let body = json!({"challenge": scene.challenge, "code": scene.backup_code});
            post("/v1/login/backup-code", &body)
        }
        Way::Refresh => post("/v1/refresh", &json!({"refresh_token": refresh})),
        Way::ReauthenticateByPassword => reauthenticate(&json!({"password": PASSWORD})),
        Way::ReauthenticateByCode => reauthenticate(&json!({"code": code})),
        Way::ReauthenticateByBackupCode => {
            reauthenticate(&json!({"backup_code": scene.backup_code}))
        }
    };
    client.send(request)
}

/// Whether an answer is of a session at all.
fn gives_tokens(answer: &Answer) -> bool {
    ["access_token", "refresh_token"].iter().any(|token| answer.body.get(token).is_some())
}

// SECURITY 14, 15
#[test]
fn every_way_to_tokens_passes_the_factor() {
    on_each(|database| {
        for route in ROUTES {
            for way in ways(route) {
                for state in STATES.into_iter().filter(|state| is_possible(*way, *state)) {
                    clear(database);
                    let mut client = Client::new(settings::service(&[]), database.connect());
                    client.number = 1;
                    let scene = enter(&mut client, database, state);
                    let before = database.count("SELECT count(*) FROM sessions");
                    let answer = go(&mut client, &scene, *way);
                    let what = format!("{way:?} of {state:?}: {}", answer.body);
                    assert_eq!((answer.status, answer.code()), due(*way, state), "{what}");
                    assert_eq!(gives_tokens(&answer), answer.status == 200, "{what}");
                    let began = database.count("SELECT count(*) FROM sessions") - before;
                    let begins = answer.status == 200 && route.path.starts_with("/login");
                    assert_eq!(began, i64::from(begins), "{what}");
                    if gives_tokens(&answer) {
                        let access = answer.text("access_token").to_owned();
                        what_it_may(&mut client, &access, *way, state);
                    }
                }
            }
        }
    });
}

/// Tokens without a shown factor change nothing of an account that has one (SECURITY 21).
fn what_it_may(client: &mut Client, access: &str, way: Way, state: State) {
    let me = client.me(access).expect(200);
    let has_factor = !me.body["second_factor"].is_null();
    let shown = match way {
        Way::Otp | Way::BackupCode => true,
        Way::ReauthenticateByCode | Way::ReauthenticateByBackupCode => true,
        Way::JsonWithCode => state != State::Remembered,
        // The session itself has shown it, as it enrolled.
        Way::Refresh | Way::ReauthenticateByPassword => true,
        Way::Json | Way::Form | Way::Basic | Way::JsonWithWrongCode => false,
    };
    let changed = client.act(access, "POST", "/v1/mfa/backup-codes", &Json::Null);
    let due = match (has_factor, shown) {
        (false, _) => (409, "no_second_factor"),
        (true, true) => (200, ""),
        (true, false) => (403, "reauthentication_required"),
    };
    assert_eq!((changed.status, changed.code()), due, "{way:?} of {state:?}");
}

/// The status of a route that gives no tokens, where all is as it should be. A new one without a
/// row fails.
fn due_without_tokens(route: &Route) -> u16 {
    match (route.method, route.path) {
        ("GET", _) | ("POST", "/login/enrolment" | "/password/strength") => 200,
        ("POST", "/mfa/totp" | "/mfa/totp/confirm" | "/mfa/backup-codes") => 200,
        ("POST", "/accounts") => 201,
        ("POST", "/logout") | ("PUT" | "DELETE", _) => 204,
        (method, path) => panic!("{method} {path} has no row"),
    }
}

/// The request of such a route, after what makes it succeed.
fn succeeding(client: &mut Client, owner: &Owner, route: &Route) -> Request {
    let mut id = String::new();
    let body = match (route.method, route.path) {
        ("POST", "/accounts") => json!({"username": "bob", "password": PASSWORD}),
        ("POST", "/login/enrolment") => {
            let _ = client.sign_up_with_totp("bob").expect(201);
            json!({"challenge": client.challenged("bob")})
        }
        ("POST", "/mfa/totp/confirm") => {
            let new = client.act(&owner.access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
            json!({"code": Authenticator::enrolled(&new).code(client.now)})
        }
        ("POST", "/password/strength") => json!({"password": PASSWORD}),
        ("PUT", "/me/password") => json!({"current_password": PASSWORD, "password": PASSWORD}),
        ("DELETE", "/sessions/{id}") => {
            client.remembered(owner).text("session_id").clone_into(&mut id);
            Json::Null
        }
        ("DELETE", "/devices/{id}") => {
            let _ = client.remembered(owner);
            let devices = client.act(&owner.access, "GET", "/v1/devices", &Json::Null).expect(200);
            devices.body["items"][0]["id"].as_str().expect("an id").clone_into(&mut id);
            Json::Null
        }
        _ => Json::Null,
    };
    let prefix = if route.base == Base::Prefix { "/v1" } else { "" };
    let target = format!("{prefix}{}", route.path.replace("{id}", &id));
    let request = call(route.method, &target, &body);
    match route.access {
        Access::Open | Access::Challenge => request,
        _ => bearing(request, &owner.access),
    }
}

// SECURITY 15
#[test]
fn no_other_route_gives_tokens() {
    on_each(|database| {
        for route in ROUTES.iter().filter(|route| ways(route).is_empty()) {
            clear(database);
            let service = settings::service(&[("AUTHCORE_DOCS", "on")]);
            let mut client = Client::new(service, database.connect());
            let owner = client.enrolled(NAME);
            let request = succeeding(&mut client, &owner, route);
            let sessions = || database.query("SELECT id FROM sessions", Vec::new());
            let before = sessions();
            let answer = client.send(request);
            let what = format!("{} {}: {}", route.method, route.path, answer.body);
            assert_eq!(answer.status, due_without_tokens(route), "{what}");
            assert!(!gives_tokens(&answer), "{what}");
            assert!(answer.header("set-cookie").is_none(), "{what}");
            assert!(sessions().iter().all(|session| before.contains(session)), "{what}");
        }
    });
}

/// No account is left.
fn clear(database: &Database) {
    for sql in [
        "DELETE FROM outbox WHERE id <> ''",
        "DELETE FROM remembered_devices WHERE id <> ''",
        "DELETE FROM challenges WHERE id <> ''",
        "DELETE FROM backup_codes WHERE code_hash <> ''",
        "DELETE FROM authenticators WHERE id <> ''",
        "DELETE FROM sessions WHERE id <> ''",
        "DELETE FROM account_roles WHERE account_id <> ''",
        "DELETE FROM credentials WHERE account_id <> ''",
        "DELETE FROM throttles WHERE key <> ''",
        "DELETE FROM accounts WHERE id <> ''",
    ] {
        database.query(sql, Vec::new());
    }
}
