//! All conversions between JavaScript's values and core's types.

use authcore::error::{Code, Error, FieldError};
use authcore::password::Password;
use js_sys::JsString;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::Thrown;

/// A string. Nothing else is turned into one, and no half of a surrogate pair is replaced: two
/// passwords would become one.
pub fn text(value: JsValue, pointer: &str) -> Result<String, Error> {
    let refuse = |code, detail| Err(Error::fields(vec![FieldError::new(pointer, code, detail)]));
    match value.dyn_into::<JsString>() {
        Ok(string) if string.is_valid_utf16() => Ok(string.into()),
        Ok(_) => refuse("not_unicode", "must be well-formed Unicode"),
        Err(_) => refuse("wrong_type", "must be a string"),
    }
}

/// A password as received.
pub fn password(value: JsValue) -> Result<Password, Error> {
    let pointer = "/password";
    Password::new(text(value, pointer)?).map_err(|reason| Error::fields(vec![reason.at(pointer)]))
}

/// A salt from the host's CSPRNG.
pub fn salt() -> Result<[u8; 16], Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)
        .map_err(|_| Error::new(Code::Unavailable, "the host has no crypto.getRandomValues"))?;
    Ok(salt)
}

/// A value that core describes, as plain objects and arrays.
pub fn value<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, Thrown> {
    serde_wasm_bindgen::to_value(value)
        .map_err(|error| Error::new(Code::Internal, error.to_string()).into())
}
