//! What the fuzz targets share: a service, and a host whose answers come from the input too.

// The hosts and the generator are those of core's own robustness tests.
#[path = "../../../core/tests/robust/anything.rs"]
mod anything;
#[allow(dead_code)] // its mutations are the fuzzer's work here
#[path = "../../../core/tests/robust/generator.rs"]
mod generator;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use authcore::arrival::{Arrival, Seed};
use authcore::effect::{Request, Response, drive};
use authcore::error::Code;
use authcore::jwt::{Expected, KeySet, SigningKey, TokenType, VerifiedClaims, verify};
use authcore::service::Service;
use authcore::settings::Settings;
use authcore::time::{Millis, UnixMillis};

use anything::Anything;
use generator::Generator;

/// A moment in the life of the tokens of the seeds: Unix milliseconds.
pub const NOW: i64 = 1_800_000_001_000;

/// The key that signs what the targets sign, and that `jwt_verify` trusts.
pub static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::ed25519([7; 32]));

/// The service under test.
pub static SERVICE: LazyLock<Arc<Service>> = LazyLock::new(|| {
    let ring = "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=";
    let variables =
        [("AUTHCORE_SECRET", ring), ("AUTHCORE_ENV", "dev"), ("AUTHCORE_TRUSTED_PROXIES", "1")];
    let settings = Settings::from_variables(variables).expect("sound variables");
    Service::new(settings).expect("sound settings")
});

/// Sends a request through a host whose answers are drawn from `answers`.
///
/// # Panics
/// If the answer is not sound: an unknown status or code, or a header of more than one line.
pub fn send(request: Request, answers: u64) {
    let _ = SERVICE.presented(&request.headers);
    let mut seed = [1; 32];
    seed[..8].copy_from_slice(&answers.to_be_bytes());
    let seed = Seed::new(seed).expect("not zeros");
    let peer = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let at = Arrival { now: UnixMillis::new(NOW), seed, peer };
    let mut generator = Generator::new(answers);
    assert_sound(&drive(SERVICE.handle(request, at), &mut Anything(&mut generator)));
}

fn assert_sound(response: &Response) {
    let mut told = Code::ALL.iter().map(|code| code.status());
    let status = response.status;
    assert!((200..300).contains(&status) || told.any(|known| known == status), "{status}");
    for (name, value) in &response.headers {
        assert!(!value.contains(['\r', '\n', '\0']), "{name}: {value:?}");
    }
}

/// A request as text: a line `method target`, lines `name: value`, an empty line, the body.
pub fn request(text: &[u8]) -> Request {
    let (head, body) = split(text, b"\n\n");
    let (line, headers) = split(head, b"\n");
    let (method, target) = split(line, b" ");
    Request {
        method: String::from_utf8_lossy(method).into_owned(),
        target: String::from_utf8_lossy(target).into_owned(),
        headers: headers_of(headers),
        body: body.to_vec(),
    }
}

/// Lines `name: value`.
pub fn headers_of(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let header = |line| {
        let (name, value) = split(line, b": ");
        (String::from_utf8_lossy(name).into_owned(), value.to_vec())
    };
    lines.map(header).collect()
}

/// What stands before and behind the first `by`; all and nothing if it is not there.
pub fn split<'a>(text: &'a [u8], by: &[u8]) -> (&'a [u8], &'a [u8]) {
    match text.windows(by.len()).position(|window| window == by) {
        Some(at) => (&text[..at], &text[at + by.len()..]),
        None => (text, &[]),
    }
}

/// Verifies a token under [`KEY`] at this moment.
///
/// # Panics
/// If it is refused with another error than those of tokens.
pub fn verified(token: &str, now: i64) -> Option<VerifiedClaims> {
    static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
        KeySet::new(vec![KEY.verifying_key().clone()]).expect("one key")
    });
    let expected = Expected {
        token_type: TokenType::AccessToken,
        issuer: Some("https://auth.example"),
        audience: Some("https://api.example"),
        now: UnixMillis::new(now),
        leeway: Millis::seconds(60),
    };
    match verify(token, &KEYS, &expected) {
        Ok(claims) => Some(claims),
        Err(error) => {
            assert!(matches!(error.code, Code::TokenInvalid | Code::TokenExpired), "{error:?}");
            None
        }
    }
}
