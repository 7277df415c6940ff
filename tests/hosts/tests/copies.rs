//! How often core copies what a request brings: the bytes that it allocates for each byte sent.
//!
//! Counted, never timed (docs/decisions/0025): each request is sent in a whole and in half its
//! length, so that what every request takes falls out. What the host does is not counted. A buffer
//! that grows counts with each of its sizes, as this allocator makes a new one: three times its text
//! at worst, one that fits and one of twice that.

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Request, Rows, StrengthJob, drive,
};
use authcore::strength::StrengthVerdict;
use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use authcore_tests::{Answer, Client, Database, Kind, settings};
use serde_json::json;

/// A quarter of a copy: one more, or one less, is told.
const ROOM: f64 = 0.25;

const KIB: usize = 1024;

/// Does what is not core's.
fn apart<T>(act: impl FnOnce() -> T) -> T {
    let mut value = None;
    allocation_counter::opt_out(|| value = Some(act()));
    value.expect("it was done")
}

/// A host that is not counted.
struct Apart<'a>(&'a mut dyn Host);

impl Host for Apart<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        apart(|| self.0.batch(batch))
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        apart(|| self.0.admit(admit))
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        apart(|| self.0.strength(job))
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        apart(|| self.0.hash(job))
    }
}

/// A request of about so many bytes; it is made of its length alone.
type Sent = fn(usize) -> Request;

/// What core allocates while it answers, and the length of what it answers.
fn allocated(client: &mut Client, request: Request, status: u16) -> (u64, usize) {
    let (at, mut host) = (client.arrival(), Apart(&mut *client.host));
    let mut response = None;
    let counted = allocation_counter::measure(|| {
        response = Some(drive(client.service.handle(request, at), &mut host));
    });
    let response = response.expect("an answer");
    let length = response.body.len();
    let _ = Answer::of(response, Default::default()).expect(status);
    (counted.bytes_total, length)
}

/// The bytes for each byte, between what is half as long and the whole.
fn per_byte(half: (u64, usize), whole: (u64, usize)) -> f64 {
    let [bytes, length] = [whole.0 - half.0, (whole.1 - half.1).try_into().expect("few")];
    f64::from(u32::try_from(bytes).expect("few")) / f64::from(u32::try_from(length).expect("few"))
}

/// Requires so many bytes for each byte, which are `made_of` something.
#[track_caller]
fn require(what: &str, found: f64, times: f64, made_of: &str) {
    assert!(
        (found - times).abs() < ROOM,
        "{what}: {found:.2} bytes are allocated for each byte, {times} are those of {made_of}"
    );
}

/// Sends each request in both lengths, and requires so many bytes for each byte sent.
#[track_caller]
fn require_all(cases: &[(&str, usize, u16, Sent, f64, &str)]) {
    let database = Database::new(Kind::Sqlite);
    let mut client = Client::new(settings::service(&[]), database.connect());
    for (what, length, status, sent, times, made_of) in cases {
        let [half, whole] = [length / 2, *length].map(|length| {
            let request = sent(length);
            let values: usize = request.headers.iter().map(|(_, value)| value.len()).sum();
            let length = values + request.body.len();
            (allocated(&mut client, request, *status).0, length)
        });
        require(what, per_byte(half, whole), *times, made_of);
    }
}

fn login(body: impl Into<Vec<u8>>, media_type: &str) -> Request {
    let mut request = with(get("/v1/login"), "content-type", media_type);
    (request.method, request.body) = ("POST".to_owned(), body.into());
    request
}

fn json_login(body: impl Into<Vec<u8>>) -> Request {
    login(body, "application/json")
}

/// A sign-up whose properties are one text.
fn sign_up(length: usize) -> Request {
    let (username, text) = (format!("user{length}"), "x".repeat(length));
    let properties = json!({"k": text});
    post(
        "/v1/accounts",
        &json!({"username": username, "password": PASSWORD, "properties": properties}),
    )
}

/// A list of what stands there again and again.
fn list(length: usize, item: &str) -> Request {
    json_login(format!("[{}]", vec![item; length / (item.len() + 1)].join(",")))
}

