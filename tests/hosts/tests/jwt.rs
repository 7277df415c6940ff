//! What signs and what verifies: each algorithm, a change of it, the list's own keys, swapped rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use authcore::error::Code;
use authcore::jwt::{Expected, KeySet, TokenType, verify, verify_revocations};
use authcore::secret::{Binding, Purpose, Ring, seal};
use authcore::time::{Millis, UnixMillis};
use authcore_tests::client::{PASSWORD, bearing, get};
use authcore_tests::database::{on_each, text};
use authcore_tests::{Answer, Client, Database, settings};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const KEYS: &str = "/.well-known/jwks.json";
const LIST: &str = "/.well-known/revocations";
const LIST_KEYS: &str = "/.well-known/revocations/jwks.json";

fn with_algorithm(database: &Database, algorithm: &str) -> Client {
    Client::new(settings::service(&[("AUTHCORE_JWT_ALG", algorithm)]), database.connect())
}

fn key_set(answer: &Answer) -> KeySet {
    KeySet::from_jwks(&answer.body.to_string()).expect("a JWK Set")
}

fn expected(now: i64) -> Expected<'static> {
    Expected {
        token_type: TokenType::AccessToken,
        issuer: Some("https://auth.test"),
        audience: Some("api.test"),
        now: UnixMillis::new(now),
        leeway: Millis::ZERO,
    }
}

fn header(token: &str) -> Json {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header"));
    serde_json::from_slice(&header.expect("base64url")).expect("JSON")
}

#[test]
fn each_algorithm_signs_what_the_service_takes() {
    on_each(|database| {
        for algorithm in ["EdDSA", "ES256", "HS256", "HS512"] {
            let mut client = with_algorithm(database, algorithm);
            let tokens = client.signed_in(&format!("ada-{}", algorithm.to_lowercase()));
            let token = tokens.text("access_token");
            assert_eq!(header(token)["alg"], algorithm);
            let _ = client.me(token).expect(200);
            let mut other = token.to_owned();
            other.pop();
            other.push(if token.ends_with('A') { 'E' } else { 'A' });
            assert_eq!(client.me(&other).expect(401).code(), "token_invalid");
            let _ = client.send(get("/readyz")).expect(200);
            database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
        }
    });
}

