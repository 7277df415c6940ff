//! Every fault at every effect of what brings a factor and what stands in for it: a sign-up that
//! asks for one, another phone, a backup code, a remembered device; and of what shows them
//! (SECURITY 107, 109).

use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use authcore_tests::database::{both, text};
use authcore_tests::enumeration::{Bench, enumerate};
use authcore_tests::owner::call;
use authcore_tests::{Answer, Authenticator};
use serde_json::{Value as Json, json};

use super::account_faults::{NO_DEVICE, company, company_and_device};
use super::faults::{
    ASKED_AGAIN, BACKUP_CODE_TAKEN, BACKUP_CODE_TOLD, CHANGE_TOLD, Case, all_or_nothing, owner,
};

/// The id of the one device that is remembered.
fn device_id(bench: &mut Bench, access: &str) -> String {
    let devices = bench.client.act(access, "GET", "/v1/devices", &Json::Null).expect(200);
    devices.body["items"][0]["id"].as_str().expect("an id").to_owned()
}

// SECURITY 16, 86
#[test]
fn a_sign_up_brings_its_enrolment_or_no_account() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[
            "SELECT id FROM accounts WHERE username = 'new-' || CAST(?1 AS TEXT)",
            "SELECT au.id FROM authenticators au JOIN accounts a ON a.id = au.account_id \
             WHERE a.username = 'new-' || CAST(?1 AS TEXT) AND au.origin = 'sign_up'",
            "SELECT c.version FROM credentials c JOIN accounts a ON a.id = c.account_id \
             WHERE a.username = 'new-' || CAST(?1 AS TEXT)",
        ],
        prepare: |bench| {
            let username = format!("new-{}", bench.name);
            let body = json!({"username": username, "password": PASSWORD, "second_factor": "totp"});
            with(post("/v1/accounts", &body), "idempotency-key", "0123456789abcdef")
        },
    });
}

// SECURITY 22
#[test]
fn a_login_on_a_remembered_device_gives_tokens_only_with_a_session() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[
            "SELECT id FROM sessions WHERE account_id = ?1 AND user_agent = 'this very device'",
            "SELECT id FROM outbox WHERE account_id = ?1 AND template = 'new_sign_in'",
        ],
        prepare: |bench| {
            let (_, device) = company_and_device(bench);
            let name = bench.name.clone();
            let body = json!({"login": name, "password": PASSWORD, "device_token": device});
            with(post("/v1/login", &body), "user-agent", "this very device")
        },
    });
}

// SECURITY 19, 86, 92
#[test]
fn a_backup_code_that_proves_a_session_is_taken_with_the_proof() {
    all_or_nothing(&Case {
        first: 2,
        writes: &[
            BACKUP_CODE_TAKEN,
            BACKUP_CODE_TOLD,
            "SELECT s.id FROM sessions s JOIN authenticators au ON au.account_id = s.account_id \
             WHERE s.account_id = ?1 AND s.factor_time > au.confirmed_at",
        ],
        prepare: |bench| {
            let (access, _, codes) = owner(bench);
            bearing(post("/v1/reauthenticate", &json!({"backup_code": codes[0]})), &access)
        },
    });
}

// SECURITY 16, 21, 86, 92
#[test]
fn another_phone_takes_the_place_of_the_old_one_whole_or_not_at_all() {
    all_or_nothing(&Case {
        first: 2,
        writes: &[
            "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS (SELECT 1 \
             FROM authenticators au WHERE au.account_id = a.id AND au.created_at = 1)",
            "SELECT id FROM authenticators WHERE account_id = ?1 AND confirmed_at IS NOT NULL \
             AND created_at <> 1",
            "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS (SELECT 1 \
             FROM backup_codes b WHERE b.account_id = a.id AND b.created_at = 1)",
            "SELECT b.account_id FROM backup_codes b WHERE b.account_id = ?1 \
             AND b.created_at <> 1 GROUP BY b.account_id HAVING count(*) = 10",
            CHANGE_TOLD,
            NO_DEVICE,
        ],
        prepare: |bench| {
            let access = company(bench);
            for sql in [
                "UPDATE authenticators SET created_at = 1 WHERE account_id = ?1",
                "UPDATE backup_codes SET created_at = 1 WHERE account_id = ?1",
            ] {
                bench.database.query(sql, vec![text(&bench.name)]);
            }
            let enrolled = bench.client.act(&access, "POST", "/v1/mfa/totp", &Json::Null);
            let app = Authenticator::enrolled(&enrolled.expect(200));
            let code = json!({"code": app.code(bench.client.now)});
            bearing(post("/v1/mfa/totp/confirm", &code), &access)
        },
    });
}

// SECURITY 22, 34
#[test]
fn one_device_is_forgotten_or_stays() {
    all_or_nothing(&Case {
        first: ASKED_AGAIN,
        writes: &[NO_DEVICE],
        prepare: |bench| {
            let access = company(bench);
            let target = format!("/v1/devices/{}", device_id(bench, &access));
            bearing(call("DELETE", &target, &Json::Null), &access)
        },
    });
}

#[test]
fn what_is_shown_to_who_is_signed_in_fails_closed() {
    both(|kind| {
        for target in ["/v1/sessions", "/v1/devices", "/v1/mfa"] {
            let prepare = |bench: &mut Bench| bearing(get(target), &company(bench));
            let succeeded = |_: &mut Bench, answer: &Answer| {
                panic!("{target}: nothing was read, and shown is {}", answer.body)
            };
            let next = |bench: &mut Bench, request| {
                let _ = bench.client.send(request).expect(200);
            };
            enumerate(kind, ASKED_AGAIN, prepare, succeeded, next);
        }
    });
}
