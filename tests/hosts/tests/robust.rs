//! Random use of the service on a database whose host fails now and then: no panic, no 500, and
//! what was acknowledged stays true.
//!
//! AUTHCORE_ROBUST_ROUNDS and AUTHCORE_ROBUST_SEED as in core/tests/robust.

#[allow(dead_code)] // core's own suites use more of it
#[path = "../../../core/tests/robust/generator.rs"]
mod generator;

use authcore::api::{Access, Base, ROUTES, Route};
use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Request, Rows, StrengthJob,
};
use authcore::service::Service;
use authcore::strength::StrengthVerdict;
use authcore_tests::client::{PASSWORD, bearing};
use authcore_tests::database::{Connection, Kind};
use authcore_tests::owner::{backup_codes, call};
use authcore_tests::{Answer, Authenticator, Client, Database, settings};
use generator::Generator;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Requests in a round; each round has a database of its own.
const REQUESTS: u64 = 200;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// The host, out of order once in a while. An outcome unknown may be one that was committed.
struct Flaky {
    host: Connection,
    generator: Generator,
}

impl Flaky {
    fn fails(&mut self) -> Option<Failure> {
        let failures = [Failure::Busy, Failure::Conflict, Failure::Unavailable];
        self.generator.once_in(25).then(|| *self.generator.pick(&failures))
    }
}

impl Host for Flaky {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        if let Some(failure) = self.fails() {
            return Err(failure);
        }
        let done = self.host.batch(batch);
        if self.generator.once_in(25) { Err(Failure::OutcomeUnknown) } else { done }
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        self.fails().map_or_else(|| self.host.admit(admit), Err)
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.fails().map_or_else(|| self.host.strength(job), Err)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        self.fails().map_or_else(|| self.host.hash(job), Err)
    }
}

/// What was given out, to be used again.
#[derive(Default)]
struct Given {
    access: Vec<String>,
    refresh: Vec<String>,
    challenges: Vec<String>,
    devices: Vec<String>,
    backup_codes: Vec<String>,
    apps: Vec<Authenticator>,
    ids: Vec<String>,
}

fn pick(generator: &mut Generator, given: &[String]) -> String {
    // The last ones are the likeliest to be good still.
    let last = &given[given.len().saturating_sub(6)..];
    if last.is_empty() { String::new() } else { generator.pick(last).clone() }
}

impl Given {
    /// A code of an authenticator at this moment, or any.
    fn code(&self, generator: &mut Generator, now: i64) -> String {
        let last = &self.apps[self.apps.len().saturating_sub(2)..];
        match last {
            [] => "123456".to_owned(),
            _ if generator.once_in(4) => "123456".to_owned(),
            _ => generator.pick(last).code(now),
        }
    }

    /// A body of the route that has one. Of a route without a row, that is told.
    fn body(&self, generator: &mut Generator, route: &Route, now: i64) -> Json {
        let name = *generator.pick(&["ada", "Ada", "ada", "ada@example.org", "nobody"]);
        let password = *generator.pick(&[PASSWORD, PASSWORD, PASSWORD, "another wrong one"]);
        let code = self.code(generator, now);
        let backup_code = pick(generator, &self.backup_codes);
        let challenge = pick(generator, &self.challenges);
        let refresh = pick(generator, &self.refresh);
        match (route.method, route.path) {
            ("POST", "/accounts") => match generator.below(3) {
                0 => json!({"username": name, "password": PASSWORD}),
                1 => json!({"email": "ada@example.org", "password": PASSWORD}),
                _ => json!({"username": name, "password": PASSWORD, "second_factor": "totp"}),
            },
            ("POST", "/login") => match generator.below(4) {
                0 => json!({"login": name, "password": password, "otp": code}),
                1 => {
                    let device = pick(generator, &self.devices);
                    json!({"login": name, "password": password, "device_token": device})
                }
                _ => json!({"login": name, "password": password}),
            },
            ("POST", "/login/otp") => {
                let remember = generator.once_in(2);
                json!({"challenge": challenge, "code": code, "remember_device": remember})
            }
            ("POST", "/login/backup-code") => {
                json!({"challenge": challenge, "code": backup_code})
            }
            ("POST", "/login/enrolment") => json!({"challenge": challenge}),
            ("POST", "/refresh") => json!({"refresh_token": refresh}),
            ("POST", "/logout") => match generator.below(2) {
                0 => json!({"refresh_token": refresh}),
                _ => json!({}),
            },
            ("POST", "/password/strength") => json!({"password": password, "user_inputs": [name]}),
            ("POST", "/reauthenticate") => match generator.below(3) {
                0 => json!({"code": code}),
                1 => json!({"backup_code": backup_code}),
                _ => json!({"password": password}),
            },
            ("PUT", "/me/password") => json!({"current_password": password, "password": PASSWORD}),
            ("POST", "/mfa/totp/confirm") => json!({"code": code}),
            ("POST", "/mfa/totp" | "/mfa/backup-codes") => json!({}),
            ("GET" | "DELETE", _) => Json::Null,
            other => panic!("{other:?} has no row"),
        }
    }