// SECURITY 47
#[test]
fn hmac_keys_are_not_published_and_the_list_has_keys_of_its_own() {
    on_each(|database| {
        for algorithm in ["HS256", "HS512"] {
            database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
            let mut client = with_algorithm(database, algorithm);
            let tokens = client.signed_in(&format!("ada-{}", algorithm.to_lowercase()));
            let token = tokens.text("access_token");
            assert_eq!(client.send(get(KEYS)).expect(200).body, json!({"keys": []}));

            let _ = client.logout(token).expect(204);
            let list = client.send(get(LIST)).expect(200);
            let list = list.body.as_str().expect("a JWT");
            assert_eq!(header(list)["alg"], "EdDSA");
            let keys = client.send(get(LIST_KEYS)).expect(200);
            for jwk in keys.body["keys"].as_array().expect("keys") {
                let members: BTreeSet<&str> =
                    jwk.as_object().expect("a JWK").keys().map(String::as_str).collect();
                assert_eq!(members, BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x"]));
            }
            let (keys, now) = (key_set(&keys), UnixMillis::new(client.now));
            let verified = verify_revocations(list, &keys, "https://auth.test", now, Millis::ZERO);
            let verified = verified.expect("a list of ours");
            assert!(verified.revokes(tokens.text("session_id"), now));
            // Neither takes the other's object.
            assert!(verify(token, &keys, &expected(client.now)).is_err());
            let _ = client.me(list).expect(401);
        }
    });
}

#[test]
fn the_list_is_verified_by_the_keys_of_the_tokens_where_those_are_published() {
    on_each(|database| {
        for algorithm in ["EdDSA", "ES256"] {
            database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
            let mut client = with_algorithm(database, algorithm);
            let tokens = client.signed_in(&format!("ada-{}", algorithm.to_lowercase()));
            let _ = client.logout(tokens.text("access_token")).expect(204);
            let keys = client.send(get(KEYS)).expect(200);
            assert_eq!(client.send(get(LIST_KEYS)).expect(200).body, keys.body);
            let list = client.send(get(LIST)).expect(200);
            let list = list.body.as_str().expect("a JWT");
            let (keys, issuer) = (key_set(&keys), "https://auth.test");
            let at = |now: i64| {
                verify_revocations(list, &keys, issuer, UnixMillis::new(now), Millis::ZERO)
            };
            let verified = at(client.now).expect("a list of ours");
            assert!(verified.sids().contains(&tokens.text("session_id").to_owned()));
            assert!(at(client.now + MINUTE - 1).is_ok());
            assert_eq!(at(client.now + MINUTE).expect_err("too old").code, Code::TokenExpired);
        }
    });
}

// SECURITY 84
#[test]
fn a_change_of_algorithm_fails_no_verifier_that_keeps_the_key_set_for_twelve_hours() {
    on_each(|database| {
        let mut client = with_algorithm(database, "EdDSA");
        let mut tokens = client.signed_in("ada");
        let mut kept: BTreeMap<i64, KeySet> = BTreeMap::new();
        let mut signed = Vec::new();
        for hour in 0..72 {
            client.service = settings::service(&[(
                "AUTHCORE_JWT_ALG",
                // Set back and forth within an hour, too.
                match hour {
                    20..=40 | 42..=43 => "ES256",
                    _ => "EdDSA",
                },
            )]);
            client.now = settings::NOW + hour * HOUR;
            kept.insert(hour, key_set(&client.send(get(KEYS)).expect(200)));
            kept.retain(|fetched, _| hour - fetched <= 12);
            client.now += MINUTE;
            tokens = client.refresh(tokens.text("refresh_token")).expect(200);
            let token = tokens.text("access_token");
            signed.push(header(token)["alg"].as_str().expect("alg").to_owned());
            for (fetched, keys) in &kept {
                let verified = verify(token, keys, &expected(client.now));
                assert!(verified.is_ok(), "fetched at {fetched}, used at {hour}");
            }
        }
        let first = |alg: &str| signed.iter().position(|other| other == alg);
        // The first hour after twelve hours and the life of a copy (docs/decisions/0020).
        assert_eq!(first("ES256"), Some(20 + 13), "after it was set: {signed:?}");
        let last = signed.iter().rposition(|alg| alg == "ES256");
        assert_eq!(last, Some(44 + 12), "after it was set back: {signed:?}");
        assert_eq!(database.count("SELECT count(*) FROM signing_keys WHERE state = 'next'"), 1);
    });
}

#[test]
fn tokens_live_on_through_a_change_to_hmac_and_back() {
    on_each(|database| {
        let mut client = with_algorithm(database, "EdDSA");
        let mut tokens = client.signed_in("ada");
        let mut algorithms = BTreeSet::new();
        for hour in 0..48 {
            let algorithm = if (10..30).contains(&hour) { "HS256" } else { "EdDSA" };
            client.service = settings::service(&[("AUTHCORE_JWT_ALG", algorithm)]);
            client.now = settings::NOW + hour * HOUR;
            let before = tokens.text("access_token").to_owned();
            tokens = client.refresh(tokens.text("refresh_token")).expect(200);
            let algorithm = header(tokens.text("access_token"))["alg"].to_string();
            algorithms.insert(algorithm);
            // Of an hour ago: refused for its age, not for a key that is gone.
            if hour > 0 {
                assert_eq!(client.me(&before).expect(401).code(), "token_expired");
            }
            client.now += 4 * MINUTE;
            // Issued before or after an exchange, it is taken to its end.
            let _ = client.me(tokens.text("access_token")).expect(200);
            let list = client.send(get(LIST)).expect(200);
            let keys = key_set(&client.send(get(LIST_KEYS)).expect(200));
            let (list, now) = (list.body.as_str().expect("a JWT"), UnixMillis::new(client.now));
            let verified = verify_revocations(list, &keys, "https://auth.test", now, Millis::ZERO);
            assert!(verified.is_ok(), "hour {hour}");
        }
        assert_eq!(algorithms.into_iter().collect::<Vec<_>>(), ["\"EdDSA\"", "\"HS256\""]);
    });
}

/// Puts an attacker's point into a row and returns a token that the attacker signed with it.
fn forged(client: &mut Client, database: &Database, attacker: &KeySet, state: &str) -> String {
    let session = client.login("ada", PASSWORD).expect(200);
    let payload = session.text("access_token").split('.').nth(1).expect("claims");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let claims: Json = serde_json::from_slice(&claims).expect("JSON");
    let key = attacker.signing_key().expect("it signs");
    let jwks: Json = serde_json::from_str(&attacker.jwks().expect("public")).expect("JSON");
    let x = jwks["keys"][0]["x"].as_str().expect("x");
    let sql = "UPDATE signing_keys SET public_key = ?1, id = ?2 WHERE state = ?3";
    database.query(sql, vec![text(x), text(key.kid()), text(state)]);
    authcore::jwt::issue(key, TokenType::AccessToken, &claims).expect("a token")
}

// SECURITY 80
#[test]
fn a_public_key_put_into_a_row_by_sql_is_refused() {
    let random = [7; authcore::jwt::RANDOM_LENGTH];
    let attacker = KeySet::generate(authcore::jwt::Algorithm::EdDSA, &random).expect("a key");
    on_each(|database| {
        for state in ["active", "next"] {
            let mut client = with_algorithm(database, "EdDSA");
            let _ = client.signed_in(&format!("eve-{state}"));
            if state == "active" {
                let _ = client.sign_up("ada").expect(201);
            }
            let token = forged(&mut client, database, &attacker, state);
            // A service that has the keys in memory, and one that has not.
            for fresh in [false, true] {
                if fresh {
                    client.service = settings::service(&[]);
                }
                for request in [bearing(get("/v1/me"), &token), get(KEYS), get(LIST_KEYS)] {
                    let answer = client.send(request).expect(500);
                    assert_eq!(answer.code(), "seal_broken", "{state}");
                }
                let ready = client.send(get("/readyz")).expect(503);
                let kid = attacker.signing_key().expect("it signs").kid().to_owned();
                assert!(ready.body.to_string().contains(&kid), "{}", ready.body);
            }
            database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
        }
    });
}

// SECURITY 80
#[test]
fn a_row_shows_the_public_key_that_it_seals() {
    on_each(|database| {
        for algorithm in ["EdDSA", "ES256", "HS256", "HS512"] {
            let mut client = with_algorithm(database, algorithm);
            let _ = client.send(get(KEYS)).expect(200);
            for change in [
                "UPDATE signing_keys SET public_key = 'AAAA' WHERE state = 'next'",
                "UPDATE signing_keys SET algorithm = CASE algorithm WHEN 'ES256' THEN 'EdDSA' \
                    ELSE 'ES256' END WHERE state = 'active'",
            ] {
                database.query(change, Vec::new());
                let answer = client.send(get(LIST)).status;
                let keys = client.send(get(KEYS));
                assert_eq!(keys.expect(500).code(), "seal_broken", "{algorithm} {answer}");
                database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
                let _ = client.send(get(KEYS)).expect(200);
            }
            database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
        }
    });
}

#[test]
fn a_retired_key_that_a_lost_key_of_the_ring_sealed_is_left_out() {
    on_each(|database| {
        let (one, two) = (settings::K1, settings::K2);
        let both = format!("{two},{one}");
        let own = |ring: &str| {
            settings::service(&[("AUTHCORE_SECRET", ring), ("AUTHCORE_KEY_ROTATION", "1 d")])
        };
        let mut client = Client::new(own(one), database.connect());
        let _ = client.signed_in("ada");
        client.service = own(&both);
        client.now += 24 * HOUR;
        // Sealed under the old key, the next one becomes the active one.
        let old = client.login("ada", PASSWORD).expect(200);
        client.now += 24 * HOUR - MINUTE;
        let old = client.refresh(old.text("refresh_token")).expect(200);
        client.now += MINUTE;
        assert_eq!(
            client.send(get(KEYS)).expect(200).body["keys"].as_array().map(Vec::len),
            Some(3)
        );
        let _ = client.me(old.text("access_token")).expect(200);
        client.service = own(two);
        assert_eq!(
            client.send(get(KEYS)).expect(200).body["keys"].as_array().map(Vec::len),
            Some(2)
        );
        assert_eq!(client.me(old.text("access_token")).expect(401).code(), "token_invalid");
        let _ = client.login("ada", PASSWORD).expect(200);
        let _ = client.send(get("/readyz")).expect(200);
    });
}

/// What the vectors say of a token: what a service with their key must answer to it.
fn verdict(case: &Json) -> Option<u16> {
    let input = &case["input"];
    let token = input["token"].as_str().expect("a token");
    // A header cannot carry the others, and has spaces around a value taken off.
    let carried = token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    let name = case["name"].as_str().expect("a name");
    // The service is patient with what begins a second from now.
    let begins_soon = name.starts_with("a second before ");
    let same = input["jwks"] == json!([vectors_key()])
        && input["typ"] == "at+jwt"
        && input["now"] == VECTORS_NOW
        && input["leeway"] == 0;
    let status = if case["error"].is_null() { 200 } else { 401 };
    (carried && same && !begins_soon).then_some(status)
}

/// The moment of the vectors, in seconds.
const VECTORS_NOW: i64 = 1_800_000_000;

/// The key pair of RFC 8037 appendix A.1, which signs the vectors.
fn vectors_key() -> Json {
    json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "alg": "EdDSA", "use": "sig",
    })
}

