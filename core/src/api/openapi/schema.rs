//! JSON Schema (2020-12, as OpenAPI 3.1 takes it), as constants that are written with the document.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// What a value is.
#[derive(Clone, Copy)]
pub(super) enum Schema {
    /// A string; of a format, unless that is empty.
    Text(&'static str),
    /// A string of so many characters.
    Characters(u32, u32),
    /// A string that a regular expression (ECMA-262) fits, of so many characters.
    Pattern(&'static str, u32, u32),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// An integer from this one up.
    From(i64),
    Boolean,
    /// Any object.
    Record,
    List(&'static Schema),
    /// A list of so many at most.
    AtMost(u32, &'static Schema),
    Nullable(&'static Schema),
    Named(&'static str),
    Either(&'static [Schema]),
    /// A body: without members that are not named. Absent and null read alike.
    Body(&'static [Member], Rule),
    /// What is answered. Members may be added (docs/DESIGN §6).
    Answer(&'static [Member]),
}

/// What a body needs beside its required members.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    Nothing,
    /// A form, which has no null.
    Form,
    AnyOf(&'static [&'static str]),
    ExactlyOneOf(&'static [&'static str]),
}

#[derive(Clone, Copy)]
pub(super) struct Member {
    name: &'static str,
    schema: Schema,
    required: Required,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Required {
    Yes,
    No,
}

pub(super) const fn always(name: &'static str, schema: Schema) -> Member {
    Member { name, schema, required: Required::Yes }
}

pub(super) const fn maybe(name: &'static str, schema: Schema) -> Member {
    Member { name, schema, required: Required::No }
}

/// Names and values in their order.
pub(super) struct Map<K, V>(pub(super) Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Serialize)]
struct OfType {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// An object in which a member is there and not null.
#[derive(Serialize)]
struct Given {
    required: [&'static str; 1],
    properties: Map<&'static str, Schema>,
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(kind) = self.kind() {
            map.serialize_entry("type", kind)?;
        }
        match *self {
            Self::Text("") | Self::Boolean | Self::Record => {}
            Self::Text(format) => map.serialize_entry("format", format)?,
            Self::Characters(least, most) | Self::Pattern(_, least, most) => {
                if let Self::Pattern(pattern, ..) = self {
                    map.serialize_entry("pattern", pattern)?;
                }
                map.serialize_entry("minLength", &least)?;
                map.serialize_entry("maxLength", &most)?;
            }
            Self::OneOf(texts) => map.serialize_entry("enum", texts)?,
            Self::From(least) => map.serialize_entry("minimum", &least)?,
            Self::List(item) => map.serialize_entry("items", item)?,
            Self::AtMost(most, item) => {
                map.serialize_entry("items", item)?;
                map.serialize_entry("maxItems", &most)?;
            }
            Self::Nullable(schema) => {
                map.serialize_entry("anyOf", &(schema, OfType { kind: "null" }))?;
            }
            Self::Named(name) => map.serialize_entry("$ref", &reference(name))?,
            Self::Either(schemas) => map.serialize_entry("anyOf", schemas)?,
            Self::Body(members, rule) => {
                map.serialize_entry("properties", &properties(members, rule))?;
                map.serialize_entry("required", &required(members))?;
                map.serialize_entry("additionalProperties", &false)?;
                match rule {
                    Rule::Nothing | Rule::Form => {}
                    Rule::AnyOf(names) => map.serialize_entry("anyOf", &given(names))?,
                    Rule::ExactlyOneOf(names) => map.serialize_entry("oneOf", &given(names))?,
                }
            }
            Self::Answer(members) => {
                map.serialize_entry("properties", &properties(members, Rule::Form))?;
                map.serialize_entry("required", &required(members))?;
            }
        }
        map.end()
    }
}

impl Schema {
    const fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Text(_) | Self::Characters(..) | Self::Pattern(..) | Self::OneOf(_) => {
                Some("string")
            }
            Self::From(_) => Some("integer"),
            Self::Boolean => Some("boolean"),
            Self::Record | Self::Body(..) | Self::Answer(_) => Some("object"),
            Self::List(_) | Self::AtMost(..) => Some("array"),
            Self::Nullable(_) | Self::Named(_) | Self::Either(_) => None,
        }
    }
}

pub(super) fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn properties(members: &'static [Member], rule: Rule) -> Map<&'static str, Schema> {
    let schema = |member: &'static Member| match (rule, member.required) {
        (Rule::Form, _) | (_, Required::Yes) => member.schema,
        (_, Required::No) => Schema::Nullable(&member.schema),
    };
    Map(members.iter().map(|member| (member.name, schema(member))).collect())
}

fn required(members: &[Member]) -> Vec<&'static str> {
    let required = members.iter().filter(|member| member.required == Required::Yes);
    required.map(|member| member.name).collect()
}

fn given(names: &[&'static str]) -> Vec<Given> {
    let given = |name: &&'static str| Given {
        required: [*name],
        properties: Map(vec![(*name, Schema::Text(""))]),
    };
    names.iter().map(given).collect()
}
