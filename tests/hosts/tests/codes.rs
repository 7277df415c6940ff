//! Every error code of the one table: reached over HTTP, or named here as not reachable.

use std::collections::BTreeSet;

use authcore::error::Code;
use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use authcore_tests::database::on_each;
use authcore_tests::faults::{Fault, drive_with};
use authcore_tests::{Answer, Client, settings};
use serde_json::json;

/// Codes that no request leads to: primitives and start-up have them, or a later route.
const NOT_OVER_HTTP: [Code; 4] =
    [Code::HashMalformed, Code::HashUnsupported, Code::HashTooCostly, Code::InvalidSettings];

/// The answer of core to a caught panic has it; nothing else does.
const OF_A_PANIC: [Code; 1] = [Code::Internal];

#[test]
fn every_code_is_reached_with_its_status_and_title() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let mut answers: Vec<Answer> = Vec::new();
        let tokens = client.signed_in("ada");
        let access = tokens.text("access_token").to_owned();
        let me = || bearing(get("/v1/me"), &access);
        let sign_up = |name: &str, password: &str| {
            post("/v1/accounts", &json!({"username": name, "password": password}))
        };
        answers.push(client.send(with(me(), "origin", "x\u{1}y")));
        let mut broken = sign_up("bob", PASSWORD);
        broken.body.pop();
        answers.push(client.send(broken));
        answers.push(client.send(bearing(me(), &access)));
        answers.push(client.send(get("/v1/nowhere")));
        answers.push(client.send(get("/v1/login")));
        answers.push(client.send(sign_up("bob", &"x".repeat(70_000))));
        let mut text = sign_up("bob", PASSWORD);
        text.headers[0].1 = b"text/plain".to_vec();
        answers.push(client.send(text));
        answers.push(client.send(sign_up("a b", PASSWORD)));
        answers.push(client.send(sign_up("bob", "password1")));
        answers.push(client.send(get("/v1/me")));
        answers.push(client.me("a.b.c"));
        answers.push(client.send(with(sign_up("bob", PASSWORD), "origin", "https://evil.test")));
        answers.push(client.sign_up("ada"));

        let signed_in = |path: &str, body| bearing(post(path, &body), &access);
        let wrong = || json!({"code": "000000"});
        answers.push(client.send(signed_in("/v1/mfa/totp/confirm", wrong())));
        answers.push(client.send(signed_in("/v1/mfa/backup-codes", json!({}))));
        let _ = client.send(signed_in("/v1/mfa/totp", json!({}))).expect(200);
        answers.push(client.send(signed_in("/v1/mfa/totp/confirm", wrong())));
        // A factor of another kind, without backup codes: what is left of an account that was
        // moved here.
        let sql = "UPDATE authenticators SET kind = 'email', confirmed_at = 1 WHERE id <> ''";
        database.query(sql, Vec::new());
        answers.push(client.send(signed_in("/v1/mfa/totp", json!({}))));
        let challenge = client.login("ada", PASSWORD).expect(202).text("challenge").to_owned();
        let answer = json!({"challenge": challenge, "code": "0000-0000-0000-0000"});
        answers.push(client.send(post("/v1/login/backup-code", &answer)));
        answers.push(client.send(post("/v1/login/otp", &json!({"challenge": "ch_", "code": ""}))));
        database.query("DELETE FROM authenticators WHERE id <> ''", Vec::new());

        client.now += 6 * 60 * 1000;
        answers.push(client.me(&access));
        let next = client.refresh(tokens.text("refresh_token")).expect(200);
        let last = client.refresh(next.text("refresh_token")).expect(200);
        answers.push(client.refresh(tokens.text("refresh_token")));
        answers.push(client.refresh(last.text("refresh_token")));
        for state in ["blocked", "pending"] {
            let params = vec![authcore_tests::database::text(state)];
            database.query("UPDATE accounts SET status = ?1 WHERE id <> ''", params);
            answers.push(client.login("ada", PASSWORD));
        }
        for _ in 0..6 {
            answers.push(client.login("ada", "wrong horse battery"));
        }
        let own = [("AUTHCORE_LIMITS", "accounts 1/h")];
        client.service = settings::service(&own);
        client.peer = Some([203, 0, 113, 1].into());
        answers.push(client.sign_up("eve"));
        answers.push(client.sign_up("mallory"));

        client.service = settings::service(&[]);
        for why in [authcore::effect::Failure::Busy, authcore::effect::Failure::Unavailable] {
            let at = client.arrival();
            let body = json!({"login": "ada", "password": PASSWORD});
            let step = client.service.handle(post("/v1/login", &body), at);
            let effect = usize::from(why == authcore::effect::Failure::Unavailable);
            let ended = drive_with(step, &mut *client.host, effect, Fault::Fails(why));
            answers.push(Answer::of(ended.value.expect("an answer"), Default::default()));
        }
        database.query("UPDATE signing_keys SET sealed = 'v1.k9.x' WHERE id <> ''", Vec::new());
        client.service = settings::service(&[]);
        database.query("UPDATE accounts SET status = 'active' WHERE id <> ''", Vec::new());
        let _ = client.sign_up("carol").expect(201);
        answers.push(client.login("carol", PASSWORD));

        let mut reached = BTreeSet::new();
        for answer in answers.iter().filter(|answer| answer.status >= 400) {
            let code = Code::ALL.iter().find(|code| code.as_str() == answer.code());
            let code = *code.expect("a code of the table");
            assert_eq!(answer.status, code.status());
            assert_eq!(answer.text("title"), code.title());
            assert_eq!(answer.body["status"], code.status());
            assert_eq!(answer.text("type"), format!("tag:authcore,2026:{}", code.as_str()));
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            let waits = matches!(code.status(), 429 | 503);
            assert_eq!(answer.body.get("retry_after").is_some(), waits, "{}", answer.body);
            reached.insert(code);
        }
        let left: Vec<_> = NOT_OVER_HTTP.iter().chain(&OF_A_PANIC).copied().collect();
        for code in Code::ALL {
            assert_ne!(reached.contains(code), left.contains(code), "{code:?}");
        }
    });
}
