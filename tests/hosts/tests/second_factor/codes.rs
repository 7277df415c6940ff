//! A code is accepted once, over all routes, in every form; wrong ones are counted over everything.

use authcore_tests::client::{PASSWORD, post, with};
use authcore_tests::database::on_each;
use authcore_tests::owner::{PERIOD, later};
use authcore_tests::{Answer, Authenticator, Client, Database, Owner, settings};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

/// What takes a code of an authenticator.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Challenge,
    OneCall,
    Form,
    Basic,
    Reauthenticate,
}

/// All of them.
pub const WAYS: [Way; 5] =
    [Way::Challenge, Way::OneCall, Way::Form, Way::Basic, Way::Reauthenticate];

/// Shows a code in one way. The answer's failures are forgotten: what counts is the code.
fn show(client: &mut Client, database: &Database, owner: &Owner, way: Way, code: &str) -> Answer {
    database.query("UPDATE accounts SET factor_failures = 0, factor_until = 0", Vec::new());
    send(client, owner, way, code)
}

/// Sends a code in one way.
pub fn send(client: &mut Client, owner: &Owner, way: Way, code: &str) -> Answer {
    let name = &owner.name;
    match way {
        Way::Challenge => {
            let challenge = client.challenged(name);
            client.answer_otp(&challenge, code)
        }
        Way::OneCall => {
            let body = json!({"login": name, "password": PASSWORD, "otp": code});
            client.send(post("/v1/login", &body))
        }
        Way::Form => {
            let mut form = post("/v1/login", &Json::Null);
            form.headers[0].1 = b"application/x-www-form-urlencoded".to_vec();
            let password = PASSWORD.replace(' ', "+");
            form.body = format!("username={name}&password={password}&otp={code}").into_bytes();
            client.send(form)
        }
        Way::Basic => {
            let pair = BASE64_STANDARD.encode(format!("{name}:{PASSWORD}"));
            let request = post("/v1/login", &json!({"otp": code}));
            client.send(with(request, "authorization", &format!("Basic {pair}")))
        }
        Way::Reauthenticate => {
            client.act(&owner.access, "POST", "/v1/reauthenticate", &json!({"code": code}))
        }
    }
}

// SECURITY 10
#[test]
fn a_code_that_was_accepted_in_one_way_is_refused_in_all() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        for first in WAYS {
            client.now += PERIOD;
            let code = owner.app.code(client.now);
            let _ = show(&mut client, database, &owner, first, &code).expect(200);
            for second in WAYS {
                let answer = show(&mut client, database, &owner, second, &code);
                assert_eq!(answer.code(), "otp_invalid", "{first:?}, then {second:?}");
                assert!(answer.body.get("access_token").is_none());
            }
        }
    });
}

// SECURITY 10
#[test]
fn the_code_that_confirmed_an_enrolment_signs_nobody_in() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        // The helper confirmed with the code of the period before.
        let code = owner.app.code(client.now - PERIOD);
        for way in WAYS {
            let answer = show(&mut client, database, &owner, way, &code);
            assert_eq!(answer.code(), "otp_invalid", "{way:?}");
        }
        // Nor does it confirm another enrolment.
        let again = client.act(&owner.access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
        let _ = Authenticator::enrolled(&again);
        let body = json!({"code": code});
        let answer = client.act(&owner.access, "POST", "/v1/mfa/totp/confirm", &body);
        assert_eq!(answer.code(), "otp_invalid");
    });
}

/// Other ways to write the same digits.
fn odd_forms(code: &str) -> Vec<String> {
    let wide = |zero: char| -> String {
        let digit = |c: char| {
            let value = c.to_digit(10).expect("a digit");
            char::from_u32(u32::from(zero) + value).expect("a digit")
        };
        code.chars().map(digit).collect()
    };
    vec![
        format!(" {code}"),
        format!("{code} "),
        format!("{} {}", &code[..3], &code[3..]),
        format!("{}-{}", &code[..3], &code[3..]),
        format!("{code}\n"),
        format!("\u{feff}{code}"),
        format!("+{code}"),
        format!("0{code}"),
        wide('\u{ff10}'),
        wide('\u{0660}'),
    ]
}

