//! Which codes count as wrong ones, and a factor that waits or was stopped, which no way looks at.

use authcore_tests::client::{PASSWORD, post};
use authcore_tests::database::on_each;
use authcore_tests::{Client, settings};
use serde_json::json;

use crate::codes::{WAYS, send};

// SECURITY 12
#[test]
fn wrong_codes_count_in_every_way_and_then_none_looks_at_a_right_one() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.enrolled("ada");
        let failures = || database.count("SELECT factor_failures FROM accounts");
        let told = "SELECT count(*) FROM outbox WHERE template = 'second_factor_failed'";
        for (before, way) in (0..).zip(WAYS) {
            database.query("DELETE FROM outbox WHERE id <> ''", Vec::new());
            assert_eq!(failures(), before);
            let wrong = owner.app.wrong_code(client.now);
            let answer = send(&mut client, &owner, way, &wrong).expect(401);
            assert_eq!((answer.code(), failures()), ("otp_invalid", before + 1), "{way:?}");
            assert_eq!(database.count(told), 1, "{way:?}");
        }
        // Five: the sixth waits. Twenty: none is looked at any more, however long one waits.
        for count in [5, 20] {
            if count == 20 {
                let stop = "UPDATE accounts SET factor_failures = 20, factor_until = 0";
                database.query(stop, Vec::new());
            }
            for way in WAYS {
                let right = owner.app.code(client.now);
                let answer = send(&mut client, &owner, way, &right);
                let seen = (answer.status, answer.code(), failures());
                assert_eq!(seen, (429, "locked", count), "{way:?}");
            }
            let body = json!({"backup_code": owner.backup_codes[0]});
            let answer = client.act(&owner.access, "POST", "/v1/reauthenticate", &body);
            assert_eq!((answer.status, answer.code(), failures()), (429, "locked", count));
        }
        let used = "SELECT count(*) FROM backup_codes WHERE used_by IS NOT NULL";
        assert_eq!(database.count(used), 0);
    });
}

#[test]
fn an_empty_code_beside_a_login_is_none() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let owner = client.enrolled("ada");
        let body =
            json!({"login": owner.name, "password": PASSWORD, "otp": "", "device_token": ""});
        let _ = client.send(post("/v1/login", &body)).expect(202);
        assert_eq!(database.count("SELECT factor_failures FROM accounts"), 0);
    });
}
