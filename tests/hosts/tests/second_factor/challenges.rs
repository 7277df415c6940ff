//! What a challenge is good for, and what it is not: enrolments, changes of the factor.

use authcore::api::{Access, Base, ROUTES};
use authcore_tests::client::{PASSWORD, bearing, post};
use authcore_tests::database::{on_each, text};
use authcore_tests::owner::{PERIOD, call, later};
use authcore_tests::{Authenticator, Client, Database, settings};
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

/// Every text in a JSON value.
fn texts(value: &Json, into: &mut Vec<String>) {
    match value {
        Json::String(text) => into.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Json::Object(members) => members.values().for_each(|member| texts(member, into)),
        _ => {}
    }
}

// SECURITY 14
#[test]
fn nothing_of_a_challenge_opens_a_route() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.enrolled("ada");
        let before = database.count("SELECT count(*) FROM sessions");
        let challenged = client.login("ada", PASSWORD).expect(202);
        assert_eq!(database.count("SELECT count(*) FROM sessions"), before);
        assert!(challenged.header("set-cookie").is_none());
        let mut secrets = Vec::new();
        texts(&challenged.body, &mut secrets);
        let challenge = challenged.text("challenge");
        let bare = challenge.strip_prefix("ch_").expect("its prefix");
        secrets.extend(["rt_", "rd_", "ot_"].map(|prefix| format!("{prefix}{bare}")));
        secrets.push(bare.to_owned());
        for secret in &secrets {
            for route in ROUTES {
                let prefix = if route.base == Base::Prefix { "/v1" } else { "" };
                let id = "018f0000-0000-7000-8000-000000000001";
                let target = format!("{prefix}{}", route.path.replace("{id}", id));
                let signed_in = [Access::SignedIn, Access::Fresh, Access::SignedInOrRefreshToken];
                let body = match route.path {
                    "/reauthenticate" => json!({"password": PASSWORD}),
                    "/me/password" => json!({"current_password": PASSWORD, "password": PASSWORD}),
                    "/mfa/totp/confirm" => json!({"code": "123456"}),
                    _ => Json::Null,
                };
                if signed_in.contains(&route.access) {
                    let request = bearing(call(route.method, &target, &body), secret);
                    let answer = client.send(request);
                    assert_eq!(answer.status, 401, "{} {target}: {secret}", route.method);
                }
            }
            for target in ["/v1/refresh", "/v1/logout"] {
                let answer = client.send(post(target, &json!({"refresh_token": secret})));
                assert_eq!(answer.status, 401, "{target}: {secret}");
            }
            let answer = client.login_on(secret, "ada", PASSWORD);
            assert_eq!(answer.status, 202, "as a device: {secret}");
            assert!(answer.body.get("access_token").is_none());
        }
        assert_eq!(database.count("SELECT count(*) FROM sessions"), before);
    });
}

#[test]
fn a_challenge_takes_codes_for_five_minutes() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        for (wait, code) in [(5 * MINUTE - 1, ""), (5 * MINUTE, "challenge_dead")] {
            client.now = later(client.now);
            let challenged = client.login("ada", PASSWORD).expect(202);
            assert_eq!(challenged.body["expires_in"], 300);
            client.now += wait;
            let right = owner.app.code(client.now);
            let answer = client.answer_otp(challenged.text("challenge"), &right);
            assert_eq!(answer.code(), code, "after {wait} ms");
            // The one that was answered is used up.
            let next = owner.app.code(client.now + PERIOD);
            let again = client.answer_otp(challenged.text("challenge"), &next);
            assert_eq!(again.code(), "challenge_dead");
        }
    });
}

#[test]
fn the_oldest_of_four_challenges_ends() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let mut open = Vec::new();
        for _ in 0..4 {
            client.now += 1;
            open.push(client.challenged("ada"));
        }
        let code = owner.app.code(client.now);
        assert_eq!(client.answer_otp(&open[0], &code).code(), "challenge_dead");
        let _ = client.answer_otp(&open[1], &code).expect(200);
        let next = owner.app.code(client.now + PERIOD);
        let _ = client.answer_otp(&open[3], &next).expect(200);
    });
}

#[test]
fn a_challenge_ends_with_the_password_and_with_the_factor_it_was_given_for() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let challenge = client.challenged("ada");
        let body = json!({"current_password": PASSWORD, "password": "quiet walrus 77 harbour"});
        let _ = client.act(&owner.access, "PUT", "/v1/me/password", &body).expect(204);
        let code = owner.app.code(client.now);
        assert_eq!(client.answer_otp(&challenge, &code).code(), "challenge_dead");

        client.number = 1;
        let bob = client.enrolled("bob");
        let challenge = client.challenged("bob");
        // A new phone: the new enrolment is confirmed, the old one is gone.
        let enrolment = client.act(&bob.access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
        let app = Authenticator::enrolled(&enrolment);
        // Until it is confirmed the old one counts.
        let _ = client.answer_otp(&challenge, &bob.app.code(client.now)).expect(200);
        let challenge = client.challenged("bob");
        let body = json!({"code": app.code(client.now)});
        let _ = client.act(&bob.access, "POST", "/v1/mfa/totp/confirm", &body).expect(200);
        let next = bob.app.code(client.now + PERIOD);
        assert_eq!(client.answer_otp(&challenge, &next).code(), "challenge_dead");
        let challenge = client.challenged("bob");
        assert_eq!(client.answer_otp(&challenge, &next).code(), "otp_invalid");
        let next = app.code(client.now + PERIOD);
        let _ = client.answer_otp(&challenge, &next).expect(200);
    });
}

// SECURITY 14
#[test]
fn a_challenge_of_a_blocked_account_begins_nothing() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        for status in ["blocked", "pending", "deleted"] {
            let challenge = client.challenged("ada");
            let set = "UPDATE accounts SET status = ?1 WHERE id <> ''";
            database.query(set, vec![text(status)]);
            let code = owner.app.code(client.now);
            let answer = client.answer_otp(&challenge, &code);
            assert_eq!(answer.code(), "challenge_dead", "{status}");
            database.query(set, vec![text("active")]);
        }
    });
}
