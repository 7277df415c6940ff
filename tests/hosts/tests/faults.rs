//! DESIGN §9.3, enumerated: every use case, every effect, every fault, on each database. Nothing is
//! half done, nothing is acknowledged that was not written (SECURITY 107, 109).

use authcore::effect::{Failure, Request};
use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use authcore_tests::database::{both, text};
use authcore_tests::dated::Dated;
use authcore_tests::enumeration::{Bench, enumerate};
use authcore_tests::faults::{FAULTS, Fault, Hit, drive_with};
use authcore_tests::{Answer, settings};
use serde_json::json;

#[test]
fn a_sign_up_is_done_or_not() {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            let body = json!({"username": format!("new-{}", bench.name), "password": PASSWORD});
            with(post("/v1/accounts", &body), "idempotency-key", "0123456789abcdef")
        };
        let succeeded = |bench: &mut Bench, answer: &Answer| {
            let id = answer.body["account"]["id"].as_str().expect("an id");
            let rows =
                bench.database.query("SELECT id FROM accounts WHERE id = ?1", vec![text(id)]);
            assert_eq!(rows.len(), 1);
        };
        let next = |bench: &mut Bench, request: Request| {
            let _ = bench.client.send(request).expect(201);
        };
        enumerate(kind, 1, prepare, succeeded, next);
    });
}

#[test]
fn a_login_gives_tokens_only_with_a_session() {
    both(|kind| {
        let body = |bench: &Bench| json!({"login": bench.name, "password": PASSWORD});
        let prepare = |bench: &mut Bench| post("/v1/login", &body(bench));
        let succeeded = |bench: &mut Bench, answer: &Answer| {
            assert_eq!(bench.sessions(), 1);
            let _ = bench.client.me(answer.text("access_token")).expect(200);
            let _ = bench.client.refresh(answer.text("refresh_token")).expect(200);
        };
        let next = |bench: &mut Bench, request: Request| {
            assert!(bench.sessions() <= 1);
            let _ = bench.client.send(request).expect(200);
        };
        enumerate(kind, 1, prepare, succeeded, next);
    });
}

#[test]
fn a_first_login_makes_keys_and_a_session_or_neither() {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            bench.database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
            post("/v1/login", &json!({"login": bench.name, "password": PASSWORD}))
        };
        let succeeded = |bench: &mut Bench, answer: &Answer| {
            let _ = bench.client.me(answer.text("access_token")).expect(200);
        };
        let next = |bench: &mut Bench, request: Request| {
            let _ = bench.client.send(request).expect(200);
            assert_eq!(bench.database.count("SELECT count(*) FROM signing_keys"), 2);
        };
        enumerate(kind, 1, prepare, succeeded, next);
    });
}

// SECURITY 25
#[test]
fn a_refresh_whose_answer_was_lost_is_answered_again() {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            let name = bench.name.clone();
            let tokens = bench.client.login(&name, PASSWORD).expect(200);
            post("/v1/refresh", &json!({"refresh_token": tokens.text("refresh_token")}))
        };
        let succeeded = |bench: &mut Bench, answer: &Answer| {
            let sql = "SELECT id FROM sessions WHERE account_id = ?1 AND generation = 2";
            assert_eq!(bench.database.query(sql, vec![text(&bench.name)]).len(), 1);
            let _ = bench.client.me(answer.text("access_token")).expect(200);
        };
        let next = |bench: &mut Bench, request: Request| {
            let answer = bench.client.send(request).expect(200);
            let _ = bench.client.refresh(answer.text("refresh_token")).expect(200);
        };
        enumerate(kind, 1, prepare, succeeded, next);
    });
}

