//! Who a failed try is counted on, and that strangers can neither grow the table nor shut others
//! out (SECURITY 59 to 65).

use std::collections::BTreeMap;
use std::net::IpAddr;

use authcore::effect::Value;
use authcore::service::{Command, Outcome};
use authcore_tests::client::PASSWORD;
use authcore_tests::database::on_each;
use authcore_tests::faults::{Fault, Hit, drive_with};
use authcore_tests::{Client, Database, Kind, settings};

const WRONG: &str = "wrong horse battery";

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().expect("an address"))
}

// SECURITY 59
#[test]
fn an_unknown_name_is_throttled_as_a_known_one() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        let mut told = Vec::new();
        for name in ["ada", "nobody", "nobody@example.org"] {
            let codes: Vec<_> = (0..7)
                .map(|_| {
                    let answer = client.login(name, WRONG);
                    (answer.status, answer.body.to_string(), answer.counts)
                })
                .collect();
            assert_eq!(codes[4].0, 401);
            assert_eq!(codes[5].0, 429);
            told.push(codes);
        }
        assert_eq!(told[0], told[1]);
        assert_eq!(told[0], told[2]);
    });
}

/// The most rows that one kind of bucket can have: 20 bits.
const BUCKETS: i64 = 1 << 20;

/// How many names are tried, each from an address of its own: on SQLite the 10^5 of SECURITY 59; on
/// PostgreSQL, where each commit is a round trip to another process, fewer.
const fn strangers(kind: Kind) -> u32 {
    match kind {
        Kind::Sqlite => 100_000,
        Kind::Postgres => 2000,
    }
}

/// A login that is counted, and whose client is gone before its password is hashed.
fn counted_try(client: &mut Client, name: &str) {
    let body = serde_json::json!({"login": name, "password": WRONG});
    let arrival = client.arrival();
    let step = client.service.handle(authcore_tests::client::post("/v1/login", &body), arrival);
    // Admission, the batch that counts, the hash.
    let ended = drive_with(step, &mut *client.host, 2, Fault::DroppedBefore);
    assert_eq!(ended.hit, Some(Hit::Hash));
}

// SECURITY 59
#[test]
fn random_names_and_addresses_meet_a_bounded_table_that_a_sweep_empties() {
    on_each(|database| {
        let mut client = client(database);
        let strangers = strangers(database.kind());
        for number in 0..strangers {
            let (high, low) = (number >> 16, number & 0xffff);
            client.peer = address(&format!("2001:db8:{high:x}:{low:x}::1"));
            client.number = number;
            counted_try(&mut client, &format!("nobody{number}"));
        }
        // Of each, the name's and the address's failures, and the address's logins.
        let rows = database.count("SELECT count(*) FROM throttles");
        assert!((2 * i64::from(strangers)..=3 * i64::from(strangers)).contains(&rows), "{rows}");
        let keys = database.query("SELECT key FROM throttles", Vec::new());
        for row in &keys {
            let Value::Text(key) = &row[0] else { panic!("a key is text") };
            let (kind, bucket) = key.split_once('.').expect("kind and bucket");
            assert!(["login", "address", "name"].contains(&kind), "{key}");
            assert_eq!(bucket.len(), 5, "20 bits: {key}");
            assert!(i64::from_str_radix(bucket, 16).expect("hexadecimal") < BUCKETS);
        }
        // 10^5 rows more, put there as the service would have.
        database.query(
            "INSERT INTO throttles (key, failures, until, expires_at, op) \
             WITH RECURSIVE numbers (n) AS \
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000) \
             SELECT 'more.' || n, 1, 0, CAST(?1 AS BIGINT), 'test' FROM numbers",
            vec![Value::Integer(client.now + 1)],
        );
        client.now += 24 * 60 * 60 * 1000;
        // A sweep stops at 50,000 rows a table and says so.
        let rows = database.count("SELECT count(*) FROM throttles");
        assert_eq!(client.run(Command::Sweep), Ok(Outcome::SweptInPart));
        assert_eq!(database.count("SELECT count(*) FROM throttles"), rows - 50_000);
        let more = usize::try_from(rows / 50_000).expect("few");
        let ends: Vec<_> = (0..more).map(|_| client.run(Command::Sweep)).collect();
        assert_eq!(ends.last(), Some(&Ok(Outcome::Swept)));
        assert_eq!(database.count("SELECT count(*) FROM throttles"), 0);
    });
}

