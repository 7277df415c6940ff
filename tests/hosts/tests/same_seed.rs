//! A host that sends one seed and one moment with every request: nothing random comes twice.

use std::collections::BTreeSet;

use authcore::arrival::{Arrival, Seed};
use authcore::effect::{Request, Value, drive};
use authcore::time::UnixMillis;
use authcore_tests::client::{PASSWORD, bearing, get, post};
use authcore_tests::database::on_each;
use authcore_tests::settings::NOW;
use authcore_tests::{Answer, Authenticator, Client, Database, owner, settings};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

/// Sends a request with a seed and a moment that others have too.
fn send_alike(client: &mut Client, request: Request) -> Answer {
    let seed = Seed::new([9; 32]).expect("not zeros");
    let at = Arrival { now: UnixMillis::new(NOW), seed, peer: client.peer };
    let response = drive(client.service.handle(request, at), &mut *client.host);
    Answer::of(response, Default::default())
}

/// Every cell of a statement's answer, each a text.
fn cells(database: &Database, sql: &'static str) -> Vec<String> {
    let text = |cell| match cell {
        Value::Text(text) => text,
        _ => panic!("{sql} gives text"),
    };
    database.query(sql, Vec::new()).into_iter().flatten().map(text).collect()
}

/// The nonces of sealed values: the first 24 bytes behind version and key.
fn nonces(database: &Database, sql: &'static str) -> Vec<String> {
    let nonce = |sealed: &String| {
        let body = sealed.rsplit('.').next().expect("a body");
        body.chars().take(32).collect()
    };
    cells(database, sql).iter().map(nonce).collect()
}

/// What a sign-in gives that was drawn or derived.
fn drawn(answer: &Answer) -> Vec<String> {
    let members = ["access_token", "refresh_token", "session_id"];
    let mut values: Vec<String> = members.map(|member| answer.text(member).to_owned()).into();
    let claims = answer.text("access_token").split('.').nth(1).expect("claims").to_owned();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    let claims: Json = serde_json::from_slice(&claims).expect("JSON");
    values.push(claims["jti"].to_string());
    values
}

fn require_distinct(values: &[String]) {
    let distinct: BTreeSet<_> = values.iter().collect();
    assert_eq!(distinct.len(), values.len(), "{values:#?}");
}

// SECURITY 81
#[test]
fn requests_that_share_seed_and_moment_share_no_random_value() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        for name in ["ada", "bob"] {
            let body = json!({"username": name, "password": PASSWORD});
            let _ = send_alike(&mut client, post("/v1/accounts", &body)).expect(201);
        }
        let mut values = Vec::new();
        for name in ["ada", "bob"] {
            let body = json!({"login": name, "password": PASSWORD});
            values.extend(drawn(&send_alike(&mut client, post("/v1/login", &body)).expect(200)));
        }
        for target in ["/.well-known/jwks.json?a", "/.well-known/jwks.json?b"] {
            database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
            let set = send_alike(&mut client, get(target)).expect(200);
            for jwk in set.body["keys"].as_array().expect("keys") {
                values.push(jwk["kid"].to_string());
            }
            values.extend(nonces(database, "SELECT sealed FROM signing_keys"));
        }
        for phc in cells(database, "SELECT phc FROM credentials") {
            values.push(phc.split('$').nth(4).expect("a salt").to_owned());
        }
        values.extend(cells(database, "SELECT id FROM accounts"));
        require_distinct(&values);
    });
}

/// The seed that a trade is about to replace.
const OF_UNCONFIRMED: &str = "SELECT sealed FROM authenticators WHERE confirmed_at IS NULL";

// SECURITY 81
#[test]
fn second_factors_that_share_seed_and_moment_share_no_random_value() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let mut values = Vec::new();
        for name in ["ada", "bob"] {
            let body = json!({
                "username": name, "email": format!("{name}@example.org"), "password": PASSWORD,
                "second_factor": "totp",
            });
            let account = send_alike(&mut client, post("/v1/accounts", &body)).expect(201);
            let login = json!({"login": name, "password": PASSWORD});
            let challenged = |client: &mut Client, target: &str| {
                send_alike(client, post(target, &login)).expect(202).text("challenge").to_owned()
            };
            // The first seed is traded for another, each beside two challenges.
            values.push(account.body["enrolment"]["secret"].to_string());
            let [one, two] = ["/v1/login?1", "/v1/login?2"].map(|at| challenged(&mut client, at));
            values.extend(nonces(database, OF_UNCONFIRMED));
            database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
            let trade = post("/v1/login/enrolment", &json!({"challenge": one}));
            let enrolment = send_alike(&mut client, trade).expect(200);
            values.push(enrolment.body["secret"].to_string());
            let app = Authenticator::enrolled(&enrolment);
            values.extend([one, two]);
            // A code and a backup code, each beside a device to remember.
            let challenge = challenged(&mut client, "/v1/login?3");
            let code = json!({
                "challenge": challenge, "code": app.code(NOW), "remember_device": true,
            });
            let first = send_alike(&mut client, post("/v1/login/otp", &code)).expect(200);
            let codes = owner::backup_codes(&first);
            let again = challenged(&mut client, "/v1/login?4");
            let code = json!({"challenge": again, "code": codes[0], "remember_device": true});
            let second = post("/v1/login/backup-code", &code);
            let second = send_alike(&mut client, second).expect(200);
            let renewal =
                bearing(post("/v1/mfa/backup-codes", &json!({})), first.text("access_token"));
            let renewed = send_alike(&mut client, renewal).expect(200);
            values.extend([challenge, again]);
            values.extend(codes);
            values.extend(owner::backup_codes(&renewed));
            for tokens in [&first, &second] {
                values.extend(drawn(tokens));
                values.push(tokens.text("device_token").to_owned());
            }
        }
        let told = nonces(database, "SELECT sealed FROM outbox");
        // Of each: the factor's change, the backup code that was used, the new set.
        assert_eq!(told.len(), 6, "{told:?}");
        values.extend(told);
        values.extend(nonces(database, "SELECT sealed FROM authenticators"));
        for sql in [
            "SELECT id FROM authenticators",
            "SELECT id FROM outbox",
            "SELECT id FROM remembered_devices",
            "SELECT id FROM challenges",
            "SELECT code_hash FROM backup_codes",
        ] {
            values.extend(cells(database, sql));
        }
        require_distinct(&values);
    });
}
