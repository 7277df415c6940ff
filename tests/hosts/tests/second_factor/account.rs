//! One's own account and its sessions: what ends them, who sees them, how fresh a sign-in must be.

use authcore::api::{Access, ROUTES, Route};
use authcore::effect::drive;
use authcore_tests::client::{PASSWORD, get};
use authcore_tests::database::{on_each, text};
use authcore_tests::{Client, Database, settings};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;
const OTHER_PASSWORD: &str = "quiet walrus 77 harbour";

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

/// The sessions that verifiers are told of.
fn revoked(client: &mut Client) -> Vec<String> {
    let at = client.arrival();
    let step = client.service.handle(get("/.well-known/revocations"), at);
    let response = drive(step, &mut *client.host);
    let token = String::from_utf8(response.body).expect("a token");
    let payload = token.split('.').nth(1).expect("three parts");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let claims: Json = serde_json::from_slice(&claims).expect("JSON");
    let sids = claims["sids"].as_array().expect("sids");
    sids.iter().map(|sid| sid.as_str().expect("text").to_owned()).collect()
}

// SECURITY 28
#[test]
fn what_ends_sessions_ends_them_at_once_and_tells_verifiers() {
    on_each(|database| {
        for (name, method, target) in [
            ("ada", "PUT", "/v1/me/password"),
            ("bob", "DELETE", "/v1/sessions"),
            ("eve", "DELETE", "/v1/me"),
        ] {
            let mut client = client(database);
            client.number = 1;
            let own = client.signed_in(name);
            let others: Vec<_> = (0..2).map(|_| client.login(name, PASSWORD).expect(200)).collect();
            let access = own.text("access_token");
            let body = match method {
                "PUT" => json!({"current_password": PASSWORD, "password": OTHER_PASSWORD}),
                _ => Json::Null,
            };
            let _ = client.act(access, method, target, &body).expect(204);
            let told = revoked(&mut client);
            for tokens in &others {
                assert_eq!(client.me(tokens.text("access_token")).code(), "session_ended");
                assert_eq!(client.refresh(tokens.text("refresh_token")).code(), "session_ended");
                assert!(told.iter().any(|sid| sid == tokens.text("session_id")), "{target}");
            }
            let ends_own = target == "/v1/me";
            assert_eq!(client.me(access).status == 401, ends_own, "{target}");
            assert_eq!(told.iter().any(|sid| sid == own.text("session_id")), ends_own);
        }
    });
}

#[test]
fn a_deleted_account_keeps_its_names_and_nothing_else_works() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let challenge = client.challenged("ada");
        let device = client.remembered(&owner).text("device_token").to_owned();
        let _ = client.act(&owner.access, "DELETE", "/v1/me", &Json::Null).expect(204);
        assert_eq!(client.login("ada", PASSWORD).code(), "invalid_credentials");
        assert_eq!(client.login_on(&device, "ada", PASSWORD).code(), "invalid_credentials");
        let code = owner.app.code(client.now + 30_000);
        assert_eq!(client.answer_otp(&challenge, &code).code(), "challenge_dead");
        assert_eq!(client.refresh(&owner.refresh).code(), "session_ended");
        assert_eq!(client.sign_up("ada").code(), "taken");
        let again = client.act(&owner.access, "DELETE", "/v1/me", &Json::Null);
        assert_eq!(again.code(), "session_ended");
    });
}

