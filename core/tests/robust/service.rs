//! The service, on any request and against a host that answers anything.

use std::net::IpAddr;
use std::sync::Arc;

use authcore::api::{Base, ROUTES};
use authcore::arrival::{Arrival, Seed};
use authcore::effect::{Admit, Batch, Failure, Host, Request, Response, Rows, drive};
use authcore::error::Code;
use authcore::service::Service;
use authcore::settings::Settings;
use authcore::time::UnixMillis;

use crate::anything::Anything;
use crate::generator::Generator;
use crate::{own, rounds};

const REFRESH: &str = "rt_T7EkeMI9NDHSRRvREgbk3elENecD5UsA6hCJ0iObJUI";

fn service() -> Arc<Service> {
    let ring = "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=";
    let variables =
        [("AUTHCORE_SECRET", ring), ("AUTHCORE_ENV", "dev"), ("AUTHCORE_TRUSTED_PROXIES", "1")];
    Service::new(Settings::from_variables(variables).unwrap()).unwrap()
}

fn request(generator: &mut Generator) -> Request {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let route = generator.pick(ROUTES);
    let target = match route.base {
        Base::Root => route.path.to_owned(),
        Base::Prefix => format!("/v1{}", route.path),
    };
    let changed =
        |generator: &mut Generator, sound: &[&str], times: usize| match generator.once_in(times) {
            true => generator.mutated(&own(sound)),
            false => generator.pick(sound).as_bytes().to_vec(),
        };
    let method = text(changed(generator, &[route.method], 20));
    let target = text(changed(generator, &[target.as_str()], 10));
    let mut headers = vec![("Content-Type".to_owned(), b"application/json".to_vec())];
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
    let bodies = [
        r#"{"username":"Ada","password":"tall zebra 42 crossing","full_name":"Ada L."}"#,
        r#"{"email":"ada@example.org","password":"tall zebra 42 crossing","properties":{"a":1}}"#,
        r#"{"login":"ada","password":"tall zebra 42 crossing","long":true}"#,
        &format!(r#"{{"refresh_token":"{REFRESH}"}}"#),
        "",
    ];
    let mut body = changed(generator, &bodies, 2);
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
    let known: Vec<u16> = told.chain([200, 201, 204]).collect();
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
    let service = service();
    rounds("handle", 2, |generator| {
        let request = request(generator);
        let at = arrival(generator);
        let _ = service.presented(&request.headers);
        let response = drive(service.handle(request, at), &mut Anything(generator));
        assert_sound(&response);
    });
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
    rounds("requests", 2, |generator| {
        let request = request(generator);
        let at = Arrival { now: UnixMillis::new(1_767_225_600_000), ..arrival(generator) };
        let response = drive(service.handle(request, at), &mut Empty);
        assert_sound(&response);
        assert_ne!(response.status, 500);
    });
}
