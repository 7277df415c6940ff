//! Many at once, from two processes, with what every route may take: it is taken at one of them.

use authcore_tests::client::PASSWORD;
use authcore_tests::database::on_each;
use authcore_tests::owner::PERIOD;
use authcore_tests::racing::{acting, race_held_by, request, with_basic, with_status};
use authcore_tests::{Answer, Authenticator, Client, Database, settings};
use serde_json::{Value as Json, json};

use super::races::{OWN, challenges, client, lost_by, notices, unlock, won};

/// How often a day a challenge is traded (docs/DESIGN §5).
const TRADES_A_DAY: usize = 5;

fn race(database: &Database, own: &[(&str, &str)], requests: &[Json]) -> Vec<Json> {
    race_held_by(env!("CARGO_BIN_EXE_racer"), database, own, requests)
}

/// The three forms of a login with a code beside the password.
fn logins(number: usize, code: &str) -> Json {
    match number % 3 {
        0 => {
            let body = json!({"login": "ada", "password": PASSWORD, "otp": code});
            request(number, "/v1/login", &body)
        }
        1 => {
            let password = PASSWORD.replace(' ', "+");
            let form = format!("username=ada&password={password}&otp={code}");
            request(number, "/v1/login", &form.into())
        }
        _ => with_basic(request(number, "/v1/login", &json!({"otp": code})), "ada", PASSWORD),
    }
}

fn sessions(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM sessions")
}

/// One of these requests was answered with what a right code gives; no other wrote anything.
fn taken_once(database: &Database, answers: &[Json], sessions_before: i64, step: i64) -> Answer {
    assert_eq!(with_status(answers, 200), 1, "{answers:?}");
    lost_by(answers, &["otp_invalid", "challenge_dead", "locked"]);
    let winner = won(answers).remove(0);
    // Who shows the code again in a session begins none.
    let begun = i64::from(winner.body.get("refresh_token").is_some());
    assert_eq!(sessions(database), sessions_before + begun);
    assert_eq!(database.count("SELECT count(*) FROM authenticators"), 1);
    assert_eq!(database.count("SELECT last_step FROM authenticators"), step);
    let used = "SELECT count(*) FROM challenges WHERE used_by IS NOT NULL";
    assert!(database.count(used) <= begun);
    assert_eq!(notices(database, "second_factor_failed"), 1, "told once an hour");
    winner
}

// SECURITY 10, 86
#[test]
fn one_code_at_every_route_at_once_is_taken_once() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let open = challenges(&mut client, database, "ada", 14);
        unlock(database);
        let before = sessions(database);
        let code = owner.app.code(client.now);
        let any = |n: usize| match n {
            0..14 => request(n, "/v1/login/otp", &json!({"challenge": open[n], "code": code})),
            14..26 => {
                let body = json!({"code": code});
                acting(n, &owner.access, "POST", "/v1/reauthenticate", &body)
            }
            _ => logins(n, &code),
        };
        let answers = race(database, &OWN, &(0..40).map(any).collect::<Vec<_>>());
        let _ = taken_once(database, &answers, before, client.now / PERIOD);
        let again = client.act(&owner.access, "POST", "/v1/reauthenticate", &json!({"code": code}));
        assert_ne!(again.status, 200);
    });
}

// SECURITY 10, 61, 86
#[test]
fn one_code_beside_a_password_begins_one_session_in_whatever_form() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        unlock(database);
        let before = sessions(database);
        let code = owner.app.code(client.now);
        let requests: Vec<_> = (0..30).map(|n| logins(n, &code)).collect();
        let answers = race(database, &OWN, &requests);
        let winner = taken_once(database, &answers, before, client.now / PERIOD);
        let _ = client.me(winner.text("access_token")).expect(200);
    });
}

// SECURITY 10, 16, 86
#[test]
fn the_first_code_of_a_sign_up_at_every_route_at_once_confirms_once() {
    on_each(|database| {
        let mut client = client(database);
        let app = Authenticator::enrolled(&client.sign_up_with_totp("ada").expect(201));
        let open = challenges(&mut client, database, "ada", 20);
        unlock(database);
        let code = app.code(client.now);
        let any = |n: usize| match n {
            0..20 => request(n, "/v1/login/otp", &json!({"challenge": open[n], "code": code})),
            _ => logins(n, &code),
        };
        let answers = race(database, &OWN, &(0..40).map(any).collect::<Vec<_>>());
        let winner = taken_once(database, &answers, 0, client.now / PERIOD);
        assert_eq!(winner.body["backup_codes"].as_array().map(Vec::len), Some(10));
        assert_eq!(database.count("SELECT count(*) FROM backup_codes"), 10);
        assert_eq!(notices(database, "factor_changed"), 1);
    });
}

/// Room for a wrong code of each dead seed.
const TRIES: [(&str, &str); 3] = [OWN[0], OWN[1], ("AUTHCORE_OTP_TRIES", "10")];

/// Of the seeds that trades gave, one counts: the row that is left.
fn one_seed_lives(
    database: &Database,
    answers: &[Json],
    challenge: impl Fn(&mut Client) -> String,
) {
    let won = won(answers);
    assert!((1..=TRADES_A_DAY).contains(&won.len()), "{answers:?}");
    lost_by(answers, &["rate_limited", "challenge_dead"]);
    assert_eq!(database.count("SELECT count(*) FROM authenticators"), 1);
    assert_eq!(sessions(database), 0);
    let mut client = Client::new(settings::service(&TRIES), database.connect());
    client.number = 1_000;
    let mut begun = 0;
    for enrolment in &won {
        unlock(database);
        let challenge = challenge(&mut client);
        let code = Authenticator::enrolled(enrolment).code(client.now);
        begun += usize::from(client.answer_otp(&challenge, &code).status == 200);
    }
    assert_eq!(begun, 1, "{answers:?}");
    assert_eq!(sessions(database), 1);
    assert_eq!(database.count("SELECT count(*) FROM authenticators"), 1);
    assert_eq!(notices(database, "factor_changed"), 1);
}

// SECURITY 16, 86
#[test]
fn of_parallel_trades_of_one_challenge_one_seed_lives() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&TRIES), database.connect());
        let _ = client.sign_up_with_totp("ada").expect(201);
        let challenge = client.challenged("ada");
        let body = json!({"challenge": challenge});
        let trade = |n| request(n, "/v1/login/enrolment", &body);
        let answers = race(database, &TRIES, &(0..20).map(trade).collect::<Vec<_>>());
        one_seed_lives(database, &answers, |_| challenge.clone());
    });
}

// SECURITY 16, 86
#[test]
fn of_parallel_trades_of_many_challenges_one_seed_lives() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&TRIES), database.connect());
        let _ = client.sign_up_with_totp("ada").expect(201);
        let open = challenges(&mut client, database, "ada", 20);
        let trade = |n: usize| request(n, "/v1/login/enrolment", &json!({"challenge": open[n]}));
        let answers = race(database, &TRIES, &(0..20).map(trade).collect::<Vec<_>>());
        one_seed_lives(database, &answers, |client| client.challenged("ada"));
    });
}