// SECURITY 63
#[test]
fn addresses_of_one_64_and_mapped_ones_share_a_budget() {
    on_each(|database| {
        for (group, addresses) in [
            ("v6", ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"]),
            ("v4", ["203.0.113.7", "::ffff:203.0.113.7"]),
        ] {
            let mut client = client(database);
            for number in 0..20 {
                client.peer = address(addresses[number % 2]);
                let _ = client.login(&format!("{group}{number}"), WRONG).expect(401);
            }
            for peer in addresses {
                client.peer = address(peer);
                assert_eq!(client.login("other", WRONG).code(), "locked", "{peer}");
            }
            client.peer = address(if group == "v6" { "2001:db8:1:3::1" } else { "203.0.113.8" });
            let _ = client.login(&format!("{group}-other"), WRONG).expect(401);
        }
    });
}

// SECURITY 65
#[test]
fn without_an_address_strangers_slow_and_never_shut_out() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        client.peer = None;
        let mut refused = 0;
        for number in 0..60 {
            let answer = client.login(&format!("nobody{number}"), WRONG);
            refused += u32::from(answer.status == 429);
        }
        assert_eq!(refused, 40, "20 a second");
        let told = client.login("ada", PASSWORD).expect(429);
        assert_eq!((told.code(), told.header("retry-after")), ("rate_limited", Some("1")));
        client.now += 1000;
        let _ = client.login("ada", PASSWORD).expect(200);
    });
}

// SECURITY 62, 65
#[test]
fn a_thousand_failures_from_nowhere_delay_others_a_second_and_their_victim_a_quarter_hour() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let device = client.remembered(&owner).text("device_token").to_owned();
        client.number = 1;
        let _ = client.sign_up("bob").expect(201);
        client.peer = None;
        let mut told = BTreeMap::new();
        for number in 0..1000 {
            client.now += if number % 100 == 0 { 1000 } else { 0 };
            let name = if number % 2 == 0 { "ada".to_owned() } else { format!("nobody{number}") };
            let answer = client.login(&name, WRONG);
            *told.entry(answer.code().to_owned()).or_insert(0) += 1;
        }
        let codes: Vec<&str> = told.keys().map(String::as_str).collect();
        assert_eq!(codes, ["invalid_credentials", "locked", "rate_limited"], "{told:?}");

        client.now += 1000;
        let _ = client.login("bob", PASSWORD).expect(200);
        // Their victim gets in by a known device at once, and without it after the longest wait.
        let _ = client.login_on(&device, "ada", PASSWORD).expect(200);
        let locked = client.login("ada", PASSWORD).expect(429);
        assert_eq!(locked.code(), "locked");
        let wait = locked.body["retry_after"].as_i64().expect("seconds");
        assert!((1..=900).contains(&wait), "{wait}");
        client.now += wait * 1000;
        let _ = client.login("ada", PASSWORD).expect(202);
    });
}

// SECURITY 65
#[test]
fn readyz_says_that_addresses_are_not_known() {
    on_each(|database| {
        let mut client = client(database);
        client.peer = None;
        let ready = client.send(authcore_tests::client::get("/readyz")).expect(200);
        assert!(ready.body.to_string().contains("all share one limit"), "{}", ready.body);
    });
}

#[test]
fn a_right_password_gives_an_address_its_try_back_and_no_more() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        for number in 0..19 {
            let _ = client.login(&format!("nobody{number}"), WRONG).expect(401);
        }
        // The twentieth try of the address is right: given back, with the wait that it began.
        let _ = client.login("ada", PASSWORD).expect(200);
        let _ = client.login("ada", PASSWORD).expect(200);
        let _ = client.login("nobody20", WRONG).expect(401);
        assert_eq!(client.login("ada", PASSWORD).code(), "locked");
    });
}

