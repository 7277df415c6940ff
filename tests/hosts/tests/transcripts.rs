//! Transcripts of each use case and its main errors: recorded, compared with those in the
//! repository, replayed; and the table of effects that is made from them.
//!
//! AUTHCORE_RECORD=1 writes the files anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use authcore::api::{Base, ROUTES};
use authcore::effect::transcript::{
    RecordedArrival, RecordedEffect, RecordedRequest, RecordedResponse, Recorder, Replay,
    Transcript,
};
use authcore::effect::{Admit, Batch, Failure, Host, Mode, Request, Rows, StrengthJob, drive};
use authcore::service::Service;
use authcore::settings::Settings;
use authcore::strength::StrengthVerdict;
use authcore_tests::client::{PASSWORD, bearing, get, post};
use authcore_tests::database::{KINDS, text};
use authcore_tests::dated::Dated;
use authcore_tests::{Answer, Client, Database, Kind, settings};
use serde_json::{Value as Json, json};

#[path = "transcripts_of/effects.rs"]
mod effects;
#[path = "transcripts_of/second_factor.rs"]
mod second_factor;

/// What the host fails at while it is recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    Nothing,
    /// There is no room for a hash.
    Admission,
    /// Writes are performed, and their replies lost.
    Replies,
    /// The same, but the reply to the first of them comes.
    LaterReplies,
}

struct FailingHost<'a> {
    host: &'a mut dyn Host,
    failing: Failing,
    writes: usize,
}

impl Host for FailingHost<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        let rows = self.host.batch(batch)?;
        self.writes += usize::from(batch.mode == Mode::Write);
        let lost = batch.mode == Mode::Write
            && match self.failing {
                Failing::Replies => true,
                Failing::LaterReplies => self.writes > 1,
                Failing::Nothing | Failing::Admission => false,
            };
        if lost { Err(Failure::OutcomeUnknown) } else { Ok(rows) }
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.host.strength(job)
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        if self.failing == Failing::Admission { Err(Failure::Busy) } else { self.host.admit(admit) }
    }
}

/// Records requests of a client, each under a name.
struct Tape {
    client: Client,
    database: Database,
    transcripts: BTreeMap<&'static str, Transcript>,
    /// The variables of the service, besides those of every test.
    own: &'static [(&'static str, &'static str)],
}

impl Tape {
    fn new(kind: Kind) -> Self {
        let database = Database::new(kind);
        let client = Client::new(settings::service(&[]), database.connect());
        Self { client, database, transcripts: BTreeMap::new(), own: &[] }
    }

    /// From here on, another service on the same database.
    fn configure(&mut self, own: &'static [(&'static str, &'static str)]) {
        self.client.service = settings::service(own);
        self.own = own;
    }

    fn record(&mut self, name: &'static str, status: u16, request: Request) -> Answer {
        self.record_failing(name, status, request, Failing::Nothing)
    }

    fn record_failing(
        &mut self,
        name: &'static str,
        status: u16,
        request: Request,
        failing: Failing,
    ) -> Answer {
        self.client.now += 1000;
        let recorded = self.client.arrival();
        let seed = self.client.last_seed();
        let arrival = RecordedArrival::of(recorded.now, seed, recorded.peer);
        let mut dated = Dated::new(&mut *self.client.host, self.client.now);
        let mut host = FailingHost { host: &mut dated, failing, writes: 0 };
        let mut recorder = Recorder::new(&mut host);
        let step = self.client.service.handle(request.clone(), recorded);
        let response = drive(step, &mut recorder);
        let transcript = Transcript {
            settings: settings::variables(self.own),
            request: RecordedRequest::of(&request),
            arrival,
            effects: recorder.into_effects(),
            response: RecordedResponse::of(&response),
        };
        assert!(self.transcripts.insert(name, transcript).is_none(), "{name} twice");
        let answer = Answer::of(response, Default::default());
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        answer
    }

    fn login(&mut self, name: &'static str, status: u16, login: &str, password: &str) -> Answer {
        let body = json!({"login": login, "password": password});
        self.record(name, status, post("/v1/login", &body))
    }

    fn refresh(&mut self, name: &'static str, status: u16, token: &str) -> Answer {
        self.record(name, status, post("/v1/refresh", &json!({"refresh_token": token})))
    }
}

fn logout(token: &str) -> Request {
    let mut request = bearing(get("/v1/logout"), token);
    request.method = "POST".to_owned();
    request
}

