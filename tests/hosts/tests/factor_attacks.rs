//! Attacks on the second factor by who knows the password, or has an older session, just as a
//! factor begins to count or changes: operations that overtake one another, on each database.

use authcore::effect::Request;
use authcore_tests::client::{PASSWORD, bearing, get, post};
use authcore_tests::database::on_each;
use authcore_tests::interposing::Interposing;
use authcore_tests::settings::service;
use authcore_tests::{Answer, Authenticator, Client, Database};
use serde_json::json;

fn client(database: &Database, own: &[(&str, &str)]) -> Client {
    Client::new(service(own), database.connect())
}

/// Another client, whose operations are not those of the first.
fn another(database: &Database) -> Client {
    let mut other = client(database, &[]);
    other.number = 1;
    other
}

fn method(method: &str, mut request: Request) -> Request {
    request.method = method.to_owned();
    request
}

fn sign_up_with_totp(client: &mut Client, name: &str) -> Authenticator {
    let body = json!({"username": name, "password": PASSWORD, "second_factor": "totp"});
    Authenticator::enrolled(&client.send(post("/v1/accounts", &body)).expect(201))
}

fn answer(client: &mut Client, challenge: &str, code: &str, remember: Option<bool>) -> Answer {
    let body = json!({"challenge": challenge, "code": code, "remember_device": remember});
    client.send(post("/v1/login/otp", &body))
}

/// Signs in with the code of this moment.
fn with_code(client: &mut Client, name: &str, app: &Authenticator) -> Answer {
    let challenged = client.login(name, PASSWORD).expect(202);
    let code = app.code(client.now);
    answer(client, challenged.text("challenge"), &code, Some(true)).expect(200)
}

fn enrol(client: &mut Client, token: &str) -> Answer {
    client.send(bearing(post("/v1/mfa/totp", &json!({})), token))
}

fn confirm(client: &mut Client, token: &str, app: &Authenticator) -> Answer {
    let code = json!({"code": app.code(client.now)});
    client.send(bearing(post("/v1/mfa/totp/confirm", &code), token))
}

/// Sends a request and does something else before its last effect, which has this number.
fn overtaken(
    client: &mut Client,
    database: &Database,
    request: Request,
    effect: usize,
    other: impl FnMut(),
) -> Answer {
    let (answer, last) = overtaken_at(client, database, request, effect, other);
    assert_eq!(last, effect, "it is the last effect that is overtaken");
    answer
}

/// Sends a request and does something else before its effect of this number; tells the number of its
/// last one too.
fn overtaken_at(
    client: &mut Client,
    database: &Database,
    request: Request,
    effect: usize,
    mut other: impl FnMut(),
) -> (Answer, usize) {
    let mut host = database.connect();
    let mut reached = 0;
    let before = |number| {
        reached = number;
        if number == effect {
            other();
        }
    };
    let answer = client.send_through(&mut Interposing::new(&mut *host, before), request);
    (answer, reached)
}

// SECURITY 15, 86
#[test]
fn a_trade_that_is_overtaken_by_the_first_code_changes_no_factor() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let app = sign_up_with_totp(&mut client, "ada");
        let theirs = client.login("ada", PASSWORD).expect(202);
        let own = client.login("ada", PASSWORD).expect(202);
        let trade = post("/v1/login/enrolment", &json!({"challenge": theirs.text("challenge")}));
        let mut owner = another(database);
        let traded = overtaken(&mut client, database, trade, 1, || {
            let code = app.code(owner.now);
            let _ = answer(&mut owner, own.text("challenge"), &code, None).expect(200);
        });
        assert_eq!(traded.code(), "challenge_dead", "{}", traded.body);
        assert_eq!(database.count("SELECT count(*) FROM authenticators"), 1);
    });
}

// SECURITY 15, 86
#[test]
fn a_login_that_is_overtaken_by_an_enrolment_begins_no_session() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let tokens = client.signed_in("ada");
        let app = Authenticator::enrolled(&enrol(&mut client, tokens.text("access_token")));
        let login = post("/v1/login", &json!({"login": "ada", "password": PASSWORD}));
        let mut owner = another(database);
        let answer = overtaken(&mut client, database, login, 3, || {
            let _ = confirm(&mut owner, tokens.text("access_token"), &app).expect(200);
        });
        assert_eq!(answer.code(), "invalid_credentials", "{}", answer.body);
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 1);
    });
}

// SECURITY 22, 86
#[test]
fn a_login_that_is_overtaken_by_the_end_of_its_device_begins_no_session() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let app = sign_up_with_totp(&mut client, "ada");
        let tokens = with_code(&mut client, "ada", &app);
        let device = tokens.text("device_token");
        let login = json!({"login": "ada", "password": PASSWORD, "device_token": device});
        let login = || post("/v1/login", &login);
        let _ = client.send(login()).expect(200);
        let mut owner = another(database);
        let answer = overtaken(&mut client, database, login(), 3, || {
            let forget = method("DELETE", get("/v1/devices"));
            let _ = owner.send(bearing(forget, tokens.text("access_token"))).expect(204);
        });
        assert_eq!(answer.code(), "invalid_credentials", "{}", answer.body);
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 2);
    });
}