// SECURITY 11
#[test]
fn a_code_is_accepted_once_in_whatever_form_it_is_written() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        for number in 0..10 {
            client.now = later(client.now);
            let code = owner.app.code(client.now);
            let mut forms = odd_forms(&code);
            // Each odd form once before the plain one, which is last.
            forms.rotate_left(number);
            forms.push(code);
            let mut accepted = 0;
            for form in &forms {
                let answer = show(&mut client, database, &owner, Way::Challenge, form);
                assert!(matches!(answer.status, 200 | 401), "{form:?}: {}", answer.body);
                accepted += usize::from(answer.status == 200);
            }
            assert_eq!(accepted, 1, "{forms:?}");
        }
    });
}

// SECURITY 12
#[test]
fn wrong_codes_count_over_challenges_and_addresses_whatever_the_password() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let mut looked_at = 0;
        let mut locked = 0;
        for round in 0..40 {
            client.peer = Some([203, 0, 113, round + 1].into());
            // A right password each time: it takes nothing back.
            let challenge = client.challenged("ada");
            for _ in 0..3 {
                let answer = client.answer_otp(&challenge, &owner.app.wrong_code(client.now));
                match answer.code() {
                    "otp_invalid" => looked_at += 1,
                    "locked" => {
                        assert_eq!(answer.status, 429);
                        let wait = answer.header("retry-after").map(str::parse::<i64>);
                        assert!(matches!(wait, Some(Ok(1..))));
                        locked += 1;
                    }
                    other => panic!("{other}"),
                }
            }
        }
        assert_eq!((looked_at, locked), (5, 115));
        let told = "SELECT count(*) FROM outbox WHERE template = 'second_factor_failed'";
        assert_eq!(database.count(told), 1);
    });
}

// SECURITY 12
#[test]
fn codes_wait_longer_each_time_and_stop_for_good_at_twenty() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let try_wrong = |client: &mut Client| {
            let challenge = client.challenged("ada");
            client.answer_otp(&challenge, &owner.app.wrong_code(client.now))
        };
        for _ in 0..4 {
            let _ = try_wrong(&mut client).expect(401);
        }
        for minutes in [1, 2, 4, 8].into_iter().chain([15; 11]) {
            let _ = try_wrong(&mut client).expect(401);
            client.now += minutes * MINUTE - 1;
            let early = try_wrong(&mut client).expect(429);
            assert_eq!(early.body["retry_after"], 1, "{minutes} minutes");
            client.now += 1;
        }
        let _ = try_wrong(&mut client).expect(401);
        assert_eq!(database.count("SELECT factor_failures FROM accounts"), 20);
        // Neither the right code nor a backup code nor time is looked at any more.
        client.now += 400 * 24 * 60 * MINUTE;
        let code = owner.app.code(client.now);
        let challenge = client.challenged("ada");
        let told = client.answer_otp(&challenge, &code).expect(429);
        assert_eq!(told.code(), "locked");
        let told = client.answer_backup_code(&challenge, &owner.backup_codes[0]).expect(429);
        assert_eq!(told.code(), "locked");
        // An administrator's word, or a reset, is a later route: what it writes releases.
        database.query("UPDATE accounts SET factor_failures = 0, factor_until = 0", Vec::new());
        let challenge = client.challenged("ada");
        let _ = client.answer_otp(&challenge, &code).expect(200);
    });
}

// SECURITY 12
#[test]
fn a_right_code_clears_the_count_and_a_right_password_does_not() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let failures = || database.count("SELECT factor_failures FROM accounts");
        let challenge = client.challenged("ada");
        for _ in 0..3 {
            let wrong = owner.app.wrong_code(client.now);
            let _ = client.answer_otp(&challenge, &wrong).expect(401);
        }
        let challenge = client.challenged("ada");
        assert_eq!(failures(), 3);
        let reauthenticated =
            client.act(&owner.access, "POST", "/v1/reauthenticate", &json!({"password": PASSWORD}));
        let _ = reauthenticated.expect(200);
        assert_eq!(failures(), 3);
        let _ = client.answer_otp(&challenge, &owner.app.code(client.now)).expect(200);
        assert_eq!(failures(), 0);
    });
}

