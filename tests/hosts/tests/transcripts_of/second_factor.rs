//! The life of an account with a second factor, recorded.

use authcore_tests::Authenticator;
use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use serde_json::json;

use super::Tape;

fn method(method: &str, mut request: authcore::effect::Request) -> authcore::effect::Request {
    request.method = method.to_owned();
    request
}

/// Records it.
pub fn record(tape: &mut Tape) {
    let step = |tape: &mut Tape| tape.client.now += 60_000;
    let sign_up = json!({
        "email": "grace@example.org", "password": PASSWORD, "second_factor": "totp",
    });
    tape.record("sign_up_with_totp", 201, post("/v1/accounts", &sign_up));
    let picture = json!({"username": "eve", "password": PASSWORD, "second_factor": "totp"});
    let picture = with(post("/v1/accounts", &picture), "accept", "image/png");
    tape.record("sign_up_with_picture", 201, picture);

    // The page was closed: the challenge brings a new enrolment.
    let login = json!({"login": "grace@example.org", "password": PASSWORD});
    let challenged = tape.record("login_challenge", 202, post("/v1/login", &login));
    let challenge = json!({"challenge": challenged.text("challenge")});
    let enrolled = tape.record("login_enrolment", 200, post("/v1/login/enrolment", &challenge));
    let app = Authenticator::enrolled(&enrolled);
    let answer = |tape: &Tape, challenge: &str, code: String| {
        let _ = tape;
        json!({"challenge": challenge, "code": code, "remember_device": true})
    };
    let token = challenged.text("challenge");
    let wrong = app.wrong_code(tape.client.now);
    let body = answer(tape, token, wrong);
    tape.record("login_otp_wrong", 401, post("/v1/login/otp", &body));
    let body = answer(tape, token, app.code(tape.client.now));
    let first = tape.record("login_otp_first", 200, post("/v1/login/otp", &body));
    tape.record("login_otp_dead", 401, post("/v1/login/otp", &body));
    let codes = first.body["backup_codes"].clone();
    let device = first.text("device_token").to_owned();

    step(tape);
    let remembered =
        json!({"login": "grace@example.org", "password": PASSWORD, "device_token": device});
    tape.record("login_remembered", 200, post("/v1/login", &remembered));
    let challenged = tape.record("login_challenge_again", 202, post("/v1/login", &login));
    let body = answer(tape, challenged.text("challenge"), app.code(tape.client.now));
    tape.record("login_otp", 200, post("/v1/login/otp", &body));
    let challenged = tape.record("login_challenge_third", 202, post("/v1/login", &login));
    let code = codes[0].as_str().expect("a code").to_lowercase();
    let body = answer(tape, challenged.text("challenge"), code);
    tape.record("login_backup_code", 200, post("/v1/login/backup-code", &body));
    step(tape);
    let one_call = json!({
        "login": "grace@example.org", "password": PASSWORD, "otp": app.code(tape.client.now),
    });
    let signed_in = tape.record("login_with_otp", 200, post("/v1/login", &one_call));
    let access = signed_in.text("access_token").to_owned();
    let bearing = |request| bearing(request, &access);

    tape.record("mfa", 200, bearing(get("/v1/mfa")));
    let devices = tape.record("devices", 200, bearing(get("/v1/devices")));
    let sessions = tape.record("sessions", 200, bearing(get("/v1/sessions")));
    let device = devices.body["items"][0]["id"].as_str().expect("an id").to_owned();
    let mut listed = sessions.body["items"].as_array().expect("sessions").iter();
    let other = listed.rfind(|session| session["current"] == false).expect("another");
    let other = other["id"].as_str().expect("an id").to_owned();
    let nobody = "018f0000-0000-7000-8000-000000000001";
    for (name, status, path) in [
        ("end_session", 204, format!("/v1/sessions/{other}")),
        ("end_session_of_nobody", 404, format!("/v1/sessions/{nobody}")),
        ("end_device", 204, format!("/v1/devices/{device}")),
        ("end_device_of_nobody", 404, format!("/v1/devices/{nobody}")),
        ("end_devices", 204, "/v1/devices".to_owned()),
    ] {
        tape.record(name, status, method("DELETE", bearing(get(&path))));
    }
    tape.record("totp_qr", 200, bearing(get("/v1/mfa/totp/qr")));
    tape.record("backup_codes", 200, bearing(post("/v1/mfa/backup-codes", &json!({}))));
    let enrolled = tape.record("enrol", 200, bearing(post("/v1/mfa/totp", &json!({}))));
    let app = Authenticator::enrolled(&enrolled);
    let code = json!({"code": app.code(tape.client.now)});
    let confirmed = tape.record("confirm", 200, bearing(post("/v1/mfa/totp/confirm", &code)));
    for _ in 0..4 {
        step(tape);
    }
    let password = json!({"password": PASSWORD});
    let again = bearing(post("/v1/reauthenticate", &password));
    let access = tape.record("reauthenticate", 200, again).text("access_token").to_owned();
    let bearing = |request| self::bearing(request, &access);
    for _ in 0..2 {
        step(tape);
    }
    tape.record("stale", 403, bearing(get("/v1/mfa/totp/qr")));
    let code = json!({"code": app.code(tape.client.now)});
    tape.record("reauthenticate_by_code", 200, bearing(post("/v1/reauthenticate", &code)));
    let code = json!({"backup_code": confirmed.body["backup_codes"][0]});
    let again = bearing(post("/v1/reauthenticate", &code));
    tape.record("reauthenticate_by_backup_code", 200, again);
    let change = json!({"current_password": PASSWORD, "password": "quiet otter 77 ladder"});
    let change = method("PUT", bearing(post("/v1/me/password", &change)));
    tape.record("change_password", 204, change);
    for (name, path) in [("end_other_sessions", "/v1/sessions"), ("disable_mfa", "/v1/mfa")] {
        tape.record(name, 204, method("DELETE", bearing(get(path))));
    }
    tape.record("delete_account", 204, method("DELETE", bearing(get("/v1/me"))));
}