// SECURITY 16, 21, 86: else whoever has an older session puts a factor of their own in its place.
#[test]
fn an_enrolment_that_is_overtaken_by_a_factor_needs_that_factor() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let tokens = client.signed_in("ada");
        let older = client.login("ada", PASSWORD).expect(200);
        let app = Authenticator::enrolled(&enrol(&mut client, tokens.text("access_token")));
        let request = bearing(post("/v1/mfa/totp", &json!({})), older.text("access_token"));
        let mut owner = another(database);
        // One effect more asks why.
        let (enrolled, last) = overtaken_at(&mut client, database, request, 1, || {
            let _ = confirm(&mut owner, tokens.text("access_token"), &app).expect(200);
        });
        assert_eq!(last, 2);
        assert_eq!(enrolled.code(), "reauthentication_required", "{}", enrolled.body);
        let waiting = "SELECT count(*) FROM authenticators WHERE confirmed_at IS NULL";
        assert_eq!(database.count(waiting), 0);
    });
}

// SECURITY 21
#[test]
fn what_a_session_showed_of_an_older_factor_counts_no_more() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let app = sign_up_with_totp(&mut client, "ada");
        let stolen = with_code(&mut client, "ada", &app);
        client.now += 30_000;
        let own = with_code(&mut client, "ada", &app);
        let app = Authenticator::enrolled(&enrol(&mut client, own.text("access_token")));
        let _ = confirm(&mut client, own.text("access_token"), &app).expect(200);
        let disable = || method("DELETE", get("/v1/mfa"));
        let refused = client.send(bearing(disable(), stolen.text("access_token"))).expect(403);
        assert_eq!(refused.code(), "reauthentication_required");
        let _ = client.send(bearing(disable(), own.text("access_token"))).expect(204);
    });
}

// SECURITY 22
#[test]
fn a_device_is_remembered_for_as_long_as_the_settings_allow_it() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let app = sign_up_with_totp(&mut client, "ada");
        let tokens = with_code(&mut client, "ada", &app);
        let device = tokens.text("device_token");
        let login = json!({"login": "ada", "password": PASSWORD, "device_token": device});
        let _ = client.send(post("/v1/login", &login)).expect(200);
        client.service = service(&[("AUTHCORE_REMEMBER_DEVICE", "off")]);
        let _ = client.send(post("/v1/login", &login)).expect(202);
    });
}

// SECURITY 94, 100
#[test]
fn a_form_of_thousands_of_fields_is_told_of_a_few() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let fields: Vec<String> = (0..9_000).map(|number| format!("f{number}")).collect();
        let request = Request {
            method: "POST".to_owned(),
            target: "/v1/login".to_owned(),
            headers: vec![(
                "content-type".to_owned(),
                b"application/x-www-form-urlencoded".to_vec(),
            )],
            body: fields.join("&").into_bytes(),
        };
        let escaped =
            Request { body: b"username=a&password=b&c/d~e=1".to_vec(), ..request.clone() };
        let refused = client.send(request).expect(422);
        assert_eq!(refused.body["errors"].as_array().map(Vec::len), Some(32));
        let refused = client.send(escaped).expect(422);
        assert_eq!(refused.body["errors"][0]["pointer"], "/c~1d~0e");
        assert_eq!(refused.body["errors"][0]["code"], "unknown_field");
    });
}

// SECURITY 22, 86
#[test]
fn a_password_change_that_is_overtaken_by_an_enrolment_asks_for_the_factor() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let tokens = client.signed_in("ada");
        let thief = client.login("ada", PASSWORD).expect(200);
        let app = Authenticator::enrolled(&enrol(&mut client, tokens.text("access_token")));
        let body = json!({"current_password": PASSWORD, "password": "quiet walrus 77 harbour"});
        let mut change = post("/v1/me/password", &body);
        change.method = "PUT".to_owned();
        let change = bearing(change, thief.text("access_token"));
        let mut owner = another(database);
        let version = "SELECT version FROM credentials";
        let before = database.count(version);
        // The admission, the session and the count, the strength, the try, two hashes, the change;
        // and why it did not come about.
        let (answer, last) = overtaken_at(&mut client, database, change, 6, || {
            let _ = confirm(&mut owner, tokens.text("access_token"), &app).expect(200);
        });
        assert_eq!(last, 7);
        assert_eq!(answer.code(), "reauthentication_required", "{}", answer.body);
        assert_eq!(database.count(version), before);
    });
}
