//! Limits of the routes, made from the route table; one counter whatever the form of a name.

use std::net::IpAddr;

use authcore::api::{Access, Base, ROUTES, Route};
use authcore_tests::client::{PASSWORD, bearing, post, with};
use authcore_tests::database::on_each;
use authcore_tests::owner::call;
use authcore_tests::{Answer, Client, Database, settings};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};

const LIMITS: (&str, &str) = ("AUTHCORE_LIMITS", "login 3/h, accounts 3/h, other 3/min");
const WRONG: &str = "not the password";

/// A body that the route reads, so that it is the limit that refuses it.
fn body(route: &Route, refresh: &str) -> Json {
    let challenge = format!("ch_{}", "A".repeat(43));
    match route.path {
        "/accounts" => json!({"username": "newcomer", "password": PASSWORD}),
        "/login" => json!({"login": "nobody", "password": WRONG}),
        "/login/otp" | "/login/backup-code" => json!({"challenge": challenge, "code": "123456"}),
        "/login/enrolment" => json!({"challenge": challenge}),
        "/refresh" => json!({"refresh_token": refresh}),
        "/reauthenticate" | "/password/strength" => json!({"password": WRONG}),
        "/me/password" => json!({"current_password": WRONG, "password": "quiet walrus 77 harbour"}),
        "/mfa/totp/confirm" => json!({"code": "123456"}),
        _ => Json::Null,
    }
}

/// Requests that change nothing are not counted (docs/decisions/0021).
fn is_counted(route: &Route) -> bool {
    let session_ends = route.path == "/logout";
    matches!(route.method, "POST" | "PUT" | "PATCH" | "DELETE") && !session_ends
}

// SECURITY 64
#[test]
fn a_flood_of_any_route_is_told_to_wait() {
    on_each(|database| {
        for (number, route) in (1..).zip(ROUTES).filter(|(_, route)| is_counted(route)) {
            database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
            let mut client = Client::new(settings::service(&[]), database.connect());
            client.number = number;
            let tokens = client.signed_in(&format!("ada{number}"));
            client.service = settings::service(&[LIMITS]);
            client.peer = Some([203, 0, 113, u8::try_from(number).expect("few")].into());
            let prefix = if route.base == Base::Prefix { "/v1" } else { "" };
            let id = "018f0000-0000-7000-8000-000000000001";
            let target = format!("{prefix}{}", route.path.replace("{id}", id));
            let mut told = None;
            for _ in 0..4 {
                let body = body(route, tokens.text("refresh_token"));
                let mut request = call(route.method, &target, &body);
                if matches!(route.access, Access::SignedIn | Access::Fresh) {
                    request = bearing(request, tokens.text("access_token"));
                }
                let answer = client.send(request);
                told = Some(answer);
            }
            let what = format!("{} {target}", route.method);
            let answer = told.expect("four").expect(429);
            assert_eq!(answer.code(), "rate_limited", "{what}");
            let wait = answer.body["retry_after"].as_i64().expect("seconds");
            assert!((1..=3600).contains(&wait), "{what}: {wait}");
            assert_eq!(answer.header("retry-after"), Some(wait.to_string().as_str()), "{what}");
            assert_eq!(answer.counts.hashes, 0, "{what}");
        }
    });
}

/// A login in one of the forms that a name and a request have.
fn try_in(client: &mut Client, form: usize, password: &str) -> Answer {
    let by_json = |name: &str| post("/v1/login", &json!({"login": name, "password": password}));
    let request = match form {
        0 => by_json("ada"),
        1 => by_json("ADA"),
        2 => by_json("ada@example.org"),
        3 => by_json("Ada@EXAMPLE.org"),
        4 => {
            let mut request = by_json("");
            request.headers[0].1 = b"application/x-www-form-urlencoded".to_vec();
            let password = password.replace(' ', "+");
            request.body =
                format!("grant_type=password&username=Ada&password={password}").into_bytes();
            request
        }
        _ => {
            let pair = BASE64_STANDARD.encode(format!("ada@example.org:{password}"));
            with(call("POST", "/v1/login", &Json::Null), "authorization", &format!("Basic {pair}"))
        }
    };
    client.send(request)
}

fn from(client: &mut Client, number: usize) {
    let number = u8::try_from(number).expect("few");
    client.peer = Some(IpAddr::from([198, 51, 100, number + 1]));
}

// SECURITY 61
#[test]
fn six_forms_of_a_name_have_one_counter() {
    on_each(|database: &Database| {
        for last in 0..6 {
            database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
            let mut client = Client::new(settings::service(&[]), database.connect());
            client.number = u32::try_from(last).expect("few") + 1;
            if last == 0 {
                let _ = client.sign_up_with_address("ada").expect(201);
            }
            for form in (0..6).filter(|form| *form != last) {
                from(&mut client, form);
                let answer = try_in(&mut client, form, WRONG).expect(401);
                assert_eq!(answer.code(), "invalid_credentials", "form {form}");
            }
            from(&mut client, last);
            let told = try_in(&mut client, last, PASSWORD).expect(429);
            assert_eq!((told.code(), told.counts.hashes), ("locked", 0), "form {last}");
        }
    });
}
