//! What must stay secret: searched for in everything a whole run shows and stores; and what
//! protects it at rest.

use std::fmt::Write as _;

use authcore::api::log_line;
use authcore::effect::{Request, Response, Value, drive};
use authcore::secret::{Binding, Purpose, Ring, open};
use authcore::service::Presented;
use authcore::settings::Settings;
use authcore::store::schema;
use authcore::time::UnixMillis;
use authcore::totp::SharedSecret;
use authcore_tests::client::{PASSWORD, bearing, get, post, with};
use authcore_tests::database::on_each;
use authcore_tests::dated::Dated;
use authcore_tests::settings::K1;
use authcore_tests::showing::Showing;
use authcore_tests::{Answer, Authenticator, Client, Database, owner, settings};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

const TABLES: [&str; 13] = [
    "SELECT * FROM accounts",
    "SELECT * FROM credentials",
    "SELECT * FROM account_roles",
    "SELECT * FROM roles",
    "SELECT * FROM sessions",
    "SELECT * FROM throttles",
    "SELECT * FROM signing_keys",
    "SELECT * FROM heartbeat",
    "SELECT * FROM authenticators",
    "SELECT * FROM backup_codes",
    "SELECT * FROM challenges",
    "SELECT * FROM remembered_devices",
    "SELECT * FROM outbox",
];

/// Every cell of the database, as text.
fn dump(database: &Database) -> String {
    let mut dump = String::new();
    for sql in TABLES {
        for cell in database.query(sql, Vec::new()).into_iter().flatten() {
            match cell {
                Value::Text(text) => dump.push_str(&text),
                Value::Integer(integer) => write!(dump, "{integer}").expect("memory"),
                Value::Null => {}
            }
            dump.push('\n');
        }
    }
    dump
}

fn ring_bytes(key: &str) -> Vec<u8> {
    let (_, text) = key.split_once(':').expect("id and bytes");
    BASE64_STANDARD.decode(text).expect("base64")
}

/// The forms in which bytes could be written down.
fn forms(bytes: &[u8]) -> Vec<String> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = format!("{bytes:?}");
    vec![
        hex.to_uppercase(),
        hex,
        list.trim_matches(['[', ']']).to_owned(),
        BASE64_STANDARD_NO_PAD.encode(bytes),
        BASE64_URL_SAFE_NO_PAD.encode(bytes),
    ]
}

/// A client that keeps what a host could show of each request, its effects and their replies.
struct Watched {
    client: Client,
    shown: String,
}

impl Watched {
    fn send(&mut self, request: Request) -> Answer {
        let (method, target) = request.line();
        let at = self.client.arrival();
        write!(self.shown, "{request:?} {at:?}").expect("memory");
        let mut dated = Dated::new(&mut *self.client.host, self.client.now);
        let mut host = Showing::new(&mut dated);
        let response: Response = drive(self.client.service.handle(request, at), &mut host);
        self.shown.push_str(&host.shown);
        let now = UnixMillis::new(self.client.now);
        let line = log_line(&self.client.service, (&method, &target), &response, now);
        assert!(!line.contains('\n'));
        writeln!(self.shown, "{response:?} {line}").expect("memory");
        let answer = Answer::of(response, Default::default());
        if answer.status >= 400 {
            writeln!(self.shown, "{}", answer.body).expect("memory");
        }
        answer
    }

    fn show(&mut self, value: &impl std::fmt::Debug) {
        writeln!(self.shown, "{value:?} {value:#?}").expect("memory");
    }
}

/// What is stored under a hash or a seal: no secret any more, and yet nothing for a log.
fn protected(dump: &str) -> impl Iterator<Item = &str> {
    let begins = ["$argon2id$", "s1.k1.", "k1."];
    dump.lines().filter(move |cell| begins.iter().any(|start| cell.starts_with(start)))
}

const CANARY: &str = "canary password 8c1f";
const WRONG: &str = "canary wrong 77aa";

/// Tables whose rows a dump has: all that the migrations make.
// SECURITY 88
#[test]
fn every_table_is_searched() {
    for line in schema::MIGRATIONS.iter().flat_map(|migration| migration.sql.lines()) {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            let table = rest.trim_start_matches("IF NOT EXISTS ").trim_end_matches(" (");
            let searched = TABLES.iter().any(|sql| sql.ends_with(&format!(" {table}")));
            assert!(searched || table == "schema_version", "{table} is not searched");
        }
    }
}

