//! One strict JSON reader for bodies and tokens, and typed access to its values.
//!
//! The grammar is RFC 8259's, narrowed in the spirit of RFC 7493 (I-JSON) so that no two readers
//! can disagree: strict UTF-8, no byte order mark, no duplicate members at any level, no lone
//! surrogates, at most [`MAX_DEPTH`] levels, nothing after the value.

mod canonical;
mod fields;
mod read;

pub use canonical::CanonicalJson;
pub(crate) use canonical::pointer;
pub use fields::Fields;
pub(crate) use fields::MAX_ENTRIES;
use read::Names;
pub use read::{MAX_DEPTH, read};

use crate::error::{Code, Error};
use crate::time::MAX_EXACT;
use std::fmt;

/// A JSON value (RFC 8259 §3). Its `Debug` output names kinds only: a body may hold a password.
#[derive(Clone)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer literal within ±(2^53−1), without fraction or exponent.
    Integer(i64),
    /// Any other number.
    Number(OtherNumber),
    /// A string of Unicode scalar values; it may hold U+0000.
    String(String),
    /// An array, in order.
    Array(Vec<Value>),
    /// An object, in the order of its members.
    Object(Object),
}

/// A number that is no exact integer within ±(2^53−1), or is a negative zero.
///
/// Its value is dropped on reading: hosts differ on such numbers, so it is never compared and
/// never put out (RFC 7493 §2.2).
#[derive(Clone)]
pub struct OtherNumber(());

impl Value {
    /// An integer, if it is within ±(2^53−1).
    #[must_use]
    pub fn integer(value: i64) -> Option<Self> {
        (-MAX_EXACT..=MAX_EXACT).contains(&value).then_some(Self::Integer(value))
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an integer.
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The kind of value, for messages.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// A JSON object: members in the order in which they came, each name once.
#[derive(Clone, Default)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// An object of these members; `None` if a name stands twice.
    #[must_use]
    pub fn of(members: Vec<(String, Value)>) -> Option<Self> {
        let (mut names, mut before) = (Names::default(), Vec::with_capacity(members.len()));
        for member in members {
            if !names.add(&member.0, &before) {
                return None;
            }
            before.push(member);
        }
        Some(Self(before))
    }

    /// The value of the member with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|(member, _)| *member == name).map(|(_, value)| value)
    }

    /// The members in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("object")
    }
}

/// Room for an ordinary text: what is longer makes room for itself.
const ORDINARY: usize = 128;

/// Writes a typed struct as compact JSON, its members in declared order.
///
/// # Errors
/// [`Code::Internal`] if the type refuses to be written, which ours do not.
pub fn write<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    write_in(value, ORDINARY)
}

/// The same, in a buffer of `room` bytes from the start: one that grows is copied each time.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_in<T: serde::Serialize>(value: &T, room: usize) -> Result<Vec<u8>, Error> {
    let mut text = Vec::with_capacity(room);
    match serde_json::to_writer(&mut text, value) {
        Ok(()) => Ok(text),
        Err(_) => Err(Code::Internal.into()),
    }
}
