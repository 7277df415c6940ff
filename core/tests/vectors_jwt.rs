//! `tests/vectors/jwt.json`: made by the example of the same name, and met by the crate.
// As in any test:
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

#[path = "../examples/vectors_jwt/cases/mod.rs"]
mod cases;

use std::collections::BTreeSet;

use authcore::jwt::{Expected, KeySet, TokenType, VerifiedClaims, verify, verify_claims};
use authcore::time::{Millis, UnixMillis};
use serde_json::{Value, json};

fn file() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/jwt.json");
    std::fs::read_to_string(path).unwrap()
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input[name].as_str().unwrap()
}

fn key_set(jwks: &Value) -> KeySet {
    KeySet::from_jwks(&json!({"keys": jwks}).to_string()).unwrap()
}

fn claims(verified: &VerifiedClaims) -> Value {
    json!({
        "sub": verified.sub(),
        "sid": verified.sid(),
        "client_id": verified.client_id(),
        "jti": verified.jti(),
        "iat": verified.iat().as_seconds(),
        "exp": verified.exp().as_seconds(),
        "auth_time": verified.auth_time().as_seconds(),
        "amr": verified.amr(),
        "roles": verified.roles(),
    })
}

#[test]
fn the_file_is_what_the_example_prints() {
    // After a wanted change: cargo run --example vectors_jwt > ../tests/vectors/jwt.json
    let (made, kept) = (cases::document(), file());
    for (made, kept) in made.lines().zip(kept.lines()) {
        assert_eq!(made, kept);
    }
    assert_eq!(made.len(), kept.len());
}

/// What is judged otherwise than its case says, and how many cases are accepted.
fn judged(cases: &[Value]) -> (Vec<String>, usize) {
    let mut names = BTreeSet::new();
    let (mut wrong, mut accepted) = (Vec::new(), 0);
    for case in cases {
        let name = text(case, "name");
        assert!(names.insert(name), "two cases are named `{name}`");
        let input = &case["input"];
        let typ = text(input, "typ");
        let expected = Expected {
            token_type: *TokenType::ALL.iter().find(|one| one.typ() == typ).unwrap(),
            issuer: Some(text(input, "issuer")),
            audience: Some(text(input, "audience")),
            now: UnixMillis::new(input["now"].as_i64().unwrap() * 1000),
            leeway: Millis::seconds(input["leeway"].as_u64().unwrap().try_into().unwrap()),
        };
        let token = text(input, "token");
        let outcome = match verify(token, &key_set(&input["jwks"]), &expected) {
            Ok(verified) => {
                accepted += 1;
                json!({"expected": claims(&verified), "error": null})
            }
            Err(error) => {
                assert!(token.len() < 3 || !error.to_string().contains(token), "{name}");
                json!({"expected": null, "error": error.code.as_str()})
            }
        };
        if outcome != json!({"expected": case["expected"], "error": case["error"]}) {
            wrong.push(format!("{name}: {outcome}"));
        }
        if input["verifier"] == "claims" {
            let error = verify_claims(token, &key_set(&input["jwks"]), &expected)
                .err()
                .map(|error| error.code.as_str());
            if json!(error) != case["error"] {
                wrong.push(format!("{name}, as claims of one's own: {error:?}"));
            }
        }
    }
    (wrong, accepted)
}

// SECURITY 35, 36, 37, 38, 39, 40, 41, 44, 45, 46
#[test]
fn every_vector_is_met() {
    let document: Value = serde_json::from_str(&file()).unwrap();
    let cases = document["cases"].as_array().unwrap();
    assert!(cases.len() > 800, "{}", cases.len());
    let (wrong, _) = judged(cases);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// The file holds some of these, for every host; this is all of them. By RS256, which nothing here
// signs, there are those of the file; Wycheproof has more (core/src/jwt/wycheproof.rs).
// SECURITY 35, 36, 37, 38, 39, 40, 41, 45
#[test]
fn every_algorithm_gives_the_verdict_that_eddsa_gives() {
    let cases: Vec<Value> = cases::under_other_algorithms()
        .iter()
        .map(|case| serde_json::to_value(case).unwrap())
        .collect();
    for (algorithm, count, good) in
        [("ES256", 361, 44), ("HS256", 360, 44), ("HS512", 361, 44), ("RS256", 56, 7)]
    {
        let is_of = |case: &&Value| text(case, "name").starts_with(&format!("{algorithm}: "));
        let cases: Vec<Value> = cases.iter().filter(is_of).cloned().collect();
        let (wrong, accepted) = judged(&cases);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!((cases.len(), accepted), (count, good), "{algorithm}");
    }
}