// SECURITY 19, 22, 88, 92
#[test]
fn no_secret_of_a_second_factor_is_shown_or_stored() {
    on_each(|database| {
        let client = Client::new(settings::service(&[]), database.connect());
        let mut watched = Watched { client, shown: String::new() };
        let body = json!({
            "username": "ada", "email": "ada@example.org", "password": PASSWORD,
            "second_factor": "totp",
        });
        let account = watched.send(post("/v1/accounts", &body)).expect(201);
        let app = Authenticator::enrolled(&account);
        let now = watched.client.now;
        let mut secrets =
            vec![account.body["enrolment"]["secret"].as_str().expect("a seed").into()];
        let uri = account.body["enrolment"]["otpauth_uri"].as_str().expect("a URI");
        secrets.push(uri.to_owned());
        let login = json!({"login": "ada", "password": PASSWORD});
        let mut challenge = || {
            let answer = watched.send(post("/v1/login", &login)).expect(202);
            answer.text("challenge").to_owned()
        };
        let challenges = [challenge(), challenge(), challenge()];
        let codes = [app.code(now), app.wrong_code(now)];
        let wrong = json!({"challenge": challenges[0], "code": codes[1]});
        let _ = watched.send(post("/v1/login/otp", &wrong)).expect(401);
        let right = json!({
            "challenge": challenges[0], "code": codes[0], "remember_device": true,
        });
        let tokens = watched.send(post("/v1/login/otp", &right)).expect(200);
        let backup_codes = owner::backup_codes(&tokens);
        // A challenge is of the factor as it was: this one is dead, and says nothing either.
        let used = json!({"challenge": challenges[1], "code": backup_codes[0]});
        let _ = watched.send(post("/v1/login/backup-code", &used));
        let device = tokens.text("device_token").to_owned();
        let mut on_device = login.clone();
        on_device["device_token"] = device.as_str().into();
        on_device["x"] = device.as_str().into();
        let _ = watched.send(post("/v1/login", &on_device)).expect(422);
        let proof = json!({"backup_code": backup_codes[1]});
        let access = tokens.text("access_token").to_owned();
        let proof = bearing(post("/v1/reauthenticate", &proof), &access);
        let _ = watched.send(proof).expect(200);
        let broken = format!("/v1/login/otp?challenge={}&code={}", challenges[2], codes[0]);
        let _ = watched.send(post(&broken, &json!({"challenge": 1}))).expect(422);

        secrets.extend(challenges);
        secrets.extend(backup_codes.iter().map(|code| code.replace('-', "")));
        secrets.extend(backup_codes);
        secrets.push(device);
        // Six digits are in every dump by chance: codes are looked for where they are named.
        secrets.extend(codes.iter().map(|code| format!("\"{code}\"")));
        let dump = dump(database);
        assert!(dump.contains("totp") && dump.contains("second_factor_failed"));
        assert!(protected(&dump).count() > 15, "seeds, notices, codes, tokens");
        for cell in protected(&dump) {
            assert!(!watched.shown.contains(cell), "shown: {cell}");
        }
        for secret in &secrets {
            assert!(!watched.shown.contains(secret), "shown: {secret}");
            assert!(!dump.contains(secret), "stored: {secret}");
        }
        // What waits for its delivery opens in its own row only, and says when and where, no more.
        let ring = Ring::parse(K1).expect("sound");
        let sql = "SELECT id, account_id, sealed FROM outbox ORDER BY id";
        let rows = database.query(sql, Vec::new());
        assert!(rows.len() >= 3, "{rows:?}");
        for (row, next) in rows.iter().zip(rows.iter().cycle().skip(1)) {
            let [Value::Text(id), Value::Text(account), Value::Text(sealed)] = row.as_slice()
            else {
                panic!("text")
            };
            let purpose = Purpose::SealNotice;
            let binding = Binding { table: "outbox", row: id, account, purpose };
            let opened = open(&ring, &binding, sealed).expect("sealed under k1");
            let moment: Json = serde_json::from_slice(opened.expose()).expect("JSON");
            let members: Vec<_> = moment.as_object().expect("an object").keys().collect();
            assert_eq!(members, ["address", "at", "user_agent"]);
            let Value::Text(other) = &next[2] else { panic!("text") };
            assert!(open(&ring, &binding, other).is_err(), "of another row");
        }
    });
}

