//! Typed access to the members of a body: one entry per wrong field, all told at once.

use super::canonical::pointer;
use super::{CanonicalJson, Object, Value};
use crate::error::{Code, Error, FieldError};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// How many entries a refusal carries; what is beyond is not told.
pub(crate) const MAX_ENTRIES: usize = 32;

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
        Self { left: object.0, errors: Vec::new() }
    }

    /// The members of a body.
    ///
    /// # Errors
    /// [`Code::MalformedRequest`] if the body is no object.
    pub fn of(value: Value) -> Result<Self, Error> {
        match value {
            Value::Object(object) => Ok(Self::new(object)),
            _ => Err(Error::new(Code::MalformedRequest, "the body must be a JSON object")),
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

    /// A list of at most `most` strings.
    pub fn strings(&mut self, name: &'static str, most: usize) -> Option<Vec<String>> {
        let text = |item| match item {
            Value::String(text) => Some(text),
            _ => None,
        };
        let texts = match self.take(name)? {
            Value::Array(items) => items.into_iter().map(text).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        match texts {
            None => self.wrong(name, "wrong_type", "must be a list of strings"),
            Some(texts) if texts.len() > most => {
                self.refuse(format!("/{name}"), "too_many", format!("at most {most} strings"));
                None
            }
            some => some,
        }
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

    /// Whether one of these places is refused already.
    #[must_use]
    pub fn refuses(&self, pointers: &[&str]) -> bool {
        self.errors.iter().any(|entry| pointers.contains(&entry.pointer.as_str()))
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
        if self.errors.is_empty() { Ok(()) } else { Err(Error::fields(self.errors)) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    fn fields(body: &str) -> Fields {
        Fields::of(read(body.as_bytes()).unwrap()).unwrap()
    }

    fn entries(fields: Fields) -> Vec<(String, &'static str)> {
        let errors = fields.finish().unwrap_err().fields;
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn members_are_read_by_type() {
        let mut body = fields(r#"{"s":"x","b":true,"i":-5,"o":{"z":1,"a":2},"p":{"z":1,"a":2}}"#);
        assert_eq!(body.required_string("s").as_deref(), Some("x"));
        assert_eq!(body.boolean("b"), Some(true));
        assert_eq!(body.integer("i"), Some(-5));
        assert_eq!(body.object("o").map(|object| object.iter().len()), Some(2));
        assert_eq!(body.canonical_object("p").unwrap().as_str(), r#"{"a":2,"z":1}"#);
        assert_eq!(body.finish(), Ok(()));
    }

    #[test]
    fn a_list_of_strings_is_bounded() {
        let mut body = fields(r#"{"a":["x",""],"b":["x","y"],"c":["x",1],"d":"x"}"#);
        assert_eq!(body.strings("a", 2), Some(vec!["x".to_owned(), String::new()]));
        assert_eq!((body.strings("b", 1), body.strings("c", 2)), (None, None));
        assert_eq!(body.strings("d", 2), None);
        let expected = [("/b", "too_many"), ("/c", "wrong_type"), ("/d", "wrong_type")];
        assert_eq!(entries(body), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn absent_and_null_read_alike() {
        let mut body = fields(r#"{"a":null,"c":null}"#);
        assert_eq!((body.string("a"), body.string("b")), (None, None));
        assert_eq!((body.required_string("c"), body.required_secret_string("d")), (None, None));
        let expected = [("/c".to_owned(), "required"), ("/d".to_owned(), "required")];
        assert_eq!(entries(body), expected);
    }

    // SECURITY 94
    #[test]
    fn every_wrong_field_is_told_once() {
        let mut body = fields(r#"{"s":1,"b":"true","i":1.0,"o":[],"n":"\u0000","p":{"x":[0.5]}}"#);
        assert_eq!(body.required_string("s"), None);
        assert_eq!(body.boolean("b"), None);
        assert_eq!(body.integer("i"), None);
        assert!(body.object("o").is_none());
        assert_eq!(body.string("n"), None);
        assert_eq!(body.canonical_object("p"), None);
        body.refuse("/e", "taken", "already taken");
        let expected = [
            ("/s", "wrong_type"),
            ("/b", "wrong_type"),
            ("/i", "wrong_type"),
            ("/o", "wrong_type"),
            ("/n", "nul_character"),
            ("/p/x/0", "not_an_integer"),
            ("/e", "taken"),
        ];
        assert_eq!(entries(body), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    // SECURITY 94
    #[test]
    fn unknown_members_are_refused_and_bounded() {
        let long = "k".repeat(100);
        let body = fields(&format!(r#"{{"a/b~":1,"{long}":2}}"#));
        let expected = ["/a~1b~0".to_owned(), format!("/{}", "k".repeat(63))];
        assert_eq!(entries(body), expected.map(|pointer| (pointer, "unknown_field")));

        let many: Vec<String> = (0..100).map(|n| format!(r#""k{n}":0"#)).collect();
        assert_eq!(entries(fields(&format!("{{{}}}", many.join(",")))).len(), MAX_ENTRIES);
    }

    // SECURITY 2
    #[test]
    fn a_secret_takes_any_character() {
        let mut body = fields(r#"{"password":" \u0000\ud83e\udd80 "}"#);
        let secret = body.required_secret_string("password").unwrap();
        assert_eq!(secret.as_str(), " \0🦀 ");
        assert_eq!(body.finish(), Ok(()));
    }

    #[test]
    fn a_body_that_is_no_object_is_malformed() {
        for body in ["[]", "null", "\"x\""] {
            let error = Fields::of(read(body.as_bytes()).unwrap()).unwrap_err();
            assert_eq!(error.code, Code::MalformedRequest);
        }
    }
}
