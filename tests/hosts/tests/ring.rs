//! What the key ring protects in the database: each kind of sealed value, changed and moved; and the
//! exchange of a key for another.

use authcore::effect::Value;
use authcore::service::{Command, Outcome, RingKeyUse, RingPlace};
use authcore_tests::client::{PASSWORD, get, post, with};
use authcore_tests::database::{on_each, text};
use authcore_tests::settings::{K1, K2};
use authcore_tests::{Answer, Authenticator, Client, Database, settings};
use serde_json::json;

/// A kind of sealed value: where two of its rows are, and what a changed one comes to.
struct Sealed {
    table: &'static str,
    /// Makes two rows.
    make: fn(&mut Client),
    /// Gives id and sealed value of both rows; the first is the one that is used.
    read: &'static str,
    /// Puts ?1 into row ?2.
    write: &'static str,
    /// Opens the first row without a hash, and must fail.
    open: fn(&mut Client) -> Answer,
    /// Does what a person does with it, and must fail without a token.
    used: fn(&mut Client) -> Answer,
}

/// One row for each kind of sealed value: core refuses all of them alike (core/src/secret/seal.rs).
const KINDS: &[Sealed] = &[Sealed {
    table: "signing_keys",
    make: |client| drop(client.signed_in("ada")),
    read: "SELECT id, sealed FROM signing_keys ORDER BY state",
    write: "UPDATE signing_keys SET sealed = ?1 WHERE id = ?2",
    open: |client| client.send(get("/readyz")).expect(503),
    used: |client| client.login("ada", PASSWORD).expect(500),
}];

/// Id and sealed value of the two rows of a kind.
fn pair(database: &Database, kind: &Sealed) -> [(String, String); 2] {
    let rows = database.query(kind.read, Vec::new()).into_iter().map(|row| {
        let [Value::Text(id), Value::Text(sealed)] = row.as_slice() else { panic!("two texts") };
        (id.clone(), sealed.clone())
    });
    rows.collect::<Vec<_>>().try_into().expect("two rows")
}

/// The value with another byte at this place.
fn flipped(sealed: &str, place: usize, to: impl Fn(u8) -> u8) -> String {
    let mut bytes = sealed.as_bytes().to_vec();
    bytes[place] = to(bytes[place]);
    String::from_utf8(bytes).expect("ASCII")
}

// SECURITY 80
#[test]
fn a_sealed_value_opens_unchanged_and_in_its_own_row_only() {
    on_each(|database| {
        for kind in KINDS {
            // A new client each time: a service may remember what it has opened.
            let fresh = || Client::new(settings::service(&[]), database.connect());
            (kind.make)(&mut fresh());
            let [(one, first), (other, second)] = pair(database, kind);
            let put = |id: &str, sealed: &str| {
                database.query(kind.write, vec![text(sealed), text(id)]);
            };
            let refused = |what: &str| {
                let answer = (kind.open)(&mut fresh());
                assert!(answer.body.to_string().contains(&one), "{what}: {}", answer.body);
                assert!(answer.body.get("access_token").is_none());
            };
            let used = |what: &str| {
                let answer = (kind.used)(&mut fresh());
                assert_eq!(answer.code(), "seal_broken", "{}: {what}", kind.table);
                assert!(answer.body.get("access_token").is_none());
            };
            put(&one, &second);
            put(&other, &first);
            refused("exchanged");
            used("exchanged");
            put(&other, &second);
            refused("copied");
            for place in 0..first.len() {
                // Another character of the alphabet, and one that may be of none.
                let letter = |byte| if byte == b'A' { b'B' } else { b'A' };
                put(&one, &flipped(&first, place, letter));
                refused(&format!("byte {place}"));
                put(&one, &flipped(&first, place, |byte| byte ^ 1));
                refused(&format!("bit 0 of byte {place}"));
            }
            used("bit 0 of the last byte");
            put(&one, &first[..first.len() - 1]);
            refused("cut");
            put(&one, &format!("{first}A"));
            refused("lengthened");
            let before = database.count("SELECT count(*) FROM sessions");
            put(&one, &first);
            database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
            let _ = fresh().login("ada", PASSWORD).expect(200);
            assert_eq!(database.count("SELECT count(*) FROM sessions"), before + 1);
        }
    });
}

