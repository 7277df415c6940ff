//! Stored objects (`properties`): one text for one value, the same on every host.

use super::{Object, Value};
use crate::error::FieldError;
use std::fmt::Write as _;

/// How many arrays and objects may stand inside one another, the outermost counted.
const MAX_DEPTH: usize = 8;

/// How long the text may be, in bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// How long the pointer of a field error may be, in characters.
const MAX_POINTER: usize = 64;

/// A JSON text in canonical form, put out as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalJson(String);

impl CanonicalJson {
    /// Takes a text that [`Object::to_canonical_text`] made, as a stored row holds it.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, to be stored.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl serde::Serialize for CanonicalJson {
    /// As raw JSON; a stored text that is no JSON is an error of the serialiser.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &serde_json::value::RawValue =
            serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl Object {
    /// The object with its members sorted by the bytes of their names at every level, without
    /// white space, strings escaped no more than RFC 8259 §7 asks.
    ///
    /// # Errors
    /// A [`FieldError`] whose pointer starts at this object, with the code `not_an_integer`,
    /// `nul_character`, `too_deep` (over 8 levels) or `too_long` (over 8 KiB).
    pub fn to_canonical_text(&self) -> Result<String, FieldError> {
        let text = String::with_capacity(room_of_object(self, MAX_DEPTH).min(MAX_LENGTH));
        let mut writer = Writer { text, path: Vec::new(), depth: 0 };
        match writer.object(self) {
            Ok(()) => Ok(writer.text),
            Err(fault) => Err(writer.refusal(fault)),
        }
    }

    /// Whether [`Object::to_canonical_text`] gives a text: the same question, without the text.
    #[must_use]
    pub fn has_canonical_text(&self) -> bool {
        let mut left = MAX_LENGTH;
        fits_object(self, MAX_DEPTH, &mut left).is_some()
    }

    /// The object as a stored value.
    ///
    /// # Errors
    /// As [`Object::to_canonical_text`].
    pub fn to_canonical(&self) -> Result<CanonicalJson, FieldError> {
        self.to_canonical_text().map(CanonicalJson)
    }
}

/// About how long the text of a value is, and no less if nothing in it is escaped or refused.
fn room(value: &Value, levels: usize) -> usize {
    const DIGITS: usize = 17;
    match (value, levels) {
        (Value::Null | Value::Bool(_) | Value::Number(_), _) => "false".len(),
        (Value::Integer(_), _) => DIGITS,
        (Value::String(text), _) => text.len().saturating_add(2),
        // Too deep: it is refused.
        (Value::Array(_) | Value::Object(_), 0) => 0,
        (Value::Array(items), _) => items.iter().fold(2, |length: usize, item| {
            length.saturating_add(1).saturating_add(room(item, levels.saturating_sub(1)))
        }),
        (Value::Object(object), _) => room_of_object(object, levels),
    }
}

fn room_of_object(object: &Object, levels: usize) -> usize {
    // Two quotes, a colon, and a comma or a brace.
    object.iter().fold(2, |length: usize, (name, value)| {
        let value = room(value, levels.saturating_sub(1));
        length.saturating_add(name.len()).saturating_add(4).saturating_add(value)
    })
}

/// Takes from what is left the length of a value, within so many levels; `None` if it has no
/// canonical text within both.
fn fits(value: &Value, levels: usize, left: &mut usize) -> Option<()> {
    match value {
        Value::Null | Value::Bool(true) => take(left, 4),
        Value::Bool(false) => take(left, 5),
        Value::Integer(integer) => {
            let digits = integer.unsigned_abs().checked_ilog10().unwrap_or_default();
            take(left, usize::try_from(digits).ok()?.saturating_add(1))?;
            take(left, usize::from(integer.is_negative()))
        }
        Value::Number(_) => None,
        Value::String(text) => fits_string(text, left),
        Value::Array(items) => {
            let levels = levels.checked_sub(1)?;
            take(left, items.len().saturating_sub(1).saturating_add(2))?;
            items.iter().try_for_each(|item| fits(item, levels, left))
        }
        Value::Object(object) => fits_object(object, levels, left),
    }
}

fn fits_object(object: &Object, levels: usize, left: &mut usize) -> Option<()> {
    let levels = levels.checked_sub(1)?;
    // Two braces, and a comma between each two members.
    take(left, object.0.len().saturating_sub(1).saturating_add(2))?;
    object.iter().try_for_each(|(name, value)| {
        fits_string(name, left)?;
        take(left, 1)?;
        fits(value, levels, left)
    })
}

fn fits_string(text: &str, left: &mut usize) -> Option<()> {
    take(left, text.len().saturating_add(2))?;
    text.bytes().filter(|octet| is_escaped(*octet)).try_for_each(|octet| match octet {
        0 => None,
        b'"' | b'\\' | 0x8 | b'\t' | b'\n' | 0xc | b'\r' => take(left, 1),
        _ => take(left, 5),
    })
}

fn take(left: &mut usize, length: usize) -> Option<()> {
    *left = left.checked_sub(length)?;
    Some(())
}

/// What is wrong: code and detail of the field error.
type Fault = (&'static str, &'static str);

struct Writer {
    text: String,
    /// The way to the value that is refused, from the inside out; empty unless one is.
    path: Vec<String>,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Null => self.put("null"),
            Value::Bool(true) => self.put("true"),
            Value::Bool(false) => self.put("false"),
            Value::Integer(integer) => self.put(itoa::Buffer::new().format(*integer)),
            Value::Number(_) => {
                Err(("not_an_integer", "a number must be an integer within ±(2^53−1)"))
            }
            Value::String(text) => self.string(text),
            Value::Array(items) => self.array(items),
            Value::Object(object) => self.object(object),
        }
    }

    fn array(&mut self, items: &[Value]) -> Result<(), Fault> {
        self.enter()?;
        self.put("[")?;
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.put(",")?;
            }
            self.value(item).inspect_err(|_| self.path.push(at.to_string()))?;
        }
        self.leave();
        self.put("]")
    }

    fn object(&mut self, object: &Object) -> Result<(), Fault> {
        self.enter()?;
        let mut members: Vec<(&str, &Value)> = object.iter().collect();
        members.sort_unstable_by_key(|(name, _)| *name);
        self.put("{")?;
        for (at, (name, value)) in members.into_iter().enumerate() {
            if at > 0 {
                self.put(",")?;
            }
            self.member(name, value).inspect_err(|_| self.path.push(name.to_owned()))?;
        }
        self.leave();
        self.put("}")
    }

    fn member(&mut self, name: &str, value: &Value) -> Result<(), Fault> {
        self.string(name)?;
        self.put(":")?;
        self.value(value)
    }

    fn string(&mut self, text: &str) -> Result<(), Fault> {
        // Checked first, so that a long text is refused before it is copied.
        if text.len() > MAX_LENGTH {
            return Err(TOO_LONG);
        }
        self.text.push('"');
        let mut rest = text;
        while let Some(at) = rest.bytes().position(is_escaped) {
            // What is escaped is ASCII, so that characters begin and end beside it.
            let (before, after) = rest.split_at_checked(at).unwrap_or_default();
            self.text.push_str(before);
            let mut characters = after.chars();
            match characters.next().unwrap_or_default() {
                '\0' => return Err(("nul_character", "U+0000 is not allowed")),
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\u{8}' => self.text.push_str("\\b"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\u{c}' => self.text.push_str("\\f"),
                '\r' => self.text.push_str("\\r"),
                control => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(control));
                }
            }
            rest = characters.as_str();
        }
        self.text.push_str(rest);
        self.put("\"")
    }

    fn put(&mut self, text: &str) -> Result<(), Fault> {
        self.text.push_str(text);
        self.bounded()
    }

    const fn bounded(&self) -> Result<(), Fault> {
        if self.text.len() > MAX_LENGTH { Err(TOO_LONG) } else { Ok(()) }
    }

    fn enter(&mut self) -> Result<(), Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(("too_deep", "more than 8 levels"));
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn refusal(&self, (code, detail): Fault) -> FieldError {
        // What is too long is the whole, wherever the writer happened to stand.
        let path = if code == TOO_LONG.0 { &[] } else { self.path.as_slice() };
        FieldError::new(pointer(path.iter().rev().map(String::as_str)), code, detail)
    }
}