    fn request(&self, generator: &mut Generator, now: i64) -> (&'static Route, Request) {
        let begins = ["/accounts", "/login", "/login/otp", "/login/backup-code"];
        let ends = ["/me", "/mfa"];
        // An account or a factor that is gone ends most of what could be asked.
        let fits = |route: &Route, begin: bool, end: bool| {
            begins.contains(&route.path) == begin
                && (end || route.method != "DELETE" || !ends.contains(&route.path))
        };
        let (begin, end) = (generator.once_in(2), generator.once_in(10));
        let routes: Vec<_> = ROUTES.iter().filter(|route| fits(route, begin, end)).collect();
        let route = *generator.pick(&routes);
        let path = match route.base {
            Base::Root => route.path.to_owned(),
            Base::Prefix => format!("/v1{}", route.path),
        };
        let path = path.replace("{id}", &pick(generator, &self.ids));
        let mut request = call(route.method, &path, &self.body(generator, route, now));
        if matches!(route.access, Access::SignedIn | Access::Fresh)
            || (route.access == Access::SignedInOrRefreshToken && request.body == b"{}")
        {
            request = bearing(request, &pick(generator, &self.access));
        }
        if generator.once_in(8) {
            request.body = generator.mutated(&[request.body]);
        }
        if generator.once_in(8)
            && let Some((name, value)) = request.headers.pop()
        {
            request.headers.push((name, generator.mutated(&[value])));
        }
        (route, request)
    }

    fn keep(&mut self, answer: &Answer) {
        let text = |member: &str| answer.body.get(member).and_then(Json::as_str).map(str::to_owned);
        self.access.extend(text("access_token"));
        self.refresh.extend(text("refresh_token"));
        self.challenges.extend(text("challenge"));
        self.devices.extend(text("device_token"));
        self.ids.extend(text("session_id"));
        if answer.body.get("backup_codes").is_some() {
            self.backup_codes.extend(backup_codes(answer));
        }
        let enrolment = answer.body.get("enrolment").unwrap_or(&answer.body);
        if enrolment.get("secret").is_some() {
            self.apps.push(Authenticator::enrolled(answer));
        }
        for item in answer.body.get("items").and_then(Json::as_array).into_iter().flatten() {
            self.ids.extend(item["id"].as_str().map(str::to_owned));
        }
    }
}

/// The routes that answered with success, and how often each status was answered.
#[derive(Default)]
struct Reached {
    routes: BTreeSet<(&'static str, &'static str)>,
    statuses: BTreeMap<u16, u32>,
}

fn round(service: &Arc<Service>, seed: u64, reached: &mut Reached) {
    let database = Database::new(Kind::Sqlite);
    let mut client = Client::new(Arc::clone(service), database.connect());
    let mut host = Flaky { host: database.connect(), generator: Generator::new(!seed) };
    let mut generator = Generator::new(seed);
    let mut given = Given::default();
    for number in 0..REQUESTS {
        client.now += i64::try_from(generator.below(15_000)).expect("a small number");
        let (route, request) = given.request(&mut generator, client.now);
        let line = format!("{} {}", request.method, request.target);
        let answer = client.send_through(&mut host, request);
        let place = format!("seed {seed}, request {number}: {line}: {}", answer.body);
        assert!(answer.status < 500 || answer.status == 503, "{place}");
        *reached.statuses.entry(answer.status).or_default() += 1;
        if answer.status < 300 {
            given.keep(&answer);
            reached.routes.insert((route.method, route.path));
        }
    }
    // Nothing is half done, however the host failed.
    for (what, query) in [
        (
            "accounts without a password",
            "SELECT COUNT(*) FROM accounts a WHERE NOT EXISTS \
             (SELECT 1 FROM credentials c WHERE c.account_id = a.id)",
        ),
        (
            "accounts without a role",
            "SELECT COUNT(*) FROM accounts a WHERE NOT EXISTS \
             (SELECT 1 FROM account_roles r WHERE r.account_id = a.id)",
        ),
        ("challenges tried too often", "SELECT COUNT(*) FROM challenges WHERE attempts > 3"),
        (
            "factors without backup codes",
            "SELECT COUNT(*) FROM authenticators au WHERE au.confirmed_at IS NOT NULL AND \
             NOT EXISTS (SELECT 1 FROM backup_codes b WHERE b.account_id = au.account_id)",
        ),
    ] {
        assert_eq!(database.count(query), 0, "seed {seed}: {what}");
    }
}

// SECURITY 100, 107
#[test]
fn random_use_on_a_failing_host_is_never_a_fault_of_the_service() {
    let service = settings::service(&[]);
    let rounds = variable("AUTHCORE_ROBUST_ROUNDS").unwrap_or(8);
    let seed = variable("AUTHCORE_ROBUST_SEED").unwrap_or(1);
    let mut reached = Reached::default();
    for number in 0..rounds {
        round(&service, (seed << 32) + number, &mut reached);
    }
    // The requests reached what they were meant for.
    for status in [200, 201, 202, 204, 400, 401, 403, 404, 409, 422, 429, 503] {
        assert!(reached.statuses.contains_key(&status), "no answer of status {status}");
    }
    let missed: Vec<_> = ROUTES
        .iter()
        .map(|route| (route.method, route.path))
        .filter(|route| !reached.routes.contains(route))
        .collect();
    assert!(missed.len() * 4 < ROUTES.len(), "never with success: {missed:?}");
}