/// Sealed columns that other tests look at.
const ELSEWHERE: [&str; 2] = [
    // a_seed_opens_in_its_own_row_only
    "authenticators",
    // Written only, until mail is delivered.
    "outbox",
];

// SECURITY 80
#[test]
fn a_seed_opens_in_its_own_row_only() {
    on_each(|database| {
        let fresh = || Client::new(settings::service(&[]), database.connect());
        let mut client = fresh();
        let apps = ["ada", "bob"].map(|name| {
            let body = json!({"username": name, "password": PASSWORD, "second_factor": "totp"});
            Authenticator::enrolled(&client.send(post("/v1/accounts", &body)).expect(201))
        });
        let seeds = "SELECT au.id, au.sealed FROM authenticators au \
                     JOIN accounts a ON a.id = au.account_id ORDER BY a.username";
        let rows = database.query(seeds, Vec::new());
        let [(one, first), (other, second)] = [&rows[0], &rows[1]].map(|row| {
            let [Value::Text(id), Value::Text(sealed)] = row.as_slice() else { panic!("texts") };
            (id.clone(), sealed.clone())
        });
        let put = |id: &str, sealed: &str| {
            let sql = "UPDATE authenticators SET sealed = ?1 WHERE id = ?2";
            database.query(sql, vec![text(sealed), text(id)]);
        };
        let login = |status: u16, what: &str| {
            let mut client = fresh();
            let otp = apps[0].code(client.now);
            let body = json!({"login": "ada", "password": PASSWORD, "otp": otp});
            let answer = client.send(post("/v1/login", &body));
            assert_eq!(answer.status, status, "{what}: {}", answer.body);
            assert_eq!(answer.body.get("access_token").is_some(), status == 200, "{what}");
            database.query(
                "UPDATE accounts SET factor_failures = 0, factor_until = 0 \
                            WHERE username = 'ada'",
                Vec::new(),
            );
            database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
        };
        put(&one, &second);
        put(&other, &first);
        login(500, "exchanged");
        put(&one, &first);
        // A hash each: some of the places, the first and the last among them; the others below.
        for place in (0..first.len()).step_by(17).chain([first.len() - 1]) {
            put(&one, &flipped(&first, place, |byte| byte ^ 1));
            login(500, &format!("bit 0 of byte {place}"));
        }
        assert_eq!(database.count("SELECT count(*) FROM sessions"), 0);
        put(&one, &first);
        login(200, "whole again");
    });
}

// SECURITY 80
#[test]
fn each_byte_of_a_seed_counts() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.enrolled("ada");
        let rows = database.query("SELECT sealed FROM authenticators", Vec::new());
        let [Value::Text(sealed)] = rows[0].as_slice() else { panic!("a text") };
        let mut shown = |sealed: &str| {
            database
                .query("UPDATE authenticators SET sealed = ?1 WHERE id <> ''", vec![text(sealed)]);
            client.act(&owner.access, "GET", "/v1/mfa/totp/qr", &serde_json::Value::Null)
        };
        for place in 0..sealed.len() {
            let answer = shown(&flipped(sealed, place, |byte| byte ^ 1));
            assert_eq!(answer.status, 500, "byte {place}: {}", answer.body);
        }
        assert_eq!(shown(sealed).status, 200);
    });
}

/// Every table with a sealed column has its row above.
// SECURITY 80
#[test]
fn every_sealed_column_is_a_kind() {
    let migrations = authcore::store::schema::MIGRATIONS.iter();
    let mut table = "";
    for line in migrations.flat_map(|migration| migration.sql.lines()) {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.trim_start_matches("IF NOT EXISTS ").trim_end_matches(" (");
        }
        if line.trim_start().starts_with("sealed ") {
            let known = ELSEWHERE.contains(&table) || KINDS.iter().any(|kind| kind.table == table);
            assert!(known, "{table} has no row in KINDS");
        }
    }
}

/// A service of this ring.
fn service(ring: &str) -> std::sync::Arc<authcore::service::Service> {
    settings::service(&[("AUTHCORE_SECRET", ring)])
}

fn uses(client: &mut Client) -> Vec<RingKeyUse> {
    match client.run(Command::RingKeys) {
        Ok(Outcome::RingKeys(keys)) => keys,
        other => panic!("{other:?}"),
    }
}

