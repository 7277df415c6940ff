//! All conversions between JavaScript's values and core's types.

use authcore::error::{Code, Error, FieldError};
use authcore::password::Password;
use authcore::text::Reason;
use js_sys::{Array, JsString, Number};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::Thrown;

/// What js/options.js refuses, as one of these codes.
const REFUSALS: [&str; 3] = ["not_unicode", "unknown_member", "wrong_type"];

/// The error for an argument that js/options.js refuses.
#[wasm_bindgen]
pub fn refusal(pointer: &str, code: &str, detail: String) -> JsValue {
    let code = REFUSALS.into_iter().find(|known| *known == code).unwrap_or("wrong_type");
    Thrown::from(Error::fields(vec![FieldError::new(pointer, code, detail)])).into()
}

/// The refusal of one argument.
fn refuse(pointer: &str, code: &'static str, detail: &'static str) -> Error {
    Error::fields(vec![FieldError::new(pointer, code, detail)])
}

/// A string. Nothing else is turned into one, and no half of a surrogate pair is replaced: two
/// passwords would become one.
pub fn text(value: JsValue, pointer: &str) -> Result<String, Error> {
    match value.dyn_into::<JsString>() {
        Ok(string) if string.is_valid_utf16() => Ok(string.into()),
        Ok(_) => Err(refuse(pointer, "not_unicode", "must be well-formed Unicode")),
        Err(_) => Err(refuse(pointer, "wrong_type", "must be a string")),
    }
}

/// An array of strings.
pub fn texts(value: JsValue, pointer: &str) -> Result<Vec<String>, Error> {
    let array = value
        .dyn_into::<Array>()
        .map_err(|_| refuse(pointer, "wrong_type", "must be an array of strings"))?;
    array.iter().map(|item| text(item, pointer)).collect()
}

/// A number that is whole and exact.
pub fn integer(value: JsValue, pointer: &str) -> Result<i64, Error> {
    match value.as_f64() {
        Some(number) if Number::is_safe_integer(&value) => Ok(number as i64),
        _ => Err(refuse(pointer, "wrong_type", "must be a whole number")),
    }
}

/// A value that core parses, with the place of a refusal.
pub fn parsed<T>(pointer: &str, value: Result<T, Reason>) -> Result<T, Error> {
    value.map_err(|reason| Error::fields(vec![reason.at(pointer)]))
}

/// A password as received.
pub fn password(value: JsValue) -> Result<Password, Error> {
    let pointer = "/password";
    Password::new(text(value, pointer)?).map_err(|reason| Error::fields(vec![reason.at(pointer)]))
}

/// Bytes from the host's CSPRNG.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::new(Code::Unavailable, "the host has no crypto.getRandomValues"))?;
    Ok(bytes)
}

/// A value that core describes, as plain objects and arrays.
pub fn value<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, Thrown> {
    // As JSON has it: what is absent is null.
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| Error::new(Code::Internal, error.to_string()).into())
}
