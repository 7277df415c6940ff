//! Keys as JSON, written and read (RFC 7517; RFC 7518 §6; RFC 8037 §2; RFC 7638).

mod import;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::json;
use crate::jwt::{Algorithm, SigningKey};

pub(super) use import::{Imported, Refusal, import};

/// The members that make a public key, base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicMembers {
    /// A point of Ed25519 (RFC 8037 §2).
    Okp { x: String },
    /// A point of P-256 (RFC 7518 §6.2.1).
    Ec { x: String, y: String },
    /// Modulus and exponent (RFC 7518 §6.3.1).
    Rsa { n: String, e: String },
}

impl PublicMembers {
    /// The required members in lexical order without white space, hashed (RFC 7638 §3.2).
    pub(super) fn thumbprint(&self) -> String {
        hashed(&match self {
            Self::Okp { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Self::Ec { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        })
    }

    /// The members as one text, joined by a dot: what a row stores beside the sealed key.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Okp { x } => x.clone(),
            Self::Ec { x, y } => format!("{x}.{y}"),
            Self::Rsa { n, e } => format!("{n}.{e}"),
        }
    }
}

/// The thumbprint of a secret. It tells no more of a guess than a signature does, which a guess
/// can be tried on as well (RFC 7638 §7).
pub(super) fn secret_thumbprint(secret: &[u8]) -> String {
    let k = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret));
    hashed(&Zeroizing::new(format!(r#"{{"k":"{}","kty":"oct"}}"#, *k)))
}

fn hashed(members: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(members.as_bytes()))
}

/// A public key as JSON. There is no field for a private member (`d`, `k`), so none can leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// Key type (RFC 7517 §4.1).
    kty: &'static str,
    /// Curve (RFC 7518 §6.2.1.1, RFC 8037 §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    /// The key's id (RFC 7517 §4.5).
    kid: String,
    /// The one algorithm (RFC 7517 §4.4).
    alg: &'static str,
    /// What the key is for (RFC 7517 §4.2).
    #[serde(rename = "use")]
    key_use: &'static str,
}

impl Jwk {
    pub(super) fn new(public: PublicMembers, kid: String, alg: &'static str) -> Self {
        let jwk = |kty, crv| {
            let (x, y, n, e) = (None, None, None, None);
            Self { kty, crv, x, y, n, e, kid, alg, key_use: "sig" }
        };
        match public {
            PublicMembers::Okp { x } => Self { x: Some(x), ..jwk("OKP", Some("Ed25519")) },
            PublicMembers::Ec { x, y } => {
                Self { x: Some(x), y: Some(y), ..jwk("EC", Some("P-256")) }
            }
            PublicMembers::Rsa { n, e } => Self { n: Some(n), e: Some(e), ..jwk("RSA", None) },
        }
    }
}

/// A private key as JSON, for a backup and nothing else.
#[derive(Serialize)]
struct PrivateJwk<'a> {
    kty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<&'a str>,
    kid: &'a str,
    alg: &'static str,
    #[serde(rename = "use")]
    key_use: &'static str,
}

impl SigningKey {
    /// The private key as a JWK (RFC 7518 §6.2.2, §6.4; RFC 8037 §2): for a backup. Whoever has it
    /// signs in your name. Zeroized when dropped.
    ///
    /// # Errors
    /// [`Code::Internal`] if it cannot be written, which no key causes.
    pub fn to_private_jwk(&self) -> Result<Zeroizing<String>, Error> {
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.secret()));
        let (kid, alg) = (self.kid(), self.algorithm().as_str());
        let key = match self.verifying_key().to_jwk() {
            Some(Jwk { kty, crv, x, y, key_use, .. }) => {
                PrivateJwk { kty, crv, x, y, d: Some(&secret), k: None, kid, alg, key_use }
            }
            None => {
                let (crv, x, y, d) = (None, None, None, None);
                PrivateJwk { kty: "oct", crv, x, y, d, k: Some(&secret), kid, alg, key_use: "sig" }
            }
        };
        let octets = Zeroizing::new(json::write(&key)?);
        let text = std::str::from_utf8(&octets).map_err(|_| Error::from(Code::Internal))?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// The algorithm of a kind of key whose `kty` and `crv` leave only one.
const fn only_algorithm(kty: Kind) -> Algorithm {
    match kty {
        Kind::Okp => Algorithm::EdDSA,
        Kind::Ec => Algorithm::ES256,
        Kind::Rsa => Algorithm::RS256,
    }
}

/// A kind of public key.
#[derive(Clone, Copy)]
enum Kind {
    Okp,
    Ec,
    Rsa,
}
