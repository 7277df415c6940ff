//! What a person does, from sign-up to logout, on each database.

use authcore_tests::client::PASSWORD;
use authcore_tests::database::KINDS;
use authcore_tests::{Client, Database, settings};

fn client(database: &Database) -> Client {
    Client::new(settings::service(&[]), database.connect())
}

fn on_each(test: impl Fn(&Database)) {
    for kind in KINDS {
        test(&Database::new(kind));
    }
}

#[test]
fn a_person_signs_up_logs_in_refreshes_and_logs_out() {
    on_each(|database| {
        let mut client = client(database);
        let account = client.sign_up("Ada").expect(201);
        assert_eq!(account.body["account"]["username"], "Ada");
        let tokens = client.login("ada", PASSWORD).expect(200);
        let me = client.me(tokens.text("access_token")).expect(200);
        assert_eq!(me.body["id"], account.body["account"]["id"]);
        let next = client.refresh(tokens.text("refresh_token")).expect(200);
        assert_ne!(next.text("refresh_token"), tokens.text("refresh_token"));
        let _ = client.me(next.text("access_token")).expect(200);
        let _ = client.logout(next.text("access_token")).expect(204);
        assert_eq!(client.me(next.text("access_token")).code(), "session_ended");
        assert_eq!(client.refresh(next.text("refresh_token")).code(), "session_ended");
    });
}