fn needed(id: &str, place: RingPlace, rows: &[(&'static str, i64)]) -> RingKeyUse {
    RingKeyUse { id: id.to_owned(), place, rows: rows.to_vec() }
}

// SECURITY 82
#[test]
fn a_command_says_when_an_old_key_is_unused() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    use RingPlace::{Current, Lost, Older};
    on_each(|database| {
        let both = format!("{K2},{K1}");
        let mut client = Client::new(service(K1), database.connect());
        assert_eq!(uses(&mut client), [needed("k1", Current, &[])]);
        let first = client.signed_in("ada");
        let left = client.login("ada", PASSWORD).expect(200);
        let _ = client.login("ada", PASSWORD).expect(200);
        let _ = client.logout(left.text("access_token")).expect(204);
        let rows = [("signing_keys", 2), ("sessions", 2)];
        assert_eq!(uses(&mut client), [needed("k1", Current, &rows)]);

        client.service = service(&both);
        let _ = client.refresh(first.text("refresh_token")).expect(200);
        let old = needed("k1", Older, &[("signing_keys", 2), ("sessions", 1)]);
        let new = needed("k2", Current, &[("sessions", 1)]);
        assert_eq!(uses(&mut client), [new.clone(), old]);
        client.service = service(K2);
        let lost = needed("k1", Lost, &[("signing_keys", 2), ("sessions", 1)]);
        assert_eq!(uses(&mut client), [new, lost]);

        // Sessions end; each exchange of the signing keys seals one anew.
        client.service = service(&both);
        for _ in 0..2 {
            client.now += 30 * DAY;
            let _ = client.send(get("/.well-known/jwks.json")).expect(200);
        }
        let new = needed("k2", Current, &[("signing_keys", 2)]);
        assert_eq!(uses(&mut client), [new.clone(), needed("k1", Older, &[])]);
        client.service = service(K2);
        assert_eq!(uses(&mut client), [new]);
        let _ = client.send(get("/readyz")).expect(200);
        let _ = client.login("ada", PASSWORD).expect(200);
    });
}

// SECURITY 82
#[test]
fn a_second_factor_outlives_the_exchange_of_the_ring() {
    use RingPlace::{Current, Older};
    on_each(|database| {
        let both = format!("{K2},{K1}");
        let mut client = Client::new(service(K1), database.connect());
        let body = json!({"username": "ada", "password": PASSWORD, "second_factor": "totp"});
        let app = Authenticator::enrolled(&client.send(post("/v1/accounts", &body)).expect(201));
        let login = |client: &mut Client, beside: serde_json::Value| {
            client.now += 30_000;
            let mut body = json!({"login": "ada", "password": PASSWORD});
            for (name, value) in beside.as_object().expect("an object") {
                body[name] = value.clone();
            }
            client.send(post("/v1/login", &body))
        };
        let otp = |client: &Client| json!({"otp": app.code(client.now + 30_000)});
        let beside = otp(&client);
        let first = login(&mut client, beside).expect(200);
        let code = first.body["backup_codes"][0].clone();
        client.now += 30_000;
        let challenge = client.login("ada", PASSWORD).expect(202).text("challenge").to_owned();
        let answer = json!({
            "challenge": challenge, "code": app.code(client.now), "remember_device": true,
        });
        let device = client.send(post("/v1/login/otp", &answer)).expect(200);
        let device = json!({"device_token": device.text("device_token")});
        let challenge = client.login("ada", PASSWORD).expect(202).text("challenge").to_owned();

        client.service = service(&both);
        let answer = json!({"challenge": challenge, "code": code});
        let _ = client.send(post("/v1/login/backup-code", &answer)).expect(200);
        let _ = login(&mut client, device).expect(200);
        let seeds = |client: &mut Client, id: &str| {
            let used = uses(client).into_iter().find(|key| key.id == id).expect("in the ring");
            used.rows.iter().find(|(table, _)| *table == "authenticators").map(|(_, rows)| *rows)
        };
        assert_eq!(seeds(&mut client, "k1"), Some(1));
        let beside = otp(&client);
        let _ = login(&mut client, beside).expect(200);
        assert_eq!((seeds(&mut client, "k1"), seeds(&mut client, "k2")), (None, Some(1)));
        let places: Vec<_> = uses(&mut client).iter().map(|key| key.place).collect();
        assert_eq!(places, [Current, Older]);
    });
}

// SECURITY 82: who drops a key too early is told of seeds and backup codes, too.
#[test]
fn readyz_names_the_key_of_a_second_factor() {
    on_each(|database| {
        let mut client = Client::new(service(K1), database.connect());
        let owner = client.enrolled("ada");
        client.service = service(K2);
        database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
        let tables = ["authenticators", "backup_codes"];
        let ready = client.send(get("/readyz")).expect(200).body.to_string();
        for table in tables {
            assert!(ready.contains(&format!("lacks the key of {table}: k1")), "{ready}");
        }
        let lost = uses(&mut client).into_iter().find(|key| key.id == "k1").expect("named");
        assert_eq!(lost.place, RingPlace::Lost);
        assert_eq!(lost.rows.iter().filter(|(table, _)| tables.contains(table)).count(), 2);
        // With both nothing is missing.
        client.service = service(&format!("{K2},{K1}"));
        let ready = client.send(get("/readyz")).expect(200).body.to_string();
        assert!(!ready.contains("lacks the key"), "{ready}");
        client.now += 30_000;
        let body = json!({"login": "ada", "password": PASSWORD, "otp": owner.app.code(client.now)});
        let _ = client.send(post("/v1/login", &body)).expect(200);
    });
}

// SECURITY 82
#[test]
fn readyz_names_what_needs_a_lost_key() {
    on_each(|database| {
        let mut client = Client::new(service(K1), database.connect());
        let _ = client.signed_in("ada");
        client.service = service(K2);
        let ready = client.send(get("/readyz")).expect(503);
        let told = "AUTHCORE_SECRET lacks the key of sessions: k1";
        assert!(ready.body.to_string().contains(told), "{}", ready.body);
        // What the README says to do: the service serves again, and still says what is lost.
        database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
        let ready = client.send(get("/readyz")).expect(200);
        assert!(ready.body.to_string().contains(told), "{}", ready.body);
        let _ = client.login("ada", PASSWORD).expect(200);
        database.query("DELETE FROM sessions WHERE substr(family_hash, 1, 3) = 'k1.'", Vec::new());
        let ready = client.send(get("/readyz")).expect(200);
        assert!(!ready.body.to_string().contains(told), "{}", ready.body);
    });
}

// SECURITY 82
#[test]
fn a_ring_is_rotated_without_signing_anybody_out() {
    on_each(|database| {
        let both = format!("{K2},{K1}");
        let key = |client: &mut Client| {
            let body = json!({"username": "ada", "password": PASSWORD});
            client.send(with(post("/v1/accounts", &body), "idempotency-key", "0123456789abcdef"))
        };
        let mut client = Client::new(service(K1), database.connect());
        let account = key(&mut client).expect(201);
        let first = client.login("ada", PASSWORD).expect(200);
        let other = client.login("ada", PASSWORD).expect(200);
        let second = client.refresh(first.text("refresh_token")).expect(200);

        client.service = service(&both);
        // The grace, across the change of the ring: the successor was derived under the old key.
        let again = client.refresh(first.text("refresh_token")).expect(200);
        assert_eq!(again.text("refresh_token"), second.text("refresh_token"));
        let third = client.refresh(second.text("refresh_token")).expect(200);
        let _ = client.me(third.text("access_token")).expect(200);
        let _ = client.login("ada", PASSWORD).expect(200);
        let found = key(&mut client).expect(201);
        assert_eq!(found.body["account"]["id"], account.body["account"]["id"]);
        let _ = client.send(get("/readyz")).expect(200);

        client.service = service(K2);
        // What the new key protects is found; what only the old one opens is named.
        assert_eq!(client.refresh(other.text("refresh_token")).code(), "token_invalid");
        assert_eq!(client.refresh(third.text("refresh_token")).code(), "seal_broken");
        // Also of a key that verifies: what is published comes from what is sealed.
        assert_eq!(client.me(third.text("access_token")).expect(500).code(), "seal_broken");
        assert_eq!(client.login("ada", PASSWORD).expect(500).code(), "seal_broken");
        let ready = client.send(get("/readyz")).expect(503);
        for row in database.query("SELECT id FROM signing_keys", Vec::new()) {
            let Value::Text(id) = &row[0] else { panic!("text") };
            assert!(ready.body.to_string().contains(id.as_str()), "{}", ready.body);
        }
        assert!(ready.body.to_string().contains("AUTHCORE_SECRET"), "{}", ready.body);
    });
}