/// Everything that is recorded, in one life of an account.
fn record(kind: Kind) -> BTreeMap<&'static str, Transcript> {
    let mut tape = Tape::new(kind);
    let sign_up = json!({
        "username": "Ada", "email": "Ada@example.org", "password": PASSWORD,
        "full_name": "Ada Lovelace", "properties": {"b": [1, "é"], "a": null},
    });
    tape.record("sign_up", 201, post("/v1/accounts", &sign_up));
    tape.record("sign_up_taken", 409, post("/v1/accounts", &sign_up));
    let weak = json!({"username": "bob", "password": "password1"});
    tape.record("sign_up_weak_password", 422, post("/v1/accounts", &weak));
    let question = json!({"password": "grace2026", "user_inputs": ["Grace Hopper"]});
    tape.record("password_strength", 200, post("/v1/password/strength", &question));
    tape.record("jwks_first_use", 200, get("/.well-known/jwks.json"));
    tape.record("jwks", 200, get("/.well-known/jwks.json"));
    tape.login("login_wrong_password", 401, "ada", "wrong horse battery");
    tape.login("login_unknown_name", 401, "bob", "wrong horse battery");
    for state in ["blocked", "active"] {
        if state == "blocked" {
            let sql = "UPDATE accounts SET status = ?1 WHERE id <> ''";
            tape.database.query(sql, vec![text(state)]);
            tape.login("login_blocked_wrong_password", 401, "ada", "wrong horse battery");
            tape.login("login_blocked", 403, "ada", PASSWORD);
        }
        let sql = "UPDATE accounts SET status = ?1 WHERE id <> ''";
        tape.database.query(sql, vec![text(state)]);
    }
    let first = tape.login("login", 200, "ADA@example.org", PASSWORD);
    tape.record("me", 200, bearing(get("/v1/me"), first.text("access_token")));
    tape.record("me_without_token", 401, get("/v1/me"));
    let second = tape.refresh("refresh", 200, first.text("refresh_token"));
    tape.refresh("refresh_grace", 200, first.text("refresh_token"));
    let third = tape.refresh("refresh_again", 200, second.text("refresh_token"));
    tape.refresh("refresh_reused", 401, first.text("refresh_token"));
    tape.refresh("refresh_ended", 401, third.text("refresh_token"));
    tape.record("me_ended", 401, bearing(get("/v1/me"), third.text("access_token")));
    let other = tape.login("login_again", 200, "ada", PASSWORD);
    tape.record("logout", 204, logout(other.text("access_token")));
    let other = tape.login("login_third", 200, "ada", PASSWORD);
    let body = json!({"refresh_token": other.text("refresh_token")});
    tape.record("logout_by_refresh_token", 204, post("/v1/logout", &body));
    let other = tape.login("login_fourth", 200, "ada", PASSWORD);
    let body = json!({"refresh_token": other.text("refresh_token")});
    let both = bearing(post("/v1/logout", &body), other.text("access_token"));
    tape.record("logout_by_both", 204, both);
    let login = post("/v1/login", &json!({"login": "ada", "password": PASSWORD}));
    tape.record_failing("login_busy", 503, login.clone(), Failing::Admission);
    tape.record_failing("login_not_counted", 503, login, Failing::Replies);
    let other = tape.client.login("ada", PASSWORD).expect(200);
    let refresh = post("/v1/refresh", &json!({"refresh_token": other.text("refresh_token")}));
    tape.record_failing("refresh_reply_lost", 200, refresh, Failing::LaterReplies);
    tape.record("revocations", 200, get("/.well-known/revocations"));
    tape.record("revocations_jwks", 200, get("/.well-known/revocations/jwks.json"));
    tape.record("readyz", 200, get("/readyz"));
    tape.record("healthz", 200, get("/healthz"));
    tape.record("index", 200, get("/"));
    tape.record("not_found", 404, get("/v1/nowhere"));
    tape.record("method_not_allowed", 405, get("/v1/login"));
    tape.client.now += 31 * 24 * 60 * 60 * 1000;
    tape.record("jwks_rotation", 200, get("/.well-known/jwks.json"));
    for _ in 0..5 {
        let _ = tape.client.login("ada", "wrong horse battery");
    }
    tape.login("login_locked", 429, "ada", PASSWORD);
    second_factor::record(&mut tape);
    tape.record("openapi", 200, get("/openapi.json"));
    tape.record("docs_off", 404, get("/docs"));
    tape.configure(&[("AUTHCORE_JWT_ALG", "ES256")]);
    tape.record("jwks_other_algorithm", 200, get("/.well-known/jwks.json"));
    tape.client.now += 24 * 60 * 60 * 1000;
    let signed = tape.login("login_es256", 200, "ada", PASSWORD);
    tape.record("me_es256", 200, bearing(get("/v1/me"), signed.text("access_token")));
    tape.configure(&[("AUTHCORE_JWT_ALG", "HS256")]);
    tape.record("revocations_jwks_hs256", 200, get("/.well-known/revocations/jwks.json"));
    tape.configure(&[("AUTHCORE_DOCS", "on")]);
    tape.record("docs", 200, get("/docs"));
    tape.transcripts
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../transcripts")
}

