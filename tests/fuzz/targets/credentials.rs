//! Credentials in every form that a login takes: HTTP Basic, the password form, JSON.
#![no_main]

use authcore::effect::Request;
use authcore_fuzz::send;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use libfuzzer_sys::fuzz_target;

// SECURITY 61, 95, 100
fuzz_target!(|input: &[u8]| {
    let Some((answers, rest)) = input.split_first_chunk() else { return };
    let Some((form, rest)) = rest.split_first() else { return };
    let (mut headers, mut body) = (Vec::new(), Vec::new());
    let mut header = |name: &str, value: Vec<u8>| headers.push((name.to_owned(), value));
    match form % 4 {
        0 => header("authorization", [b"Basic ", BASE64_STANDARD.encode(rest).as_bytes()].concat()),
        1 => header("authorization", [b"Basic ", rest].concat()),
        2 => {
            header("content-type", b"application/x-www-form-urlencoded".to_vec());
            body = rest.to_vec();
        }
        _ => {
            header("content-type", b"application/json".to_vec());
            body = rest.to_vec();
        }
    }
    let targets = ["/v1/login", "/v1/login/otp", "/v1/login/backup-code", "/v1/login/enrolment"];
    let target = targets[usize::from(form / 4) % targets.len()].to_owned();
    send(
        Request { method: "POST".to_owned(), target, headers, body },
        u64::from_be_bytes(*answers),
    );
});