// SECURITY 13
#[test]
fn the_fourth_code_of_a_challenge_is_not_looked_at() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let challenge = client.challenged("ada");
        for _ in 0..3 {
            let answer = client.answer_otp(&challenge, &owner.app.wrong_code(client.now));
            assert_eq!(answer.code(), "otp_invalid");
        }
        for code in [owner.app.code(client.now), owner.app.wrong_code(client.now)] {
            let answer = client.answer_otp(&challenge, &code).expect(401);
            assert_eq!(answer.code(), "challenge_dead");
        }
        let answer = client.answer_backup_code(&challenge, &owner.backup_codes[0]).expect(401);
        assert_eq!(answer.code(), "challenge_dead");
        assert_eq!(database.count("SELECT attempts FROM challenges"), 3);
        assert_eq!(database.count("SELECT factor_failures FROM accounts"), 3);
    });
}

// SECURITY 18
#[test]
fn codes_of_one_step_around_the_moment_are_taken() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        for (steps, status) in [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)] {
            client.now = later(client.now);
            let code = owner.app.code(client.now + steps * PERIOD);
            let answer = show(&mut client, database, &owner, Way::Challenge, &code);
            assert_eq!(answer.status, status, "{steps} steps");
        }
        client.now = later(client.now);
        let next = owner.app.code(client.now + PERIOD);
        let _ = show(&mut client, database, &owner, Way::Challenge, &next).expect(200);
        let this = owner.app.code(client.now);
        let _ = show(&mut client, database, &owner, Way::Challenge, &this).expect(401);
    });
}

/// The ways people type a code of Crockford's alphabet.
fn typed(code: &str) -> Vec<String> {
    let plain = code.replace('-', "");
    vec![
        plain.clone(),
        plain.to_lowercase(),
        plain.replace('0', "O").replace('1', "I"),
        plain.replace('0', "o").replace('1', "l"),
        plain.chars().flat_map(|c| [c, ' ']).collect(),
        code.to_owned(),
    ]
}

// SECURITY 19
#[test]
fn a_backup_code_is_accepted_once_however_it_is_typed() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        for (number, code) in owner.backup_codes.iter().take(6).enumerate() {
            let mut forms = typed(code);
            forms.rotate_left(number);
            for (place, form) in forms.iter().enumerate() {
                database.query("UPDATE accounts SET factor_failures = 0", Vec::new());
                let challenge = client.challenged("ada");
                let answer = client.answer_backup_code(&challenge, form);
                let due = if place == 0 { 200 } else { 401 };
                assert_eq!(answer.status, due, "{form:?}: {}", answer.body);
            }
        }
        let left = client.act(&owner.access, "GET", "/v1/mfa", &Json::Null).expect(200);
        assert_eq!(left.body["backup_codes_left"], 4);
    });
}

// SECURITY 19
#[test]
fn a_code_of_another_account_or_of_an_older_set_is_wrong() {
    on_each(|database| {
        let mut client = client(database);
        let ada = client.enrolled("ada");
        client.number = 1;
        let bob = client.enrolled("bob");
        let challenge = client.challenged("bob");
        let _ = client.answer_backup_code(&challenge, &ada.backup_codes[0]).expect(401);
        let renewed = client.act(&bob.access, "POST", "/v1/mfa/backup-codes", &Json::Null);
        let renewed = authcore_tests::owner::backup_codes(&renewed.expect(200));
        let _ = client.answer_backup_code(&challenge, &bob.backup_codes[0]).expect(401);
        let _ = client.answer_backup_code(&challenge, &renewed[0]).expect(200);
    });
}

#[test]
fn who_has_used_all_backup_codes_is_told_so() {
    on_each(|database| {
        let own = [("AUTHCORE_BACKUP_CODES", "5")];
        let mut client = Client::new(settings::service(&own), database.connect());
        let owner = client.enrolled("ada");
        assert_eq!(owner.backup_codes.len(), 5);
        for code in &owner.backup_codes {
            let challenge = client.challenged("ada");
            let _ = client.answer_backup_code(&challenge, code).expect(200);
        }
        let challenge = client.challenged("ada");
        let answer = client.answer_backup_code(&challenge, &owner.backup_codes[0]).expect(401);
        assert_eq!(answer.code(), "backup_codes_exhausted");
    });
}