// SECURITY 24
#[test]
fn a_reused_refresh_token_never_gives_tokens() {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            let name = bench.name.clone();
            let tokens = bench.client.login(&name, PASSWORD).expect(200);
            let next = bench.client.refresh(tokens.text("refresh_token")).expect(200);
            let _ = bench.client.refresh(next.text("refresh_token")).expect(200);
            post("/v1/refresh", &json!({"refresh_token": tokens.text("refresh_token")}))
        };
        let mut bench = Bench::new(kind);
        for fault in FAULTS {
            for at in 0.. {
                bench.account();
                let request = prepare(&mut bench);
                let ended = bench.handle(request.clone(), at, fault);
                if ended.hit.is_none() {
                    break;
                }
                if let Some(answer) = ended.value {
                    assert!(matches!(answer.status, 401 | 503), "{fault:?} at {at}");
                }
                let again = bench.client.send(request).expect(401);
                assert!(matches!(again.code(), "refresh_reused" | "session_ended"));
            }
        }
    });
}

#[test]
fn a_logout_is_acknowledged_only_when_the_session_has_ended() {
    both(|kind| {
        for by_refresh_token in ["access", "refresh"] {
            let prepare = |bench: &mut Bench| {
                let name = bench.name.clone();
                let tokens = bench.client.login(&name, PASSWORD).expect(200);
                if by_refresh_token == "refresh" {
                    let body = json!({"refresh_token": tokens.text("refresh_token")});
                    return post("/v1/logout", &body);
                }
                let mut request = bearing(get("/v1/logout"), tokens.text("access_token"));
                request.method = "POST".to_owned();
                request
            };
            let ended = |bench: &Bench| {
                let sql =
                    "SELECT id FROM sessions WHERE account_id = ?1 AND revoked_for = 'logout'";
                bench.database.query(sql, vec![text(&bench.name)]).len()
            };
            let succeeded = |bench: &mut Bench, _: &Answer| assert_eq!(ended(bench), 1);
            let next = |bench: &mut Bench, request: Request| {
                let answer = bench.client.send(request);
                assert!(answer.status == 204 || answer.code() == "session_ended");
                assert_eq!(ended(bench), 1);
            };
            enumerate(kind, 0, prepare, succeeded, next);
        }
    });
}

#[test]
fn reading_oneself_fails_closed() {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            let name = bench.name.clone();
            let tokens = bench.client.login(&name, PASSWORD).expect(200);
            bearing(get("/v1/me"), tokens.text("access_token"))
        };
        let succeeded = |_: &mut Bench, _: &Answer| panic!("nothing was read");
        let next = |bench: &mut Bench, request: Request| {
            let _ = bench.client.send(request).expect(200);
        };
        enumerate(kind, 0, prepare, succeeded, next);
    });
}

// SECURITY 84
#[test]
fn keys_are_made_once_whatever_fails() {
    both(|kind| {
        for path in ["/.well-known/jwks.json", "/.well-known/revocations"] {
            let prepare = |bench: &mut Bench| {
                bench.database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
                get(path)
            };
            let succeeded = |bench: &mut Bench, _: &Answer| {
                assert_eq!(bench.database.count("SELECT count(*) FROM signing_keys"), 2);
            };
            let next = |bench: &mut Bench, request: Request| {
                let _ = bench.client.send(request).expect(200);
                assert_eq!(bench.database.count("SELECT count(*) FROM signing_keys"), 2);
            };
            enumerate(kind, 0, prepare, succeeded, next);
        }
    });
}

// SECURITY 84
#[test]
fn keys_are_exchanged_once_whatever_fails() {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            bench.database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
            bench.client.now = settings::NOW;
            let _ = bench.client.send(get("/.well-known/jwks.json")).expect(200);
            bench.client.now += 31 * 24 * 60 * 60 * 1000;
            get("/.well-known/jwks.json")
        };
        // An exchange that was lost leaves keys that still serve: what is stored is published.
        let succeeded = |bench: &mut Bench, answer: &Answer| {
            let stored = bench.database.query("SELECT id FROM signing_keys", Vec::new());
            assert_eq!(answer.body["keys"].as_array().map(Vec::len), Some(stored.len()));
        };
        let next = |bench: &mut Bench, request: Request| {
            let _ = bench.client.send(request).expect(200);
            assert_eq!(bench.database.count("SELECT count(*) FROM signing_keys"), 3);
        };
        enumerate(kind, 0, prepare, succeeded, next);
    });
}

