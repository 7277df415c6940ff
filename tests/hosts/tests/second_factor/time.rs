//! What expires is swept, and nothing else.

use authcore::service::Command;
use authcore_tests::database::on_each;
use authcore_tests::{Client, Database, settings};
use serde_json::Value as Json;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

/// A table of the second factor, and the last moment at which its row is kept.
type Kept = (&'static str, &'static str, i64);

// SECURITY 59, 110
#[test]
fn a_sweep_takes_what_has_expired_and_nothing_else() {
    on_each(|database| {
        let mut client = client(database);
        let owner = client.enrolled("ada");
        database.query("DELETE FROM outbox WHERE id <> ''", Vec::new());
        let waiting = client.sign_up_with_totp("bob").expect(201);
        assert_eq!(waiting.body["enrolment"]["expires_in"], 86_400);
        let _ = client.challenged("bob");
        let _ = client.remembered(&owner);
        let renewed = client.act(&owner.access, "POST", "/v1/mfa/backup-codes", &Json::Null);
        let _ = renewed.expect(200);
        database.query("DELETE FROM challenges WHERE used_by IS NOT NULL", Vec::new());
        let tables: [Kept; 4] = [
            ("challenges", "SELECT count(*) FROM challenges", 5 * MINUTE),
            ("enrolments", "SELECT count(*) FROM authenticators WHERE confirmed_at IS NULL", DAY),
            ("outbox", "SELECT count(*) FROM outbox", 7 * DAY),
            ("remembered_devices", "SELECT count(*) FROM remembered_devices", 30 * DAY),
        ];
        for (table, sql, lifetime) in tables {
            client.now = settings::NOW + lifetime - 1;
            client.run(Command::Sweep).expect("swept");
            assert_eq!(database.count(sql), 1, "{table} too early");
            client.now += 1;
            client.run(Command::Sweep).expect("swept");
            assert_eq!(database.count(sql), 0, "{table} too late");
        }
        // What counts stays.
        client.now = settings::NOW + 400 * DAY;
        client.run(Command::Sweep).expect("swept");
        assert_eq!(database.count("SELECT count(*) FROM authenticators"), 1);
        assert_eq!(database.count("SELECT count(*) FROM backup_codes"), 10);
        let challenge = client.challenged("ada");
        let _ = client.answer_otp(&challenge, &owner.app.code(client.now)).expect(200);
    });
}
