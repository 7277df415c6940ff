//! What strangers try at somebody else's account, and what its owner is told of it.

use authcore::service::Command;
use authcore_tests::client::{PASSWORD, post, with};
use authcore_tests::database::on_each;
use authcore_tests::{Client, settings};
use serde_json::json;

const DAY: i64 = 24 * 60 * 60 * 1000;

// SECURITY 92
#[test]
fn a_sign_in_to_an_account_that_slept_is_told() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let body = json!({"username": "ada", "email": "ada@example.org", "password": PASSWORD});
        let _ = client.send(post("/v1/accounts", &body)).expect(201);
        let login = |agent: &str| {
            with(
                post("/v1/login", &json!({"login": "ada", "password": PASSWORD})),
                "user-agent",
                agent,
            )
        };
        let told = || database.count("SELECT count(*) FROM outbox WHERE template = 'new_sign_in'");
        let _ = client.send(login("a browser")).expect(200);
        assert_eq!(told(), 0, "the first of all");
        // The session ends, and is forgotten.
        client.now += 100 * DAY;
        let _ = client.run(Command::Sweep).expect("a sweep");
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 0);
        let _ = client.send(login("another browser")).expect(200);
        assert_eq!(told(), 1);
    });
}

// SECURITY 60, 62
#[test]
fn what_a_session_proves_gives_strangers_no_tries() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.signed_in("ada").text("access_token").to_owned();
        for _ in 0..5 {
            let _ = client.login("ada", "not the password").expect(401);
        }
        let failures =
            || database.count("SELECT failures FROM throttles WHERE key LIKE 'account.%'");
        assert_eq!(failures(), 5);
        let _ = client.login("ada", PASSWORD).expect(429);
        for _ in 0..3 {
            client.now += 1;
            let body = json!({"password": PASSWORD});
            let _ = client.act(&owner, "POST", "/v1/reauthenticate", &body).expect(200);
        }
        assert_eq!(failures(), 5, "none was counted there, and none is given back");
        // One try after the wait, and not five.
        client.now += 61_000;
        let _ = client.login("ada", "not the password").expect(401);
        let _ = client.login("ada", "not the password").expect(429);
    });
}

// SECURITY 16
#[test]
fn a_challenge_without_tries_is_traded_for_nothing() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let app = authcore_tests::Authenticator::enrolled(&client.sign_up_with_totp("ada"));
        let challenge = client.challenged("ada");
        for _ in 0..3 {
            let _ = client.answer_otp(&challenge, &app.wrong_code(client.now)).expect(401);
        }
        let trade = client.send(post("/v1/login/enrolment", &json!({"challenge": challenge})));
        assert_eq!(trade.expect(401).code(), "challenge_dead");
        // The seed that its owner has still counts.
        let challenge = client.challenged("ada");
        let _ = client.answer_otp(&challenge, &app.code(client.now)).expect(200);
    });
}
