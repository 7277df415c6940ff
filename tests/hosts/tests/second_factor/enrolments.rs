//! An enrolment counts once it is confirmed; changing a factor asks for the factor itself.

use authcore::service::Command;
use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use authcore_tests::database::on_each;
use authcore_tests::owner::{PERIOD, backup_codes, later};
use authcore_tests::{Authenticator, Client, Database, settings};
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

fn enrol(client: &mut Client, access: &str) -> Authenticator {
    let enrolment = client.act(access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
    Authenticator::enrolled(&enrolment)
}

/// Whether the account has a confirmed factor, as its owner sees it.
fn second_factor(client: &mut Client, access: &str) -> Json {
    client.me(access).expect(200).body["second_factor"].clone()
}

// SECURITY 16
#[test]
fn a_new_seed_kills_the_former_one() {
    on_each(|database| {
        let mut client = client(database);
        let access = client.signed_in("ada").text("access_token").to_owned();
        let first = enrol(&mut client, &access);
        let second = enrol(&mut client, &access);
        let confirm = |client: &mut Client, app: &Authenticator| {
            let body = json!({"code": app.code(client.now)});
            client.act(&access, "POST", "/v1/mfa/totp/confirm", &body)
        };
        assert_eq!(confirm(&mut client, &first).expect(401).code(), "otp_invalid");
        assert_eq!(second_factor(&mut client, &access), Json::Null);
        let _ = confirm(&mut client, &second).expect(200);
        assert_eq!(second_factor(&mut client, &access), "totp");
    });
}

// SECURITY 16
#[test]
fn an_enrolment_of_a_session_waits_for_half_an_hour() {
    on_each(|database| {
        let mut client = client(database);
        let mut tokens = client.signed_in("ada");
        for (wait, code) in [(30 * MINUTE, "no_enrolment"), (30 * MINUTE - 1, "")] {
            let body = json!({"password": PASSWORD});
            let access = tokens.text("access_token");
            let fresh = client.act(access, "POST", "/v1/reauthenticate", &body).expect(200);
            let app = enrol(&mut client, fresh.text("access_token"));
            client.now += wait;
            tokens = client.refresh(tokens.text("refresh_token")).expect(200);
            // It asks for nothing while it waits.
            let _ = client.login("ada", PASSWORD).expect(200);
            let body = json!({"code": app.code(client.now)});
            let access = tokens.text("access_token");
            let answer = client.act(access, "POST", "/v1/mfa/totp/confirm", &body);
            assert_eq!(answer.code(), code, "after {wait} ms");
        }
    });
}

// SECURITY 16
#[test]
fn an_enrolment_of_a_sign_up_waits_for_a_day() {
    on_each(|database| {
        let mut client = client(database);
        for (name, wait, status) in [("ada", 24 * HOUR - 1, 202), ("bob", 24 * HOUR, 200)] {
            client.now = settings::NOW;
            let account = client.sign_up_with_totp(name).expect(201);
            assert_eq!(account.body["enrolment"]["expires_in"], 86_400);
            let app = Authenticator::enrolled(&account);
            client.now += wait;
            let answer = client.login(name, PASSWORD).expect(status);
            if status == 200 {
                assert_eq!(second_factor(&mut client, answer.text("access_token")), Json::Null);
                client.run(Command::Sweep).expect("swept");
                let left = "SELECT count(*) FROM authenticators WHERE confirmed_at IS NULL";
                assert_eq!(database.count(left), 0);
                continue;
            }
            assert_eq!(answer.body["methods"], json!(["totp"]), "no backup codes yet");
            let code = app.code(client.now);
            let tokens = client.answer_otp(answer.text("challenge"), &code).expect(200);
            assert_eq!(backup_codes(&tokens).len(), 10);
            assert_eq!(second_factor(&mut client, tokens.text("access_token")), "totp");
        }
    });
}

// SECURITY 16
#[test]
fn a_closed_page_is_traded_for_a_new_seed_a_few_times_a_day() {
    on_each(|database| {
        let mut client = client(database);
        let account = client.sign_up_with_totp("ada").expect(201);
        let first = Authenticator::enrolled(&account);
        let challenge = client.challenged("ada");
        let trade = |client: &mut Client, challenge: &str| {
            client.send(post("/v1/login/enrolment", &json!({"challenge": challenge})))
        };
        client.now += HOUR;
        let challenge = if client.answer_otp(&challenge, "000000").code() == "challenge_dead" {
            client.challenged("ada")
        } else {
            panic!("an hour has gone by")
        };
        let mut app = None;
        for _ in 0..5 {
            let enrolment = trade(&mut client, &challenge).expect(200);
            // The day it has to be confirmed in goes on.
            assert_eq!(enrolment.body["expires_in"], 23 * 3600);
            app = Some(Authenticator::enrolled(&enrolment));
        }
        let refused = trade(&mut client, &challenge).expect(429);
        assert_eq!(refused.code(), "rate_limited");
        assert!(refused.body["retry_after"].as_i64() >= Some(1));
        let old = client.answer_otp(&challenge, &first.code(client.now));
        assert_eq!(old.code(), "otp_invalid");
        let code = app.expect("five").code(client.now);
        let _ = client.answer_otp(&challenge, &code).expect(200);
        // What is confirmed is not traded.
        let challenge = client.challenged("ada");
        assert_eq!(trade(&mut client, &challenge).code(), "reauthentication_required");
    });
}

/// All that asks for a sign-in by the factor itself, where there is one.
const CHANGES: [(&str, &str); 4] = [
    ("GET", "/v1/mfa/totp/qr"),
    ("POST", "/v1/mfa/totp"),
    ("POST", "/v1/mfa/backup-codes"),
    ("DELETE", "/v1/mfa"),
];

// SECURITY 16, 21
#[test]
fn a_password_alone_changes_no_factor() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        client.now = later(client.now);
        let body = json!({"password": PASSWORD});
        let fresh = client.act(&owner.access, "POST", "/v1/reauthenticate", &body);
        // The token of the enrolment has expired: only the session's freshness is at stake.
        assert_eq!(fresh.code(), "token_expired");
        let tokens = client.refresh(&owner.refresh).expect(200);
        let access = tokens.text("access_token").to_owned();
        let fresh = client.act(&access, "POST", "/v1/reauthenticate", &body).expect(200);
        for token in [&access, fresh.text("access_token")] {
            for (method, target) in CHANGES {
                let answer = client.act(token, method, target, &Json::Null).expect(403);
                assert_eq!(answer.code(), "reauthentication_required", "{method} {target}");
                assert!(answer.body.get("secret").is_none());
            }
        }
        let body = json!({"code": owner.app.code(client.now)});
        let fresh = client.act(&access, "POST", "/v1/reauthenticate", &body).expect(200);
        for (method, target) in CHANGES {
            let answer = client.act(fresh.text("access_token"), method, target, &Json::Null);
            assert!(answer.status < 300, "{method} {target}: {}", answer.body);
        }
    });
}

