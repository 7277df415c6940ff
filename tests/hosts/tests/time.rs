//! The time rules at their exact limits: `now` is an argument, nothing sleeps.

use std::collections::BTreeMap;

use authcore::effect::drive;
use authcore::jwt::{Expected, KeySet, TokenType, VerifyingKey, verify};
use authcore::service::Command;
use authcore::time::{Millis, UnixMillis};
use authcore_tests::client::{PASSWORD, get};
use authcore_tests::database::{on_each, query};
use authcore_tests::{Answer, Client, Database, Kind, settings};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

// SECURITY 39
#[test]
fn an_access_token_lives_for_five_minutes() {
    on_each(|database| {
        let mut client = client(database);
        let tokens = client.signed_in("ada");
        assert_eq!(tokens.body["expires_in"], 300);
        client.now = settings::NOW + 5 * MINUTE - 1;
        let _ = client.me(tokens.text("access_token")).expect(200);
        client.now += 1;
        assert_eq!(client.me(tokens.text("access_token")).code(), "token_expired");
    });
}

// SECURITY 27
#[test]
fn an_idle_session_ends_after_a_day_and_a_used_one_does_not() {
    on_each(|database| {
        let mut client = client(database);
        let tokens = client.signed_in("ada");
        assert_eq!(tokens.body["refresh_expires_in"], 86_400);
        client.now += DAY - 1;
        let next = client.refresh(tokens.text("refresh_token")).expect(200);
        client.now += DAY;
        assert_eq!(client.refresh(next.text("refresh_token")).code(), "session_ended");
    });
}

// SECURITY 27
#[test]
fn refreshing_does_not_move_the_absolute_end() {
    on_each(|database| {
        let own = [("AUTHCORE_SESSION_MAX", "2 d")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let mut tokens = client.signed_in("ada");
        for _ in 0..3 {
            client.now += 12 * HOUR;
            tokens = client.refresh(tokens.text("refresh_token")).expect(200);
        }
        assert_eq!(tokens.body["refresh_expires_in"], 12 * 3600);
        client.now = settings::NOW + 2 * DAY - 2 * SECOND;
        tokens = client.refresh(tokens.text("refresh_token")).expect(200);
        assert_eq!(tokens.body["refresh_expires_in"], 2);
        assert_eq!(tokens.body["expires_in"], 2, "no token outlives its session");
        client.now = settings::NOW + 2 * DAY;
        assert_eq!(client.refresh(tokens.text("refresh_token")).code(), "session_ended");
        assert!(client.me(tokens.text("access_token")).status == 401);
    });
}

// SECURITY 25
#[test]
fn the_predecessor_gets_the_successor_for_ten_seconds() {
    for (wait, code) in [(10 * SECOND, ""), (10 * SECOND + 1, "refresh_reused")] {
        on_each(|database| {
            let mut client = client(database);
            let first = client.signed_in("ada");
            client.now += HOUR;
            let second = client.refresh(first.text("refresh_token")).expect(200);
            client.now += wait;
            let again = client.refresh(first.text("refresh_token"));
            assert_eq!(again.code(), code);
            if code.is_empty() {
                assert_eq!(again.text("refresh_token"), second.text("refresh_token"));
            } else {
                assert_eq!(client.me(second.text("access_token")).code(), "session_ended");
            }
        });
    }
}

// SECURITY 43
#[test]
fn a_refresh_does_not_renew_the_moment_of_the_sign_in() {
    on_each(|database| {
        let mut client = client(database);
        let tokens = client.signed_in("ada");
        client.now += HOUR;
        let next = client.refresh(tokens.text("refresh_token")).expect(200);
        let part = next.text("access_token").split('.').nth(1).expect("a payload").to_owned();
        let payload = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
        let claims: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(claims["auth_time"], settings::NOW / 1000);
        assert_eq!(claims["iat"], (settings::NOW + HOUR) / 1000);
    });
}

#[test]
fn waits_after_failed_tries_grow_to_fifteen_minutes() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        for _ in 0..5 {
            let _ = client.login("ada", "wrong horse battery").expect(401);
        }
        for (round, minutes) in (1..).zip([1, 2, 4, 8, 15, 15]) {
            // Tries that the account refuses count on the address all the same.
            client.peer = Some([203, 0, 113, round].into());
            client.now += minutes * MINUTE - 1;
            let early = client.login("ada", PASSWORD).expect(429);
            assert_eq!((early.code(), early.body["retry_after"].as_i64()), ("locked", Some(1)));
            client.now += 1;
            let _ = client.login("ada", "wrong horse battery").expect(401);
            let told = client.login("ada", PASSWORD).expect(429);
            assert_eq!(told.counts.hashes, 0);
        }
        client.now += 15 * MINUTE;
        let _ = client.login("ada", PASSWORD).expect(200);
        // A right password clears the count: five more are free.
        for _ in 0..5 {
            let _ = client.login("ada", "wrong horse battery").expect(401);
        }
        let _ = client.login("ada", PASSWORD).expect(429);
    });
}