/// Makes the vectors' key the one that signs here, and the vectors' account and session real.
fn adopt_the_vectors(database: &Database) {
    let seed = BASE64_URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let key = vectors_key();
    let kid = key["kid"].as_str().expect("kid");
    let (purpose, table) = (Purpose::SealSigningKey, "signing_keys");
    let binding = Binding { table, row: kid, account: "", purpose };
    let ring = Ring::parse(settings::K1).expect("a ring");
    let sealed = seal(&ring, &binding, &seed.expect("base64url"), [1; 24]).expect("it seals");
    let x = key["x"].as_str().expect("x");
    let sql = "UPDATE signing_keys SET id = ?1, public_key = ?2, sealed = ?3 \
        WHERE state = 'active'";
    database.query(sql, vec![text(kid), text(x), text(&sealed)]);
    // Beside those that signed in, since their ids are bound to one another.
    for sql in [
        "INSERT INTO accounts (id, username, username_folded, status, properties, \
         admin_properties, created_at, op) \
         VALUES ('01990000-0000-7000-8000-0000000000aa', 'vectors', 'vectors', 'active', '{}', \
         '{}', 0, 'test')",
        "INSERT INTO sessions (id, account_id, created_at, auth_time, aal, amr, idle_span, \
         user_agent, address, family_hash, refresh_hash, generation, refreshed_at, idle_end, \
         absolute_end, op) \
         SELECT '01990000-0000-7000-8000-0000000000bb', '01990000-0000-7000-8000-0000000000aa', \
         created_at, auth_time, aal, amr, idle_span, user_agent, address, 'family', 'refresh', \
         generation, refreshed_at, idle_end, absolute_end, 'test' FROM sessions",
    ] {
        database.query(sql, Vec::new());
    }
}

