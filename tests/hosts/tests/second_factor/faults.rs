//! Every use case of the second factor and of one's own account, every effect, every fault:
//! nothing is half done, nothing is acknowledged that was not written (SECURITY 107, 109).

use authcore::effect::Request;
use authcore_tests::client::{PASSWORD, bearing, post};
use authcore_tests::database::{both, text};
use authcore_tests::enumeration::{Bench, enumerate};
use authcore_tests::owner::{PERIOD, backup_codes, call};
use authcore_tests::{Answer, Authenticator, settings};
use serde_json::{Value as Json, json};

/// A use case that is asked again, if its outcome is not known: it does no harm.
pub const ASKED_AGAIN: usize = usize::MAX;

/// A use case.
pub struct Case {
    /// The write batch from which on a lost answer is found again.
    pub first: usize,
    /// What it writes: rows of the account ?1, all there or none.
    pub writes: &'static [&'static str],
    /// Makes the request, which was never sent before.
    pub prepare: fn(&mut Bench) -> Request,
}

/// How much of what a use case writes is there.
fn written(bench: &Bench, case: &Case) -> Vec<bool> {
    let is_there =
        |sql: &&'static str| !bench.database.query(sql, vec![text(&bench.name)]).is_empty();
    case.writes.iter().map(is_there).collect()
}

/// Holds a use case to all of its writes or none of them, whatever goes wrong.
pub fn all_or_nothing(case: &Case) {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            let request = (case.prepare)(bench);
            assert!(!written(bench, case).contains(&true), "written before it was asked for");
            request
        };
        let succeeded = |bench: &mut Bench, answer: &Answer| {
            let written = written(bench, case);
            assert!(!written.contains(&false), "{written:?} of {:?}, {}", case.writes, answer.body);
        };
        let next = |bench: &mut Bench, request: Request| {
            let before = written(bench, case);
            assert!(
                before.iter().all(|there| *there == before[0]),
                "half: {before:?} of {:?}",
                case.writes
            );
            // Asked again: done now, or refused because it was done, and never done twice.
            let answer = bench.client.send(request);
            let done = written(bench, case);
            let refused = matches!(answer.status, 401 | 403 | 404 | 409);
            assert!(answer.status < 300 || refused, "{}", answer.body);
            assert!(answer.status >= 300 || !done.contains(&false), "{done:?}");
            assert!(!refused || done == before, "{done:?} after a refusal");
        };
        enumerate(kind, case.first, prepare, succeeded, next);
    });
}

/// A session of this round's account.
pub fn session(bench: &mut Bench) -> String {
    let name = bench.name.clone();
    bench.client.login(&name, PASSWORD).expect(200).text("access_token").to_owned()
}

/// An enrolment that waits for its first code, and the session.
fn enrolment(bench: &mut Bench) -> (String, Authenticator) {
    let access = session(bench);
    let answer = bench.client.act(&access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
    (access, Authenticator::enrolled(&answer))
}

/// A confirmed factor, its session, and its backup codes; all before the moment of the request.
pub fn owner(bench: &mut Bench) -> (String, Authenticator, Vec<String>) {
    let (access, app) = enrolment(bench);
    bench.client.now += 1;
    let code = json!({"code": app.code(bench.client.now - PERIOD)});
    let answer = bench.client.act(&access, "POST", "/v1/mfa/totp/confirm", &code).expect(200);
    let clear = "DELETE FROM outbox WHERE account_id = ?1";
    bench.database.query(clear, vec![text(&bench.name)]);
    bench.client.now += 1;
    (access, app, backup_codes(&answer))
}

/// A confirmed factor and an open challenge.
pub fn challenged(bench: &mut Bench) -> (String, Authenticator, Vec<String>) {
    let (_, app, codes) = owner(bench);
    let name = bench.name.clone();
    (bench.client.challenged(&name), app, codes)
}

/// A session that a code began.
const SESSION_OF_NOW: &str =
    "SELECT id FROM sessions WHERE account_id = ?1 AND factor_time = created_at";
const CODE_TAKEN: &str = "SELECT id FROM authenticators WHERE account_id = ?1 \
     AND last_step * 30000 > confirmed_at - 30000 AND op <> ''";
const CHALLENGE_USED: &str =
    "SELECT id FROM challenges WHERE account_id = ?1 AND used_by IS NOT NULL";
/// A backup code was used up.
pub const BACKUP_CODE_TAKEN: &str =
    "SELECT code_hash FROM backup_codes WHERE account_id = ?1 AND used_by IS NOT NULL";
/// Its owner is told of it.
pub const BACKUP_CODE_TOLD: &str =
    "SELECT id FROM outbox WHERE account_id = ?1 AND template = 'backup_code_used'";
const CONFIRMED: &str =
    "SELECT id FROM authenticators WHERE account_id = ?1 AND confirmed_at IS NOT NULL";
/// The owner is told of another factor.
pub const CHANGE_TOLD: &str =
    "SELECT id FROM outbox WHERE account_id = ?1 AND template = 'factor_changed'";
const CODES: &str = "SELECT code_hash FROM backup_codes WHERE account_id = ?1";

// SECURITY 10, 86
#[test]
fn a_code_is_taken_as_its_session_begins_or_not_at_all() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[CODE_TAKEN, CHALLENGE_USED, SESSION_OF_NOW],
        prepare: |bench| {
            let (challenge, app, _) = challenged(bench);
            let code = app.code(bench.client.now);
            post("/v1/login/otp", &json!({"challenge": challenge, "code": code}))
        },
    });
}

