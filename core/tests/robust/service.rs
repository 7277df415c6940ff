//! The service, on any request and against a host that answers anything.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use authcore::api::{Access, Base, ROUTES};
use authcore::arrival::{Arrival, Seed};
use authcore::effect::{Admit, Batch, Failure, Host, Request, Response, Rows, drive};
use authcore::error::Code;
use authcore::service::Service;
use authcore::settings::Settings;
use authcore::time::UnixMillis;

use crate::anything::{Anything, ID};
use crate::generator::Generator;
use crate::signed_in::{NOW, RING, SignedIn, token};
use crate::{own, rounds};

macro_rules! challenge {
    () => {
        r#"{"challenge":"ch_T7EkeMI9NDHSRRvREgbk3elENecD5UsA6hCJ0iObJUI""#
    };
}
macro_rules! refresh {
    () => {
        r#"{"refresh_token":"rt_T7EkeMI9NDHSRRvREgbk3elENecD5UsA6hCJ0iObJUI"}"#
    };
}

fn service() -> Arc<Service> {
    let variables =
        [("AUTHCORE_SECRET", RING), ("AUTHCORE_ENV", "dev"), ("AUTHCORE_TRUSTED_PROXIES", "1")];
    Service::new(Settings::from_variables(variables).unwrap()).unwrap()
}

