//! Many at once, from two processes: exactly one wins, and who loses writes nothing.

use authcore::effect::Value;
use authcore::secret::{Purpose, Ring, Token, TokenKind, keyed_hash};
use authcore_tests::client::PASSWORD;
use authcore_tests::database::{on_each, text};
use authcore_tests::owner::{PERIOD, backup_codes};
use authcore_tests::racing::{acting, race_by, request, with_status};
use authcore_tests::{Answer, Authenticator, Client, Database, settings};
use serde_json::{Value as Json, json};

/// What the races must not run into: they are about the codes.
pub(crate) const OWN: [(&str, &str); 2] = [
    ("AUTHCORE_LIMITS", "login 10000/h, accounts 10000/h, other 10000/min"),
    ("AUTHCORE_LOGIN_TRIES", "1000"),
];
const OTHER_PASSWORD: &str = "quiet walrus 77 harbour";

pub(crate) fn client(database: &Database) -> Client {
    Client::new(settings::service(&OWN), database.connect())
}

fn race(database: &Database, requests: &[Json]) -> Vec<Json> {
    race_by(env!("CARGO_BIN_EXE_racer"), database, &OWN, requests)
}

/// A challenge of its own beside an open one: without a login, which would end those beyond three.
const COPY: &str = "INSERT INTO challenges (id, account_id, authenticator_id, credential_version, \
     token_hash, idle_span, attempts, created_at, expires_at, op) \
     SELECT CAST(?1 AS TEXT), account_id, authenticator_id, credential_version, \
     CAST(?2 AS TEXT), idle_span, 0, created_at, expires_at, 'test' FROM challenges \
     WHERE op <> 'test'";

/// So many open challenges of an account.
pub(crate) fn challenges(
    client: &mut Client,
    database: &Database,
    name: &str,
    count: u8,
) -> Vec<String> {
    let _ = client.challenged(name);
    let ring = Ring::parse(settings::K1).expect("a ring");
    let challenge = |number: u8| {
        let token = Token::from_random(TokenKind::Challenge, [number; 32]);
        let hash = keyed_hash(ring.current(), Purpose::HashChallenge, &[token.bytes()]);
        let id = format!("018f0000-0000-7000-8000-{number:012x}");
        database.query(COPY, vec![text(&id), text(&hash)]);
        token.expose().to_owned()
    };
    (1..=count).map(challenge).collect()
}

/// Room for codes: the account's own lock would leave no race (it is tested elsewhere).
pub(crate) fn unlock(database: &Database) {
    let sql = "UPDATE accounts SET factor_failures = -1000, factor_until = 0 WHERE id <> ''";
    database.query(sql, Vec::new());
}

pub(crate) fn notices(database: &Database, template: &str) -> usize {
    let sql = "SELECT id FROM outbox WHERE template = ?1";
    database.query(sql, vec![text(template)]).len()
}

/// The bodies of the answers with status 200.
pub(crate) fn won(answers: &[Json]) -> Vec<Answer> {
    let won = answers.iter().filter(|answer| answer["status"] == 200);
    let answer = |answer: &Json| Answer {
        status: 200,
        headers: Vec::new(),
        body: answer["body"].clone(),
        counts: Default::default(),
    };
    won.map(answer).collect()
}

/// Those that did not win were refused, in these words only.
pub(crate) fn lost_by(answers: &[Json], codes: &[&str]) {
    for answer in answers.iter().filter(|answer| answer["status"] != 200) {
        let code = answer["body"]["code"].as_str().unwrap_or_default();
        assert!(codes.contains(&code), "{answer}");
    }
}

