//! The same cases under ES256, HS256, HS512 and RS256: each token that a key of ours truly signed,
//! or the attacker's, with the other algorithm and key in its header, signed by that key.
//!
//! What is judged is no business of the algorithm, so that the verdict has to be the same. Tokens
//! that no key signed (form, altered signatures, `edges.rs`) are of no use here. RS256 is signed by
//! nothing of ours: `rs256.json` keeps tokens by a key that is gone (tests/vectors/write_rs256.py).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use super::token::{ATTACKER, OUR_SECOND, OURS, base64url, hs256, jwk, kid, point};
use super::{Case, Input};

const SIGNED_BY_RS256: &str = include_str!("rs256.json");

const SEEDS: [[u8; 32]; 3] = [OURS, OUR_SECOND, ATTACKER];

/// An algorithm, and the keys that it makes of the seeds.
#[derive(Clone, Copy)]
enum Other {
    Es256,
    Hs256,
    Hs512,
    Rs256,
}

/// The cases under each other algorithm, where they can be put so.
// SECURITY 35, 36, 37, 38, 39, 40, 41, 45
pub fn cases(cases: &[Case]) -> Vec<Case> {
    let others = [Other::Es256, Other::Hs256, Other::Hs512, Other::Rs256];
    others.iter().flat_map(|other| cases.iter().filter_map(|case| under(*other, case))).collect()
}

/// Whether every host is given the case too, and not core alone: each rule about headers, and some
/// of each about members, claims and time.
pub fn is_for_every_host(case: &Case) -> bool {
    let name = case.name.split_once(": ").map_or("", |(_, name)| name);
    let begins = ["a good token", "the header has ", "signed by the key that ", "two ", "at exp"];
    let is = [
        "exp is \"1800000200\"",
        "exp is null",
        "exp is 1800000200.0",
        "exp is 1.8000002e9",
        "exp is 9007199254741",
        "exp is missing",
        "nbf is \"1800000200\"",
        "iat is -1",
        "iss is \"https://auth.example/\"",
        "iss is [\"https://auth.example\"]",
        "iss is missing",
        "aud is \"https://api.exampl\"",
        "aud is [\"other\"]",
        "aud is [\"https://api.example\",1]",
        "aud is [\"other\",\"https://api.example\"]",
        "aud is missing",
        "a second before exp",
        "a second before nbf",
        "at nbf",
        "a second before iat",
    ];
    begins.iter().any(|begin| name.starts_with(begin)) || is.contains(&name)
}

fn under(other: Other, case: &Case) -> Option<Case> {
    let seed = other.seeds().iter().find(|seed| is_signed_by(seed, &case.input.token))?;
    let (input, _) = case.input.token.rsplit_once('.')?;
    let (header, payload) = input.split_once('.')?;
    // A header that is misspelled as base64url says nothing more under another algorithm.
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let its_own = format!("alg is `{}`", other.name());
    let fits_again = case.name == "longer than 8 KiB" && matches!(other, Other::Hs256);
    if case.name == its_own || fits_again {
        return None;
    }
    let input = format!("{}.{payload}", base64url(other.renamed(&header)));
    let token = match other {
        Other::Es256 => format!("{input}.{}", es256(seed, &input)),
        Other::Hs256 => format!("{input}.{}", hs256(seed, &input)),
        Other::Hs512 => format!("{input}.{}", hs512(seed, &input)),
        Other::Rs256 => kept(&case.name, &input)?,
    };
    let jwks = case.input.jwks.iter().map(|jwk| other.replaced(jwk)).collect();
    let name = format!("{}: {}", other.name(), case.name);
    let (expected, error) = (case.expected.clone(), case.error);
    Some(Case { name, input: Input { token, jwks, ..case.input }, expected, error })
}

fn by_rs256() -> Value {
    serde_json::from_str(SIGNED_BY_RS256).unwrap()
}

/// The kept token of this case, if there is one; it has to be one of just this input.
fn kept(name: &str, input: &str) -> Option<String> {
    let token = by_rs256()["tokens"].get(name)?.as_str().unwrap().to_owned();
    assert_eq!(token.rsplit_once('.').unwrap().0, input, "write rs256.json anew: {name}");
    Some(token)
}

fn is_signed_by(seed: &[u8; 32], token: &str) -> bool {
    let Some((input, signature)) = token.rsplit_once('.') else { return false };
    let octets = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let Ok(signature) = Signature::from_slice(&octets) else { return false };
    let key = VerifyingKey::from_bytes(&point(seed)).unwrap();
    key.verify_strict(input.as_bytes(), &signature).is_ok()
}

impl Other {
    fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
        }
    }

    /// The members that make the thumbprint (RFC 7638 §3.2).
    fn members(self, seed: &[u8; 32]) -> Value {
        match self {
            Self::Es256 => {
                let point = p256(seed).verifying_key().to_sec1_point(false);
                let [x, y] = [point.x(), point.y()].map(|octets| base64url(octets.unwrap()));
                json!({"crv": "P-256", "kty": "EC", "x": x, "y": y})
            }
            Self::Hs256 => json!({"k": base64url(seed), "kty": "oct"}),
            Self::Hs512 => json!({"k": base64url(twice(seed)), "kty": "oct"}),
            Self::Rs256 => by_rs256()["members"].clone(),
        }
    }

    /// The seeds of which it has keys.
    fn seeds(self) -> &'static [[u8; 32]] {
        match self {
            Self::Rs256 => &SEEDS[..1],
            _ => &SEEDS,
        }
    }

    fn kid(self, seed: &[u8; 32]) -> String {
        base64url(Sha256::digest(self.members(seed).to_string()))
    }

    fn jwk(self, seed: &[u8; 32]) -> Value {
        let mut jwk = self.members(seed);
        for (name, text) in [("alg", self.name()), ("kid", &self.kid(seed)), ("use", "sig")] {
            jwk[name] = text.into();
        }
        jwk
    }

    /// The key of the same seed in the place of one of ours.
    fn replaced(self, there: &Value) -> Value {
        let seed = self.seeds().iter().find(|seed| jwk(seed) == *there).unwrap();
        self.jwk(seed)
    }

    /// A header's text with this algorithm and its keys in the places of EdDSA and the others.
    fn renamed(self, header: &str) -> String {
        let mut text = header.to_owned();
        for seed in self.seeds() {
            text = text.replace(&jwk(seed).to_string(), &self.jwk(seed).to_string());
            text = text.replace(&kid(seed), &self.kid(seed));
            text = text.replace(&kid(seed).to_uppercase(), &self.kid(seed).to_uppercase());
        }
        let (first, others) = self.name().split_at(1);
        let escaped = format!("\\u{:04x}{others}", first.as_bytes()[0]);
        text.replace("EdDSA", self.name())
            .replace("Ed\\u0044SA", &escaped)
            .replace("eddsa", &self.name().to_lowercase())
    }
}

fn es256(seed: &[u8; 32], input: &str) -> String {
    let signature: p256::ecdsa::Signature = p256(seed).sign(input.as_bytes());
    base64url(signature.to_bytes())
}

fn hs512(seed: &[u8; 32], input: &str) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(&twice(seed)).unwrap();
    mac.update(input.as_bytes());
    base64url(mac.finalize().into_bytes())
}

fn p256(seed: &[u8; 32]) -> SigningKey {
    SigningKey::from_slice(seed).unwrap()
}

fn twice(seed: &[u8; 32]) -> Vec<u8> {
    [*seed, *seed].concat()
}