#[test]
fn failed_tries_are_forgotten_a_day_after_the_last() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        for _ in 0..5 {
            let _ = client.login("ada", "wrong horse battery").expect(401);
        }
        client.now += DAY;
        for _ in 0..5 {
            let _ = client.login("ada", "wrong horse battery").expect(401);
        }
        let _ = client.login("ada", PASSWORD).expect(429);
    });
}

#[test]
fn hourly_limits_last_an_hour() {
    on_each(|database| {
        let own = [("AUTHCORE_LIMITS", "login 3/h, accounts 2/h")];
        let mut client = Client::new(settings::service(&own), database.connect());
        for name in ["ada", "bob"] {
            let _ = client.sign_up(name).expect(201);
        }
        let told = client.sign_up("eve").expect(429);
        assert_eq!((told.code(), told.header("retry-after")), ("rate_limited", Some("3600")));
        assert_eq!(told.counts.hashes, 0);
        for _ in 0..3 {
            let _ = client.login("ada", PASSWORD).expect(200);
        }
        let told = client.login("ada", PASSWORD).expect(429);
        assert_eq!((told.code(), told.counts.hashes), ("rate_limited", 0));
        client.now += HOUR - 1;
        let _ = client.sign_up("eve").expect(429);
        let _ = client.login("ada", PASSWORD).expect(429);
        client.now += 1;
        let _ = client.sign_up("eve").expect(201);
        let _ = client.login("ada", PASSWORD).expect(200);
    });
}

/// The keys of a JWK Set, as a verifier keeps them.
fn key_set(answer: &Answer) -> KeySet {
    let keys = answer.body["keys"].as_array().expect("keys").iter().map(|jwk| {
        let x = BASE64_URL_SAFE_NO_PAD.decode(jwk["x"].as_str().expect("x")).expect("base64url");
        let key = VerifyingKey::ed25519(&x.try_into().expect("32 bytes")).expect("a point");
        assert_eq!(jwk["kid"], key.kid());
        key
    });
    KeySet::new(keys.collect()).expect("distinct keys")
}

// SECURITY 84
#[test]
fn a_verifier_that_keeps_the_key_set_for_twelve_hours_never_fails() {
    on_each(|database| {
        let own = [("AUTHCORE_KEY_ROTATION", "1 d")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let mut tokens = client.signed_in("ada");
        // Verifiers that fetched the set at each hour of the last twelve.
        let mut kept: BTreeMap<i64, KeySet> = BTreeMap::new();
        let mut signers = std::collections::BTreeSet::new();
        for hour in 0..5 * 24 {
            client.now = settings::NOW + hour * HOUR;
            let set = client.send(get("/.well-known/jwks.json")).expect(200);
            kept.insert(hour, key_set(&set));
            kept.retain(|fetched, _| hour - fetched <= 12);
            client.now += MINUTE;
            tokens = client.refresh(tokens.text("refresh_token")).expect(200);
            let header = tokens.text("access_token").split('.').next().expect("a header");
            signers.insert(header.to_owned());
            for after in [0, 5 * MINUTE - 1] {
                let expected = Expected {
                    token_type: TokenType::AccessToken,
                    issuer: Some("https://auth.test"),
                    audience: Some("api.test"),
                    now: UnixMillis::new(client.now + after),
                    leeway: Millis::ZERO,
                };
                for (fetched, keys) in &kept {
                    let verified = verify(tokens.text("access_token"), keys, &expected);
                    assert!(verified.is_ok(), "fetched at {fetched}, used at {hour}");
                }
            }
        }
        assert!(signers.len() >= 4, "three rotations at least, not {}", signers.len() - 1);
    });
}

#[test]
fn a_sweep_deletes_what_has_expired_and_nothing_else() {
    on_each(|database| {
        let mut client = client(database);
        let old = client.signed_in("ada");
        let _ = client.login("nobody", "wrong horse battery").expect(401);
        client.now += 5 * DAY;
        let live = client.login("ada", PASSWORD).expect(200);
        client.now += 3 * DAY - 1;
        client.run(Command::Sweep).expect("swept");
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 2, "kept for a week");
        client.now += 1;
        client.run(Command::Sweep).expect("swept");
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 1);
        assert_eq!(database.count("SELECT count(*) FROM throttles"), 0);
        assert_eq!(client.refresh(old.text("refresh_token")).code(), "token_invalid");
        assert_eq!(client.refresh(live.text("refresh_token")).code(), "session_ended");
    });
}