// SECURITY 19, 86, 92
#[test]
fn a_backup_code_is_taken_as_its_session_begins_or_not_at_all() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[BACKUP_CODE_TAKEN, BACKUP_CODE_TOLD, CHALLENGE_USED, SESSION_OF_NOW],
        prepare: |bench| {
            let (challenge, _, codes) = challenged(bench);
            let body = json!({"challenge": challenge, "code": codes[0]});
            post("/v1/login/backup-code", &body)
        },
    });
}

// SECURITY 14, 86
#[test]
fn a_challenge_is_given_only_with_its_row() {
    all_or_nothing(&Case {
        first: 1,
        writes: &["SELECT id FROM challenges WHERE account_id = ?1 AND attempts = 0"],
        prepare: |bench| {
            let _ = owner(bench);
            post("/v1/login", &json!({"login": bench.name, "password": PASSWORD}))
        },
    });
}

// SECURITY 10, 86
#[test]
fn a_login_with_a_code_takes_it_with_its_session_or_not_at_all() {
    all_or_nothing(&Case {
        first: 2,
        writes: &[CODE_TAKEN, SESSION_OF_NOW],
        prepare: |bench| {
            let (_, app, _) = owner(bench);
            let code = app.code(bench.client.now);
            post("/v1/login", &json!({"login": bench.name, "password": PASSWORD, "otp": code}))
        },
    });
}

// SECURITY 10, 86
#[test]
fn a_code_that_proves_a_session_is_taken_with_the_proof() {
    all_or_nothing(&Case {
        first: 2,
        writes: &[
            CODE_TAKEN,
            "SELECT s.id FROM sessions s JOIN authenticators au ON au.account_id = s.account_id \
             WHERE s.account_id = ?1 AND s.factor_time > au.confirmed_at",
        ],
        prepare: |bench| {
            let (access, app, _) = owner(bench);
            let body = json!({"code": app.code(bench.client.now)});
            bearing(post("/v1/reauthenticate", &body), &access)
        },
    });
}

#[test]
fn a_password_proves_a_session_or_the_answer_says_no() {
    all_or_nothing(&Case {
        first: 2,
        writes: &["SELECT id FROM sessions WHERE account_id = ?1 AND auth_time > created_at"],
        prepare: |bench| {
            let access = session(bench);
            bench.client.now += 1;
            bearing(post("/v1/reauthenticate", &json!({"password": PASSWORD})), &access)
        },
    });
}

// SECURITY 16
#[test]
fn an_enrolment_is_shown_only_when_it_is_stored() {
    all_or_nothing(&Case {
        first: 1,
        writes: &["SELECT id FROM authenticators WHERE account_id = ?1 AND confirmed_at IS NULL"],
        prepare: |bench| {
            let access = session(bench);
            bearing(call("POST", "/v1/mfa/totp", &Json::Null), &access)
        },
    });
}

// SECURITY 16, 86, 92
#[test]
fn a_confirmation_brings_the_factor_its_codes_and_the_notice_together() {
    all_or_nothing(&Case {
        first: 2,
        writes: &[CONFIRMED, CODES, CHANGE_TOLD],
        prepare: |bench| {
            let (access, app) = enrolment(bench);
            let code = json!({"code": app.code(bench.client.now)});
            bearing(post("/v1/mfa/totp/confirm", &code), &access)
        },
    });
}