// SECURITY 60
#[test]
fn a_try_that_is_refused_is_not_counted() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up("ada").expect(201);
        for _ in 0..5 {
            let _ = client.login("ada", WRONG).expect(401);
        }
        for _ in 0..50 {
            let _ = client.login("ada", PASSWORD).expect(429);
        }
        // Neither on the account nor on the address: others behind it are not shut out.
        let _ = client.login("nobody", WRONG).expect(401);
        client.now += 60 * 1000;
        let _ = client.login("ada", PASSWORD).expect(200);
    });
}

// SECURITY 66
#[test]
fn counts_are_shared_by_services_on_one_database() {
    on_each(|database| {
        let mut clients = [client(database), client(database)];
        for number in 0..5 {
            let _ = clients[number % 2].login("nobody", WRONG).expect(401);
        }
        for client in &mut clients {
            let _ = client.login("nobody", WRONG).expect(429);
        }
    });
}

// SECURITY 63
#[test]
fn forwarded_headers_are_read_behind_trusted_proxies_only() {
    on_each(|database| {
        for (proxies, last) in [("0", 429), ("1", 401)] {
            let own = [("AUTHCORE_TRUSTED_PROXIES", proxies)];
            let mut client = Client::new(settings::service(&own), database.connect());
            client.peer = address(if proxies == "0" { "198.51.100.1" } else { "198.51.100.2" });
            let mut answers = Vec::new();
            for number in 0..21 {
                let body =
                    serde_json::json!({"login": format!("p{proxies}n{number}"), "password": WRONG});
                let request = authcore_tests::client::post("/v1/login", &body);
                let forwarded = format!("203.0.113.{number}");
                let request = authcore_tests::client::with(request, "x-forwarded-for", &forwarded);
                let request = authcore_tests::client::with(request, "cf-connecting-ip", &forwarded);
                answers.push(client.send(request).status);
            }
            assert_eq!(answers[20], last, "{proxies} proxies");
        }
    });
}

// SECURITY 62
#[test]
fn a_lock_until_an_administrator_does_not_end_by_itself() {
    on_each(|database| {
        let until_admin = [("AUTHCORE_LOCK", "until-admin")];
        let mut client = Client::new(settings::service(&until_admin), database.connect());
        let _ = client.sign_up("ada").expect(201);
        for _ in 0..5 {
            let _ = client.login("ada", WRONG).expect(401);
        }
        for days in [0, 1, 400] {
            client.now += days * 24 * 60 * 60 * 1000;
            assert_eq!(client.run(Command::Sweep), Ok(Outcome::Swept));
            let locked = client.login("ada", PASSWORD).expect(429);
            assert_eq!(locked.code(), "locked");
            assert_eq!(locked.body["retry_after"], 24 * 60 * 60, "no longer than a day is told");
        }
        // What an administrator's release will do.
        database.query("DELETE FROM throttles WHERE key LIKE 'account.%'", Vec::new());
        let _ = client.login("ada", PASSWORD).expect(200);
    });
}

// SECURITY 64
#[test]
fn refreshes_of_an_address_are_counted() {
    on_each(|database| {
        let few = [("AUTHCORE_LIMITS", "other 3/min")];
        let mut client = Client::new(settings::service(&few), database.connect());
        let mut token = client.signed_in("ada").text("refresh_token").to_owned();
        for _ in 0..3 {
            token = client.refresh(&token).expect(200).text("refresh_token").to_owned();
        }
        let limited = client.refresh(&token).expect(429);
        assert_eq!(limited.code(), "rate_limited");
        let wait = limited.body["retry_after"].as_i64().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        client.now += wait * 1000;
        let _ = client.refresh(&token).expect(200);
    });
}
