//! Headers and claims behind a right signature: `header NUL payload`, signed here.
#![no_main]

use authcore_fuzz::{KEY, split, verified};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use libfuzzer_sys::fuzz_target;

// SECURITY 38, 39, 100
fuzz_target!(|input: &[u8]| {
    let (header, payload) = split(input, b"\0");
    let header = match header {
        // Most inputs should get past the header.
        [] => format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{}"}}"#, KEY.kid()).into_bytes(),
        header => header.to_vec(),
    };
    let signed = [URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload)].join(".");
    let signature = SigningKey::from_bytes(&[7; 32]).sign(signed.as_bytes());
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()));
    for now in [authcore_fuzz::NOW, 0, i64::MAX, i64::MIN] {
        if let Some(claims) = verified(&token, now) {
            // The leeway is a minute.
            assert!(claims.exp().as_millis().saturating_add(60_000) > now, "expired");
        }
    }
});