// SECURITY 35, 36, 37, 38, 40, 41, 44, 45
#[test]
fn a_claim_or_header_that_is_wrong_is_refused_under_the_very_key_that_signs_here() {
    let vectors = include_str!("../../vectors/jwt.json");
    let vectors: Json = serde_json::from_str(vectors).expect("JSON");
    on_each(|database| {
        let service = settings::service(&[
            ("AUTHCORE_ISSUER", "https://auth.example"),
            ("AUTHCORE_AUDIENCE", "https://api.example"),
            ("AUTHCORE_CLIENT_ID", "web"),
        ]);
        let mut client = Client::new(Arc::clone(&service), database.connect());
        client.now = VECTORS_NOW * 1000;
        let _ = client.signed_in("ada");
        adopt_the_vectors(database);
        let mut counts = BTreeMap::new();
        for case in vectors["cases"].as_array().expect("cases") {
            let Some(status) = verdict(case) else { continue };
            let answer = client.me(case["input"]["token"].as_str().expect("a token"));
            assert_eq!(answer.status, status, "{}: {}", case["name"], answer.body);
            if status == 200 {
                assert_eq!(answer.body["username"], "vectors");
            }
            *counts.entry(status).or_insert(0) += 1;
        }
        assert!(counts[&200] > 15 && counts[&401] > 250, "{counts:?}");
    });
}
