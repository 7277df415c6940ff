//! Every fault at every effect of what owners do with their account, sessions and devices; and of
//! what its owner is told of a sign-in (SECURITY 107, 109).

use authcore::effect::Request;
use authcore_tests::client::{PASSWORD, bearing, post, with};
use authcore_tests::database::{both, text};
use authcore_tests::enumeration::Bench;
use authcore_tests::faults::FAULTS;
use authcore_tests::owner::call;
use serde_json::{Value as Json, json};

use super::faults::{ASKED_AGAIN, Case, all_or_nothing, challenged, session};

const OTHERS_ENDED: &str = "SELECT a.id FROM accounts a WHERE a.id = ?1 AND 1 = (SELECT count(*) \
     FROM sessions s WHERE s.account_id = a.id AND s.revoked_at IS NULL)";
/// No device is remembered.
pub const NO_DEVICE: &str = "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS \
     (SELECT 1 FROM remembered_devices d WHERE d.account_id = a.id)";
const NO_CHALLENGE: &str = "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS \
     (SELECT 1 FROM challenges c WHERE c.account_id = a.id)";

/// A second session beside the first, a remembered device, and an open challenge. Gives the token
/// of that session, and that of the device.
pub fn company_and_device(bench: &mut Bench) -> (String, String) {
    let (challenge, app, _) = challenged(bench);
    let code = app.code(bench.client.now);
    let body = json!({"challenge": challenge, "code": code, "remember_device": true});
    let tokens = bench.client.send(post("/v1/login/otp", &body)).expect(200);
    let name = bench.name.clone();
    let _ = bench.client.challenged(&name);
    (tokens.text("access_token").to_owned(), tokens.text("device_token").to_owned())
}

/// The same, where the device is not needed.
pub fn company(bench: &mut Bench) -> String {
    company_and_device(bench).0
}

fn act(bench: &mut Bench, method: &str, target: &str, body: &Json) -> Request {
    let access = company(bench);
    bearing(call(method, target, body), &access)
}

// SECURITY 22, 28, 86, 92
#[test]
fn a_password_is_changed_with_all_that_ends_or_not_at_all() {
    all_or_nothing(&Case {
        first: 2,
        writes: &[
            "SELECT account_id FROM credentials WHERE account_id = ?1 AND version = 2",
            "SELECT id FROM outbox WHERE account_id = ?1 AND template = 'password_changed'",
            OTHERS_ENDED,
            NO_DEVICE,
            NO_CHALLENGE,
        ],
        prepare: |bench| {
            let body = json!({"current_password": PASSWORD, "password": "quiet walrus 77 harbour"});
            act(bench, "PUT", "/v1/me/password", &body)
        },
    });
}

// SECURITY 28, 86
#[test]
fn an_account_is_deleted_with_all_that_ends_or_not_at_all() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[
            "SELECT id FROM accounts WHERE id = ?1 AND status = 'deleted'",
            "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS (SELECT 1 \
             FROM sessions s WHERE s.account_id = a.id AND s.revoked_at IS NULL)",
            NO_DEVICE,
            NO_CHALLENGE,
        ],
        prepare: |bench| act(bench, "DELETE", "/v1/me", &Json::Null),
    });
}

// SECURITY 34, 86
#[test]
fn the_other_sessions_end_together_or_not_at_all() {
    all_or_nothing(&Case {
        first: ASKED_AGAIN,
        writes: &[OTHERS_ENDED],
        prepare: |bench| act(bench, "DELETE", "/v1/sessions", &Json::Null),
    });
}

// SECURITY 34
#[test]
fn one_session_ends_or_does_not() {
    all_or_nothing(&Case {
        first: ASKED_AGAIN,
        writes: &[OTHERS_ENDED],
        prepare: |bench| {
            let access = company(bench);
            let sessions =
                bench.client.act(&access, "GET", "/v1/sessions", &Json::Null).expect(200);
            let list = sessions.body["items"].as_array().expect("a list").clone();
            let other = list.iter().find(|one| one["current"] == false).expect("another");
            let target = format!("/v1/sessions/{}", other["id"].as_str().expect("an id"));
            bearing(call("DELETE", &target, &Json::Null), &access)
        },
    });
}

// SECURITY 22
#[test]
fn devices_are_forgotten_or_stay() {
    all_or_nothing(&Case {
        first: ASKED_AGAIN,
        writes: &[NO_DEVICE],
        prepare: |bench| act(bench, "DELETE", "/v1/devices", &Json::Null),
    });
}

// SECURITY 92: what an owner is told stands in the batch of its cause.
#[test]
fn a_sign_in_by_another_browser_is_told_with_its_session_or_not_at_all() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[
            "SELECT id FROM outbox WHERE account_id = ?1 AND template = 'new_sign_in'",
            "SELECT id FROM sessions WHERE account_id = ?1 AND user_agent = 'another browser'",
        ],
        prepare: |bench| {
            let _ = session(bench);
            bench.client.now += 1;
            let body = json!({"login": bench.name, "password": PASSWORD});
            with(post("/v1/login", &body), "user-agent", "another browser")
        },
    });
}

// SECURITY 12, 92: one counts and is told, whatever fails.
#[test]
fn a_wrong_code_is_refused_as_one_only_where_it_was_told() {
    both(|kind| {
        let mut bench = Bench::new(kind);
        let told = "SELECT id FROM outbox WHERE account_id = ?1 \
             AND template = 'second_factor_failed'";
        for fault in FAULTS {
            for at in 0.. {
                bench.account();
                let (challenge, app, _) = challenged(&mut bench);
                let code = app.wrong_code(bench.client.now);
                let body = json!({"challenge": challenge, "code": code});
                let ended = bench.handle(post("/v1/login/otp", &body), at, fault);
                let Some(hit) = ended.hit else { break };
                let what = format!("{kind:?}, effect {at} ({hit:?}), {fault:?}");
                bench.check(&what);
                let rows = bench.database.query(told, vec![text(&bench.name)]).len();
                match ended.value {
                    Some(answer) if answer.status == 401 => assert_eq!(rows, 1, "{what}"),
                    Some(answer) => assert_eq!(answer.status, 503, "{what}: {}", answer.body),
                    None => {}
                }
                assert!(rows <= 1 && at < 12, "{what}");
            }
        }
    });
}
