//! GET /openapi.json: the OpenAPI 3.1 document, made from the route table and a row for each
//! handler (docs/decisions/0022).

mod operations;
mod schema;
mod schemas;
mod security;

use serde::Serialize;

use super::routes::{Access, Handler, ROUTES, Route};
use crate::error::{Class, Code};
use crate::settings::Settings;
use operations::{Body, Content, Needs, Operation};
use schema::{Map, Schema, reference};
use schemas::SCHEMAS;
use security::{Requirement, Scheme, schemes, security};

/// The document.
#[derive(Serialize)]
pub(super) struct Document {
    openapi: &'static str,
    info: Info,
    servers: [Server; 1],
    paths: Map<String, Map<String, Described>>,
    components: Components,
}

#[derive(Serialize)]
struct Info {
    title: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Server {
    url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Components {
    schemas: Map<&'static str, Schema>,
    headers: Map<&'static str, Header>,
    security_schemes: Map<&'static str, Scheme>,
}

#[derive(Clone, Copy, Serialize)]
struct Header {
    schema: Schema,
}

#[derive(Serialize)]
struct Described {
    #[serde(rename = "operationId")]
    id: &'static str,
    summary: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    security: Vec<Requirement>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Parameter>,
    #[serde(rename = "requestBody", skip_serializing_if = "Option::is_none")]
    body: Option<RequestBody>,
    responses: Map<String, Answer>,
}

#[derive(Serialize)]
struct Parameter {
    name: &'static str,
    #[serde(rename = "in")]
    place: &'static str,
    required: bool,
    schema: Schema,
}

#[derive(Serialize)]
struct RequestBody {
    required: bool,
    content: Map<&'static str, MediaType>,
}

#[derive(Serialize)]
struct Answer {
    description: String,
    headers: Map<&'static str, Reference>,
    #[serde(skip_serializing_if = "is_empty")]
    content: Map<&'static str, MediaType>,
}

#[derive(Serialize)]
struct Reference {
    #[serde(rename = "$ref")]
    to: String,
}

fn is_empty(content: &Map<&'static str, MediaType>) -> bool {
    content.0.is_empty()
}

#[derive(Default, Serialize)]
struct MediaType {
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<BodySchema>,
}

/// A schema by its name, or the problem document with these codes.
#[derive(Serialize)]
#[serde(untagged)]
enum BodySchema {
    Named(Schema),
    Problem {
        #[serde(rename = "$ref")]
        to: String,
        properties: Map<&'static str, Codes>,
    },
}

#[derive(Serialize)]
struct Codes {
    #[serde(rename = "enum")]
    codes: Vec<&'static str>,
}

const CACHE_CONTROL: &str = "Cache-Control";
const RETRY_AFTER: &str = "Retry-After";

impl Document {
    /// The document of a service with these settings.
    pub(super) fn of(settings: &Settings) -> Self {
        let mut paths: Vec<(String, Map<String, Described>)> = Vec::new();
        for route in ROUTES.iter().filter(|route| route.is_served(settings)) {
            let path = route.full_path(&settings.prefix);
            let entry = (route.method.to_ascii_lowercase(), Described::of(route, settings));
            match paths.iter_mut().find(|(other, _)| *other == path) {
                Some((_, methods)) => methods.0.push(entry),
                None => paths.push((path, Map(vec![entry]))),
            }
        }
        Self {
            openapi: "3.1.0",
            info: Info { title: "authcore", version: env!("CARGO_PKG_VERSION") },
            servers: [Server { url: settings.public_url.clone() }],
            paths: Map(paths),
            components: Components {
                schemas: Map(SCHEMAS.to_vec()),
                headers: Map(vec![
                    (CACHE_CONTROL, Header { schema: Schema::Text("") }),
                    (RETRY_AFTER, Header { schema: Schema::From(1) }),
                ]),
                security_schemes: Map(schemes(settings)),
            },
        }
    }
}

impl Described {
    fn of(route: &Route, settings: &Settings) -> Self {
        let operation = Operation::of(route.handler);
        Self {
            id: operation.id,
            summary: operation.summary,
            security: security(route, settings),
            parameters: parameters(route),
            body: RequestBody::of(route, operation.body),
            responses: responses(route, &operation),
        }
    }
}

fn parameters(route: &Route) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    if route.path.contains("{id}") {
        let schema = Schema::Text("uuid");
        parameters.push(Parameter { name: "id", place: "path", required: true, schema });
    }
    if route.handler == Handler::SignUp {
        let (name, schema) = ("Idempotency-Key", Schema::Pattern("^[!-~]+$", 16, 128));
        parameters.push(Parameter { name, place: "header", required: false, schema });
    }
    parameters
}

impl RequestBody {
    /// A body of GET or DELETE has no meaning (RFC 9110 §9.3.1, §9.3.5): it is not described, and
    /// still refused if it is not empty.
    fn of(route: &Route, body: Body) -> Option<Self> {
        if matches!(route.method, "GET" | "DELETE") {
            return None;
        }
        let json = |name| ("application/json", MediaType::named(name));
        let form = |name| ("application/x-www-form-urlencoded", MediaType::named(name));
        match body {
            Body::Unread => None,
            Body::Maybe(name) => Some(Self { required: false, content: Map(vec![json(name)]) }),
            Body::Json(name) => Some(Self { required: true, content: Map(vec![json(name)]) }),
            Body::Login => {
                let content = Map(vec![json("Login"), form("LoginForm")]);
                Some(Self { required: false, content })
            }
        }
    }
}

impl MediaType {
    fn named(name: &'static str) -> Self {
        Self { schema: Some(BodySchema::Named(Schema::Named(name))) }
    }

