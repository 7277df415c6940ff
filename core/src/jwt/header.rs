//! The JOSE header, written and read (RFC 7515 §4).

use std::borrow::Cow;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::error::{Code, Error};
use crate::json::{self, Value};
use crate::jwt::{TokenType, VerifyingKey};

/// The longest `kid`, in characters, that is looked up.
pub const MAX_KID_LENGTH: usize = 128;

/// Parameters that are refused wherever they stand. None is understood, and each would let the
/// token say how it is to be read (`crit`, `b64`, `zip`, `enc`) or bring its own key (the others).
const REFUSED: [&str; 10] =
    ["crit", "b64", "zip", "enc", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256"];

/// The header that is issued, serialised in this order. `jsonwebtoken::Header` has fields for all
/// that is refused above; writing them out as absent is code that every isolate would load.
#[derive(Serialize)]
struct Issued<'a> {
    typ: &'a str,
    alg: &'static str,
    kid: &'a str,
}

/// The headers that a key issues, encoded: those of the two commonest types are made once.
#[derive(Clone, Default)]
pub(super) struct Headers {
    jwt: OnceLock<String>,
    access: OnceLock<String>,
}

impl Headers {
    /// The header that this key, whose headers these are, issues for this type.
    pub(super) fn issued(
        &self,
        key: &VerifyingKey,
        token_type: TokenType<'_>,
    ) -> Result<Cow<'_, str>, Error> {
        let encoded = || {
            let (typ, alg, kid) = (token_type.typ(), key.algorithm().as_str(), key.kid());
            Ok(URL_SAFE_NO_PAD.encode(json::write(&Issued { typ, alg, kid })?))
        };
        let Some(kept) = self.kept(token_type) else { return encoded().map(Cow::Owned) };
        if kept.get().is_none() {
            // Whoever was first has kept the same.
            let _ = kept.set(encoded()?);
        }
        kept.get()
            .map_or_else(|| encoded().map(Cow::Owned), |header| Ok(Cow::Borrowed(header.as_str())))
    }

    /// Where the header of this type is kept.
    fn kept(&self, token_type: TokenType<'_>) -> Option<&OnceLock<String>> {
        match token_type {
            TokenType::AccessToken => Some(&self.access),
            TokenType::JWT => Some(&self.jwt),
            _ => None,
        }
    }
}

/// What a verifier needs of a header that has passed every rule but the signature.
#[derive(Debug)]
pub(super) struct Header {
    alg: String,
    kid: String,
}

impl Header {
    /// Reads a header for a token that should be of this type.
    ///
    /// `alg`, `typ` and `kid` must be there, as strings. Other parameters that are not refused are
    /// ignored (RFC 7515 §4).
    pub(super) fn read(octets: &[u8], token_type: TokenType<'_>) -> Result<Self, Error> {
        let refused = |detail: &'static str| Error::new(Code::TokenInvalid, detail);
        let Ok(Value::Object(header)) = json::read(octets) else {
            return Err(refused("the token's header is not the JSON object that is read"));
        };
        if REFUSED.iter().any(|name| header.get(name).is_some()) {
            return Err(refused("the token's header has a parameter that is not accepted"));
        }
        let Some(Value::String(alg)) = header.get("alg") else {
            return Err(refused("the token's header names no algorithm"));
        };
        let Some(Value::String(typ)) = header.get("typ") else {
            return Err(refused("the token's header names no type"));
        };
        if !token_type.is_named_by(typ) {
            return Err(refused("the token is of another type"));
        }
        let Some(Value::String(kid)) = header.get("kid") else {
            return Err(refused("the token's header names no key"));
        };
        if kid.chars().count() > MAX_KID_LENGTH {
            return Err(refused("the token's header names no key"));
        }
        Ok(Self { alg: alg.clone(), kid: kid.clone() })
    }

    /// The key's id, as the token names it.
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// Whether the token names exactly the algorithm of this key (RFC 8725 §3.1).
    pub(super) fn names_algorithm_of(&self, key: &VerifyingKey) -> bool {
        self.alg == key.algorithm().as_str()
    }
}
