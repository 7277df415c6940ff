//! What `{:?}` shows of public types: of each that holds a secret, nothing of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // a test

mod source;

use std::collections::BTreeSet;
use std::fmt::Debug;

use authcore::arrival::{Arrival, Seed};
use authcore::backup_codes::BackupCode;
use authcore::effect::{
    Batch, HashJob, Keep, Mail, Mode, RangeAnswer, RangeQuery, Request, Response, Statement,
    StrengthJob, Value,
};
use authcore::json;
use authcore::jwt::{Algorithm, Expected, KeySet, SigningKey, Unverified, verify_claims};
use authcore::password::{Argon2Params, Password};
use authcore::qr::Matrix;
use authcore::secret::{Ring, Secret, Streams, Token, TokenKind};
use authcore::service::{Presented, Service};
use authcore::settings::Settings;
use authcore::time::UnixMillis;
use authcore::totp::{self, Counter, Hotp, LookAhead, Parameters, SharedSecret, Totp};
use source::{File, files};

/// 32 octets that say what they are in whatever form they are shown.
const CANARY: [u8; 32] = *b"canary-canary-canary-canary-1234";
const TEXT: &str = "canary-canary-canary";
const RING: &str = "k1:pB9yH3q0Zr1mXw7vTfK2sLd8eGjNcU4aRiOoYtVbQxE=";

/// The canary as text, list, hexadecimal, base64 and base32; the ring's key as text and list.
const FORMS: [&str; 8] = [
    "canary",
    "99, 97, 110",
    "63616e",
    "63616E",
    "Y2FuYXJ5",
    "MNQW4YLSPE",
    "pB9yH3q0",
    "164, 31, 114",
];

/// Public types that hold text or octets which their `{:?}` shows: no secret among them.
const SHOWS: [&str; 41] = [
    // Constants, numbers and what operators configure.
    "api::Route",
    "backup_codes::Count",
    "settings::SettingsError",
    "strength::Advice",
    "strength::StrengthVerdict",
    "strength::Written",
    "text::Reason",
    "totp::Digits",
    "totp::LookAhead",
    "totp::Window",
    // What is public, or sent to everybody who asks.
    "api::KeptDocuments",
    "jwt::Jwk",
    "jwt::RevocationClaims",
    "jwt::TokenType",
    "jwt::Expected",
    "jwt::VerifiedRevocations",
    "secret::Binding",
    "service::RingKeyUse",
    // What a verified token says, an account is called, a client sent that is no secret.
    "id::Id",
    "jwt::AccessClaims",
    "jwt::VerifiedClaims",
    "json::CanonicalJson",
    "json::Fields",
    "service::SignedIn",
    "text::Email",
    "text::FullName",
    "text::LoginName",
    "text::Username",
    "totp::AccountName",
    "totp::Issuer",
    // What is told to clients.
    "error::Error",
    "error::FieldError",
    // A keyed hash.
    "backup_codes::Found",
    // Transcripts hold all that an operation was given: test data only, as their module says.
    "effect::Transcript",
    "effect::RecordedRequest",
    "effect::RecordedArrival",
    "effect::RecordedResponse",
    "effect::RecordedEffect",
    "effect::RecordedStatement",
    "effect::Cell",
    "effect::Reply",
];

fn shown<T: Debug>(name: &'static str, value: &T) -> (&'static str, String) {
    (name, format!("{value:?} {value:#?}"))
}

fn statement() -> Statement {
    let params = vec![Value::Text(TEXT.to_owned()), Value::Integer(0)];
    Statement::new("SELECT ?1", params)
}

