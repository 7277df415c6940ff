//! What a person does, from sign-up to logout, on each database, and what they are told.

use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use authcore_tests::database::{on_each, text};
use authcore_tests::interposing::Interposing;
use authcore_tests::{Answer, Client, Database, settings};
use serde_json::json;

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

#[test]
fn a_person_signs_up_logs_in_refreshes_and_logs_out() {
    on_each(|database| {
        let mut client = client(database);
        let account = client.sign_up("Ada").expect(201);
        assert_eq!(account.body["account"]["username"], "Ada");
        assert_eq!(account.body["account"]["roles"], json!(["user"]));
        let tokens = client.login("ada", PASSWORD).expect(200);
        client.now += 1000;
        let me = client.me(tokens.text("access_token")).expect(200);
        assert_eq!(me.body["id"], account.body["account"]["id"]);
        assert_eq!(me.body["last_login_at"], settings::NOW);
        let next = client.refresh(tokens.text("refresh_token")).expect(200);
        assert_ne!(next.text("refresh_token"), tokens.text("refresh_token"));
        let _ = client.me(next.text("access_token")).expect(200);
        let _ = client.logout(next.text("access_token")).expect(204);
        // SECURITY 28
        assert_eq!(client.me(next.text("access_token")).code(), "session_ended");
        assert_eq!(client.refresh(next.text("refresh_token")).code(), "session_ended");
    });
}

// SECURITY 28
#[test]
fn a_refresh_token_logs_out_after_its_access_token_expired() {
    on_each(|database| {
        let mut client = client(database);
        let tokens = client.signed_in("ada");
        client.now += 60 * 60 * 1000;
        assert_eq!(client.me(tokens.text("access_token")).code(), "token_expired");
        let body = json!({"refresh_token": tokens.text("refresh_token")});
        let _ = client.send(post("/v1/logout", &body)).expect(204);
        let _ = client.send(post("/v1/logout", &body)).expect(204);
        assert_eq!(client.refresh(tokens.text("refresh_token")).code(), "session_ended");
    });
}

// SECURITY 24
#[test]
fn an_older_refresh_token_ends_the_session_and_its_access_token() {
    on_each(|database| {
        let mut client = client(database);
        let first = client.signed_in("ada");
        let second = client.refresh(first.text("refresh_token")).expect(200);
        let third = client.refresh(second.text("refresh_token")).expect(200);
        assert_eq!(client.refresh(first.text("refresh_token")).code(), "refresh_reused");
        assert_eq!(client.refresh(third.text("refresh_token")).code(), "session_ended");
        assert_eq!(client.me(third.text("access_token")).code(), "session_ended");
        let why = "SELECT count(*) FROM sessions WHERE revoked_for = 'refresh_reuse'";
        assert_eq!(database.count(why), 1);
    });
}

// SECURITY 25
#[test]
fn grace_ends_when_the_successor_is_used_and_with_the_session() {
    on_each(|database| {
        let mut client = client(database);
        let first = client.signed_in("ada");
        let second = client.refresh(first.text("refresh_token")).expect(200);
        let again = client.refresh(first.text("refresh_token")).expect(200);
        assert_eq!(again.text("refresh_token"), second.text("refresh_token"));
        let _ = client.logout(again.text("access_token")).expect(204);
        assert_eq!(client.refresh(first.text("refresh_token")).code(), "session_ended");
    });
}

// SECURITY 56
#[test]
fn a_state_of_the_account_is_told_after_the_right_password_only() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        for (state, status, code) in [
            ("pending", 403, "not_activated"),
            ("blocked", 403, "blocked"),
            ("deleted", 401, "invalid_credentials"),
        ] {
            database.query("UPDATE accounts SET status = ?1 WHERE id <> ''", vec![text(state)]);
            assert_eq!(client.login("ada", "wrong horse battery").code(), "invalid_credentials");
            let answer = client.login("ada", PASSWORD).expect(status);
            assert_eq!(answer.code(), code, "{state}");
            assert_eq!(answer.counts.hashes, 1);
            database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
        }
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 0);
    });
}

// SECURITY 28
#[test]
fn blocking_and_deleting_end_what_was_handed_out() {
    on_each(|database| {
        let mut client = client(database);
        let tokens = client.signed_in("ada");
        for (state, code) in [("blocked", "blocked"), ("deleted", "session_ended")] {
            database.query("UPDATE accounts SET status = ?1 WHERE id <> ''", vec![text(state)]);
            assert_eq!(client.me(tokens.text("access_token")).code(), code);
            assert_eq!(client.refresh(tokens.text("refresh_token")).code(), "session_ended");
        }
    });
}

/// A hash of the password at less than today's cost.
fn weak_hash() -> String {
    let params = authcore::password::Argon2Params { memory_kib: 64, iterations: 1, parallelism: 1 };
    let password = authcore::password::Password::new(PASSWORD.to_owned());
    let hash = authcore::password::hash(&password.expect("sound"), &params, [3; 16]);
    hash.expect("sound").as_str().to_owned()
}

