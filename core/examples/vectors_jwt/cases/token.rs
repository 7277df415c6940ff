//! Tokens put together by hand, well or badly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const ISSUER: &str = "https://auth.example";
pub const AUDIENCE: &str = "https://api.example";
pub const NOW: i64 = 1_800_000_000;
pub const ISSUED: i64 = NOW - 100;
pub const EXPIRES: i64 = NOW + 200;

/// Seeds of test keys: the one of RFC 8037 appendix A.1, a second one of ours, an attacker's.
pub const OURS: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
pub const OUR_SECOND: [u8; 32] = [2; 32];
pub const ATTACKER: [u8; 32] = [66; 32];

pub fn base64url(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

pub fn point(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

pub fn kid(seed: &[u8; 32]) -> String {
    let x = base64url(point(seed));
    base64url(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

pub fn jwk(seed: &[u8; 32]) -> Value {
    let x = base64url(point(seed));
    json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid(seed), "alg": "EdDSA", "use": "sig"})
}

/// An Ed25519 signature, base64url.
pub fn ed25519(seed: &[u8; 32], input: &str) -> String {
    base64url(SigningKey::from_bytes(seed).sign(input.as_bytes()).to_bytes())
}

/// HMAC-SHA-256, base64url.
pub fn hs256(key: &[u8], input: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(input.as_bytes());
    base64url(mac.finalize().into_bytes())
}

/// A token in the making; it starts as a good one.
#[derive(Clone)]
pub struct Token {
    header: String,
    claims: Vec<(String, String)>,
}

impl Token {
    /// A good access token of our first key.
    pub fn good() -> Self {
        let texts = [
            ("iss", ISSUER),
            ("aud", AUDIENCE),
            ("sub", "01990000-0000-7000-8000-0000000000aa"),
            ("sid", "01990000-0000-7000-8000-0000000000bb"),
            ("client_id", "web"),
            ("jti", "01990000-0000-7000-8000-0000000000cc"),
        ];
        let moments = [("iat", ISSUED), ("nbf", ISSUED), ("exp", EXPIRES), ("auth_time", ISSUED)];
        let mut token = Self { header: String::new(), claims: Vec::new() };
        for (name, text) in texts {
            token = token.claim(name, &format!("{text:?}"));
        }
        for (name, moment) in moments {
            token = token.claim(name, &moment.to_string());
        }
        token
            .claim("amr", r#"["pwd","otp"]"#)
            .claim("roles", r#"["user"]"#)
            .header(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"$KID"}"#)
    }

    /// Another header, as JSON text; `$KID` stands for the id of our first key.
    pub fn header(mut self, json: &str) -> Self {
        self.header = json.replace("$KID", &kid(&OURS));
        self
    }

    /// The good header with these members behind it, as JSON text.
    pub fn header_with(self, members: &str) -> Self {
        self.header(&format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"$KID",{members}}}"#))
    }

    /// A claim, as JSON text, in the place of the one of this name.
    pub fn claim(mut self, name: &str, json: &str) -> Self {
        match self.claims.iter_mut().find(|(there, _)| there == name) {
            Some((_, value)) => json.clone_into(value),
            None => self.claims.push((name.to_owned(), json.to_owned())),
        }
        self
    }

    /// The claim is missing.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.retain(|(there, _)| there != name);
        self
    }

    /// The header as JSON text.
    pub fn header_json(&self) -> String {
        self.header.clone()
    }

    /// The payload as JSON text.
    pub fn payload(&self) -> String {
        let members: Vec<String> =
            self.claims.iter().map(|(name, json)| format!("{name:?}:{json}")).collect();
        format!("{{{}}}", members.join(","))
    }

    /// What is signed, with this payload instead.
    pub fn input_with(&self, payload: impl AsRef<[u8]>) -> String {
        format!("{}.{}", base64url(&self.header), base64url(payload))
    }

    /// What is signed.
    pub fn input(&self) -> String {
        self.input_with(self.payload())
    }

    /// Signed with our first key.
    pub fn signed(&self) -> String {
        self.signed_with(&OURS)
    }

    /// Signed with this key.
    pub fn signed_with(&self, seed: &[u8; 32]) -> String {
        sign(seed, &self.input())
    }

    /// What the accepted token's claims are.
    pub fn expected(&self) -> Value {
        let payload: Value = serde_json::from_str(&self.payload()).unwrap();
        let names = ["sub", "sid", "client_id", "jti", "iat", "exp", "auth_time", "amr", "roles"];
        names.iter().map(|name| ((*name).to_owned(), payload.get(name).unwrap().clone())).collect()
    }
}

/// The input with its signature behind it.
pub fn sign(seed: &[u8; 32], input: &str) -> String {
    format!("{input}.{}", ed25519(seed, input))
}