/// Of the effects: what passes between core and its host.
fn effects() -> Vec<(&'static str, String)> {
    let params = Argon2Params { memory_kib: 64, iterations: 1, parallelism: 1 };
    let salt = *b"canary-canary-ca";
    let password = || Password::new(TEXT.to_owned()).unwrap();
    let text = || TEXT.to_owned();
    let stored = authcore::password::hash(&password(), &params, salt).unwrap();
    let mail =
        Mail { idempotency_key: "0".to_owned(), to: text(), subject: text(), text: text().into() };
    let request = Request {
        method: "POST".to_owned(),
        target: format!("/v1/login?{TEXT}"),
        headers: vec![("authorization".to_owned(), TEXT.into())],
        body: TEXT.into(),
    };
    let response = Response {
        status: 200,
        headers: vec![("set-cookie", text())],
        body: TEXT.into(),
        wake: false,
        keep: None,
    };
    let keep = Keep { name: "jwks".to_owned(), copy: TEXT.into(), seconds: 60 };
    vec![
        shown("effect::HashJob", &HashJob::create(password(), params, salt, salt)),
        shown("effect::HashJob", &HashJob::verify(password(), stored, Some((params, salt)), salt)),
        shown("effect::HashOutcome", &HashJob::create(password(), params, salt, salt).run()),
        shown("effect::StrengthJob", &StrengthJob::new(&password(), &[TEXT], UnixMillis::EPOCH)),
        shown("effect::Mail", &mail),
        shown("effect::RangeQuery", &RangeQuery { prefix: "canar".to_owned() }),
        shown("effect::RangeAnswer", &RangeAnswer { body: text() }),
        shown("effect::Value", &Value::Text(text())),
        shown("effect::Statement", &statement()),
        shown("effect::Batch", &Batch { mode: Mode::Write, statements: vec![statement()] }),
        shown("effect::Request", &request),
        shown("effect::Response", &response),
        shown("effect::Keep", &keep),
    ]
}

