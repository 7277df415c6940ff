//! The owner of an account with a confirmed authenticator app, and what a client does as somebody.

use authcore::effect::Request;
use serde_json::{Value as Json, json};

use crate::authenticator::Authenticator;
use crate::client::{Answer, Client, PASSWORD, bearing, get, post};

/// One period of a code, in milliseconds.
pub const PERIOD: i64 = 30_000;

/// Somebody with a second factor, signed in by a password only.
pub struct Owner {
    /// The username.
    pub name: String,
    /// The id of the account.
    pub id: String,
    /// The app. The code of the period before the moment of the enrolment is used up.
    pub app: Authenticator,
    /// The backup codes that came with the first code.
    pub backup_codes: Vec<String>,
    /// Of the session that enrolled, which has shown the factor.
    pub access: String,
    /// Of the same session.
    pub refresh: String,
    /// The id of the same session.
    pub session: String,
}

/// A request of any method; null is no body.
#[must_use]
pub fn call(method: &str, target: &str, body: &Json) -> Request {
    let mut request = match body {
        Json::Null => get(target),
        body => post(target, body),
    };
    request.method = method.to_owned();
    request
}

/// The backup codes of an answer.
///
/// # Panics
/// If it holds none.
#[must_use]
pub fn backup_codes(answer: &Answer) -> Vec<String> {
    let codes = answer.body["backup_codes"].as_array();
    let codes = codes.unwrap_or_else(|| panic!("no backup codes in {}", answer.body));
    codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect()
}

/// A moment in whose period, and in those around it, no code was used; no sign-in is fresh then.
#[must_use]
pub fn later(moment: i64) -> i64 {
    moment + 11 * PERIOD
}

impl Client {
    /// Sends a request with an access token; null is no body.
    pub fn act(&mut self, token: &str, method: &str, target: &str, body: &Json) -> Answer {
        self.send(bearing(call(method, target, body), token))
    }

    /// POST /accounts with a username, an address and [`PASSWORD`].
    pub fn sign_up_with_address(&mut self, name: &str) -> Answer {
        let email = format!("{name}@example.org");
        let body = json!({"username": name, "email": email, "password": PASSWORD});
        self.send(post("/v1/accounts", &body))
    }

    /// POST /accounts that asks for a second factor.
    pub fn sign_up_with_totp(&mut self, name: &str) -> Answer {
        let email = format!("{name}@example.org");
        let body = json!({
            "username": name, "email": email, "password": PASSWORD, "second_factor": "totp",
        });
        self.send(post("/v1/accounts", &body))
    }

    /// Signs up, signs in, enrols an app and confirms it.
    #[track_caller]
    pub fn enrolled(&mut self, name: &str) -> Owner {
        let account = self.sign_up_with_address(name).expect(201);
        let id = account.body["account"]["id"].as_str().expect("an id").to_owned();
        let tokens = self.login(name, PASSWORD).expect(200);
        let access = tokens.text("access_token").to_owned();
        let enrolment = self.act(&access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
        let app = Authenticator::enrolled(&enrolment);
        let first = json!({"code": app.code(self.now - PERIOD)});
        let confirmed = self.act(&access, "POST", "/v1/mfa/totp/confirm", &first).expect(200);
        Owner {
            name: name.to_owned(),
            id,
            app,
            backup_codes: backup_codes(&confirmed),
            access,
            refresh: tokens.text("refresh_token").to_owned(),
            session: tokens.text("session_id").to_owned(),
        }
    }

    /// POST /login with [`PASSWORD`], which must be answered with a challenge.
    #[track_caller]
    pub fn challenged(&mut self, name: &str) -> String {
        self.login(name, PASSWORD).expect(202).text("challenge").to_owned()
    }

    /// POST /login/otp.
    pub fn answer_otp(&mut self, challenge: &str, code: &str) -> Answer {
        self.send(post("/v1/login/otp", &json!({"challenge": challenge, "code": code})))
    }

    /// POST /login/backup-code.
    pub fn answer_backup_code(&mut self, challenge: &str, code: &str) -> Answer {
        self.send(post("/v1/login/backup-code", &json!({"challenge": challenge, "code": code})))
    }

    /// Signs in with the code of now, and has the device remembered.
    #[track_caller]
    pub fn remembered(&mut self, owner: &Owner) -> Answer {
        let challenge = self.challenged(&owner.name);
        let code = owner.app.code(self.now);
        let body = json!({"challenge": challenge, "code": code, "remember_device": true});
        self.send(post("/v1/login/otp", &body)).expect(200)
    }

    /// POST /login with the token of a device.
    pub fn login_on(&mut self, device: &str, name: &str, password: &str) -> Answer {
        let body = json!({"login": name, "password": password, "device_token": device});
        self.send(post("/v1/login", &body))
    }
}
