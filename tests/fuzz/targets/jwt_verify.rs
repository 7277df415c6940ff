//! Any text in the place of a token: only what the key signed verifies.
#![no_main]

use authcore::jwt::{AccessClaims, Unverified, issue_access};
use authcore_fuzz::{KEY, NOW, verified};
use libfuzzer_sys::fuzz_target;

const ID: &str = "01990000-0000-7000-8000-0000000000bb";

/// The one token that verifies; the seeds hold it.
fn good() -> String {
    let claims = AccessClaims {
        iss: "https://auth.example".to_owned(),
        aud: "https://api.example".to_owned(),
        sub: ID.to_owned(),
        sid: ID.to_owned(),
        client_id: "web".to_owned(),
        iat: 1_800_000_000,
        nbf: 1_800_000_000,
        exp: 1_800_000_300,
        jti: ID.to_owned(),
        auth_time: 1_799_999_000,
        amr: vec!["pwd".to_owned()],
        roles: vec!["user".to_owned()],
    };
    issue_access(&KEY, &claims).expect("sound claims")
}

// SECURITY 35, 44, 100
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    // `GOOD` in an input stands for the token, which the fuzzer cannot make up.
    let token = text.replacen("GOOD", &good(), 1);
    for now in [NOW, i64::MAX, i64::MIN] {
        assert!(verified(&token, now).is_none() || token == good(), "a forgery");
    }
    let _ = Unverified::read(&token);
});