/// An account of a sign-up that asked for a second factor, and its open challenge.
fn signed_up(bench: &mut Bench) -> (String, Authenticator) {
    let (_, app) = enrolment(bench);
    let later = settings::NOW + 24 * 60 * 60 * 1000;
    for sql in [
        "UPDATE authenticators SET origin = 'sign_up', confirm_by = ?2 WHERE account_id = ?1",
        "DELETE FROM sessions WHERE account_id = ?1 AND created_at < ?2",
    ] {
        let later = authcore::effect::Value::Integer(later);
        bench.database.query(sql, vec![text(&bench.name), later]);
    }
    let name = bench.name.clone();
    (bench.client.challenged(&name), app)
}

// SECURITY 16, 86
#[test]
fn the_first_code_of_a_sign_up_confirms_it_with_its_session() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[CONFIRMED, CODES, CHANGE_TOLD, CHALLENGE_USED, SESSION_OF_NOW],
        prepare: |bench| {
            let (challenge, app) = signed_up(bench);
            let code = app.code(bench.client.now);
            post("/v1/login/otp", &json!({"challenge": challenge, "code": code}))
        },
    });
}

// SECURITY 16
#[test]
fn a_trade_gives_a_new_seed_to_the_challenge_or_leaves_the_old_one() {
    all_or_nothing(&Case {
        first: 1,
        writes: &[
            "SELECT id FROM authenticators WHERE account_id = ?1 AND op <> 'old'",
            "SELECT c.id FROM challenges c JOIN authenticators au ON au.id = c.authenticator_id \
             WHERE c.account_id = ?1 AND au.op <> 'old'",
        ],
        prepare: |bench| {
            let (challenge, _) = signed_up(bench);
            let sql = "UPDATE authenticators SET op = 'old' WHERE account_id = ?1";
            bench.database.query(sql, vec![text(&bench.name)]);
            post("/v1/login/enrolment", &json!({"challenge": challenge}))
        },
    });
}

// SECURITY 19, 86, 92
#[test]
fn a_renewal_puts_a_whole_set_in_the_place_of_the_old_one() {
    all_or_nothing(&Case {
        first: ASKED_AGAIN,
        writes: &[
            "SELECT b.account_id FROM backup_codes b WHERE b.account_id = ?1 \
             AND b.created_at <> 1 GROUP BY b.account_id HAVING count(*) = 10",
            "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS (SELECT 1 \
             FROM backup_codes b WHERE b.account_id = a.id AND b.created_at = 1)",
            "SELECT id FROM outbox WHERE account_id = ?1 AND template = 'backup_codes_renewed'",
        ],
        prepare: |bench| {
            let (access, ..) = owner(bench);
            let sql = "UPDATE backup_codes SET created_at = 1 WHERE account_id = ?1";
            bench.database.query(sql, vec![text(&bench.name)]);
            bearing(call("POST", "/v1/mfa/backup-codes", &Json::Null), &access)
        },
    });
}

// SECURITY 21, 86, 92
#[test]
fn a_factor_is_removed_whole_or_stays_whole() {
    all_or_nothing(&Case {
        first: ASKED_AGAIN,
        writes: &[
            "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS (SELECT 1 \
             FROM authenticators au WHERE au.account_id = a.id)",
            "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS (SELECT 1 \
             FROM backup_codes b WHERE b.account_id = a.id)",
            "SELECT a.id FROM accounts a WHERE a.id = ?1 AND NOT EXISTS (SELECT 1 \
             FROM challenges c WHERE c.account_id = a.id)",
            "SELECT id FROM outbox WHERE account_id = ?1 AND template = 'factor_removed'",
        ],
        prepare: |bench| {
            let (access, ..) = owner(bench);
            let name = bench.name.clone();
            let _ = bench.client.challenged(&name);
            bearing(call("DELETE", "/v1/mfa", &Json::Null), &access)
        },
    });
}

// SECURITY 16, 92
#[test]
fn a_factor_is_shown_again_only_when_its_owner_is_told() {
    all_or_nothing(&Case {
        first: ASKED_AGAIN,
        writes: &["SELECT id FROM outbox WHERE account_id = ?1 AND template = 'factor_shown'"],
        prepare: |bench| {
            let (access, ..) = owner(bench);
            bearing(call("GET", "/v1/mfa/totp/qr", &Json::Null), &access)
        },
    });
}
