//! The one funnel for errors into JavaScript: core's error becomes an `AuthcoreError`.

use std::borrow::Cow;

use authcore::error::{Code, Error, FieldError};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const IMPORTED_TYPES: &str = r#"import type { ErrorCode } from "../js/error.js";"#;

#[wasm_bindgen(raw_module = "../js/error.js")]
extern "C" {
    type AuthcoreError;

    #[wasm_bindgen(constructor)]
    fn new(problem: JsValue) -> AuthcoreError;
}

/// A code with what the table says of it.
#[derive(Serialize)]
pub struct Described {
    code: &'static str,
    status: u16,
    title: &'static str,
}

impl Described {
    pub fn of(code: Code) -> Self {
        Self { code: code.as_str(), status: code.status(), title: code.title() }
    }
}

/// The members of a problem document (RFC 9457) without its type.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(flatten)]
    code: Described,
    detail: &'a str,
    errors: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    pointer: &'a str,
    code: &'static str,
    detail: &'a Cow<'static, str>,
}

impl<'a> Entry<'a> {
    fn of(field: &'a FieldError) -> Self {
        Self { pointer: &field.pointer, code: field.code, detail: &field.detail }
    }
}

/// An error of core on its way out.
pub struct Thrown(Error);

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Thrown> for JsValue {
    fn from(Thrown(error): Thrown) -> Self {
        let problem = Problem {
            code: Described::of(error.code),
            detail: &error.detail,
            errors: error.fields.iter().map(Entry::of).collect(),
        };
        // A flattened struct is a map to serde; JavaScript wants an object either way.
        let objects = serde_wasm_bindgen::Serializer::json_compatible();
        match problem.serialize(&objects) {
            Ok(problem) => AuthcoreError::new(problem).into(),
            Err(error) => error.into(),
        }
    }
}
