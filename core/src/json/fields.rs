//! Typed access to the members of a body: one entry per wrong field, all told at once.

use super::canonical::pointer;
use super::{CanonicalJson, Object, Value};
use crate::error::{Code, Error, FieldError};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// How many entries a refusal carries; what is beyond is not told.
const MAX_ENTRIES: usize = 32;

/// The members of a body, taken one by one by the names that the route knows.
///
/// Absent members and `null` read alike, as `None`. A member that does not fit reads as `None`
/// too and leaves an entry, so that reading goes on and [`Fields::finish`] tells of all at once.
#[must_use = "wrong and unknown members are told by `finish`"]
#[derive(Debug)]
pub struct Fields {
    left: Vec<(String, Value)>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// The members of an object.
    pub fn new(object: Object) -> Self {
        Self {
            left: object.0,
            errors: Vec::new(),
        }
    }

    /// The members of a body.
    ///
    /// # Errors
    /// [`Code::MalformedRequest`] if the body is no object.
    pub fn of(value: Value) -> Result<Self, Error> {
        match value {
            Value::Object(object) => Ok(Self::new(object)),
            _ => Err(Error::new(
                Code::MalformedRequest,
                "the body must be a JSON object",
            )),
        }
    }

    /// A text without U+0000, which no database column of ours takes.
    pub fn string(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?;
        if text.contains('\0') {
            return self.wrong(name, "nul_character", "U+0000 is not allowed");
        }
        Some(text)
    }

    /// As [`Fields::string`]; its absence is an error.
    pub fn required_string(&mut self, name: &'static str) -> Option<String> {
        self.require(name)?;
        self.string(name)
    }

    /// A password or another secret: any Unicode scalar values, U+0000 among them.
    pub fn secret_string(&mut self, name: &'static str) -> Option<Zeroizing<String>> {
        self.text(name).map(Zeroizing::new)
    }

    /// As [`Fields::secret_string`]; its absence is an error.
    pub fn required_secret_string(&mut self, name: &'static str) -> Option<Zeroizing<String>> {
        self.require(name)?;
        self.secret_string(name)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(value) => Some(value),
            _ => self.wrong(name, "wrong_type", "must be true or false"),
        }
    }

    /// An integer within ±(2^53−1), written without fraction or exponent.
    pub fn integer(&mut self, name: &'static str) -> Option<i64> {
        match self.take(name)? {
            Value::Integer(value) => Some(value),
            _ => self.wrong(name, "wrong_type", "must be an integer"),
        }
    }

    /// An object.
    pub fn object(&mut self, name: &'static str) -> Option<Object> {
        match self.take(name)? {
            Value::Object(value) => Some(value),
            _ => self.wrong(name, "wrong_type", "must be an object"),
        }
    }

    /// An object to be stored, in canonical form (see [`Object::to_canonical_text`]).
    pub fn canonical_object(&mut self, name: &'static str) -> Option<CanonicalJson> {
        match self.object(name)?.to_canonical() {
            Ok(canonical) => Some(canonical),
            Err(error) => {
                let place = pointer(std::iter::once(name)) + &error.pointer;
                let place: String = place.chars().take(64).collect();
                self.refuse(place, error.code, error.detail);
                None
            }
        }
    }

    /// Adds an entry for what only further parsing finds wrong. `pointer` is RFC 6901's.
    pub fn refuse(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) {
        if self.errors.len() < MAX_ENTRIES {
            self.errors.push(FieldError::new(pointer, code, detail));
        }
    }

    /// Ends the reading: members that nobody asked for are errors too.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] with one entry per wrong field, at most 32.
    pub fn finish(mut self) -> Result<(), Error> {
        for (name, _) in std::mem::take(&mut self.left).into_iter().take(MAX_ENTRIES) {
            let place = pointer(std::iter::once(name.as_str()));
            self.refuse(place, "unknown_field", "no such field");
        }
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Error::fields(self.errors))
        }
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.wrong(name, "wrong_type", "must be a string"),
        }
    }

    /// Leaves an entry and gives `None` if the member is absent or null.
    fn require(&mut self, name: &'static str) -> Option<()> {
        match self.left.iter().find(|(member, _)| member == name) {
            None | Some((_, Value::Null)) => {
                self.take(name);
                self.wrong(name, "required", "is required")
            }
            Some(_) => Some(()),
        }
    }

    /// Takes a member out; null counts as absent.
    fn take(&mut self, name: &'static str) -> Option<Value> {
        let at = self.left.iter().position(|(member, _)| member == name)?;
        match self.left.remove(at) {
            (_, Value::Null) => None,
            (_, value) => Some(value),
        }
    }

    fn wrong<T>(
        &mut self,
        name: &'static str,
        code: &'static str,
        detail: &'static str,
    ) -> Option<T> {
        self.refuse(pointer(std::iter::once(name)), code, detail);
        None
    }
}
