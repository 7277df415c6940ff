//! Many at once, from two processes with many threads each: exactly one wins, and who loses writes
//! nothing (SECURITY 26, 60, 84, 86).

use std::collections::BTreeSet;

use authcore_tests::client::{PASSWORD, get};
use authcore_tests::database::on_each;
use authcore_tests::racing::{race_by, request, with_status};
use authcore_tests::{Client, Database, settings};
use serde_json::{Value as Json, json};

const RACER: &str = env!("CARGO_BIN_EXE_racer");

fn race(database: &Database, own: &[(&str, &str)], requests: &[Json]) -> Vec<Json> {
    race_by(RACER, database, own, requests)
}

// SECURITY 26, 86
#[test]
fn parallel_uses_of_one_refresh_token_get_one_successor() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let tokens = client.signed_in("ada");
        let body = json!({"refresh_token": tokens.text("refresh_token")});
        let uses: Vec<_> = (0..100).map(|n| request(n, "/v1/refresh", &body)).collect();
        let answers = race(database, &[], &uses);
        assert_eq!(with_status(&answers, 200), 100, "{answers:?}");
        let successors: BTreeSet<_> =
            answers.iter().map(|answer| answer["body"]["refresh_token"].to_string()).collect();
        assert_eq!(successors.len(), 1);
        assert_eq!(database.count("SELECT generation FROM sessions"), 2);
        let successor = answers[0]["body"]["refresh_token"].as_str().expect("text");
        let _ = client.refresh(successor).expect(200);
    });
}

// SECURITY 86
#[test]
fn parallel_sign_ups_of_one_name_make_one_account() {
    on_each(|database| {
        let sign_up = |n: usize| {
            let body = json!({
                "username": if n.is_multiple_of(2) { "Ada" } else { "ada" }, "password": PASSWORD,
            });
            request(n, "/v1/accounts", &body)
        };
        let answers = race(database, &[], &(0..100).map(sign_up).collect::<Vec<_>>());
        assert_eq!(with_status(&answers, 201), 1, "{answers:?}");
        assert_eq!(with_status(&answers, 409), 99, "{answers:?}");
        for rows in [
            "SELECT count(*) FROM accounts",
            "SELECT count(*) FROM credentials",
            "SELECT count(*) FROM account_roles",
        ] {
            assert_eq!(database.count(rows), 1, "{rows}");
        }
    });
}

// SECURITY 60
#[test]
fn parallel_wrong_logins_are_hashed_at_most_as_often_as_tries_are_free() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let _ = client.sign_up("ada").expect(201);
        let body = json!({"login": "ada", "password": "wrong horse battery"});
        let tries: Vec<_> = (0..200).map(|n| request(n, "/v1/login", &body)).collect();
        let answers = race(database, &[], &tries);
        let hashes: u64 = answers.iter().filter_map(|answer| answer["hashes"].as_u64()).sum();
        assert_eq!(hashes, 5);
        assert_eq!(with_status(&answers, 401), 5, "{answers:?}");
        assert_eq!(with_status(&answers, 429), 195, "{answers:?}");
        assert_eq!(client.login("ada", PASSWORD).code(), "locked");
    });
}

// SECURITY 84, 86
#[test]
fn parallel_first_requests_make_one_signing_key() {
    on_each(|database| {
        let path = "/.well-known/jwks.json";
        let requests: Vec<_> = (0..50).map(|n| request(n, path, &Json::Null)).collect();
        let answers = race(database, &[], &requests);
        assert_eq!(with_status(&answers, 200), 50, "{answers:?}");
        let sets: BTreeSet<_> = answers.iter().map(|answer| answer["body"].to_string()).collect();
        assert_eq!(sets.len(), 1, "all saw the same keys");
        let active = "SELECT count(*) FROM signing_keys WHERE state = 'active'";
        assert_eq!(database.count(active), 1);
        assert_eq!(database.count("SELECT count(*) FROM signing_keys"), 2);
    });
}

#[test]
fn parallel_logins_do_not_pass_the_cap_of_sessions() {
    on_each(|database| {
        let own = [("AUTHCORE_SESSIONS_PER_ACCOUNT", "3"), ("AUTHCORE_LOGIN_TRIES", "1000")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let _ = client.sign_up("ada").expect(201);
        let body = json!({"login": "ada", "password": PASSWORD});
        let logins: Vec<_> = (0..40).map(|n| request(n, "/v1/login", &body)).collect();
        let answers = race(database, &own, &logins);
        assert_eq!(with_status(&answers, 200), 40, "{answers:?}");
        let live = "SELECT count(*) FROM sessions WHERE revoked_at IS NULL";
        assert_eq!(database.count(live), 3);
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 40);
    });
}

// SECURITY 24, 86
#[test]
fn parallel_rotations_exchange_a_key_once() {
    on_each(|database| {
        let own = [("AUTHCORE_KEY_ROTATION", "1 d")];
        let mut client = Client::new(settings::service(&own), database.connect());
        client.now -= 2 * 24 * 60 * 60 * 1000;
        let _ = client.send(get("/.well-known/jwks.json")).expect(200);
        let path = "/.well-known/jwks.json";
        let requests: Vec<_> = (0..50).map(|n| request(n, path, &Json::Null)).collect();
        let answers = race(database, &own, &requests);
        assert_eq!(with_status(&answers, 200), 50, "{answers:?}");
        for (state, count) in [("active", 1), ("next", 1), ("retired", 1)] {
            let rows = database.query(
                "SELECT id FROM signing_keys WHERE state = ?1",
                vec![authcore_tests::database::text(state)],
            );
            assert_eq!(rows.len(), count, "{state}");
        }
    });
}