#[test]
fn a_body_that_is_not_read_is_not_copied() {
    let nothing = "nothing";
    let too_large = 2 * (Request::MAX_BODY + 1);
    require_all(&[
        ("too large", too_large, 413, |n| json_login(vec![b' '; n]), 0.0, nothing),
        ("another media type", 60 * KIB, 415, |n| login(vec![b'x'; n], "text/plain"), 0.0, nothing),
        ("broken at its start", 60 * KIB, 400, |n| json_login(vec![b'x'; n]), 0.0, nothing),
        (
            "a header that nobody reads",
            60 * KIB,
            401,
            |n| with(get("/v1/me"), "x-other", &"x".repeat(n)),
            0.0,
            nothing,
        ),
    ]);
}

#[test]
fn a_body_that_is_refused_is_copied_once() {
    let values = "the values that are read";
    require_all(&[
        ("properties that are too long", 40 * KIB, 422, sign_up, 1.0, values),
        (
            "broken at its end",
            60 * KIB,
            400,
            |n| json_login(format!(r#"{{"login":"{}""#, "x".repeat(n))),
            1.0,
            values,
        ),
        (
            "a password that is too long",
            60 * KIB,
            422,
            |n| json_login(json!({"login": "ada", "password": "x".repeat(n)}).to_string()),
            1.0,
            values,
        ),
        (
            "a refresh token that was never issued",
            60 * KIB,
            401,
            |n| post("/v1/refresh", &json!({"refresh_token": "x".repeat(n)})),
            1.0,
            values,
        ),
        (
            "a password in a form",
            60 * KIB,
            422,
            |n| login(format!("password={}", "x".repeat(n)), "application/x-www-form-urlencoded"),
            1.0,
            "the text, decoded",
        ),
        (
            "nothing but escapes",
            64_000,
            422,
            |n| json_login(json!({"login": "ada", "password": "\n".repeat(n / 2)}).to_string()),
            1.5,
            "the reader's buffer, which grows (1), and half as long a text (0.5)",
        ),
    ]);
}

#[test]
fn an_object_that_is_stored_is_copied_for_each_who_takes_it() {
    // What is longer is refused.
    let length = 8_000;
    let made_of =
        "the values (1), the canonical text (1), the statement's parameter (1), the answer (1)";
    require_all(&[("properties", length, 201, sign_up, 4.0, made_of)]);

    let database = Database::new(Kind::Sqlite);
    let mut client = Client::new(settings::service(&[]), database.connect());
    let [half, whole] = [length / 2, length].map(|length| {
        let _ = client.send(sign_up(length)).expect(201);
        let tokens = client.login(&format!("user{length}"), PASSWORD).expect(200);
        let request = bearing(get("/v1/me"), tokens.text("access_token"));
        // The first token makes the key's tables.
        let _ = client.me(tokens.text("access_token")).expect(200);
        allocated(&mut client, request, 200)
    });
    require("GET /me", per_byte(half, whole), 1.0, "the answer");
}

#[test]
fn an_access_token_is_read_where_it_stands_and_decoded_once_it_is_short_enough() {
    fn token(length: usize) -> Request {
        bearing(get("/v1/me"), &format!("e30.{}.AAAA", "A".repeat(length)))
    }
    require_all(&[
        ("a token that is too long", 60 * KIB, 401, token, 0.0, "nothing"),
        ("a token", 8_000, 401, token, 0.75, "its decoded payload"),
    ]);
}

/// The one thing that is dear: a value takes 32 bytes, a member 56, however short its text is.
#[test]
fn a_body_of_the_smallest_values_takes_fifty_times_its_length_and_no_more() {
    require_all(&[
        ("a list of numbers", 64_000, 400, |n| list(n, "0"), 32.8, "values in a list that grows"),
        ("a list of lists", 64_000, 400, |n| list(n, "[0]"), 48.5, "the same, and room for four"),
        ("a list of objects", 64_000, 400, |n| list(n, r#"{"":0}"#), 48.4, "room for four members"),
    ]);
}