    fn problem(codes: &[Code]) -> Self {
        let codes = codes.iter().map(|code| code.as_str()).collect();
        let properties = Map(vec![("code", Codes { codes })]);
        Self { schema: Some(BodySchema::Problem { to: reference("Problem"), properties }) }
    }
}

impl Answer {
    fn new(
        description: String,
        content: Vec<(&'static str, MediaType)>,
        headers: &[&'static str],
    ) -> Self {
        let header =
            |name: &&'static str| (*name, Reference { to: format!("#/components/headers/{name}") });
        let headers = Map(headers.iter().map(header).collect());
        Self { description, headers, content: Map(content) }
    }
}

fn responses(route: &Route, operation: &Operation) -> Map<String, Answer> {
    let mut responses = Vec::new();
    for (status, content) in operation.answers {
        let content = match *content {
            Content::Nothing => Vec::new(),
            Content::Json(name) => vec![("application/json", MediaType::named(name))],
            Content::Other(media_type) => vec![(media_type, MediaType::default())],
            Content::Enrolment(name) => vec![
                ("application/json", MediaType::named(name)),
                ("image/png", MediaType::default()),
                ("image/svg+xml", MediaType::default()),
            ],
        };
        let answer = Answer::new(operation.summary.to_owned(), content, &[CACHE_CONTROL]);
        responses.push((status.to_string(), answer));
    }
    // A dozen: putting each in its place is less code than sorting.
    let mut sorted: Vec<Code> = Vec::new();
    for code in codes(route, operation) {
        let before = |other: &Code| (other.status(), *other) < (code.status(), code);
        let place = sorted.partition_point(before);
        if sorted.get(place) != Some(&code) {
            sorted.insert(place, code);
        }
    }
    let codes = sorted;
    for codes in codes.chunk_by(|one, other| one.status() == other.status()) {
        let Some(first) = codes.first() else { continue };
        let headers: &[_] = match first.class() {
            Class::Throttled | Class::Unavailable => &[CACHE_CONTROL, RETRY_AFTER],
            _ => &[CACHE_CONTROL],
        };
        let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
        let content = vec![("application/problem+json", MediaType::problem(codes))];
        let answer = Answer::new(titles.join(", "), content, headers);
        responses.push((first.status().to_string(), answer));
    }
    Map(responses)
}

/// The codes of an operation's problem documents: its own, and those that follow from its method,
/// its access, its body and what it needs.
fn codes(route: &Route, operation: &Operation) -> Vec<Code> {
    // Of every request: its line, its headers, its length.
    let mut codes = vec![
        Code::MalformedRequest,
        Code::ConflictingCredentials,
        Code::PayloadTooLarge,
        Code::Internal,
    ];
    codes.extend(operation.codes);
    if route.method != "GET" {
        codes.push(Code::CrossOrigin);
    }
    if operation.needs == Needs::Database {
        codes.extend([Code::SealBroken, Code::Unavailable]);
    }
    if operation.body != Body::Unread {
        codes.extend([Code::MalformedJson, Code::UnsupportedMediaType, Code::InvalidInput]);
    }
    match route.access {
        Access::Open | Access::RefreshToken | Access::Challenge => {}
        Access::SignedIn | Access::SignedInOrRefreshToken => codes.extend(OF_TOKENS),
        Access::Fresh => {
            codes.extend(OF_TOKENS);
            codes.push(Code::ReauthenticationRequired);
        }
    }
    codes
}

/// What an access token may be refused with.
const OF_TOKENS: &[Code] = &[
    Code::TokenMissing,
    Code::TokenInvalid,
    Code::TokenExpired,
    Code::SessionEnded,
    Code::Blocked,
    Code::NotActivated,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_ids_of_their_own() {
        let mut ids: Vec<_> = ROUTES.iter().map(|route| Operation::of(route.handler).id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ROUTES.len());
    }

    #[test]
    fn every_schema_is_used_and_every_name_has_one() {
        let names: Vec<_> = SCHEMAS.iter().map(|(name, _)| *name).collect();
        let settings = crate::settings::Settings::from_variables([
            ("AUTHCORE_SECRET", "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw="),
            ("AUTHCORE_ENV", "dev"),
        ]);
        let document = Document::of(&settings.expect("sound variables"));
        let text = String::from_utf8(crate::json::write(&document).unwrap()).unwrap();
        for name in &names {
            assert!(text.contains(&format!("\"{}\"", reference(name))), "{name} is not used");
        }
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(names.contains(&name), "{name} has no schema");
        }
    }
}