fn is_recording() -> bool {
    std::env::var_os("AUTHCORE_RECORD").is_some_and(|value| value == "1")
}

/// Compares a text with its file, or writes it.
fn keep(path: &Path, text: &str) {
    if is_recording() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a writable tree");
        std::fs::write(path, text).expect("a writable tree");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "{} differs: AUTHCORE_RECORD=1 writes it", path.display());
}

#[test]
fn recording_again_gives_the_same_bytes_on_each_database() {
    let recordings = KINDS.map(record);
    assert!(recordings[0] == recordings[1], "the databases differ");
    for (name, transcript) in &recordings[0] {
        let text = serde_json::to_string_pretty(transcript).expect("JSON") + "\n";
        keep(&folder().join(format!("{name}.json")), &text);
    }
    let kept = std::fs::read_dir(folder()).expect("the folder").count();
    assert_eq!(kept, recordings[0].len(), "a file without a recording");
    keep(&folder().join("../../docs/effects.md"), &effects::table(&recordings[0]));
}

#[test]
fn every_route_has_a_row_of_its_success_in_the_table_of_effects() {
    let transcripts = record(Kind::Sqlite);
    let in_table = effects::PATHS.iter().map(|(name, _)| &transcripts[name]);
    let recorded: Vec<(Request, Json)> = in_table
        .map(|t| (t.request.request().expect("a request"), serde_json::to_value(&t.response)))
        .map(|(request, response)| (request, response.expect("JSON")["status"].clone()))
        .collect();
    for (request, status) in &recorded {
        let succeeded = status.as_u64().is_some_and(|status| status < 300);
        assert!(succeeded, "{} {}: {status}", request.method, request.target);
    }
    for route in ROUTES {
        let path = match route.base {
            Base::Root => route.path.to_owned(),
            Base::Prefix => format!("/v1{}", route.path),
        };
        let is_path = |target: &str| match path.strip_suffix("{id}") {
            Some(before) => target.starts_with(before),
            None => target == path,
        };
        let found = recorded.iter().any(|(r, _)| r.method == route.method && is_path(&r.target));
        assert!(found, "{} {path} has no row", route.method);
    }
}

#[test]
fn transcripts_replay_to_the_same_bytes() {
    if is_recording() {
        return;
    }
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder()).expect("recorded before").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("text");
        let transcript: Transcript = serde_json::from_str(&text).expect("a transcript");
        let variables = transcript.settings.iter().map(|(name, value)| (name, value.as_str()));
        let service = Service::new(Settings::from_variables(variables).expect("sound"));
        let mut host = Replay::new(&transcript.effects);
        let request = transcript.request.request().expect("a request");
        let arrival = transcript.arrival.arrival().expect("an arrival");
        let response = drive(service.expect("sound").handle(request, arrival), &mut host);
        assert_eq!(host.difference(), None, "{:?}", entry.path());
        assert!(RecordedResponse::of(&response) == transcript.response, "{:?}", entry.path());
        replayed += 1;
    }
    assert!(replayed > 20);
}

/// What a stranger could measure of an operation: kinds, statements, costs; not values.
fn shape(transcript: &Transcript) -> Vec<String> {
    let shape = |effect: &RecordedEffect| match effect {
        RecordedEffect::Batch { statements, .. } => {
            let statements = serde_json::to_value(statements).expect("JSON");
            let sql = |statement: &Json| format!("{}\n", statement["sql"]);
            statements.as_array().expect("a list").iter().map(sql).collect()
        }
        RecordedEffect::Admit { memory_kib, .. } => format!("admit {memory_kib}"),
        RecordedEffect::Hash { job, .. } => job.clone(),
        RecordedEffect::Strength { .. } => "strength".to_owned(),
    };
    transcript.effects.iter().map(shape).collect()
}

