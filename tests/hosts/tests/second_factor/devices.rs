//! Remembered devices: where the second factor is not asked for again, and where it is.

use authcore_tests::client::PASSWORD;
use authcore_tests::database::on_each;
use authcore_tests::owner::later;
use authcore_tests::{Client, Database, settings};
use serde_json::{Value as Json, json};

const DAY: i64 = 24 * 60 * 60_000;
const WRONG: &str = "not the password";

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

// SECURITY 22
#[test]
fn a_device_is_of_one_account_and_never_a_first_factor() {
    on_each(|database| {
        let mut client = client(database);
        let ada = client.enrolled("ada");
        client.number = 1;
        let _ = client.enrolled("bob");
        let device = client.remembered(&ada).text("device_token").to_owned();
        let _ = client.login_on(&device, "ada", PASSWORD).expect(200);
        let _ = client.login_on(&device, "ADA@example.ORG", PASSWORD).expect(200);
        let _ = client.login_on(&device, "bob", PASSWORD).expect(202);
        let _ = client.login_on(&device, "ada", WRONG).expect(401);
        let body = json!({"login": "ada", "device_token": device});
        let alone = client.send(authcore_tests::client::post("/v1/login", &body));
        assert_eq!(alone.status, 422);
        assert_eq!(client.me(&device).status, 401);
        assert_eq!(client.refresh(&device).status, 401);
        assert_eq!(client.answer_otp(&device, &ada.app.code(later(client.now))).status, 401);
        for other in ["rd_", "rd_AAAA", "", &device[3..], &device.to_lowercase()] {
            let _ = client.login_on(other, "ada", PASSWORD).expect(202);
        }
    });
}

// SECURITY 22
#[test]
fn a_device_is_remembered_for_thirty_days_from_the_code() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let device = client.remembered(&owner).text("device_token").to_owned();
        client.now = settings::NOW + 15 * DAY;
        let tokens = client.login_on(&device, "ada", PASSWORD).expect(200);
        assert!(tokens.body.get("device_token").is_none(), "not renewed by its use");
        client.now = settings::NOW + 30 * DAY - 1;
        let _ = client.login_on(&device, "ada", PASSWORD).expect(200);
        client.now += 1;
        let _ = client.login_on(&device, "ada", PASSWORD).expect(202);
        for refused in ["31 d", "0", "-1 d"] {
            let own = settings::variables(&[("AUTHCORE_REMEMBER_DEVICE", refused)]);
            assert!(authcore::settings::Settings::from_variables(own).is_err(), "{refused}");
        }
    });
}

// SECURITY 22
#[test]
fn a_device_ends_with_the_password_the_factor_and_its_owners_will() {
    on_each(|database| {
        for ending in ["password", "factor", "one", "all"] {
            let mut client = client(database);
            client.number = 1;
            let name = format!("ada-{ending}");
            let owner = client.enrolled(&name);
            let device = client.remembered(&owner).text("device_token").to_owned();
            let listed = client.act(&owner.access, "GET", "/v1/devices", &Json::Null).expect(200);
            assert_eq!(listed.body["total"], 1);
            let id = listed.body["items"][0]["id"].as_str().expect("an id").to_owned();
            assert!(!listed.body.to_string().contains(&device));
            let mut password = PASSWORD;
            let (method, target, body, status) = match ending {
                "password" => {
                    password = "quiet walrus 77 harbour";
                    let body = json!({"current_password": PASSWORD, "password": password});
                    ("PUT", "/v1/me/password".to_owned(), body, 204)
                }
                "factor" => ("DELETE", "/v1/mfa".to_owned(), Json::Null, 204),
                "one" => ("DELETE", format!("/v1/devices/{id}"), Json::Null, 204),
                _ => ("DELETE", "/v1/devices".to_owned(), Json::Null, 204),
            };
            let _ = client.act(&owner.access, method, &target, &body).expect(status);
            let left = "SELECT count(*) FROM remembered_devices";
            assert_eq!(database.count(left), 0, "{ending}");
            // Without a factor there is nothing to ask for.
            let due = if ending == "factor" { 200 } else { 202 };
            let _ = client.login_on(&device, &name, password).expect(due);
        }
    });
}

#[test]
fn a_device_of_another_account_is_not_found() {
    on_each(|database| {
        let mut client = client(database);
        let ada = client.enrolled("ada");
        client.number = 1;
        let bob = client.enrolled("bob");
        let device = client.remembered(&ada).text("device_token").to_owned();
        let listed = client.act(&ada.access, "GET", "/v1/devices", &Json::Null).expect(200);
        let target = format!("/v1/devices/{}", listed.body["items"][0]["id"].as_str().expect("id"));
        let foreign = client.act(&bob.access, "DELETE", &target, &Json::Null).expect(404);
        let nobodys = "/v1/devices/018f0000-0000-7000-8000-000000000001";
        let absent = client.act(&bob.access, "DELETE", nobodys, &Json::Null).expect(404);
        assert_eq!(foreign.body, absent.body);
        let _ = client.login_on(&device, "ada", PASSWORD).expect(200);
    });
}

// SECURITY 62
#[test]
fn a_thousand_failures_of_strangers_do_not_keep_the_owner_out() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let device = client.remembered(&owner).text("device_token").to_owned();
        let home = client.peer;
        let mut answers = [0; 2];
        for attempt in 0..1000_u32 {
            client.peer = Some([203, 0, 113, u8::try_from(attempt % 50 + 1).expect("50")].into());
            client.now += 200;
            let answer = client.login("ada", WRONG);
            match answer.status {
                401 => answers[0] += 1,
                429 => answers[1] += 1,
                status => panic!("{status}"),
            }
        }
        assert!(answers[0] <= 10, "{answers:?}");
        client.peer = home;
        // Locked for a stranger, also at home and with the right password.
        assert_eq!(client.login("ada", PASSWORD).code(), "locked");
        let _ = client.login_on(&device, "ada", PASSWORD).expect(200);
        let _ = client.login_on("rd_stolen", "ada", PASSWORD).expect(429);
        let tokens = client.refresh(&owner.refresh).expect(200);
        let access = tokens.text("access_token").to_owned();
        let body = json!({"password": PASSWORD});
        let _ = client.act(&access, "POST", "/v1/reauthenticate", &body).expect(200);
        let body = json!({"code": owner.app.code(client.now)});
        let _ = client.act(&access, "POST", "/v1/reauthenticate", &body).expect(200);
    });
}

// SECURITY 62
#[test]
fn the_token_of_a_device_has_the_tries_of_one_account() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        let device = client.remembered(&owner).text("device_token").to_owned();
        for _ in 0..5 {
            let _ = client.login_on(&device, "ada", WRONG).expect(401);
        }
        assert_eq!(client.login_on(&device, "ada", PASSWORD).expect(429).code(), "locked");
        // Its thief does not lock the account either.
        let _ = client.login("ada", PASSWORD).expect(202);
    });
}
