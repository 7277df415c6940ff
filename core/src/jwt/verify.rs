//! Verifying: the one path that every type of token takes (RFC 7519 §7.2, RFC 8725 §3).

use std::sync::OnceLock;

use crate::error::{Code, Error};
use crate::json::{self, Object, Value};
use crate::jwt::claims::Registered;
use crate::jwt::compact::Compact;
use crate::jwt::header::Header;
use crate::jwt::{KeySet, TokenType, VerifyingKey};
use crate::time::{Millis, UnixMillis};

/// The most leeway that is given; a longer one is cut to it.
pub const MAX_LEEWAY: Millis = Millis::minutes(5);

/// What a token must be to be accepted.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Its purpose, named by `typ`.
    pub token_type: TokenType<'a>,
    /// `iss`, compared whole; with `None`, a token that names an issuer is refused.
    pub issuer: Option<&'a str>,
    /// `aud`, or one of it, compared whole; with `None`, a token for an audience is refused
    /// (RFC 7519 §4.1.3).
    pub audience: Option<&'a str>,
    /// The present moment.
    pub now: UnixMillis,
    /// How far clocks may differ; at most [`MAX_LEEWAY`].
    pub leeway: Millis,
}

impl<'a> Expected<'a> {
    /// A token of one's own with this `typ`, [`TokenType::JWT`] if none is given, that names no
    /// issuer and no audience; without leeway.
    #[must_use]
    pub fn named(typ: Option<&'a str>, now: UnixMillis) -> Self {
        let (token_type, leeway) = (TokenType::named(typ), Millis::ZERO);
        Self { token_type, issuer: None, audience: None, now, leeway }
    }
    /// The last moment that is not the future.
    pub(super) fn latest(&self) -> UnixMillis {
        self.now.after(self.leeway())
    }

    fn leeway(&self) -> Millis {
        self.leeway.at_most(MAX_LEEWAY)
    }
}

/// Proof that a token was verified, with whatever claims it has: only [`verify_claims`] and
/// [`verify_claims_as_json`] make one.
#[derive(Clone)]
pub struct VerifiedPayload {
    claims: Object,
    /// Made by [`verify_claims_as_json`], or when first asked for: not every host takes the claims
    /// as text.
    json: OnceLock<String>,
}

impl VerifiedPayload {
    /// The claims.
    #[must_use]
    pub const fn claims(&self) -> &Object {
        &self.claims
    }

    /// The claims as JSON, members sorted: the same text on every host.
    #[must_use]
    pub fn as_json(&self) -> &str {
        // Whoever made this has seen that there is a text.
        self.json.get_or_init(|| self.claims.to_canonical_text().unwrap_or_default())
    }

    /// The same text, for whoever needs nothing else.
    #[must_use]
    pub fn into_json(self) -> String {
        let Self { claims, json } = self;
        json.into_inner().unwrap_or_else(|| claims.to_canonical_text().unwrap_or_default())
    }
}

/// Claims may be personal data, also once they were asked for as text.
impl std::fmt::Debug for VerifiedPayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifiedPayload(..)")
    }
}