// SECURITY 23, 88
#[test]
fn no_secret_is_shown_or_stored() {
    on_each(|database| {
        let client = Client::new(settings::service(&[]), database.connect());
        let mut watched = Watched { client, shown: String::new() };
        let mut secrets = vec![CANARY.to_owned(), WRONG.to_owned()];
        let sign_up = json!({
            "username": "ada", "email": "ada@example.org", "password": CANARY,
            "password_confirm": CANARY,
        });
        let sign_up = with(post("/v1/accounts", &sign_up), "idempotency-key", "canary-idempotency");
        secrets.push("canary-idempotency".to_owned());
        let _ = watched.send(sign_up).expect(201);
        let mismatch = json!({
            "username": "bob", "password": CANARY, "password_confirm": WRONG, "x": CANARY,
        });
        let _ = watched.send(post("/v1/accounts", &mismatch)).expect(422);
        let mut broken = post("/v1/login", &json!({"login": "ada", "password": CANARY}));
        broken.body.pop();
        let _ = watched.send(broken).expect(400);
        let wrong = json!({"login": "ada", "password": WRONG});
        let _ = watched.send(post("/v1/login", &wrong)).expect(401);
        let login = json!({"login": "ada", "password": CANARY});
        let mut tokens = watched.send(post("/v1/login", &login)).expect(200);
        let first = tokens.text("refresh_token").to_owned();
        for _ in 0..3 {
            let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
            secrets.extend([access.to_owned(), refresh.to_owned()]);
            let target = format!("/v1/me?access_token={access}");
            let _ = watched.send(bearing(get(&target), access)).expect(200);
            let _ = watched.send(get(&format!("/v1/{refresh}"))).expect(404);
            let body = json!({"refresh_token": refresh});
            tokens = watched.send(post("/v1/refresh", &body)).expect(200);
        }
        let presented = Presented::AccessToken(tokens.text("access_token"));
        watched.show(&presented);
        let at = watched.client.arrival();
        let step = watched.client.service.authenticate(presented, at);
        let signed_in = drive(step, &mut *watched.client.host).expect("signed in");
        watched.show(&signed_in);
        let reused = json!({"refresh_token": first});
        let _ = watched.send(post("/v1/refresh", &reused)).expect(401);
        let _ = watched.send(get("/readyz")).expect(200);
        watched.show(&watched.client.service.clone());
        watched.show(&Settings::from_variables(settings::variables(&[])).expect("sound"));
        let bad = format!("{K1},k1:AAAA");
        let refused = settings::variables(&[("AUTHCORE_SECRET", &bad)]);
        let refused = Settings::from_variables(refused).expect_err("refused");
        watched.show(&refused);
        watched.show(&refused.to_string());
        watched.show(&Ring::parse(K1).expect("sound"));

        secrets.push(K1.to_owned());
        secrets.extend(forms(&ring_bytes(K1)));
        let ring = Ring::parse(K1).expect("sound");
        for row in database.query("SELECT id, sealed FROM signing_keys", Vec::new()) {
            let [Value::Text(id), Value::Text(sealed)] = row.as_slice() else { panic!("text") };
            let purpose = Purpose::SealSigningKey;
            let binding = Binding { table: "signing_keys", row: id, account: "", purpose };
            let seed = open(&ring, &binding, sealed).expect("sealed under k1");
            assert_eq!(seed.expose().len(), 32);
            secrets.extend(forms(seed.expose()));
        }
        let dump = dump(database);
        assert!(dump.contains("ada@example.org") && dump.contains("$argon2id$"));
        assert!(
            ["Batch {", "Admit {", "HashJob(", "HashOutcome(", "StrengthJob("]
                .iter()
                .all(|effect| watched.shown.contains(effect))
        );
        for cell in protected(&dump) {
            assert!(!watched.shown.contains(cell), "shown: {cell}");
        }
        for secret in &secrets {
            assert!(!watched.shown.contains(secret), "shown: {secret}");
            assert!(!dump.contains(secret), "stored: {secret}");
        }
    });
}

// SECURITY 23
#[test]
fn refresh_tokens_are_256_bits_and_never_come_twice() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let mut tokens = client.signed_in("ada");
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let token = tokens.text("refresh_token").to_owned();
            let bytes = token.strip_prefix("rt_").expect("a typed prefix");
            assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(bytes).expect("base64url").len(), 32);
            tokens = client.refresh(&token).expect(200);
            assert!(seen.insert(token), "twice");
        }
    });
}

// SECURITY 17
#[test]
fn seeds_are_160_bits_and_never_come_twice() {
    on_each(|database| {
        let mut client = Client::new(settings::service(&[]), database.connect());
        let access = client.signed_in("ada").text("access_token").to_owned();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..1000 {
            let enrolment = client.act(&access, "POST", "/v1/mfa/totp", &Json::Null).expect(200);
            let seed = SharedSecret::from_base32(enrolment.text("secret")).expect("base32");
            assert_eq!(seed.expose().len(), 20);
            assert!(seen.insert(seed.expose().to_owned()), "twice");
        }
    });
}

// SECURITY 58
#[test]
fn secret_types_have_no_equality() {
    let core = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src");
    for (file, name) in [
        ("secret/mod.rs", "Secret"),
        ("secret/ring.rs", "RingKey"),
        ("secret/ring.rs", "Ring"),
        ("secret/token.rs", "Token"),
        ("password/mod.rs", "Password"),
        ("password/hash.rs", "PasswordHash"),
        ("jwt/keys.rs", "SigningKey"),
        ("arrival.rs", "Seed"),
        ("service/refresh_token.rs", "RefreshToken"),
    ] {
        let source = std::fs::read_to_string(core.join(file)).expect("a source file");
        let lines: Vec<_> = source.lines().collect();
        let is_declaration = |line: &&str| {
            let declared = line.split("struct ").nth(1);
            declared.is_some_and(|rest| {
                let end = |c: char| !c.is_alphanumeric();
                !line.starts_with("//") && rest.split(end).next() == Some(name)
            })
        };
        let at = lines.iter().position(is_declaration).expect(name);
        let attributes = lines[..at].iter().rev().take_while(|line| line.starts_with(['#', '/']));
        for attribute in attributes.filter(|line| line.starts_with("#[derive")) {
            assert!(!attribute.contains("PartialEq"), "{name}: {attribute}");
        }
        assert!(!source.contains(&format!("PartialEq for {name}")), "{name}");
    }
}
