//! Random use of the service on a database whose host fails now and then: no panic, no 500, and
//! what was acknowledged stays true.
//!
//! AUTHCORE_ROBUST_ROUNDS and AUTHCORE_ROBUST_SEED as in core/tests/robust.

#[allow(dead_code)] // core's own suites use more of it
#[path = "../../../core/tests/robust/generator.rs"]
mod generator;

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Request, Rows, StrengthJob,
};
use authcore::service::Service;
use authcore::strength::StrengthVerdict;
use authcore_tests::client::{PASSWORD, bearing, get, post};
use authcore_tests::database::{Connection, Kind};
use authcore_tests::{Client, Database, settings};
use generator::Generator;
use serde_json::json;
use std::sync::Arc;

/// Requests in a round; each round has a database of its own.
const REQUESTS: u64 = 150;

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

/// Tokens that were given out, to be used again.
#[derive(Default)]
struct Given {
    access: Vec<String>,
    refresh: Vec<String>,
}

impl Given {
    fn pick(generator: &mut Generator, tokens: &[String]) -> String {
        if tokens.is_empty() { String::new() } else { generator.pick(tokens).clone() }
    }

    fn request(&self, generator: &mut Generator) -> Request {
        let name = *generator.pick(&["ada", "Ada", "grace", "ada@example.org", "nobody"]);
        let password = *generator.pick(&[PASSWORD, PASSWORD, "another wrong one"]);
        let access = Self::pick(generator, &self.access);
        let refresh = Self::pick(generator, &self.refresh);
        let mut request = match generator.below(12) {
            0 => post("/v1/accounts", &json!({"username": name, "password": PASSWORD})),
            1 => post("/v1/accounts", &json!({"email": "ada@example.org", "password": PASSWORD})),
            2 | 3 => post("/v1/login", &json!({"login": name, "password": password})),
            4..=6 => post("/v1/refresh", &json!({"refresh_token": refresh})),
            7 => post("/v1/logout", &json!({"refresh_token": refresh})),
            8 => bearing(post("/v1/logout", &json!({})), &access),
            9 => get(generator.pick::<&str>(&["/readyz", "/.well-known/jwks.json"])),
            _ => bearing(get("/v1/me"), &access),
        };
        if generator.once_in(8) {
            request.body = generator.mutated(&[request.body]);
        }
        if generator.once_in(8)
            && let Some((name, value)) = request.headers.pop()
        {
            request.headers.push((name, generator.mutated(&[value])));
        }
        request
    }
}

fn round(service: &Arc<Service>, seed: u64) -> [u32; 600] {
    let database = Database::new(Kind::Sqlite);
    let mut client = Client::new(Arc::clone(service), database.connect());
    let mut host = Flaky { host: database.connect(), generator: Generator::new(!seed) };
    let mut generator = Generator::new(seed);
    let mut given = Given::default();
    let mut statuses = [0; 600];
    for number in 0..REQUESTS {
        client.now += i64::try_from(generator.below(90_000)).expect("a small number");
        let request = given.request(&mut generator);
        let line = format!("{} {}", request.method, request.target);
        let answer = client.send_through(&mut host, request);
        let place = format!("seed {seed}, request {number}: {line}: {}", answer.body);
        assert!(answer.status < 500 || answer.status == 503, "{place}");
        statuses[usize::from(answer.status)] += 1;
        if answer.status == 200 && answer.body.get("refresh_token").is_some() {
            given.access.push(answer.text("access_token").to_owned());
            given.refresh.push(answer.text("refresh_token").to_owned());
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
    ] {
        assert_eq!(database.count(query), 0, "seed {seed}: {what}");
    }
    statuses
}

// SECURITY 100, 107
#[test]
fn random_use_on_a_failing_host_is_never_a_fault_of_the_service() {
    let service = settings::service(&[]);
    let rounds = variable("AUTHCORE_ROBUST_ROUNDS").unwrap_or(8);
    let seed = variable("AUTHCORE_ROBUST_SEED").unwrap_or(1);
    let mut all = [0_u32; 600];
    for number in 0..rounds {
        let statuses = round(&service, (seed << 32) + number);
        all.iter_mut().zip(statuses).for_each(|(sum, count)| *sum += count);
    }
    // The requests reached what they were meant for.
    for status in [200, 201, 204, 400, 401, 409, 422, 429, 503] {
        assert!(all[status] > 0, "no answer of status {status}");
    }
}