// SECURITY 10, 86
#[test]
fn one_code_over_a_hundred_challenges_begins_one_session() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let challenges = challenges(&mut client, database, "ada", 100);
        unlock(database);
        let before = database.count("SELECT count(*) FROM sessions");
        let code = owner.app.code(client.now);
        let answer = |(n, challenge): (usize, &String)| {
            request(n, "/v1/login/otp", &json!({"challenge": challenge, "code": code}))
        };
        let answers =
            race(database, &challenges.iter().enumerate().map(answer).collect::<Vec<_>>());
        assert_eq!(with_status(&answers, 200), 1, "{answers:?}");
        lost_by(&answers, &["otp_invalid", "locked"]);
        assert_eq!(database.count("SELECT count(*) FROM sessions"), before + 1);
        let used = "SELECT count(*) FROM challenges WHERE used_by IS NOT NULL";
        assert_eq!(database.count(used), 1);
        let step = database.count("SELECT last_step FROM authenticators");
        assert_eq!(step, client.now / PERIOD);
        assert_eq!(notices(database, "second_factor_failed"), 1, "told once an hour");
    });
}

// SECURITY 19, 86
#[test]
fn one_backup_code_over_a_hundred_challenges_begins_one_session() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let challenges = challenges(&mut client, database, "ada", 100);
        unlock(database);
        let before = database.count("SELECT count(*) FROM sessions");
        let code = &owner.backup_codes[0];
        let answer = |(n, challenge): (usize, &String)| {
            request(n, "/v1/login/backup-code", &json!({"challenge": challenge, "code": code}))
        };
        let answers =
            race(database, &challenges.iter().enumerate().map(answer).collect::<Vec<_>>());
        assert_eq!(with_status(&answers, 200), 1, "{answers:?}");
        lost_by(&answers, &["otp_invalid", "locked"]);
        assert_eq!(database.count("SELECT count(*) FROM sessions"), before + 1);
        let used = "SELECT count(*) FROM backup_codes WHERE used_by IS NOT NULL";
        assert_eq!(database.count(used), 1);
        assert_eq!(notices(database, "backup_code_used"), 1);
    });
}

// SECURITY 19, 86
#[test]
fn a_renewal_of_backup_codes_and_a_use_of_an_old_one_exclude_each_other() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let challenges = challenges(&mut client, database, "ada", 30);
        unlock(database);
        let before = database.count("SELECT count(*) FROM sessions");
        let use_of = |(n, challenge): (usize, &String)| {
            let body = json!({"challenge": challenge, "code": owner.backup_codes[0]});
            request(n, "/v1/login/backup-code", &body)
        };
        let renewal = |n| acting(n, &owner.access, "POST", "/v1/mfa/backup-codes", &Json::Null);
        let uses: Vec<_> = challenges.iter().enumerate().map(use_of).collect();
        let renewals = (30..36).map(renewal);
        let mut requests: Vec<_> = uses[..15].to_vec();
        requests.extend(renewals);
        requests.extend_from_slice(&uses[15..]);
        let answers = race(database, &requests);
        lost_by(&answers, &["otp_invalid", "locked"]);
        let won = won(&answers);
        let (renewed, used): (Vec<_>, Vec<_>) =
            won.iter().partition(|answer| answer.body.get("access_token").is_none());
        assert_eq!(renewed.len(), 6, "{answers:?}");
        assert!(used.len() <= 1, "{answers:?}");
        let sessions = database.count("SELECT count(*) FROM sessions");
        assert_eq!(usize::try_from(sessions - before), Ok(used.len()));
        assert_eq!(notices(database, "backup_code_used"), used.len());
        // The same is told five times an hour.
        assert_eq!(notices(database, "backup_codes_renewed"), 5);
        // Of all the sets that were shown, one lives, and it is whole.
        assert_eq!(database.count("SELECT count(*) FROM backup_codes"), 10);
        let mut alive = 0;
        for set in renewed.iter().map(|answer| backup_codes(answer)) {
            unlock(database);
            let challenge = client.challenged("ada");
            let answer = client.answer_backup_code(&challenge, &set[9]);
            alive += usize::from(answer.status == 200);
        }
        assert_eq!(alive, 1);
    });
}