/// Of keys, tokens and claims.
fn tokens() -> Vec<(&'static str, String)> {
    let ring = Ring::parse(RING).unwrap();
    let seed = || Seed::new(CANARY).unwrap();
    let hmac = SigningKey::hs256(&CANARY).unwrap();
    let keys = KeySet::of(SigningKey::hs256(&CANARY).unwrap());
    let claims = format!(r#"{{"exp":60,"secret":"{TEXT}"}}"#);
    let token = keys.issue(None, &claims).unwrap();
    let expected = Expected::named(None, UnixMillis::EPOCH);
    let payload = verify_claims(&token, &keys, &expected).unwrap();
    assert!(payload.as_json().contains(TEXT));
    let sid = "01990000-0000-7000-8000-0000000000bb";
    let of_session =
        keys.issue(None, &format!(r#"{{"sid":"{sid}","exp":1,"sub":"{TEXT}"}}"#)).unwrap();
    let object = json::read(claims.as_bytes()).unwrap();
    let private = SigningKey::from_secret(Algorithm::EdDSA, &CANARY).unwrap();
    let variables = [
        ("AUTHCORE_SECRET", RING),
        ("AUTHCORE_PUBLIC_URL", "https://auth.example.com"),
        ("AUTHCORE_AUDIENCE", "example"),
        ("AUTHCORE_CLIENT_ID", "web"),
    ];
    let settings = Settings::from_variables(variables).unwrap();
    vec![
        shown("arrival::Seed", &seed()),
        shown("arrival::Arrival", &Arrival { now: UnixMillis::EPOCH, seed: seed(), peer: None }),
        shown("secret::Ring", &ring),
        shown("secret::RingKey", ring.current()),
        shown("secret::Secret", &Secret::new(CANARY)),
        shown("secret::Streams", &Streams::new(&ring, &seed(), CANARY, UnixMillis::EPOCH)),
        shown("secret::Token", &Token::from_random(TokenKind::Refresh, CANARY)),
        shown("jwt::SigningKey", &hmac),
        shown("jwt::SigningKey", &private),
        shown("jwt::VerifyingKey", hmac.verifying_key()),
        shown("jwt::KeySet", &keys),
        shown("jwt::VerifiedPayload", &payload),
        shown("jwt::Unverified", &Unverified::read(&of_session).unwrap()),
        shown("json::Value", &object),
        shown("json::Object", payload.claims()),
        shown("service::Presented", &Presented::AccessToken(TEXT)),
        shown("settings::Settings", &settings),
        shown("service::Service", &Service::new(settings).unwrap()),
    ]
}

// SECURITY 88
#[test]
fn what_holds_a_secret_shows_nothing_of_it() {
    let password = Password::new(TEXT.to_owned()).unwrap();
    let params = Argon2Params { memory_kib: 64, iterations: 1, parallelism: 1 };
    let stored = authcore::password::hash(&password, &params, *b"canary-canary-ca").unwrap();
    let seed = || SharedSecret::from_bytes(&CANARY[..20]).unwrap();
    let codes = Totp::new(seed(), Parameters::default());
    let counted = Hotp::new(
        seed(),
        totp::Algorithm::Sha1,
        Parameters::default().digits,
        LookAhead::default(),
    );
    let (code, other) =
        (codes.generate(UnixMillis::EPOCH), counted.generate(Counter::new(0).unwrap()));
    let backup = BackupCode::from_random(*b"canary-can");
    let mut all = vec![
        shown("password::Password", &password),
        shown("password::PasswordHash", &stored),
        shown("totp::SharedSecret", &seed()),
        shown("totp::Totp", &codes),
        shown("totp::Hotp", &counted),
        shown("totp::Code", &code),
        shown("backup_codes::BackupCode", &backup),
        shown("qr::Matrix", &Matrix::new(TEXT).unwrap()),
    ];
    all.extend(effects());
    all.extend(tokens());
    let hash = stored.as_str().rsplit('$').next().unwrap();
    let texts = [hash, code.expose(), other.expose(), backup.text().expose()].map(str::to_owned);
    for (name, shown) in &all {
        for form in FORMS.into_iter().chain(texts.iter().map(String::as_str)) {
            assert!(!shown.contains(form), "{name} shows {form}: {shown}");
        }
        assert!(!shown.contains("true, false") && !shown.contains("0, 1, 0"), "{name}: {shown}");
    }
    // Each type that shows text or octets, or says itself what it shows, is on one of two lists.
    let judged: BTreeSet<&str> = all.iter().map(|(name, _)| *name).chain(SHOWS).collect();
    let found: BTreeSet<String> =
        files("core/src", &[".rs"]).iter().flat_map(with_something_to_show).collect();
    assert!(found.len() > 60, "{found:#?}");
    let unjudged: Vec<_> = found.iter().filter(|name| !judged.contains(name.as_str())).collect();
    assert!(unjudged.is_empty(), "put each on a list: {unjudged:#?}");
    let gone: Vec<_> = SHOWS.into_iter().filter(|name| !found.contains(*name)).collect();
    assert!(gone.is_empty(), "no such types: {gone:?}");
}

/// The public types of a file whose `{:?}` is written by hand, or derived from a text or octets.
fn with_something_to_show(file: &File) -> Vec<String> {
    let module = file.path.strip_prefix("core/src/").unwrap().split(['/', '.']).next().unwrap();
    let text = file.text.split("#[cfg(test)]\nmod ").next().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let declared = ["pub struct ", "pub enum "].iter().find_map(|kind| line.strip_prefix(kind));
        let Some(rest) = declared else { continue };
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
        let above = lines[..number].iter().rev().take_while(|line| line.starts_with(['#', '/']));
        let derives =
            above.into_iter().any(|line| line.starts_with("#[derive(") && line.contains("Debug"));
        let ends = |line: &&str| line.ends_with(';') || line.starts_with('}');
        let length = lines[number..].iter().position(ends).unwrap_or(0);
        let body = &lines[number..=number + length];
        let raw = body.iter().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
            line.split(|c: char| !c.is_alphanumeric())
                .any(|word| ["String", "str", "u8"].contains(&word))
        });
        let by_hand = |line: &&str| {
            line.split("Debug for ").nth(1).is_some_and(|rest| {
                rest.split(|c: char| !c.is_alphanumeric()).next() == Some(name.as_str())
            })
        };
        if derives && raw || lines.iter().any(by_hand) {
            found.push(format!("{module}::{name}"));
        }
    }
    found
}
