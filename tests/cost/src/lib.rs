//! The operations whose cost is watched: each does once what a request or a caller asks for.
//!
//! Keys are parsed and secrets are read before: what an operation makes ready once is no part of it.

mod requests;

use std::hint::black_box;

use authcore::backup_codes::{self, BackupCodes};
use authcore::jwt::{Algorithm, Expected, KeySet, verify_claims};
use authcore::password::{Argon2Params, Password, PasswordHash, hash, verify};
use authcore::qr::Matrix;
use authcore::time::UnixMillis;
use authcore::totp::{Parameters, SharedSecret, Totp};
use requests::request;

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
const URI: &str = "otpauth://totp/Example:marie%40example.org?secret=\
    GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30";
const CLAIMS: &str = r#"{"aud":"https://api.example","exp":1800000300,"iat":1800000000,"iss":"https://auth.example","jti":"01990000-0000-7000-8000-0000000000cc","roles":["user"],"sub":"01990000-0000-7000-8000-0000000000aa"}"#;

/// An operation, made ready.
pub type Operation = Box<dyn Fn()>;

/// The name of an operation, and how it is made ready.
pub type Named = (&'static str, fn() -> Operation);

/// All of them.
pub const OPERATIONS: &[Named] = &[
    ("argon2id hash, m=19456 t=2 p=1", argon2id_hash),
    ("argon2id verify, m=19456 t=2 p=1", argon2id_verify),
    ("JWT EdDSA issue", || issue(Algorithm::EdDSA)),
    ("JWT EdDSA verify", || verified(Algorithm::EdDSA)),
    ("JWT ES256 issue", || issue(Algorithm::ES256)),
    ("JWT ES256 verify", || verified(Algorithm::ES256)),
    ("JWT HS256 issue", || issue(Algorithm::HS256)),
    ("JWT HS256 verify", || verified(Algorithm::HS256)),
    ("TOTP generate", totp_generate),
    ("TOTP verify, window 1", totp_verify),
    ("10 backup codes", codes),
    ("QR code, modules", qr_modules),
    ("QR code, SVG", qr_svg),
    ("QR code, PNG", qr_png),
    ("strength, weak", || strength("password1")),
    ("strength, long", || strength("correct horse battery staple and some more words behind it")),
    // All that is written for letters, again and again: of what was tried nothing takes longer.
    ("strength, 100 characters that stand for letters", || strength(LEET)),
    ("GET /healthz", || request(include_str!("../../transcripts/healthz.json"))),
    ("GET /.well-known/jwks.json", || request(include_str!("../../transcripts/jwks.json"))),
    ("GET /v1/me", || request(include_str!("../../transcripts/me.json"))),
    ("POST /v1/refresh", || request(include_str!("../../transcripts/refresh.json"))),
    ("POST /v1/login, refused", || request(include_str!("../../transcripts/login_locked.json"))),
];

const LEET: &str = concat!(
    "4@8({[<369!|1|7|0$5+%24@8({[<369!|1|7|0$5+%24@8({[",
    "<369!|1|7|0$5+%24@8({[<369!|1|7|0$5+%24@8({[<369!|",
);

fn password() -> Password {
    Password::new("correct horse battery staple".to_owned()).expect("short enough")
}

fn hashed() -> PasswordHash {
    hash(&password(), &Argon2Params::default(), [7; 16]).expect("sound parameters")
}

fn argon2id_hash() -> Operation {
    Box::new(|| drop(black_box(hashed())))
}

fn argon2id_verify() -> Operation {
    let stored = hashed();
    Box::new(move || drop(black_box(verify(&password(), &stored).expect("the right one"))))
}

fn keys(algorithm: Algorithm) -> KeySet {
    KeySet::generate(algorithm, &[7; 64]).expect("a key")
}

fn issue(algorithm: Algorithm) -> Operation {
    let keys = keys(algorithm);
    Box::new(move || drop(black_box(keys.issue(Some("at+jwt"), black_box(CLAIMS)).expect("ours"))))
}

fn verified(algorithm: Algorithm) -> Operation {
    let keys = keys(algorithm);
    let token = keys.issue(Some("at+jwt"), CLAIMS).expect("ours");
    Box::new(move || {
        let mut expected = Expected::named(Some("at+jwt"), NOW);
        expected.issuer = Some("https://auth.example");
        expected.audience = Some("https://api.example");
        drop(black_box(verify_claims(black_box(&token), &keys, &expected).expect("ours")));
    })
}

fn totp() -> Totp {
    let secret = SharedSecret::from_bytes(&[7; 20]).expect("long enough");
    Totp::new(secret, Parameters::default())
}

fn totp_generate() -> Operation {
    let totp = totp();
    Box::new(move || drop(black_box(totp.generate(black_box(NOW)))))
}

fn totp_verify() -> Operation {
    let totp = totp();
    let code = totp.generate(NOW);
    Box::new(move || {
        let _ = black_box(totp.verify(code.expose(), black_box(NOW), None).expect("right"));
    })
}

fn codes() -> Operation {
    let count = backup_codes::Count::new(10).expect("few");
    Box::new(move || {
        let mut next = 0_u8;
        let codes = BackupCodes::from_random(count, || {
            next = next.wrapping_add(1);
            [next; 10]
        });
        drop(black_box(codes.texts()));
    })
}

fn qr_modules() -> Operation {
    Box::new(|| drop(black_box(Matrix::new(black_box(URI)).expect("short enough"))))
}

fn qr_svg() -> Operation {
    Box::new(|| drop(black_box(Matrix::new(black_box(URI)).expect("short enough").svg())))
}

fn qr_png() -> Operation {
    Box::new(|| drop(black_box(Matrix::new(black_box(URI)).expect("short enough").png())))
}

fn strength(password: &'static str) -> Operation {
    Box::new(move || {
        drop(black_box(authcore_strength::estimate(
            black_box(password),
            &["marie", "example"],
            2026,
        )));
    })
}