#[test]
fn a_retired_key_is_swept_after_its_last_token() {
    on_each(|database| {
        let own = [("AUTHCORE_KEY_ROTATION", "1 d")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let _ = client.send(get("/.well-known/jwks.json")).expect(200);
        client.now += DAY;
        let set = client.send(get("/.well-known/jwks.json")).expect(200);
        assert_eq!(set.body["keys"].as_array().map(Vec::len), Some(3));
        for (wait, left) in [(HOUR + 5 * MINUTE - 1, 3), (1, 2)] {
            client.now += wait;
            client.run(Command::Sweep).expect("swept");
            assert_eq!(database.count("SELECT count(*) FROM signing_keys"), left);
            let set = client.send(get("/.well-known/jwks.json")).expect(200);
            let published = set.body["keys"].as_array().map(Vec::len);
            assert_eq!(published, usize::try_from(left).ok());
        }
    });
}

// SECURITY 108
#[test]
fn a_clock_that_is_not_the_databases_is_noticed() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.send(get("/.well-known/jwks.json")).expect(200);
        let at = client.now + 60 * MINUTE;
        client.clock = Some(at);
        for (now, status, told) in [
            (at - 5 * MINUTE - 1, 503, "clock is behind the database's"),
            (at - 5 * MINUTE, 200, "ok"),
            (at, 200, "ok"),
            (at + 5 * MINUTE, 200, "ok"),
            (at + 5 * MINUTE + 1, 503, "clock is ahead of the database's"),
        ] {
            client.now = now;
            let answer = client.send(get("/readyz")).expect(status);
            assert!(answer.body.to_string().contains(told), "{}", answer.body);
        }
    });
}

// SECURITY 108
#[test]
fn the_clock_of_each_database_is_read_as_it_writes_it() {
    let seconds = |database: &Database| match database.kind() {
        Kind::Sqlite => database.count("SELECT CAST(strftime('%s', 'now') AS INTEGER)"),
        Kind::Postgres => database.count("SELECT CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)"),
    };
    on_each(|database| {
        let mut client = client(database);
        let _ = client.send(get("/.well-known/jwks.json")).expect(200);
        // PostgreSQL writes it in the connection's zone.
        if database.kind() == Kind::Postgres {
            query(&mut *client.host, "SET TIME ZONE 'Asia/Kolkata'", Vec::new());
        }
        // The real clock: without the host that dates its answers.
        let mut ready = |minutes: i64| {
            client.now = seconds(database) * 1000 + minutes * MINUTE;
            let at = client.arrival();
            let response = drive(client.service.handle(get("/readyz"), at), &mut *client.host);
            response.status
        };
        assert_eq!([ready(-7), ready(0), ready(7)], [503, 200, 503]);
    });
}

#[test]
fn readyz_warns_when_nothing_was_swept_for_a_day() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.send(get("/.well-known/jwks.json")).expect(200);
        client.run(Command::Sweep).expect("swept");
        for (wait, warned) in [(24 * HOUR, false), (1, true)] {
            client.now += wait;
            let ready = client.send(get("/readyz")).expect(200);
            assert_eq!(ready.body.to_string().contains("no sweep"), warned, "{}", ready.body);
        }
    });
}
