//! The settings of the second factor, each run through the service: what it does where they are
//! not the default, and what stays true of that which was made under others.

use std::collections::BTreeSet;
use std::sync::Arc;

use authcore::service::Service;
use authcore::time::UnixMillis;
use authcore::totp::{Algorithm, Digits, Parameters, Period, SharedSecret, Totp};
use authcore_tests::client::{PASSWORD, post};
use authcore_tests::database::on_each;
use authcore_tests::owner::{PERIOD, backup_codes, later};
use authcore_tests::{Answer, Authenticator, Client, Database, settings};
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60_000;

fn client(database: &Database, own: &[(&str, &str)]) -> Client {
    Client::new(settings::service(own), database.connect())
}

fn enrol(client: &mut Client, access: &str) -> Answer {
    client.act(access, "POST", "/v1/mfa/totp", &Json::Null)
}

fn confirm(client: &mut Client, access: &str, code: &str) -> Answer {
    client.act(access, "POST", "/v1/mfa/totp/confirm", &json!({"code": code}))
}

/// Algorithm, digits and period in seconds, as they are set.
type Set = (&'static str, &'static str, &'static str);

const SETS: [Set; 3] = [("SHA1", "6", "30"), ("SHA256", "8", "60"), ("SHA512", "7", "30")];

fn service((algorithm, digits, period): Set) -> Arc<Service> {
    settings::service(&[
        ("AUTHCORE_OTP_ALGORITHM", algorithm),
        ("AUTHCORE_OTP_DIGITS", digits),
        ("AUTHCORE_OTP_PERIOD", period),
    ])
}

/// An app that is told the secret and what goes with it by hand.
fn app(enrolment: &Json, (algorithm, digits, period): Set) -> Totp {
    let secret = enrolment["secret"].as_str().expect("a secret");
    let number = |text: &str| text.parse().expect("a number");
    let parameters = Parameters {
        algorithm: Algorithm::parse(algorithm).expect("known"),
        digits: Digits::new(number(digits)).expect("in range"),
        period: Period::from_seconds(number(period)).expect("in range"),
        ..Parameters::default()
    };
    Totp::new(SharedSecret::from_base32(secret).expect("base32"), parameters)
}

fn code(app: &Totp, now: i64) -> String {
    app.generate(UnixMillis::new(now)).expose().to_owned()
}

/// Asserts that an enrolment says to the app what it was drawn with.
fn says(enrolment: &Json, name: &str, (algorithm, digits, period): Set) {
    let secret = enrolment["secret"].as_str().expect("a secret");
    let uri = format!(
        "otpauth://totp/auth.test:{name}?secret={secret}&issuer=auth.test\
         &algorithm={algorithm}&digits={digits}&period={period}"
    );
    assert_eq!(enrolment["otpauth_uri"], uri);
}

// SECURITY 17
#[test]
fn what_the_settings_were_when_a_seed_was_drawn_stays_true_of_it() {
    on_each(|database| {
        for (drawn, set) in SETS.into_iter().enumerate() {
            let name = format!("ada{drawn}");
            let mut client = client(database, &[]);
            client.number = u32::try_from(drawn).expect("few") + 1;
            client.service = service(set);
            let access = client.signed_in(&name).text("access_token").to_owned();
            let enrolment = enrol(&mut client, &access).expect(200).body;
            says(&enrolment, &name, set);
            let app = app(&enrolment, set);
            let first = code(&app, client.now);
            assert_eq!(first.len().to_string(), set.1);
            let _ = confirm(&mut client, &access, &first).expect(200);
            let shown = client.act(&access, "GET", "/v1/mfa/totp/qr", &Json::Null).expect(200);
            says(&shown.body, &name, set);
            // Whatever is set later.
            for (minutes, other) in (2..).step_by(2).zip(SETS) {
                client.service = service(other);
                client.now = settings::NOW + minutes * MINUTE;
                let challenge = client.challenged(&name);
                let right = code(&app, client.now);
                for odd in SETS.into_iter().filter(|odd| *odd != set) {
                    let wrong = code(&self::app(&enrolment, odd), client.now);
                    let refused = client.answer_otp(&challenge, &wrong).expect(401);
                    assert_eq!(refused.code(), "otp_invalid", "{odd:?} for {set:?}");
                }
                let tokens = client.answer_otp(&challenge, &right).expect(200);
                let access = tokens.text("access_token").to_owned();
                let shown = client.act(&access, "GET", "/v1/mfa/totp/qr", &Json::Null).expect(200);
                says(&shown.body, &name, set);
                // To the end of its period a code counts, and once.
                let last = client.now + app.parameters().period.as_seconds() as i64 * 1000 - 1;
                assert_eq!(code(&app, last), right);
                client.now = last;
                let challenge = client.challenged(&name);
                let _ = client.answer_otp(&challenge, &right).expect(401);
            }
        }
    });
}

// SECURITY 17
#[test]
fn the_first_code_after_a_sign_up_has_the_parameters_that_were_set() {
    on_each(|database| {
        for (number, set) in SETS.into_iter().enumerate() {
            let mut client = client(database, &[]);
            client.number = u32::try_from(number).expect("few") + 1;
            client.service = service(set);
            let name = format!("ada{number}");
            let enrolment = client.sign_up_with_totp(&name).expect(201).body["enrolment"].clone();
            // Its label is the address.
            says(&enrolment, &format!("{name}%40example.org"), set);
            let first = code(&app(&enrolment, set), client.now);
            let challenge = client.challenged(&name);
            let tokens = client.answer_otp(&challenge, &first).expect(200);
            assert_eq!(backup_codes(&tokens).len(), 10);
        }
    });
}

// SECURITY 18
#[test]
fn codes_of_exactly_the_steps_of_the_window_are_taken() {
    on_each(|database| {
        for window in [0, 3_u32] {
            let mut client = client(database, &[("AUTHCORE_OTP_WINDOW", &window.to_string())]);
            client.number = window + 1;
            let name = format!("ada{window}");
            let steps = i64::from(window);
            let access = client.signed_in(&name).text("access_token").to_owned();
            let app = Authenticator::enrolled(&enrol(&mut client, &access).expect(200));
            let now = client.now;
            for outside in [-steps - 1, steps + 1] {
                let outside = app.code(now + outside * PERIOD);
                let refused = confirm(&mut client, &access, &outside).expect(401);
                assert_eq!(refused.code(), "otp_invalid", "window {window}");
            }
            let _ = confirm(&mut client, &access, &app.code(now - steps * PERIOD)).expect(200);
            for step in -4..=4_i64 {
                client.now = later(client.now);
                let challenge = client.challenged(&name);
                let answer = client.answer_otp(&challenge, &app.code(client.now + step * PERIOD));
                let due = if step.abs() <= steps { (200, "") } else { (401, "otp_invalid") };
                assert_eq!((answer.status, answer.code()), due, "{step} steps, window {window}");
            }
        }
    });
}

// SECURITY 13
#[test]
fn a_challenge_takes_as_many_codes_as_are_set() {
    on_each(|database| {
        for tries in [1, 10_u32] {
            let mut client = client(database, &[("AUTHCORE_OTP_TRIES", &tries.to_string())]);
            client.number = tries;
            let owner = client.enrolled(&format!("ada{tries}"));
            let wrong = owner.app.wrong_code(client.now);
            for left in [1, 0] {
                let challenge = client.challenged(&owner.name);
                for _ in 0..tries - left {
                    // What the account counts is another matter.
                    database
                        .query("UPDATE accounts SET factor_failures = 0, factor_until = 0", vec![]);
                    let refused = client.answer_otp(&challenge, &wrong).expect(401);
                    assert_eq!(refused.code(), "otp_invalid", "{tries} tries");
                }
                database.query("UPDATE accounts SET factor_failures = 0, factor_until = 0", vec![]);
                let answer = client.answer_otp(&challenge, &owner.app.code(client.now));
                let due = if left == 1 { (200, "") } else { (401, "challenge_dead") };
                assert_eq!((answer.status, answer.code()), due, "{tries} tries");
                client.now += PERIOD;
            }
        }
    });
}

#[test]
fn without_new_factors_those_there_are_stay() {
    on_each(|database| {
        let mut client = client(database, &[]);
        let owner = client.enrolled("ada");
        let _ = client.sign_up_with_totp("bob").expect(201);
        let waiting = client.signed_in("cyd").text("access_token").to_owned();
        let app = Authenticator::enrolled(&enrol(&mut client, &waiting).expect(200));
        let without = client.signed_in("dan").text("access_token").to_owned();
        let factors = || database.count("SELECT count(*) FROM authenticators");
        assert_eq!(factors(), 3);

        client.service = settings::service(&[("AUTHCORE_OTP", "off")]);
        let refused = client.sign_up_with_totp("eve").expect(422);
        let error = &refused.body["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!("/second_factor"), &json!("not_offered"))
        );
        assert_eq!(refused.counts.hashes, 0);
        let _ = client.sign_up("eve").expect(201);
        // Whether there is a factor to put another in the place of, or none.
        for access in [&owner.access, &waiting, &without] {
            assert_eq!(enrol(&mut client, access).expect(404).code(), "not_found");
        }
        assert_eq!(factors(), 3);

        // Who has one shows it, and changes it.
        let challenge = client.challenged("ada");
        let code = owner.app.code(client.now);
        let tokens = client.answer_otp(&challenge, &code).expect(200);
        let access = tokens.text("access_token").to_owned();
        let challenge = client.challenged("ada");
        let _ = client.answer_backup_code(&challenge, &owner.backup_codes[0]).expect(200);
        let renewed = client.act(&access, "POST", "/v1/mfa/backup-codes", &Json::Null).expect(200);
        assert_eq!(backup_codes(&renewed).len(), 10);
        // Who waits for a first code since the sign-up still gets a QR code.
        let challenge = client.challenged("bob");
        let body = json!({"challenge": challenge});
        let traded = client.send(post("/v1/login/enrolment", &body));
        let code = Authenticator::enrolled(&traded.expect(200)).code(client.now);
        let _ = client.answer_otp(&challenge, &code).expect(200);
        let code = app.code(client.now);
        let _ = confirm(&mut client, &waiting, &code).expect(200);
        // What was given up does not come back.
        let _ = client.act(&access, "DELETE", "/v1/mfa", &Json::Null).expect(204);
        let _ = client.login("ada", PASSWORD).expect(200);
        let _ = enrol(&mut client, &access).expect(404);
    });
}

#[test]
fn a_set_has_as_many_backup_codes_as_were_set_when_it_was_made() {
    on_each(|database| {
        for (number, other) in [(5, 20), (20, 5)] {
            let service =
                |codes: usize| settings::service(&[("AUTHCORE_BACKUP_CODES", &codes.to_string())]);
            let mut client = client(database, &[]);
            client.number = u32::try_from(number).expect("few");
            client.service = service(number);
            let owner = client.enrolled(&format!("ada{number}"));
            let distinct: BTreeSet<_> = owner.backup_codes.iter().collect();
            assert_eq!((owner.backup_codes.len(), distinct.len()), (number, number));
            client.service = service(other);
            let left = |client: &mut Client| {
                let state = client.act(&owner.access, "GET", "/v1/mfa", &Json::Null).expect(200);
                state.body["backup_codes_left"].clone()
            };
            assert_eq!(left(&mut client), number);
            let challenge = client.challenged(&owner.name);
            let last = owner.backup_codes.last().expect("at least five");
            let _ = client.answer_backup_code(&challenge, last).expect(200);
            assert_eq!(left(&mut client), number - 1);
            let renewed = client.act(&owner.access, "POST", "/v1/mfa/backup-codes", &Json::Null);
            assert_eq!(backup_codes(&renewed.expect(200)).len(), other);
            assert_eq!(left(&mut client), other);
        }
    });
}

#[test]
fn without_strict_wrong_passwords_of_a_session_count_on_the_session_alone() {
    on_each(|database| {
        let mut client = client(database, &[("AUTHCORE_STRICT", "off")]);
        let access = client.signed_in("ada").text("access_token").to_owned();
        let prove = |client: &mut Client, password: &str| {
            client.act(&access, "POST", "/v1/reauthenticate", &json!({"password": password}))
        };
        for _ in 0..5 {
            assert_eq!(prove(&mut client, "wrong").expect(401).code(), "invalid_credentials");
        }
        let told = prove(&mut client, PASSWORD).expect(429);
        assert_eq!((told.code(), told.counts.hashes), ("locked", 0));
        let change = json!({"current_password": PASSWORD, "password": "quiet walrus 77 harbour"});
        let told = client.act(&access, "PUT", "/v1/me/password", &change).expect(429);
        assert_eq!((told.code(), told.counts.hashes), ("locked", 0));
        // The account has all of its free tries.
        for _ in 0..4 {
            let _ = client.login("ada", "wrong").expect(401);
        }
        let _ = client.login("ada", PASSWORD).expect(200);
        client.now += MINUTE;
        let _ = prove(&mut client, PASSWORD).expect(200);
    });
}
