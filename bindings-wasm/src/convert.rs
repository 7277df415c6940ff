//! All conversions between JavaScript's values and core's types.

use authcore::error::{Code, Error, FieldError};
use authcore::password::Password;
use authcore::text::Reason;
use authcore::time::UnixMillis;
use js_sys::{Array, Date, JsString, Number, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::Thrown;

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

/// Whether a value is an object of no class of its own: a `Date` has no members, and would be
/// taken for options of which none is given.
fn is_plain(value: &JsValue) -> bool {
    let parent = |value: &JsValue| Reflect::get_prototype_of(value).map(JsValue::from);
    let above = |value: &JsValue| parent(value).ok().filter(JsValue::is_object);
    value.is_object() && above(value).is_none_or(|class| above(&class).is_none())
}

/// The members of an object of options. `undefined` and null stand for an absent one.
pub struct Options(Option<Object>);

impl Options {
    /// Options of these names. Any other is refused: misspelt, it would be passed over in silence.
    pub fn read(value: JsValue, names: &[&str]) -> Result<Self, Error> {
        if value.is_undefined() {
            return Ok(Self(None));
        }
        if !is_plain(&value) {
            return Err(refuse("", "wrong_type", "the options must be a plain object"));
        }
        let object = Object::from(value);
        for name in texts(Object::keys(&object).into(), "")? {
            if !names.contains(&name.as_str()) {
                return Err(refuse("", "unknown_member", "there is no option of that name"));
            }
        }
        Ok(Self(Some(object)))
    }

    fn member(&self, name: &str) -> Result<Option<JsValue>, Error> {
        let Some(object) = &self.0 else { return Ok(None) };
        let value = Reflect::get(object, &name.into())
            .map_err(|_| refuse(&format!("/{name}"), "wrong_type", "cannot be read"))?;
        Ok((!value.is_undefined() && !value.is_null()).then_some(value))
    }

    /// A member that is a string.
    pub fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.member(name)?.map(|value| text(value, &format!("/{name}"))).transpose()
    }

    /// A member that is a whole number.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        self.member(name)?.map(|value| integer(value, &format!("/{name}"))).transpose()
    }

    /// A member that core parses from a small number, or core's default.
    pub fn parsed<T: Default>(
        &self,
        name: &str,
        parse: impl FnOnce(u32) -> Result<T, Reason>,
    ) -> Result<T, Error> {
        let Some(number) = self.integer(name)? else { return Ok(T::default()) };
        // What is below 0 is as far out of any range as what is beyond 2^32.
        parsed(&format!("/{name}"), parse(u32::try_from(number).unwrap_or(u32::MAX)))
    }

    /// A moment in Unix milliseconds, or the host's now.
    pub fn moment(&self, name: &str) -> Result<UnixMillis, Error> {
        let given = self.integer(name)?;
        Ok(UnixMillis::new(given.unwrap_or_else(|| Date::now() as i64)))
    }
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