// SECURITY 56
#[test]
fn unknown_and_known_accounts_take_the_same_effects() {
    let transcripts = record(Kind::Sqlite);
    let known = &transcripts["login_wrong_password"];
    for name in ["login_unknown_name", "login_blocked_wrong_password"] {
        assert_eq!(shape(known), shape(&transcripts[name]), "{name}");
        let body = |transcript: &Transcript| serde_json::to_value(&transcript.response).unwrap();
        assert_eq!(body(known), body(&transcripts[name]), "{name}");
    }
    let right = shape(&transcripts["login_blocked"]);
    assert_eq!(shape(known), right, "a state is told at the same cost");
}

// SECURITY 56
#[test]
fn no_state_of_an_account_takes_other_effects_than_an_unknown_name() {
    let mut tape = Tape::new(Kind::Sqlite);
    let _ = tape.client.sign_up("ada").expect(201);
    let unknown = tape.login("unknown", 401, "nobody", "wrong horse battery");
    for state in ["pending", "active", "blocked", "deleted", "without a password"] {
        if state == "without a password" {
            tape.database.query("UPDATE accounts SET status = 'active' WHERE id <> ''", Vec::new());
            tape.database.query("DELETE FROM credentials WHERE account_id <> ''", Vec::new());
        } else {
            let sql = "UPDATE accounts SET status = ?1 WHERE id <> ''";
            tape.database.query(sql, vec![text(state)]);
        }
        tape.database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
        let wrong = tape.login(state, 401, "ada", "wrong horse battery");
        assert_eq!(wrong.body, unknown.body, "{state}");
        let shapes = [state, "unknown"].map(|name| shape(&tape.transcripts[name]));
        assert_eq!(shapes[0], shapes[1], "{state}");
    }
    // Nor does the password that there was let anyone in.
    tape.database.query("DELETE FROM throttles WHERE key <> ''", Vec::new());
    tape.login("its former password", 401, "ada", PASSWORD);
}

/// KiB that a job fills, over all passes, if the password does not fit.
fn work(job: &str) -> u64 {
    let verify = job.split(", renew").next().unwrap_or_default();
    let more = job.split(", else ").nth(1).unwrap_or_default();
    let number = |params: &str, name: &str| -> u64 {
        let (_, rest) = params.split_once(name).unwrap_or_default();
        rest.split(',').next().and_then(|digits| digits.parse().ok()).unwrap_or_default()
    };
    [verify, more].iter().map(|params| number(params, "m=") * number(params, "t=")).sum()
}

// SECURITY 56
#[test]
fn a_hash_of_yesterdays_cost_takes_no_other_work_than_an_unknown_name() {
    let mut tape = Tape::new(Kind::Sqlite);
    let _ = tape.client.sign_up("ada").expect(201);
    tape.configure(&[("AUTHCORE_ARGON2", "m=19456,t=3,p=1")]);
    tape.login("unknown", 401, "nobody", "wrong horse battery");
    tape.login("weaker", 401, "ada", "wrong horse battery");
    let works = ["weaker", "unknown"].map(|name| {
        let shape = shape(&tape.transcripts[name]);
        let job = shape.iter().find(|effect| effect.starts_with("verify "));
        work(job.expect("a hash"))
    });
    assert_eq!(works, [3 * 19_456; 2]);
}

#[test]
fn a_third_batch_is_taken_only_when_keys_are_due() {
    let database = Database::new(Kind::Sqlite);
    let mut client = Client::new(settings::service(&[]), database.connect());
    let _ = client.sign_up("ada").expect(201);
    // The one exception (docs/decisions/0004): a third where keys are made or exchanged.
    assert_eq!(client.login("ada", PASSWORD).expect(200).counts.batches, 3);
    assert_eq!(client.login("ada", PASSWORD).expect(200).counts.batches, 2);
    client.now += 31 * 24 * 60 * 60 * 1000;
    assert_eq!(client.login("ada", PASSWORD).expect(200).counts.batches, 3);
    assert_eq!(client.login("ada", PASSWORD).expect(200).counts.batches, 2);
}
