//! Attacks on the foundation, and mistakes of clocks and hosts, that must not succeed.

use std::thread::{self, JoinHandle};

use authcore::effect::{
    Batch, Failure, HashJob, HashOutcome, Host, Mode, Rows, Statement, StrengthJob, drive,
};
use authcore::strength::StrengthVerdict;
use authcore_tests::client::{PASSWORD, get, post, with};
use authcore_tests::database::KINDS;
use authcore_tests::owner::call;
use authcore_tests::settings::{NOW, service};
use authcore_tests::{Client, Database, Kind};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const YEAR: i64 = 365 * DAY;
const WRONG: &str = "not the password";

fn client(database: &Database, own: &[(&str, &str)]) -> Client {
    Client::new(service(own), database.connect())
}

fn on_each(test: impl Fn(&Database)) {
    for kind in KINDS {
        test(&Database::new(kind));
    }
}

/// The claims of the revocation list.
fn revocation_list(client: &mut Client) -> Json {
    let at = client.arrival();
    let step = client.service.handle(get("/.well-known/revocations"), at);
    let response = drive(step, &mut *client.host);
    let token = String::from_utf8(response.body).expect("a token");
    let payload = token.split('.').nth(1).expect("three parts");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}

// SECURITY 28: a verifier may give up to five minutes of leeway.
#[test]
fn the_revocation_list_names_a_session_for_as_long_as_a_lenient_verifier_takes_its_token() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let tokens = client.signed_in("ada");
        let _ = client.logout(tokens.text("access_token")).expect(204);
        let revoked = json!([tokens.text("session_id")]);
        let accepted_until = NOW + 5 * MINUTE + 5 * MINUTE;
        client.now = accepted_until - 1;
        assert_eq!(revocation_list(&mut client)["sids"], revoked);
        client.now = accepted_until;
        assert_eq!(revocation_list(&mut client)["sids"], json!([]));
    });
}

// SECURITY 27
#[test]
fn an_access_token_does_not_outlive_the_idle_end_of_its_session() {
    on_each(|database| {
        let own = [("AUTHCORE_ACCESS_TTL", "24 h"), ("AUTHCORE_REFRESH_TTL", "10 min")];
        let mut client = client(database, &own);
        let tokens = client.signed_in("ada");
        assert_eq!(tokens.body["expires_in"], 600);
        client.now += MINUTE;
        let next = client.refresh(tokens.text("refresh_token")).expect(200);
        assert_eq!(next.body["expires_in"], 600);
    });
}

// SECURITY 39, 108
#[test]
fn a_host_whose_clock_is_a_little_behind_takes_a_token_that_was_just_issued() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let tokens = client.signed_in("ada");
        for (behind, status) in [(1, 200), (MINUTE, 200), (MINUTE + 1, 401)] {
            client.now = NOW - behind;
            assert_eq!(client.me(tokens.text("access_token")).status, status, "{behind} ms");
        }
        // What is given at the beginning of a token is not given at its end.
        client.now = NOW + 5 * MINUTE;
        assert_eq!(client.me(tokens.text("access_token")).code(), "token_expired");
    });
}

#[test]
fn an_idempotency_key_shows_no_account_after_a_day() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let sign_up = |password: &str| {
            let body = json!({"username": "ada", "password": password});
            with(post("/v1/accounts", &body), "idempotency-key", "form-2026-01-01-ada")
        };
        let _ = client.send(sign_up(PASSWORD)).expect(201);
        client.now = NOW + DAY - 1;
        let _ = client.send(sign_up(PASSWORD)).expect(201);
        client.now = NOW + DAY;
        assert_eq!(client.send(sign_up("some other password 7")).code(), "taken");
    });
}

// SECURITY 65, 108
#[test]
fn a_clock_that_was_a_year_ahead_shuts_nobody_out() {
    on_each(|database| {
        let mut client = client(database, &[("AUTHCORE_LIMITS", "login 30/h, accounts 1000/h")]);
        let _ = client.sign_up("ada").expect(201);
        client.now = NOW + YEAR;
        for _ in 0..20 {
            let _ = client.login("nobody", WRONG);
        }
        for _ in 0..5 {
            let _ = client.login("ada", WRONG);
        }
        client.peer = None;
        let _ = client.login("nobody", WRONG);
        // Set right again: the account, its address and those without an address.
        for peer in [None, Some([192, 0, 2, 1].into())] {
            client.peer = peer;
            client.now = NOW + MINUTE;
            let _ = client.login("ada", PASSWORD).expect(200);
            for _ in 0..19 {
                let _ = client.login("ada", PASSWORD).expect(200);
            }
            client.now += DAY;
        }
    });
}