/// Bodies that get past parsing, of each route that has members; the others take none.
const BODIES: [(&str, &[&str]); 10] = [
    (
        "/accounts",
        &[
            r#"{"username":"Ada","password":"tall zebra 42 crossing","full_name":"Ada L."}"#,
            r#"{"email":"ada@example.org","password":"tall zebra 42 crossing","properties":{"a":1}}"#,
            r#"{"username":"ada","password":"tall zebra 42 crossing","second_factor":"totp"}"#,
        ],
    ),
    (
        "/login",
        &[
            r#"{"login":"ada","password":"tall zebra 42 crossing","long":true}"#,
            r#"{"login":"ada","password":"tall zebra 42 crossing","otp":"123456"}"#,
            r#"{"login":"ada","password":"tall zebra 42 crossing","device_token":
               "rd_T7EkeMI9NDHSRRvREgbk3elENecD5UsA6hCJ0iObJUI"}"#,
        ],
    ),
    ("/login/otp", &[concat!(challenge!(), r#","code":"123456","remember_device":true}"#)]),
    ("/login/backup-code", &[concat!(challenge!(), r#","code":"0000-1111-2222-3333"}"#)]),
    ("/login/enrolment", &[concat!(challenge!(), "}")]),
    ("/refresh", &[refresh!()]),
    ("/logout", &[refresh!(), ""]),
    (
        "/password/strength",
        &[r#"{"password":"tall zebra 42 crossing","user_inputs":["Grace Hopper","zebra"]}"#],
    ),
    (
        "/reauthenticate",
        &[
            r#"{"password":"tall zebra 42 crossing"}"#,
            r#"{"code":"123456"}"#,
            r#"{"backup_code":"0000-1111-2222-3333"}"#,
        ],
    ),
    (
        "/me/password",
        &[r#"{"current_password":"tall zebra 42 crossing","password":"quiet otter 77 ladder"}"#],
    ),
];
const CODE: (&str, &[&str]) = ("/mfa/totp/confirm", &[r#"{"code":"123456"}"#]);

fn bodies(path: &str) -> &'static [&'static str] {
    let rows = BODIES.iter().chain([&CODE]);
    rows.filter(|(of, _)| *of == path).map(|(_, bodies)| *bodies).next().unwrap_or(&["{}", ""])
}

fn request(generator: &mut Generator, token: &str) -> Request {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let route = generator.pick(ROUTES);
    let target = match route.base {
        Base::Root => route.path.to_owned(),
        Base::Prefix => format!("/v1{}", route.path),
    };
    let target = target.replace("{id}", ID);
    let changed =
        |generator: &mut Generator, sound: &[&str], times: usize| match generator.once_in(times) {
            true => generator.mutated(&own(sound)),
            false => generator.pick(sound).as_bytes().to_vec(),
        };
    let method = text(changed(generator, &[route.method], 20));
    let target = text(changed(generator, &[target.as_str()], 10));
    let mut headers = vec![("Content-Type".to_owned(), b"application/json".to_vec())];
    let bearer = format!("Bearer {token}");
    if !generator.once_in(3) {
        headers.push(("authorization".to_owned(), changed(generator, &[&bearer], 5)));
    }
    let known: [(&str, &[&str]); 9] = [
        ("authorization", &["Bearer eyJhbGciOiJFZERTQSJ9.e30.AAAA", "Basic YTpi", "bearer"]),
        ("content-type", &["application/json; charset=utf-8", "text/plain"]),
        ("content-encoding", &["identity", "gzip"]),
        ("idempotency-key", &["01990000-key", "\"quoted\""]),
        ("origin", &["http://localhost:8787", "https://evil.example", "null"]),
        ("sec-fetch-site", &["same-origin", "cross-site", "none"]),
        ("user-agent", &["curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64)"]),
        ("x-forwarded-for", &["192.0.2.1, 198.51.100.2", "::ffff:192.0.2.1", "[2001:db8::1]:80"]),
        ("cookie", &["__Host-access=a; __Host-refresh=b"]),
    ];
    for (name, values) in known {
        if generator.once_in(10) {
            headers.push((name.to_owned(), changed(generator, values, 4)));
        }
    }
    if generator.once_in(10) {
        headers.remove(0);
    }
    let mut body = changed(generator, bodies(route.path), 2);
    if generator.once_in(200) {
        body.resize(generator.below(70_000), b' ');
    }
    Request { method, target, headers, body }
}

fn arrival(generator: &mut Generator) -> Arrival {
    let mut seed = [1; 32];
    seed[..8].copy_from_slice(&generator.next().to_be_bytes());
    let peers = ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "127.0.0.1"];
    let peer: Option<IpAddr> = generator.pick(&peers).parse().ok();
    let peer = peer.filter(|_| !generator.once_in(5));
    Arrival { now: UnixMillis::new(generator.integer()), seed: Seed::new(seed).unwrap(), peer }
}

/// Every answer is sound: a status that exists, headers of one line, a body of JSON.
fn assert_sound(response: &Response) {
    let told = Code::ALL.iter().map(|code| code.status());
    let known: Vec<u16> = told.chain([200, 201, 202, 204]).collect();
    assert!(known.contains(&response.status), "{}", response.status);
    for (name, value) in &response.headers {
        assert!(!value.contains(['\r', '\n', '\0']), "{name}: {value:?}");
    }
    let json = ("content-type", "application/json".to_owned());
    // What is not ready says so in its own words (GET /readyz).
    if response.status >= 400 && !response.body.is_empty() && !response.headers.contains(&json) {
        let problem: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(problem["status"], response.status);
        assert!(Code::ALL.iter().any(|code| problem["code"] == code.as_str()), "{problem}");
    }
}

// SECURITY 100, 107
#[test]
fn no_request_and_no_reply_panics_the_service() {
    let (service, token) = (service(), token());
    let statuses = RefCell::new(BTreeSet::new());
    rounds("handle", 2, |generator| {
        let request = request(generator, &token);
        let mut at = arrival(generator);
        let _ = service.presented(&request.headers);
        let response = match generator.once_in(2) {
            true => drive(service.handle(request, at), &mut Anything(generator)),
            false => {
                at.now = UnixMillis::new(NOW);
                drive(service.handle(request, at), &mut SignedIn(Anything(generator)))
            }
        };
        assert_sound(&response);
        statuses.borrow_mut().insert(response.status);
    });
    // The requests reached what they were meant for.
    let due = BTreeSet::from([200, 400, 401, 403, 422, 503]);
    let missed: Vec<_> = due.difference(&statuses.borrow()).copied().collect();
    assert!(missed.is_empty(), "no answer of status {missed:?}");
}

#[test]
fn every_route_with_members_has_bodies() {
    for (path, _) in BODIES.iter().chain([&CODE]) {
        assert!(ROUTES.iter().any(|route| route.path == *path), "{path}");
    }
    // What takes no members says so to each body; whatever else it says, its members are missing.
    let (service, token) = (service(), token());
    for route in ROUTES.iter().filter(|route| route.base == Base::Prefix && route.method != "GET") {
        for body in bodies(route.path) {
            let mut generator = Generator::new(1);
            let mut headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
            headers.push(("authorization".to_owned(), format!("Bearer {token}").into_bytes()));
            if [Access::Open, Access::RefreshToken, Access::Challenge].contains(&route.access)
                || route.access == Access::SignedInOrRefreshToken
            {
                headers.pop();
            }
            let (method, target) = (route.method.to_owned(), format!("/v1{}", route.path));
            let request = Request { method, target, headers, body: body.as_bytes().to_vec() };
            let at = Arrival { now: UnixMillis::new(NOW), ..arrival(&mut generator) };
            let mut host = SignedIn(Anything(&mut generator));
            let response = drive(service.handle(request, at), &mut host);
            let text = String::from_utf8_lossy(&response.body);
            let malformed = [400, 415, 422].contains(&response.status);
            assert!(!malformed, "{} {}: {text}", route.method, route.path);
        }
    }
}

// SECURITY 95, 100
#[test]
fn no_request_is_a_fault_of_the_service_while_its_host_is_sound() {
    // The database is empty: what a request reaches before it, and the answer to an absence.
    struct Empty;
    impl Host for Empty {
        fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
            Ok(batch.statements.iter().map(|_| Rows::new()).collect())
        }
        fn admit(&mut self, _: &Admit) -> Result<(), Failure> {
            Err(Failure::Busy)
        }
    }
    let service = service();
    let token = token();
    rounds("requests", 2, |generator| {
        let request = request(generator, &token);
        let at = Arrival { now: UnixMillis::new(1_767_225_600_000), ..arrival(generator) };
        let response = drive(service.handle(request, at), &mut Empty);
        assert_sound(&response);
        assert_ne!(response.status, 500);
    });
}