// SECURITY 34
#[test]
fn people_see_and_end_their_own_sessions_only() {
    on_each(|database| {
        let mut client = client(database);
        let ada = client.signed_in("ada");
        let other = client.login("ada", PASSWORD).expect(200);
        let bob = client.signed_in("bob");
        let access = ada.text("access_token");
        let list = client.act(access, "GET", "/v1/sessions", &Json::Null).expect(200);
        let items = list.body["items"].as_array().expect("items");
        assert_eq!((items.len(), &list.body["total"]), (2, &json!(2)));
        let current: Vec<_> = items.iter().filter(|item| item["current"] == true).collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0]["id"], ada.text("session_id"));
        let end = |client: &mut Client, id: &str| {
            client.act(access, "DELETE", &format!("/v1/sessions/{id}"), &Json::Null)
        };
        let foreign = end(&mut client, bob.text("session_id")).expect(404);
        let absent = end(&mut client, "018f0000-0000-7000-8000-000000000001").expect(404);
        assert_eq!(foreign.body, absent.body);
        let _ = end(&mut client, "not-an-id").expect(404);
        let _ = client.me(bob.text("access_token")).expect(200);
        let _ = end(&mut client, other.text("session_id")).expect(204);
        assert_eq!(client.me(other.text("access_token")).code(), "session_ended");
        let _ = end(&mut client, other.text("session_id")).expect(404);
        // An id is no secret: it opens nothing.
        assert_eq!(client.me(ada.text("session_id")).status, 401);
        assert_eq!(client.refresh(ada.text("session_id")).status, 401);
    });
}

// SECURITY 24, 25
#[test]
fn a_refresh_token_from_before_the_last_one_has_no_grace_once_the_password_has_changed() {
    on_each(|database| {
        let mut client = client(database);
        let first = client.signed_in("ada");
        let second = client.refresh(first.text("refresh_token")).expect(200);
        let body = json!({"current_password": PASSWORD, "password": OTHER_PASSWORD});
        let access = second.text("access_token");
        let _ = client.act(access, "PUT", "/v1/me/password", &body).expect(204);
        // Also by the clock of a host that is behind.
        client.now -= MINUTE;
        assert_eq!(client.refresh(first.text("refresh_token")).code(), "refresh_reused");
        assert_eq!(client.refresh(second.text("refresh_token")).code(), "session_ended");
    });
}

// SECURITY 25
#[test]
fn whoever_changed_the_password_goes_on_and_has_a_new_grace_from_the_next_refresh_on() {
    on_each(|database| {
        let mut client = client(database);
        let mut tokens = client.signed_in("ada");
        // Of a session that was not refreshed yet, and of one that was.
        for [current, new] in [[PASSWORD, OTHER_PASSWORD], [OTHER_PASSWORD, PASSWORD]] {
            let body = json!({"current_password": current, "password": new});
            let access = tokens.text("access_token");
            let _ = client.act(access, "PUT", "/v1/me/password", &body).expect(204);
            let next = client.refresh(tokens.text("refresh_token")).expect(200);
            let again = client.refresh(tokens.text("refresh_token")).expect(200);
            assert_eq!(again.text("refresh_token"), next.text("refresh_token"));
            tokens = next;
        }
    });
}

/// What a fresh sign-in gets where there is no factor: a body, and the status. A route without a
/// row fails the test.
fn fresh_row(route: &Route) -> (Json, u16) {
    let change = json!({"current_password": PASSWORD, "password": OTHER_PASSWORD});
    match (route.method, route.path) {
        ("GET", "/mfa/totp/qr") => (Json::Null, 404),
        ("POST", "/mfa/totp") => (Json::Null, 200),
        ("POST", "/mfa/backup-codes") => (Json::Null, 409),
        ("PUT", "/me/password") => (change, 204),
        ("DELETE", "/mfa" | "/me") => (Json::Null, 204),
        other => panic!("{other:?} has no row"),
    }
}

// SECURITY 43
#[test]
fn a_sign_in_is_fresh_for_five_minutes_however_often_it_is_refreshed() {
    on_each(|database| {
        let fresh = ROUTES.iter().filter(|route| route.access == Access::Fresh);
        for (number, route) in (0..).zip(fresh) {
            let (method, target) = (route.method, &format!("/v1{}", route.path));
            let (body, status) = fresh_row(route);
            let mut client = client(database);
            client.number = number;
            let mut tokens = client.signed_in(&format!("ada{number}"));
            client.now += 5 * MINUTE;
            tokens = client.refresh(tokens.text("refresh_token")).expect(200);
            client.now += 1;
            let stale = client.act(tokens.text("access_token"), method, target, &body);
            let stale = stale.expect(403);
            assert_eq!(stale.code(), "reauthentication_required", "{method} {target}");
            let password = json!({"password": PASSWORD});
            let access = tokens.text("access_token");
            let fresh = client.act(access, "POST", "/v1/reauthenticate", &password).expect(200);
            // Its token ends on a whole second.
            client.now += 5 * MINUTE - 2;
            let answer = client.act(fresh.text("access_token"), method, target, &body);
            assert_eq!(answer.status, status, "{method} {target}: {}", answer.body);
        }
    });
}