// SECURITY 60
#[test]
fn a_lock_does_not_end_with_five_free_tries() {
    assert!(
        authcore::settings::Settings::from_variables(authcore_tests::settings::variables(&[(
            "AUTHCORE_LOCK",
            "24 h"
        )]))
        .is_err()
    );
    on_each(|database| {
        let mut client = client(database, &[("AUTHCORE_LOCK", "12 h")]);
        let _ = client.sign_up("ada").expect(201);
        for wait in [0, 0, 0, 0, 1, 2, 4, 8, 720, 720] {
            let _ = client.login("ada", WRONG).expect(401);
            if wait > 0 {
                let _ = client.login("ada", WRONG).expect(429);
                client.now += wait * MINUTE;
            }
        }
    });
}

/// A host in whose pause for a hash somebody else changes the password.
struct Overtaken<'a> {
    host: &'a mut dyn Host,
    database: &'a Database,
    change: Option<JoinHandle<()>>,
}

/// What a change of the password writes, the account first; it commits once another transaction
/// waits for one of its rows.
const CHANGE: [&str; 4] = [
    "UPDATE accounts SET op = 'change'",
    "UPDATE credentials SET version = version + 1",
    "UPDATE sessions SET revoked_at = 1, revoked_for = 'password'",
    "DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted) LOOP \
     PERFORM pg_sleep(0.005); END LOOP; END $$",
];

/// How many transactions write sessions now: the change has taken its rows.
const WRITING: &str = "SELECT count(*) FROM pg_locks WHERE mode = 'RowExclusiveLock' \
     AND relation = (SELECT oid FROM pg_class WHERE relname = 'sessions')";

impl Host for Overtaken<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        self.host.batch(batch)
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.host.strength(job)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        let mut other = self.database.connect();
        self.change = Some(thread::spawn(move || {
            let statements = CHANGE.map(|sql| Statement::new(sql, Vec::new())).into();
            other.batch(&Batch { mode: Mode::Write, statements }).expect("a sound change");
        }));
        while self.database.count(WRITING) == 0 {
            thread::yield_now();
        }
        self.host.hash(job)
    }
}

// SECURITY 28, 86: on SQLite a second writer cannot begin, so there is nothing to overtake.
#[test]
fn a_login_that_waited_for_a_change_of_the_password_begins_no_session() {
    let database = Database::new(Kind::Postgres);
    let mut client = client(&database, &[]);
    let _ = client.signed_in("ada");
    let mut connection = database.connect();
    let mut host = Overtaken { host: &mut *connection, database: &database, change: None };
    let login = post("/v1/login", &json!({"login": "ada", "password": PASSWORD}));
    let answer = client.send_through(&mut host, login);
    host.change.take().expect("a hash was asked for").join().expect("the change is done");
    assert_eq!(answer.code(), "invalid_credentials");
    assert_eq!(database.count("SELECT count(*) FROM sessions WHERE revoked_at IS NULL"), 0);
}

// SECURITY 100
#[test]
fn no_clock_makes_a_request_fail_with_5xx() {
    on_each(|database| {
        for (number, now) in [i64::MIN, -1, 0, 1 << 48, (1 << 53) - 1, i64::MAX].iter().enumerate()
        {
            let mut client = client(database, &[]);
            client.number = u32::try_from(number).expect("few");
            client.now = *now;
            let name = format!("ada{number}");
            let _ = client.sign_up(&name).expect(201);
            let tokens = client.login(&name, PASSWORD).expect(200);
            assert!(client.me(tokens.text("access_token")).status < 500, "{now}");
            assert!(client.refresh(tokens.text("refresh_token")).status < 500, "{now}");
            assert!(client.send(get("/.well-known/jwks.json")).status < 500, "{now}");
        }
    });
}

// SECURITY 4
#[test]
fn what_is_too_long_is_refused_before_any_work() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let tokens = client.signed_in("ada");
        let long = "p".repeat(60 * 1024);
        let refused = [
            ("POST", "/v1/accounts", json!({"username": "bob", "password": long})),
            (
                "POST",
                "/v1/accounts",
                json!({"username": "bob", "password": PASSWORD, "full_name": long}),
            ),
            ("POST", "/v1/login", json!({"login": "ada", "password": long})),
            ("POST", "/v1/login", json!({"login": "nobody", "password": long})),
            ("POST", "/v1/password/strength", json!({"password": long})),
            (
                "POST",
                "/v1/password/strength",
                json!({"password": PASSWORD, "user_inputs": vec!["x"; 1000]}),
            ),
            ("POST", "/v1/reauthenticate", json!({"password": long})),
            ("PUT", "/v1/me/password", json!({"current_password": long, "password": PASSWORD})),
            ("PUT", "/v1/me/password", json!({"current_password": PASSWORD, "password": long})),
        ];
        for (method, target, body) in refused {
            let presented = ["/v1/reauthenticate", "/v1/me/password"].contains(&target);
            let answer = match presented {
                true => client.act(tokens.text("access_token"), method, target, &body),
                false => client.send(call(method, target, &body)),
            };
            let what = format!("{method} {target}: {}", answer.body);
            assert!(matches!(answer.status, 401 | 422), "{what}");
            assert_eq!(answer.counts.hashes, 0, "{what}");
            assert_eq!(answer.counts.strengths, 0, "{what}");
        }
    });
}