// SECURITY 21, 92
#[test]
fn who_removes_the_factor_is_told_and_remembered_nowhere() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let device = client.remembered(&owner).text("device_token").to_owned();
        let _ = client.login_on(&device, "ada", PASSWORD).expect(200);
        let _ = client.act(&owner.access, "DELETE", "/v1/mfa", &Json::Null).expect(204);
        let told = "SELECT count(*) FROM outbox WHERE template = 'factor_removed'";
        assert_eq!(database.count(told), 1);
        for rows in [
            "SELECT count(*) FROM authenticators",
            "SELECT count(*) FROM backup_codes",
            "SELECT count(*) FROM remembered_devices",
            "SELECT count(*) FROM challenges",
        ] {
            assert_eq!(database.count(rows), 0, "{rows}");
        }
        // With a factor again, the old device is a stranger.
        client.now = later(client.now);
        let tokens = client.login("ada", PASSWORD).expect(200);
        let access = tokens.text("access_token").to_owned();
        let app = enrol(&mut client, &access);
        let body = json!({"code": app.code(client.now - PERIOD)});
        let _ = client.act(&access, "POST", "/v1/mfa/totp/confirm", &body).expect(200);
        let _ = client.login_on(&device, "ada", PASSWORD).expect(202);
    });
}

// SECURITY 33
#[test]
fn the_picture_of_a_seed_is_kept_by_nobody_and_runs_nothing() {
    on_each(|database| {
        let mut client = client(database);
        let access = client.enrolled("ada").access;
        for (accept, kind) in [
            ("image/svg+xml", "image/svg+xml"),
            ("image/png", "image/png"),
            ("*/*", "application/json"),
        ] {
            let request = with(bearing(get("/v1/mfa/totp/qr"), &access), "accept", accept);
            let answer = client.send(request).expect(200);
            assert_eq!(answer.header("content-type"), Some(kind));
            assert!(answer.header("cache-control").expect("set").contains("no-store"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            if kind == "image/svg+xml" {
                let policy = answer.header("content-security-policy").expect("a policy");
                assert!(policy.contains("sandbox"), "{policy}");
                assert!(policy.contains("default-src 'none'"), "{policy}");
            }
        }
    });
}