#[test]
fn wrong_passwords_of_a_session_wait_on_the_session() {
    on_each(|database| {
        let mut client = client(database);
        let tokens = client.signed_in("ada");
        let access = tokens.text("access_token").to_owned();
        let prove = |client: &mut Client, password: &str| {
            client.act(&access, "POST", "/v1/reauthenticate", &json!({"password": password}))
        };
        for _ in 0..5 {
            assert_eq!(prove(&mut client, "wrong").expect(401).code(), "invalid_credentials");
        }
        let told = prove(&mut client, PASSWORD).expect(429);
        assert_eq!((told.code(), told.counts.hashes), ("locked", 0));
        // AUTHCORE_STRICT: they count on the account as well.
        assert_eq!(client.login("ada", PASSWORD).code(), "locked");
        client.now += MINUTE;
        let _ = prove(&mut client, PASSWORD).expect(200);
    });
}

// SECURITY 92
#[test]
fn owners_are_told_of_each_change_at_the_address_they_have() {
    on_each(|database| {
        let mut client = client(database);
        let told = |template: &str| {
            let sql = "SELECT recipient, sealed FROM outbox WHERE template = ?1 AND kind = 'mail' \
                AND state = 'queued' AND attempts = 0";
            let rows = database.query(sql, vec![text(template)]);
            assert!(rows.iter().all(|row| row[0] == text("ada@example.org")), "{template}");
            rows.len()
        };
        let owner = client.enrolled("ada");
        assert_eq!(told("factor_changed"), 1);
        let challenge = client.challenged("ada");
        let wrong = owner.app.wrong_code(client.now);
        let _ = client.answer_otp(&challenge, &wrong).expect(401);
        assert_eq!(told("second_factor_failed"), 1);
        let _ = client.answer_backup_code(&challenge, &owner.backup_codes[0]).expect(200);
        assert_eq!(told("backup_code_used"), 1);
        assert_eq!(told("new_sign_in"), 0, "the same browser");
        let challenge = client.challenged("ada");
        let body = json!({"challenge": challenge, "code": owner.app.code(client.now)});
        let request = authcore_tests::client::post("/v1/login/otp", &body);
        let request = authcore_tests::client::with(request, "user-agent", "another browser");
        let _ = client.send(request).expect(200);
        assert_eq!(told("new_sign_in"), 1);
        let _ = client.act(&owner.access, "GET", "/v1/mfa/totp/qr", &Json::Null).expect(200);
        assert_eq!(told("factor_shown"), 1);
        let renewed = client.act(&owner.access, "POST", "/v1/mfa/backup-codes", &Json::Null);
        let _ = renewed.expect(200);
        assert_eq!(told("backup_codes_renewed"), 1);
        let body = json!({"current_password": PASSWORD, "password": OTHER_PASSWORD});
        let _ = client.act(&owner.access, "PUT", "/v1/me/password", &body).expect(204);
        assert_eq!(told("password_changed"), 1);
        let _ = client.act(&owner.access, "DELETE", "/v1/mfa", &Json::Null).expect(204);
        assert_eq!(told("factor_removed"), 1);
        assert_eq!(database.count("SELECT count(*) FROM outbox"), 8);
        // Who has no address is told nothing.
        let _ = client.signed_in("bob");
        assert_eq!(database.count("SELECT count(*) FROM outbox"), 8);
    });
}
