//! Calls core's primitives and the whole service, so that an artefact holds all of core.
//!
//! Built for wasm32-unknown-unknown by tests/imports.rs, which reads what the artefact imports.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::process::ExitCode;

use authcore::arrival::{Arrival, Seed};
use authcore::backup_codes::{BackupCode, BackupCodes, Count};
use authcore::effect::{Admit, Batch, Failure, HashJob, HashOutcome, Host, Request, Rows, drive};
use authcore::error::{Code, Error};
use authcore::id::Id;
use authcore::json;
use authcore::jwt::{self, AccessClaims, Expected, KeySet, SigningKey, TokenType};
use authcore::password::{self, Argon2Params, Ceilings, Password, PasswordHash};
use authcore::qr::Matrix;
use authcore::secret::{Binding, Purpose, Ring, Streams, Token, TokenKind, keyed_hash, open, seal};
use authcore::service::{Command, Service};
use authcore::settings::Settings;
use authcore::text::{Email, LoginName, Username};
use authcore::time::{Millis, UnixMillis};
use authcore::totp::{
    AccountName, Algorithm, Counter, Digits, Hotp, Issuer, LookAhead, Parameters, SharedSecret,
    Totp,
};

const RING: &str = "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=";
const NOW: UnixMillis = UnixMillis::new(1_767_225_600_000);

/// A key that signed once, and what it signed; its private half was thrown away.
const RSA_MODULUS: &str = concat!(
    "p8GCpBEflavTip6kMXgeT9NHNq4v_sMJDEx_17TJOPcObWWvdPS_dLOrSjYvD0kfmZg9PPJMb_0PdxWc941LRucW",
    "G67lf0ODGkWbZtp07Y1p-91D2DeK1pN-8Zx-7vXhxbDD3sbqpT0JvRQeE8RXROg0iVXXhwDoU03s_HbtgVIaHmZM",
    "jkhrIzF3mXY0Yq09uL6U03J9T-foXGgnG45k0kxrIOLXG_hBvoEMm4JH2BJA64XQhjQCTIROzCKHjoQyGLuhsZJX",
    "TI9X86k_7RkS0NGEDcU2avlweQQ16TbrAssvyf15rnatPafd-c20jqNmXgYVT0qdUavyPwy_fpvkTw",
);
const RS256_TOKEN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6InRFdlk2U2pUc3RYUDNGN1RvREZvX2N0VDNOX0Z6cUFi",
    "ZWU0N2FQYURJZk0ifQ.eyJleHAiOjE3NjcyMjU5MDAsInN1YiI6Im1hcmllIn0.Qwzfc3rbexJWSHW5VAnJhNchE",
    "w49POb2vNTyBXDQh38s4uT6bFooVXeVs6Ut5Z9sH9I2BS-E1E2GoZCmEf7ju42DL1QLYt9a5l1KQuAcfW1lrZIaV",
    "4V_pQfLOCGQfW1ltYTEN3MdEitdDwVNuQuWMCm12-zJ3z8Te7g5Ticouul2kU-NCGEPzD-C_hzXyxm9mkw5OnSKm",
    "7Ip_2S3og831Bx1C_H8jwDYjq1vJst75ehpk7LPdAC1vhygoG7rREMLpn2oDsPbkW0CQ5MuzBRPZHkweMDfCHMv1",
    "QIh9Vx3O2F5su6D5tJZIllk_8xMC4q8Re1yIQBxXxT9MiqDCrG0Pg",
);