// SECURITY 84
#[test]
fn another_algorithm_gets_its_next_key_once_whatever_fails() {
    both(|kind| {
        let prepare = |bench: &mut Bench| {
            bench.database.query("DELETE FROM signing_keys WHERE id <> ''", Vec::new());
            bench.client.service = settings::service(&[]);
            let _ = bench.client.send(get("/.well-known/jwks.json")).expect(200);
            bench.client.service = settings::service(&[("AUTHCORE_JWT_ALG", "ES256")]);
            get("/.well-known/jwks.json")
        };
        let next_key = "SELECT count(*) FROM signing_keys WHERE state = 'next' AND \
             algorithm = 'ES256'";
        // An exchange that was lost leaves keys that still serve: what is stored is published.
        let succeeded = |bench: &mut Bench, answer: &Answer| {
            let next = answer.body["keys"].as_array().expect("keys").iter();
            let told = next.filter(|key| key["alg"] == "ES256").count();
            assert_eq!(i64::try_from(told), Ok(bench.database.count(next_key)));
        };
        let next = |bench: &mut Bench, request: Request| {
            let _ = bench.client.send(request).expect(200);
            assert_eq!(bench.database.count(next_key), 1);
            assert_eq!(bench.database.count("SELECT count(*) FROM signing_keys"), 2);
        };
        enumerate(kind, 0, prepare, succeeded, next);
    });
}

// SECURITY 64
#[test]
fn a_verdict_on_a_password_is_the_whole_verdict_or_none() {
    both(|kind| {
        let mut bench = Bench::new(kind);
        bench.account();
        let question = json!({"password": "grace2026", "user_inputs": ["Grace Hopper"]});
        let request = || post("/v1/password/strength", &question);
        let whole = bench.client.send(request()).expect(200).body;
        for fault in FAULTS {
            for at in 0.. {
                let ended = bench.handle(request(), at, fault);
                let Some(hit) = ended.hit else { break };
                match ended.value {
                    Some(answer) if answer.status == 200 => panic!("{fault:?} at {hit:?}"),
                    Some(answer) => assert_eq!(answer.status, 503, "{fault:?} at {hit:?}"),
                    None => assert!(matches!(fault, Fault::DroppedBefore | Fault::DroppedAfter)),
                }
                assert_eq!(bench.client.send(request()).expect(200).body, whole);
                assert!(at < 3, "few effects");
            }
        }
    });
}

// SECURITY 107
#[test]
fn a_host_with_a_fault_is_not_ready() {
    both(|kind| {
        let mut bench = Bench::new(kind);
        for fault in FAULTS {
            for at in 0.. {
                let _ = bench.client.send(get("/readyz")).expect(200);
                let (arrival, now) = (bench.client.arrival(), bench.client.now);
                let step = bench.client.service.handle(get("/readyz"), arrival);
                let mut host = Dated::new(&mut *bench.client.host, now);
                let ended = drive_with(step, &mut host, at, fault);
                let Some(hit) = ended.hit else { break };
                match ended.value {
                    Some(response) => assert_eq!(response.status, 503, "{fault:?} at {hit:?}"),
                    None => assert!(matches!(fault, Fault::DroppedBefore | Fault::DroppedAfter)),
                }
                assert!(at < 3, "few effects");
            }
        }
    });
}

// SECURITY 60
#[test]
fn a_busy_host_counts_nothing() {
    both(|kind| {
        let mut bench = Bench::new(kind);
        bench.account();
        bench.database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
        for request in [
            post("/v1/login", &json!({"login": bench.name, "password": PASSWORD})),
            post("/v1/accounts", &json!({"username": "bob", "password": PASSWORD})),
        ] {
            for _ in 0..10 {
                let ended = bench.handle(request.clone(), 0, Fault::Fails(Failure::Busy));
                assert_eq!(ended.hit, Some(Hit::Admit));
                let answer = ended.value.expect("an answer").expect(503);
                assert_eq!(answer.code(), "busy");
                assert!(answer.header("retry-after").is_some());
            }
        }
        assert_eq!(bench.database.count("SELECT count(*) FROM throttles"), 0);
        assert_eq!(bench.database.count("SELECT count(*) FROM sessions"), 1);
    });
}
