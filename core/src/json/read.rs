//! The strict reader: serde_json's grammar underneath, our limits above.

use super::{Object, OtherNumber, Value};
use crate::error::{Code, Error};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use std::collections::BTreeSet;
use std::fmt;

/// How many arrays and objects may stand inside one another.
pub const MAX_DEPTH: u8 = 32;

/// Reads one JSON value that fills `bytes`.
///
/// Size is not limited here: the caller limits the body or the token first.
///
/// # Errors
/// [`Code::MalformedJson`]; the detail names the place by line and column (in bytes, from 1) and
/// never repeats the input.
pub fn read(bytes: &[u8]) -> Result<Value, Error> {
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    Level(0)
        .deserialize(&mut parser)
        .and_then(|value| parser.end().map(|()| value))
        .map_err(|error| Error::new(Code::MalformedJson, place(&error)))
}

fn place(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Eof => {
            let (line, column) = (error.line(), error.column());
            format!("unexpected end at line {line} column {column}")
        }
        // These messages are fixed texts, each with its place; none repeats input.
        Category::Io | Category::Syntax | Category::Data => error.to_string(),
    }
}

/// Reads a value that stands inside this many arrays and objects.
#[derive(Clone, Copy)]
struct Level(u8);

impl Level {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.0 >= MAX_DEPTH {
            return Err(E::custom(format_args!("more than {MAX_DEPTH} levels")));
        }
        Ok(Self(self.0.saturating_add(1)))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value)
            .map_or(Ok(Value::Number(OtherNumber(()))), |value| self.visit_i64(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::integer(value).unwrap_or(Value::Number(OtherNumber(()))))
    }

    // Whatever has a fraction or an exponent, and integers that no 64 bits hold. The grammar below
    // also brings `-0` here, like `-0.0`: a zero with a sign is no integer of ours.
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number(OtherNumber(())))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        // The outermost object of a body or a token has more members than one.
        let mut members = Vec::with_capacity(if self.0 == 0 { USUAL } else { 0 });
        let mut names = Names::default();
        while let Some(name) = access.next_key::<String>()? {
            if !names.add(&name, &members) {
                return Err(de::Error::custom("a member stands twice in one object"));
            }
            members.push((name, access.next_value_seed(inside)?));
        }
        Ok(Value::Object(Object(members)))
    }
}

/// Room for the members of an ordinary outermost object: more make room for themselves.
const USUAL: usize = 8;

/// How many members are searched one by one.
const FEW: usize = 16;

/// The names in an object that has more than a few members: of thousands, each would otherwise be
/// compared with all before it.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Adds the name of the next member; `false` if one of those before has it.
    pub(super) fn add(&mut self, name: &str, before: &[(String, Value)]) -> bool {
        if before.len() < FEW {
            return before.iter().all(|(known, _)| known != name);
        }
        if self.0.is_empty() {
            self.0.extend(before.iter().map(|(known, _)| known.clone()));
        }
        self.0.insert(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 94
    #[test]
    fn a_refusal_names_the_place_and_never_the_input() {
        for (body, detail) in [
            ("{\n \"hunter2\": hunter2}", "expected value at line 2 column 13"),
            ("{\"a\":1,\n\"a\":2}", "a member stands twice in one object at line 2 column 3"),
            ("{} hunter2", "trailing characters at line 1 column 4"),
            ("[\"hunter2", "unexpected end at line 1 column 9"),
            ("", "unexpected end at line 1 column 0"),
        ] {
            let error = read(body.as_bytes()).unwrap_err();
            assert_eq!((error.code, error.detail.as_ref()), (Code::MalformedJson, detail));
        }
    }

    #[test]
    fn debug_output_holds_no_text_of_the_body() {
        let value = read(br#"{"password":"hunter2"}"#).unwrap();
        assert_eq!(format!("{value:?} {:?}", value.as_object()), "object Some(object)");
    }

    // SECURITY 94
    #[test]
    fn a_name_stands_once_among_few_and_among_many() {
        for count in [1, 2, FEW - 1, FEW, FEW + 1, FEW + 2, 1_000] {
            let names: Vec<String> = (0..count).map(|n| format!("n{n}")).collect();
            let body = |names: &[String]| {
                let members: Vec<String> = names.iter().map(|n| format!("\"{n}\":0")).collect();
                format!("{{{}}}", members.join(","))
            };
            let value = read(body(&names).as_bytes()).unwrap();
            assert_eq!(value.as_object().unwrap().iter().len(), count);
            let members = |names: &[String]| -> Vec<(String, Value)> {
                names.iter().map(|name| (name.clone(), Value::Null)).collect()
            };
            assert!(Object::of(members(&names)).is_some());
            for again in [0, count / 2, count - 1] {
                let twice = [names.as_slice(), &[names[again].clone()]].concat();
                assert!(read(body(&twice).as_bytes()).is_err(), "{count} {again}");
                assert!(Object::of(members(&twice)).is_none(), "{count} {again}");
            }
        }
    }

    #[test]
    fn members_keep_their_order() {
        let value = read(br#"{"b":1,"a":2}"#).unwrap();
        let object = value.as_object().unwrap();
        assert_eq!(object.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(object.get("a").and_then(Value::as_integer), Some(2));
        assert!(object.get("c").is_none());
    }
}