fn stored_hash(database: &Database) -> String {
    let rows = database.query("SELECT phc FROM credentials", Vec::new());
    match &rows[0][0] {
        authcore::effect::Value::Text(phc) => phc.clone(),
        _ => panic!("a hash is text"),
    }
}

fn store_hash(database: &Database, phc: &str) {
    database.query("UPDATE credentials SET phc = ?1 WHERE account_id <> ''", vec![text(phc)]);
}

// SECURITY 7, 8
#[test]
fn a_weaker_hash_is_replaced_at_login() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        assert!(stored_hash(database).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        store_hash(database, &weak_hash());
        assert_eq!(client.login("ada", "wrong horse battery").code(), "invalid_credentials");
        assert_eq!(stored_hash(database), weak_hash());
        let _ = client.login("ada", PASSWORD).expect(200);
        assert!(stored_hash(database).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let _ = client.login("ada", PASSWORD).expect(200);
    });
}

// SECURITY 8
#[test]
fn a_new_hash_never_undoes_a_change_of_the_password() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        let _ = client.login("ada", PASSWORD).expect(200);
        let changed = stored_hash(database);
        store_hash(database, &weak_hash());
        let mut host = database.connect();
        // Effects: room, count and read, hash, begin. The password changes before the last.
        let mut interposing = Interposing::new(&mut *host, |effect| {
            if effect == 3 {
                database.query(
                    "UPDATE credentials SET phc = ?1, version = version + 1 WHERE account_id <> ''",
                    vec![text(&changed)],
                );
            }
        });
        let body = json!({"login": "ada", "password": PASSWORD});
        let answer = client.send_through(&mut interposing, post("/v1/login", &body));
        assert_eq!(answer.code(), "invalid_credentials");
        assert_eq!(stored_hash(database), changed);
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 1);
    });
}

// SECURITY 9
#[test]
fn a_hostile_stored_hash_costs_nothing_and_fits_nothing() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        for hash in [
            "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$v=19$m=19456,t=4294967295,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$v=19$m=19456,t=2,p=0$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$v=19$m=19456,t=2,p=1$$aGFzaGhhc2hoYXNoaGFzaA",
            "$2b$31$abcdefghijklmnopqrstuu",
            "",
        ] {
            store_hash(database, hash);
            let answer = client.login("ada", PASSWORD).expect(401);
            assert_eq!((answer.code(), answer.counts.hashes), ("invalid_credentials", 1));
            database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
        }
    });
}

// SECURITY 61
#[test]
fn all_forms_of_a_name_share_one_counter() {
    on_each(|database| {
        let mut client = client(database);
        let body = json!({
            "username": "Ada", "email": "Ada@Example.org", "password": PASSWORD,
        });
        let _ = client.send(post("/v1/accounts", &body)).expect(201);
        for (number, name) in
            ["ada", "ADA", "ada@example.org", "ADA@EXAMPLE.ORG", " Ada"].into_iter().enumerate()
        {
            client.peer =
                Some(std::net::IpAddr::from([198, 51, 100, u8::try_from(number).unwrap()]));
            let answer = client.login(name.trim(), "wrong horse battery");
            assert_eq!(answer.code(), "invalid_credentials", "{name}");
        }
        let sixth = client.login("Ada@example.ORG", PASSWORD).expect(429);
        assert_eq!((sixth.code(), sixth.counts.hashes), ("locked", 0));
        assert_eq!(sixth.header("retry-after"), Some("60"));
        assert_eq!(sixth.body["retry_after"], 60);
    });
}

#[test]
fn a_taken_name_is_told_by_field() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        let email = json!({"email": "bob@example.org", "password": PASSWORD});
        let _ = client.send(post("/v1/accounts", &email)).expect(201);
        let both = json!({
            "username": "ADA", "email": "BOB@example.org", "password": PASSWORD,
        });
        let answer = client.send(post("/v1/accounts", &both)).expect(409);
        let pointers: Vec<_> = answer.body["errors"].as_array().unwrap().iter().collect();
        assert_eq!(pointers.len(), 2, "{}", answer.body);
        let one = json!({"username": "ada", "email": "eve@example.org", "password": PASSWORD});
        let answer = client.send(post("/v1/accounts", &one)).expect(409);
        assert_eq!(answer.body["errors"][0]["pointer"], "/username");
        assert_eq!(database.count("SELECT count(*) FROM accounts"), 2);
    });
}

#[test]
fn restricted_names_are_refused() {
    on_each(|database| {
        let own = [("AUTHCORE_RESTRICTED_NAMES", "acme")];
        let mut client = Client::new(settings::service(&own), database.connect());
        for name in ["admin", "ROOT", "acme", "Acme"] {
            let answer = client.sign_up(name).expect(422);
            assert_eq!(answer.body["errors"][0]["pointer"], "/username", "{name}");
            assert_eq!(answer.counts.batches, 0);
        }
    });
}