/// Fails unless every part of core did what it is for.
fn main() -> ExitCode {
    let parts: [fn() -> Result<(), Error>; 7] =
        [passwords, secrets, tokens, keys, texts, second_factor, service];
    match parts.iter().try_for_each(|part| part()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn passwords() -> Result<(), Error> {
    let cheap = Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 };
    let presented = |text: &str| {
        Password::new(black_box(text.to_owned()))
            .map_err(|reason| Error::fields(vec![reason.at("/password")]))
    };
    password::check_new(&presented("uncommonly good")?, 8, &["marie@example.org"])
        .map_err(|entry| Error::fields(vec![entry]))?;
    let hash = password::hash(&presented("uncommonly good")?, &cheap, black_box([1; 16]))?;
    let stored = PasswordHash::parse(black_box(hash.as_str()), &Ceilings::default())?;
    let password::Verified { .. } = password::verify(&presented("uncommonly good")?, &stored)?;
    ensure(password::needs_rehash(&stored, &Argon2Params::default()))
}

fn secrets() -> Result<(), Error> {
    let ring = Ring::parse(black_box(RING))?;
    let streams = Streams::new(&ring, &Seed::new([7; 32])?, black_box([1; 32]), NOW);
    let purpose = Purpose::SealSigningKey;
    let binding = Binding { table: "signing_keys", row: "1", account: "", purpose };
    let sealed = seal(&ring, &binding, black_box(b"a seed"), streams.bytes("nonce"))?;
    ensure(open(&ring, &binding, &sealed)?.expose() == b"a seed")?;
    let token = Token::from_random(TokenKind::Refresh, streams.bytes("token"));
    let read = Token::parse(TokenKind::Refresh, black_box(token.expose()));
    let read = read.ok_or_else(|| Error::from(Code::TokenInvalid))?;
    let hash = keyed_hash(ring.current(), Purpose::HashRefreshToken, &[read.bytes()]);
    ensure(hash.starts_with("k1."))
}

fn tokens() -> Result<(), Error> {
    let key = SigningKey::ed25519(black_box([7; 32]));
    let id = Id::v7(NOW, black_box([1; 10]));
    let claims = AccessClaims {
        iss: "https://auth.test".to_owned(),
        aud: "api.test".to_owned(),
        sub: id.as_str().to_owned(),
        sid: id.as_str().to_owned(),
        client_id: "web".to_owned(),
        iat: NOW.as_seconds(),
        nbf: NOW.as_seconds(),
        exp: NOW.after(Millis::minutes(5)).as_seconds(),
        jti: id.as_str().to_owned(),
        auth_time: NOW.as_seconds(),
        amr: vec!["pwd".to_owned()],
        roles: vec!["user".to_owned()],
    };
    let token = jwt::issue_access(&key, &claims)?;
    let expected = Expected {
        token_type: TokenType::AccessToken,
        issuer: Some("https://auth.test"),
        audience: Some("api.test"),
        now: NOW,
        leeway: Millis::ZERO,
    };
    let keys = KeySet::new(vec![key.verifying_key().clone()])?;
    let verified = jwt::verify(black_box(&token), &keys, &expected)?;
    ensure(verified.sub() == id.as_str())?;
    ensure(jwt::jwks(&[key.verifying_key().clone()])?.contains(key.kid()))
}

/// Keys of every algorithm: made, exported, imported, used.
fn keys() -> Result<(), Error> {
    let expected = Expected::named(Some("JWT"), NOW);
    let claims =
        format!(r#"{{"exp":{},"sub":"marie"}}"#, NOW.after(Millis::minutes(5)).as_seconds());
    for algorithm in jwt::Algorithm::ALL.iter().filter(|alg| **alg != jwt::Algorithm::RS256) {
        let set = KeySet::generate(*algorithm, &black_box([7; jwt::RANDOM_LENGTH]))?;
        let again = KeySet::from_jwk(black_box(&set.to_private_jwk()?))?;
        let token = again.issue(Some("JWT"), black_box(&claims))?;
        let _ = jwt::verify_claims(black_box(&token), &set, &expected)?;
        if !algorithm.is_symmetric() {
            let public = KeySet::from_jwks(black_box(&set.jwks()?))?;
            let _ = jwt::verify_claims(&token, &public, &expected)?;
        }
    }
    let secret = KeySet::from_secret(jwt::Algorithm::HS256, black_box(&[7; 32]))?;
    ensure(secret.issue(None, &claims)?.starts_with("eyJ"))?;
    let rsa = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{RSA_MODULUS}"}}"#);
    let rsa = KeySet::from_jwk(black_box(&rsa))?;
    let verified = jwt::verify_claims(black_box(RS256_TOKEN), &rsa, &expected)?;
    black_box(verified);
    let unsigned = RS256_TOKEN.replace("eyJleHAi", "eyJleHAg");
    ensure(jwt::verify_claims(&unsigned, &rsa, &expected).is_err())
}

fn texts() -> Result<(), Error> {
    let refused = |reason: authcore::text::Reason| Error::fields(vec![reason.at("/text")]);
    let email = Email::parse(black_box("Marie@Bücher.example")).map_err(refused)?;
    let username = Username::parse(black_box("marie_curie")).map_err(refused)?;
    ensure(LoginName::parse(black_box("marie_curie")).folded() == username.folded())?;
    ensure(email.folded().starts_with("marie@xn--"))?;
    json::read(black_box(br#"{"a":[1,"x",null]}"#)).map(|_| ())
}

fn second_factor() -> Result<(), Error> {
    let refused = |reason: authcore::text::Reason| Error::fields(vec![reason.at("/text")]);
    let totp = Totp::new(SharedSecret::from_random(black_box([7; 20])), Parameters::default());
    let code = totp.generate(NOW);
    let step = totp.verify(black_box(code.expose()), NOW, None)?.step();
    ensure(totp.verify(code.expose(), NOW, Some(step)).is_err())?;
    let issuer = Issuer::parse(black_box("Example")).map_err(refused)?;
    let account = AccountName::parse(black_box("marie@example.org")).map_err(refused)?;
    let picture = Matrix::new(totp.uri(&issuer, &account).expose())?;
    ensure(picture.svg().starts_with("<svg") && picture.png().starts_with(b"\x89PNG"))?;
    let secret = SharedSecret::from_base32(totp.secret().to_base32().expose()).map_err(refused)?;
    let hotp = Hotp::new(secret, Algorithm::Sha512, Digits::default(), LookAhead::default());
    let counted = hotp.generate(Counter::default());
    ensure(hotp.verify(counted.expose(), Counter::default())?.next().is_some())?;
    let ring = Ring::parse(RING)?;
    let codes = BackupCodes::from_random(Count::default(), || black_box([7; 10]));
    let stored = codes.hashes(&ring, "1");
    let shown = codes.texts();
    let shown = shown.first().ok_or_else(|| Error::from(Code::Internal))?;
    let found = BackupCode::parse(shown.expose())?.find(&ring, "1", &stored)?.hash().len();
    ensure(found > 0)
}

/// A host with an empty database, which is enough to reach most of core.
struct Empty;

impl Host for Empty {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        Ok(batch.statements.iter().map(|_| Rows::new()).collect())
    }

    fn admit(&mut self, _: &Admit) -> Result<(), Failure> {
        Err(Failure::Busy)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        Ok(job.run())
    }
}

fn service() -> Result<(), Error> {
    let variables = [("AUTHCORE_SECRET", RING), ("AUTHCORE_ENV", "dev")];
    let refused = |_| Error::from(Code::InvalidSettings);
    let settings = Settings::from_variables(black_box(variables)).map_err(refused)?;
    let service = Service::new(settings).map_err(refused)?;
    let arrival = || -> Result<Arrival, Error> {
        Ok(Arrival { now: NOW, seed: Seed::new(black_box([7; 32]))?, peer: None })
    };
    let request = |target: &str, method: &str| Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
        body: br#"{"login":"marie","password":"uncommonly good"}"#.to_vec(),
    };
    let health =
        drive(service.handle(black_box(request("/healthz", "GET")), arrival()?), &mut Empty);
    ensure(health.status == 200)?;
    let login = request("/v1/login", "POST");
    let login = drive(service.handle(black_box(login), arrival()?), &mut Empty);
    ensure(login.status == 503)?;
    black_box(drive(service.run(Command::Sweep, arrival()?), &mut Empty)).map(|_| ())
}

fn ensure(holds: bool) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Code::Internal.into()) }
}