/// Verifies a token with claims of any kind and gives them as proof.
///
/// In this order: length, form, header, key, signature, and only then the claims. A `kid` that is
/// missing or not in `keys` is refused; `alg` must be the key's. `exp` is required; the claims that
/// RFC 7519 §4.1 registers must have their exact types where they are there. A claim with a number
/// that is no integer within ±(2^53−1) is refused, as hosts differ in how they read it.
///
/// # Errors
/// [`Code::TokenExpired`] if `exp` has passed and nothing else is wrong; otherwise
/// [`Code::TokenInvalid`]. The token is never part of the error.
pub fn verify_claims(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<VerifiedPayload, Error> {
    verified(token, keys, expected, |claims| {
        if !claims.has_canonical_text() {
            return Err(read_differently());
        }
        Ok(VerifiedPayload { claims, json: OnceLock::new() })
    })
}

/// As [`verify_claims`], for a host that takes the claims as text: they are written as they are
/// judged, which is quicker than both.
///
/// # Errors
/// As [`verify_claims`].
pub fn verify_claims_as_json(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<VerifiedPayload, Error> {
    verified(token, keys, expected, |claims| {
        let json = claims.to_canonical_text().map_err(|_| read_differently())?;
        Ok(VerifiedPayload { claims, json: OnceLock::from(json) })
    })
}

fn read_differently() -> Error {
    refused("a claim of the token is a value that hosts read differently")
}

/// The one path. `read` takes the claims of its type of token, before the token's end is judged:
/// "expired" says that all else was right.
pub(super) fn verified<T>(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
    read: impl FnOnce(Object) -> Result<T, Error>,
) -> Result<T, Error> {
    let compact = Compact::parse(token, expected.token_type.max_length())?;
    require_signed(&compact, keys, expected.token_type)?;
    judged(object(&compact.payload)?, expected, read)
}

/// The claims of a payload whose signature holds.
pub(super) fn judged<T>(
    payload: Object,
    expected: &Expected<'_>,
    read: impl FnOnce(Object) -> Result<T, Error>,
) -> Result<T, Error> {
    let claims = Registered::read(&payload)
        .map_err(|_| refused("a registered claim of the token has the wrong type"))?;
    if claims.iss != expected.issuer {
        return Err(refused("the token is from another issuer"));
    }
    let is_for = match (&claims.aud, expected.audience) {
        (Some(aud), Some(audience)) => aud.contains(audience),
        (None, None) => true,
        _ => false,
    };
    if !is_for {
        return Err(refused("the token is for another audience"));
    }
    let exp = claims.exp.ok_or_else(|| refused("the token never expires"))?;
    let begins = claims.nbf.max(claims.iat).unwrap_or(UnixMillis::EPOCH);
    let taken = read(payload)?;
    if begins > expected.latest() {
        return Err(not_yet());
    }
    if exp <= expected.now.before(expected.leeway()) {
        return Err(Error::new(Code::TokenExpired, "the token has expired"));
    }
    Ok(taken)
}

/// Header and signature hold: the octets of the payload are those that were signed.
pub(super) fn require_signed(
    compact: &Compact<'_>,
    keys: &KeySet,
    token_type: TokenType<'_>,
) -> Result<(), Error> {
    let key = match own_key(compact, keys, token_type) {
        Some(key) => key,
        None => named_key(compact, keys, token_type)?,
    };
    let signed = key.verifier().verify(compact.signing_input.as_bytes(), &compact.signature);
    signed.map_err(|_| refused("the token's signature does not hold"))
}

/// The key whose own header this is, octet by octet: it names type, algorithm and key as
/// [`named_key`] would read them, so that it need not be read.
fn own_key<'a>(
    compact: &Compact<'_>,
    keys: &'a KeySet,
    token_type: TokenType<'_>,
) -> Option<&'a VerifyingKey> {
    // Other types are rare, and `typ` of one's own need not name itself: `application/x` does not.
    let common = matches!(token_type, TokenType::AccessToken | TokenType::JWT);
    if common { keys.by_header(compact.encoded_header, token_type) } else { None }
}

/// The key that the header names, if every rule of headers is kept.
pub(super) fn named_key<'a>(
    compact: &Compact<'_>,
    keys: &'a KeySet,
    token_type: TokenType<'_>,
) -> Result<&'a VerifyingKey, Error> {
    let header = Header::read(&compact.header()?, token_type)?;
    let unknown = || refused("the token is signed with a key that is not ours");
    let key = keys.by_kid(header.kid()).ok_or_else(unknown)?;
    if !header.names_algorithm_of(key) {
        return Err(refused("the token names another algorithm than its key has"));
    }
    Ok(key)
}

pub(super) fn object(payload: &[u8]) -> Result<Object, Error> {
    match json::read(payload) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(refused("the token's payload is not the JSON object that is read")),
    }
}

pub(super) fn not_yet() -> Error {
    refused("the token is not valid yet")
}

fn refused(detail: &'static str) -> Error {
    Error::new(Code::TokenInvalid, detail)
}