#[test]
fn an_idempotency_key_finds_the_account_of_the_first_try() {
    on_each(|database| {
        let mut client = client(database);
        let sign_up = |name: &str, key: &str| {
            let body = json!({"username": name, "password": PASSWORD});
            with(post("/v1/accounts", &body), "idempotency-key", key)
        };
        let first = client.send(sign_up("ada", "0123456789abcdef")).expect(201);
        let again = client.send(sign_up("ada", "0123456789abcdef")).expect(201);
        assert_eq!(first.body["account"]["id"], again.body["account"]["id"]);
        assert_eq!(client.send(sign_up("ada", "0123456789abcdeX")).code(), "taken");
        assert_eq!(client.send(sign_up("ada", "short")).code(), "malformed_request");
        assert_eq!(database.count("SELECT count(*) FROM accounts"), 1);
    });
}

// SECURITY 34
#[test]
fn the_oldest_session_beyond_the_cap_ends() {
    on_each(|database| {
        let own = [("AUTHCORE_SESSIONS_PER_ACCOUNT", "2")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let first = client.signed_in("ada");
        let mut later: Vec<Answer> = Vec::new();
        for _ in 0..2 {
            client.now += 1;
            later.push(client.login("ada", PASSWORD).expect(200));
        }
        assert_eq!(client.me(first.text("access_token")).code(), "session_ended");
        for tokens in later {
            let _ = client.me(tokens.text("access_token")).expect(200);
        }
    });
}

#[test]
fn a_new_session_is_kept_also_by_a_clock_that_lags() {
    on_each(|database| {
        let own = [("AUTHCORE_SESSIONS_PER_ACCOUNT", "1")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let first = client.signed_in("ada");
        client.now -= 1000;
        let second = client.login("ada", PASSWORD).expect(200);
        let _ = client.me(second.text("access_token")).expect(200);
        client.now += 1000;
        assert_eq!(client.me(first.text("access_token")).code(), "session_ended");
    });
}

// SECURITY 29
#[test]
fn each_login_makes_a_session_of_its_own() {
    on_each(|database| {
        let mut client = client(database);
        let first = client.signed_in("ada");
        let body = json!({"login": "ada", "password": PASSWORD});
        let request = bearing(post("/v1/login", &body), first.text("access_token"));
        let request = with(request, "cookie", "__Host-refresh=rt_x; __Host-access=y");
        let second = client.send(request).expect(200);
        assert_ne!(first.text("session_id"), second.text("session_id"));
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 2);
    });
}

#[test]
fn activation_by_an_administrator_leaves_new_accounts_pending() {
    on_each(|database| {
        let own = [("AUTHCORE_ACTIVATION", "admin")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let account = client.sign_up("ada").expect(201);
        assert_eq!(account.body["account"]["status"], "pending");
        assert_eq!(client.login("ada", PASSWORD).code(), "not_activated");
        database.query("UPDATE accounts SET status = 'active' WHERE id <> ''", Vec::new());
        let _ = client.login("ada", PASSWORD).expect(200);
    });
}

// SECURITY 2, 3
#[test]
fn a_password_is_taken_byte_by_byte() {
    on_each(|database| {
        let mut client = client(database);
        let long = "z".repeat(72) + &"ä 🦓".repeat(17);
        for (name, password, other) in [
            ("spaces", "  two spaces each side  ", "two spaces each side"),
            ("nul", "with\u{0}a nul inside", "with"),
            ("long", long.as_str(), &long[..72]),
            ("composed", "caf\u{e9} caf\u{e9} caf\u{e9}", "cafe\u{301} cafe\u{301} cafe\u{301}"),
            ("rtl", "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5e2}\u{5d5}\u{5dc}\u{5dd}", "shalom olam"),
        ] {
            let body = json!({"username": name, "password": password});
            let _ = client.send(post("/v1/accounts", &body)).expect(201);
            let _ = client.login(name, password).expect(200);
            assert_eq!(client.login(name, other).code(), "invalid_credentials", "{name}");
        }
    });
}

// SECURITY 29, 68
#[test]
fn who_a_request_comes_from_is_read_from_its_token_only() {
    on_each(|database| {
        let mut client = client(database);
        let ada = client.signed_in("ada");
        let bob = client.signed_in("bob");
        let id = client.me(ada.text("access_token")).body["id"].clone();
        let target = format!("/v1/me?sub={0}&user_id={0}&account_id={0}", id.as_str().unwrap());
        let request = with(get(&target), "x-auth-subject", id.as_str().unwrap());
        let request = bearing(request, bob.text("access_token"));
        assert_eq!(client.send(request).expect(200).body["username"], "bob");
    });
}
