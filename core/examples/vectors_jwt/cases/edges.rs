//! Ed25519 at its edges: keys and R with a part of small order, encodings that are not canonical, k
//! hashed over those or over the canonical ones. A verifier that multiplies by the cofactor, or
//! checks in batches, takes more of them; every host has to take the same (SECURITY 46).
//!
//! Keys of small order and keys in another encoding are no vectors of tokens: no key set takes them.

use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Case;
use super::points::{Written, challenge, points};
use super::token::{Token, base64url};

fn key(a: &Written) -> (String, Value) {
    let x = base64url(a.octets);
    let kid = base64url(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid});
    (kid, jwk)
}

// SECURITY 46
pub fn cases() -> Vec<Case> {
    let keys = points(Scalar::from(0x5eed_0003_u64));
    let commitments = points(Scalar::from(0x5eed_0004_u64));
    let mut cases = Vec::new();
    let mixed = keys.iter().filter(|a| !a.is_of_small_order());
    for (a_number, a) in mixed.enumerate() {
        for (r_number, r) in commitments.iter().enumerate() {
            for hashed in ["as sent", "as encoded again"] {
                if hashed == "as encoded again" && r.is_canonical() {
                    continue;
                }
                let name = format!("Ed25519 edge: A {a_number}, R {r_number} hashed {hashed}");
                cases.extend(pair(&name, a, r, hashed));
            }
        }
    }
    cases
}

/// The first tokens whose torsion cancels out, and does not, where there are any.
fn pair(name: &str, a: &Written, r: &Written, hashed: &str) -> Vec<Case> {
    let (kid, jwk) = key(a);
    let header = format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}"}}"#);
    let (mut cancels, mut remains) = (None, None);
    for number in 0..64 {
        let jti = format!(r#""01990000-0000-7000-8000-{number:012x}""#);
        let token = Token::good().header(&header).claim("jti", &jti);
        let input = token.input();
        let sent = challenge(&r.octets, &a.octets, input.as_bytes());
        let residue = r.torsion + a.torsion * Scalar::from(sent.to_bytes()[0] & 7);
        let k = match hashed {
            "as sent" => sent,
            _ => challenge(&r.canonical(), &a.octets, input.as_bytes()),
        };
        let s = r.scalar + k * a.scalar;
        let signature = base64url([r.octets, s.to_bytes()].concat());
        let found = if residue.is_identity() { &mut cancels } else { &mut remains };
        found.get_or_insert((token, format!("{input}.{signature}")));
    }
    let good = r.is_canonical() && !r.is_of_small_order();
    let case = |(token, text): (Token, String), torsion: &str, good: bool| {
        let name = format!("{name}, torsion {torsion}");
        let jwks = vec![jwk.clone()];
        match good {
            true => Case::accepted(name.clone(), &token).token(name, text).jwks(jwks),
            false => Case::refused(name, text).jwks(jwks),
        }
    };
    let cancels = cancels.map(|found| case(found, "cancels out", good));
    let remains = remains.map(|found| case(found, "remains", false));
    cancels.into_iter().chain(remains).collect()
}
