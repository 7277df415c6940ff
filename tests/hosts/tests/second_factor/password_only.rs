//! What who knows the password alone gets: no seed, no claim of a factor, no full mailbox; and that a
//! wrong code takes nothing from a right password.

use authcore_tests::client::{PASSWORD, post};
use authcore_tests::database::on_each;
use authcore_tests::owner::later;
use authcore_tests::{Authenticator, Client, settings};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

/// The claims of an access token.
fn claims(token: &str) -> Json {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("JSON")
}

// SECURITY 16
#[test]
fn the_seed_of_a_waiting_enrolment_is_shown_once() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.signed_in("ada").text("access_token").to_owned();
        let thief = client.login("ada", PASSWORD).expect(200).text("access_token").to_owned();
        let enrolled = client.act(&owner, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
        let seen = client.act(&thief, "GET", "/v1/mfa/totp/qr", &Json::Null).expect(404);
        assert!(!seen.body.to_string().contains(enrolled.text("secret")));
        let code = json!({"code": Authenticator::enrolled(&enrolled).code(client.now)});
        let _ = client.act(&owner, "POST", "/v1/mfa/totp/confirm", &code).expect(200);
        // Now it is a factor, and asks for itself.
        let _ = client.act(&thief, "GET", "/v1/mfa/totp/qr", &Json::Null).expect(403);
        let again = client.act(&owner, "GET", "/v1/mfa/totp/qr", &Json::Null).expect(200);
        assert_eq!(again.text("secret"), enrolled.text("secret"));
    });
}

// SECURITY 43
#[test]
fn a_password_claims_no_factor() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.enrolled("ada");
        client.now = later(client.now);
        let login =
            json!({"login": "ada", "password": PASSWORD, "otp": owner.app.code(client.now)});
        let tokens = client.send(post("/v1/login", &login)).expect(200);
        let first = claims(tokens.text("access_token"));
        assert_eq!(first["amr"], json!(["pwd", "otp", "mfa"]));

        client.now += 60_000;
        let again = client
            .act(
                tokens.text("access_token"),
                "POST",
                "/v1/reauthenticate",
                &json!({
                    "password": PASSWORD,
                }),
            )
            .expect(200);
        let by_password = claims(again.text("access_token"));
        assert_eq!(by_password["amr"], json!(["pwd"]));
        assert_eq!(by_password["auth_time"], client.now / 1000);
        // What the session says of both factors is of the moment when it showed both.
        let next = client.refresh(tokens.text("refresh_token")).expect(200);
        let refreshed = claims(next.text("access_token"));
        assert_eq!(refreshed["amr"], first["amr"]);
        assert_eq!(refreshed["auth_time"], first["auth_time"]);
    });
}

// SECURITY 43
#[test]
fn without_the_factor_the_password_counts_again() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.enrolled("ada");
        let _ = client.act(&owner.access, "DELETE", "/v1/mfa", &Json::Null).expect(204);
        client.now = later(client.now) + 6 * 60_000;
        let tokens = client.refresh(&owner.refresh).expect(200);
        let access = tokens.text("access_token");
        let stale = client.act(access, "POST", "/v1/mfa/totp", &Json::Null).expect(403);
        assert_eq!(stale.code(), "reauthentication_required");
        let body = json!({"password": PASSWORD});
        let _ = client.act(access, "POST", "/v1/reauthenticate", &body).expect(200);
        let _ = client.act(access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
        // The factor is gone, and what was shown last is the password.
        client.now += 1000;
        let next =
            claims(client.refresh(tokens.text("refresh_token")).expect(200).text("access_token"));
        assert_eq!(next["amr"], json!(["pwd"]));
        assert_eq!(next["auth_time"], (client.now - 1000) / 1000);
    });
}

// SECURITY 92, 110
#[test]
fn the_same_is_told_a_few_times_an_hour() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.enrolled("ada");
        let told = || {
            database.count("SELECT count(*) FROM outbox WHERE template = 'backup_codes_renewed'")
        };
        for _ in 0..8 {
            client.now += 1;
            let _ =
                client.act(&owner.access, "POST", "/v1/mfa/backup-codes", &Json::Null).expect(200);
        }
        assert_eq!(told(), 5);
        client.now += 61 * 60 * 1000;
        let tokens = client.refresh(&owner.refresh).expect(200);
        let code = json!({"code": owner.app.code(client.now)});
        let fresh = client
            .act(tokens.text("access_token"), "POST", "/v1/reauthenticate", &code)
            .expect(200);
        let access = fresh.text("access_token");
        let _ = client.act(access, "POST", "/v1/mfa/backup-codes", &Json::Null).expect(200);
        assert_eq!(told(), 6);
    });
}

// SECURITY 61
#[test]
fn a_wrong_code_takes_nothing_from_a_right_password() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.enrolled("ada");
        client.now = later(client.now);
        // The fifth locks the factor; the password is right in those after it, too.
        for attempt in 1..=12 {
            let wrong = owner.app.wrong_code(client.now);
            let login = json!({"login": "ada", "password": PASSWORD, "otp": wrong});
            let answer = client.send(post("/v1/login", &login));
            let code = if attempt <= 5 { "otp_invalid" } else { "locked" };
            assert_eq!(answer.code(), code, "{attempt}");
        }
        let counted = database.query(
            "SELECT failures FROM throttles WHERE key LIKE 'account.%' AND failures > 0",
            Vec::new(),
        );
        assert!(counted.is_empty(), "{} rows", counted.len());
        assert_eq!(database.count("SELECT factor_failures FROM accounts"), 5);
    });
}
