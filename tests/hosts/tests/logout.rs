//! Logout with two credentials: an access token in the header, a refresh token in the body.

use authcore::effect::Request;
use authcore_tests::client::{PASSWORD, bearing, post, with};
use authcore_tests::database::on_each;
use authcore_tests::{Answer, Client, settings};
use serde_json::json;

const HOUR: i64 = 60 * 60 * 1000;

fn by_refresh_token(tokens: &Answer) -> Request {
    post("/v1/logout", &json!({"refresh_token": tokens.text("refresh_token")}))
}

// SECURITY 95
#[test]
fn an_access_token_of_another_session_beside_a_refresh_token_is_one_too_many() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let one = client.signed_in("ada");
        let own = client.login("ada", PASSWORD).expect(200);
        let others = client.signed_in("bob");
        for other in [&own, &others] {
            let both = bearing(by_refresh_token(&one), other.text("access_token"));
            assert_eq!(client.send(both).expect(400).code(), "conflicting_credentials");
        }
        // Nobody was signed out.
        for tokens in [&one, &own, &others] {
            let _ = client.me(tokens.text("access_token")).expect(200);
        }
    });
}

#[test]
fn both_tokens_of_a_session_end_it_in_two_batches() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let tokens = client.signed_in("ada");
        let both = || bearing(by_refresh_token(&tokens), tokens.text("access_token"));
        assert_eq!(client.send(both()).expect(204).counts.batches, 2);
        assert_eq!(client.me(tokens.text("access_token")).code(), "session_ended");
        // A second time, too.
        let _ = client.send(both()).expect(204);
    });
}

// SECURITY 28
#[test]
fn an_access_token_that_is_good_for_nothing_keeps_nobody_in() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let ended = client.signed_in("ada");
        let _ = client.logout(ended.text("access_token")).expect(204);
        let forged = format!("{}x", client.signed_in("bob").text("access_token"));
        for useless in [ended.text("access_token"), &forged, "nonsense", "a.b.c"] {
            let tokens = client.login("ada", PASSWORD).expect(200);
            let _ = client.send(bearing(by_refresh_token(&tokens), useless)).expect(204);
            assert_eq!(client.me(tokens.text("access_token")).code(), "session_ended");
        }
        let expired = client.login("ada", PASSWORD).expect(200);
        client.now += HOUR;
        let tokens = client.login("ada", PASSWORD).expect(200);
        let both = bearing(by_refresh_token(&tokens), expired.text("access_token"));
        let _ = client.send(both).expect(204);
        assert_eq!(client.me(tokens.text("access_token")).code(), "session_ended");
    });
}

// SECURITY 95
#[test]
fn a_good_access_token_does_not_stand_in_for_a_wrong_refresh_token() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let tokens = client.signed_in("ada");
        for wrong in ["nonsense", &format!("rt_{}", "A".repeat(43))] {
            let request = post("/v1/logout", &json!({"refresh_token": wrong}));
            let both = bearing(request, tokens.text("access_token"));
            assert_eq!(client.send(both).expect(401).code(), "token_invalid");
        }
        let _ = client.me(tokens.text("access_token")).expect(200);
    });
}

// SECURITY 95
#[test]
fn a_credential_of_another_kind_beside_a_refresh_token_is_refused() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let tokens = client.signed_in("ada");
        let request = with(by_refresh_token(&tokens), "authorization", "Basic YWRhOnNlY3JldA==");
        assert_eq!(client.send(request).expect(400).code(), "conflicting_credentials");
        let _ = client.me(tokens.text("access_token")).expect(200);
    });
}