// SECURITY 16, 86
#[test]
fn of_parallel_enrolments_one_seed_lives() {
    on_each(|database| {
        let mut client = client(database);
        let access = client.signed_in("ada").text("access_token").to_owned();
        let enrol = |n| acting(n, &access, "POST", "/v1/mfa/totp", &Json::Null);
        let answers = race(database, &(0..100).map(enrol).collect::<Vec<_>>());
        assert_eq!(with_status(&answers, 200), 100, "{answers:?}");
        assert_eq!(database.count("SELECT count(*) FROM authenticators"), 1);
        let mut confirmed = 0;
        for enrolment in won(&answers) {
            // A wrong code for each dead seed: one enrolment takes ten.
            database.query("DELETE FROM throttles WHERE key LIKE 'confirm%'", Vec::new());
            let code = Authenticator::enrolled(&enrolment).code(client.now);
            let body = json!({"code": code});
            let answer = client.act(&access, "POST", "/v1/mfa/totp/confirm", &body);
            confirmed += usize::from(answer.status == 200);
        }
        assert_eq!(confirmed, 1);
    });
}

// SECURITY 10, 16, 86
#[test]
fn parallel_confirmations_show_one_set_of_backup_codes() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up_with_address("ada").expect(201);
        let access = client.login("ada", PASSWORD).expect(200).text("access_token").to_owned();
        let enrolment = client.act(&access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
        let body = json!({"code": Authenticator::enrolled(&enrolment).code(client.now)});
        let confirm = |n| acting(n, &access, "POST", "/v1/mfa/totp/confirm", &body);
        let answers = race(database, &(0..100).map(confirm).collect::<Vec<_>>());
        lost_by(&answers, &["otp_invalid", "no_enrolment", "rate_limited"]);
        let won = won(&answers);
        assert_eq!(won.len(), 1, "{answers:?}");
        assert_eq!(database.count("SELECT count(*) FROM backup_codes"), 10);
        assert_eq!(notices(database, "factor_changed"), 1);
        let challenge = client.challenged("ada");
        let _ = client.answer_backup_code(&challenge, &backup_codes(&won[0])[0]).expect(200);
    });
}

// SECURITY 16, 86
#[test]
fn a_confirmation_and_a_new_enrolment_leave_one_seed_that_counts() {
    on_each(|database| {
        let mut client = client(database);
        let access = client.signed_in("ada").text("access_token").to_owned();
        let enrolment = client.act(&access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
        let app = Authenticator::enrolled(&enrolment);
        let body = json!({"code": app.code(client.now)});
        let either = |n: usize| match n % 2 {
            0 => acting(n, &access, "POST", "/v1/mfa/totp/confirm", &body),
            _ => acting(n, &access, "POST", "/v1/mfa/totp", &Json::Null),
        };
        let answers = race(database, &(0..12).map(either).collect::<Vec<_>>());
        let refused = ["otp_invalid", "no_enrolment", "rate_limited", "reauthentication_required"];
        lost_by(&answers, &refused);
        let won = won(&answers);
        let confirmed = won.iter().filter(|answer| answer.body.get("secret").is_none()).count();
        assert!(confirmed <= 1, "{answers:?}");
        let counting = "SELECT count(*) FROM authenticators WHERE confirmed_at IS NOT NULL";
        assert_eq!(usize::try_from(database.count(counting)), Ok(confirmed));
        let codes = usize::try_from(database.count("SELECT count(*) FROM backup_codes"));
        assert_eq!(codes, Ok(10 * confirmed));
        if confirmed == 1 {
            let challenge = client.challenged("ada");
            let code = app.code(client.now + PERIOD);
            let _ = client.answer_otp(&challenge, &code).expect(200);
        }
    });
}

// SECURITY 13, 60
#[test]
fn a_burst_of_wrong_codes_has_the_tries_of_one_challenge() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let challenge = client.challenged("ada");
        let body = json!({"challenge": challenge, "code": owner.app.wrong_code(client.now)});
        let tries: Vec<_> = (0..100).map(|n| request(n, "/v1/login/otp", &body)).collect();
        let answers = race(database, &tries);
        assert_eq!(with_status(&answers, 401), 100, "{answers:?}");
        let invalid = |answer: &&Json| answer["body"]["code"] == "otp_invalid";
        assert_eq!(answers.iter().filter(invalid).count(), 3, "{answers:?}");
        lost_by(&answers, &["otp_invalid", "challenge_dead"]);
        assert_eq!(database.count("SELECT attempts FROM challenges"), 3);
        assert_eq!(database.count("SELECT factor_failures FROM accounts"), 3);
        let right = client.answer_otp(&challenge, &owner.app.code(client.now));
        assert_eq!(right.code(), "challenge_dead");
    });
}

