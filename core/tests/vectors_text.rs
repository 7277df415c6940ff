//! The vectors of ids, JSON, e-mail addresses and usernames, through the public interface.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // as in any test

use authcore::id::Id;
use authcore::json::{self, Value};
use authcore::text::{Email, LoginName, Username};
use authcore::time::UnixMillis;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

/// The cases of a file of vectors.
fn cases(file: &str) -> Vec<Json> {
    let path = format!("{}/../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let vectors: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

/// Runs every case of a file: `run` gives what `expected` holds, or the code of an error.
fn each_case(file: &str, run: impl Fn(&Json) -> Result<Json, String>) {
    let mut wrong = Vec::new();
    for case in cases(file) {
        let outcome = run(&case["input"]);
        let expected = match &case["error"] {
            Json::Null => Ok(case["expected"].clone()),
            error => Err(error.as_str().unwrap().to_owned()),
        };
        if outcome != expected {
            wrong.push(format!("{}: {outcome:?}, not {expected:?}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{file}:\n{}", wrong.join("\n"));
}

fn bytes(input: &Json, name: &str) -> Option<Vec<u8>> {
    input.get(name).map(|text| STANDARD.decode(text.as_str().unwrap()).unwrap())
}

/// The body of a case: as text, as base64, or as base64 many times and then a rest.
fn body(input: &Json) -> Vec<u8> {
    if let Some(text) = input.get("body") {
        return text.as_str().unwrap().as_bytes().to_vec();
    }
    let times = input.get("times").map_or(1, |times| times.as_u64().unwrap());
    let mut body = bytes(input, "body_base64").unwrap().repeat(times.try_into().unwrap());
    body.extend(bytes(input, "then_base64").unwrap_or_default());
    body
}

fn text(input: &Json) -> &str {
    input["text"].as_str().unwrap()
}

#[test]
fn ids_are_made_and_read_as_the_vectors_say() {
    each_case("uuid.json", |input| {
        let id = match bytes(input, "random_base64") {
            Some(random) => {
                let now = UnixMillis::new(input["now"].as_i64().unwrap());
                Id::v7(now, random.try_into().unwrap())
            }
            None => Id::parse(text(input)).ok_or("malformed_id")?,
        };
        Ok(json!({ "id": id.as_str() }))
    });
}

// SECURITY 97
#[test]
fn usernames_are_read_as_the_vectors_say() {
    each_case("username.json", |input| {
        let name = Username::parse(text(input)).map_err(|reason| reason.code.to_owned())?;
        assert_eq!(LoginName::parse(text(input)), LoginName::Username(name.clone()));
        Ok(json!({
            "username": name.as_str(),
            "folded": name.folded(),
            "restricted": name.is_restricted(),
        }))
    });
}

// SECURITY 96
#[test]
fn addresses_are_read_as_the_vectors_say() {
    each_case("email.json", |input| {
        let email = Email::parse(text(input)).map_err(|reason| reason.code.to_owned())?;
        assert_eq!(LoginName::parse(text(input)), LoginName::Email(email.clone()));
        Ok(json!({ "email": email.as_str(), "folded": email.folded() }))
    });
}

// SECURITY 96
#[test]
fn a_stored_address_reads_back_as_itself() {
    for case in cases("email.json").iter().filter(|case| case["error"].is_null()) {
        let stored = case["expected"]["email"].as_str().unwrap();
        assert_eq!(Email::parse(stored).unwrap().as_str(), stored);
    }
}

// SECURITY 38, 45, 94
#[test]
fn json_is_read_as_the_vectors_say() {
    each_case("json.json", |input| {
        let value = json::read(&body(input)).map_err(|error| error.code.as_str().to_owned())?;
        Ok(match value {
            Value::Null => json!({ "kind": "null" }),
            Value::Bool(value) => json!({ "kind": "boolean", "boolean": value }),
            Value::Integer(value) => json!({ "kind": "integer", "integer": value }),
            Value::Number(_) => json!({ "kind": "number" }),
            Value::String(value) => json!({ "kind": "string", "string": value }),
            Value::Array(_) => json!({ "kind": "array" }),
            Value::Object(value) => match value.to_canonical_text() {
                Ok(text) => json!({ "canonical": text }),
                Err(error) => json!({ "canonical_error": error.code, "pointer": error.pointer }),
            },
        })
    });
}

// SECURITY 94
#[test]
fn the_json_test_suite_is_accepted_and_refused_as_recorded() {
    each_case("json_test_suite.json", |input| {
        json::read(&body(input)).map_err(|error| error.code.as_str().to_owned())?;
        Ok(json!({ "accepted": true }))
    });
}

// SECURITY 94
#[test]
fn canonical_text_reads_back_to_the_same_text() {
    for case in cases("json.json").iter().filter(|case| case["expected"]["canonical"].is_string()) {
        let text = case["expected"]["canonical"].as_str().unwrap();
        let Ok(Value::Object(object)) = json::read(text.as_bytes()) else {
            panic!("{} is no object", case["name"]);
        };
        assert_eq!(object.to_canonical_text().unwrap(), text);
    }
}