/// Whether a string must not hold this octet as it is (RFC 8259 §7).
const fn is_escaped(octet: u8) -> bool {
    matches!(octet, 0..0x20 | b'"' | b'\\')
}

const TOO_LONG: Fault = ("too_long", "more than 8 KiB of JSON");

/// The JSON pointer along these names (RFC 6901 §3), cut at 64 characters.
pub(crate) fn pointer<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut characters = String::new();
    for name in names {
        characters.push('/');
        // Each character of a name gives at least one: no need to escape what is cut off.
        for character in name.chars().take(MAX_POINTER) {
            match character {
                '~' => characters.push_str("~0"),
                '/' => characters.push_str("~1"),
                _ => characters.push(character),
            }
        }
    }
    characters.chars().take(MAX_POINTER).collect()
}

#[cfg(test)]
mod length;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_object_is_put_out_as_raw_json() {
        #[derive(serde::Serialize)]
        struct Account {
            id: u8,
            properties: CanonicalJson,
        }
        let properties = CanonicalJson::from_stored("{\"a\":[1]}".to_owned());
        let text = crate::json::write(&Account { id: 1, properties }).unwrap();
        assert_eq!(text, br#"{"id":1,"properties":{"a":[1]}}"#);
    }

    #[test]
    fn a_stored_text_that_is_no_json_is_an_internal_error() {
        for text in ["", "{", "{}, \"admin\":true", "{}{}"] {
            let stored = CanonicalJson::from_stored(text.to_owned());
            let error = crate::json::write(&stored).unwrap_err();
            assert_eq!(error.code, crate::error::Code::Internal);
        }
    }
}