/// The sessions of each state.
fn live(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM sessions WHERE revoked_at IS NULL")
}

// SECURITY 28, 86
#[test]
fn no_login_with_the_old_password_outlives_its_change() {
    on_each(|database| {
        let mut client = client(database);
        let _ = client.sign_up_with_address("ada").expect(201);
        let access = client.login("ada", PASSWORD).expect(200).text("access_token").to_owned();
        let change = json!({"current_password": PASSWORD, "password": OTHER_PASSWORD});
        let login = json!({"login": "ada", "password": PASSWORD});
        let either = |n: usize| match n % 6 {
            3 => acting(n, &access, "PUT", "/v1/me/password", &change),
            _ => request(n, "/v1/login", &login),
        };
        let answers = race(database, &(0..36).map(either).collect::<Vec<_>>());
        assert_eq!(with_status(&answers, 204), 1, "{answers:?}");
        assert_eq!(live(database), 1, "of who changed it");
        for tokens in won(&answers) {
            assert_eq!(client.me(tokens.text("access_token")).code(), "session_ended");
        }
        let _ = client.me(&access).expect(200);
        assert_eq!(notices(database, "password_changed"), 1);
        assert_eq!(database.count("SELECT version FROM credentials"), 2);
        client.peer = Some([203, 0, 113, 1].into());
        assert_eq!(client.login("ada", PASSWORD).code(), "invalid_credentials");
        let _ = client.login("ada", OTHER_PASSWORD).expect(200);
    });
}

// SECURITY 28, 86
#[test]
fn nothing_of_a_deleted_account_lives_on() {
    on_each(|database| {
        let mut client = client(database);
        let first = client.signed_in("ada");
        let refreshed = client.login("ada", PASSWORD).expect(200);
        let login = json!({"login": "ada", "password": PASSWORD});
        let refresh = json!({"refresh_token": refreshed.text("refresh_token")});
        let access = first.text("access_token");
        let either = |n: usize| match (n, n % 2) {
            (8 | 9, _) => acting(n, access, "DELETE", "/v1/me", &Json::Null),
            (_, 0) => request(n, "/v1/login", &login),
            _ => request(n, "/v1/refresh", &refresh),
        };
        let answers = race(database, &(0..40).map(either).collect::<Vec<_>>());
        assert_eq!(with_status(&answers, 204), 1, "{answers:?}");
        lost_by(&answers, &["", "session_ended", "invalid_credentials"]);
        assert_eq!(live(database), 0);
        for tokens in won(&answers) {
            assert_eq!(client.me(tokens.text("access_token")).code(), "session_ended");
            assert_eq!(client.refresh(tokens.text("refresh_token")).code(), "session_ended");
        }
        let deleted = database.query("SELECT status, deleted_at FROM accounts", Vec::new());
        assert_eq!(deleted[0][0], text("deleted"));
        assert_ne!(deleted[0][1], Value::Null);
        assert_eq!(client.login("ada", PASSWORD).code(), "invalid_credentials");
    });
}
