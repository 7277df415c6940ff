//! Verifying: a token in, proof or one of two errors out (RFC 7519 §7.2, RFC 9068 §4).

use crate::error::{Code, Error};
use crate::id::SessionId;
use crate::json::{self, Object, Value};
use crate::jwt::claims::Payload;
use crate::jwt::compact::Compact;
use crate::jwt::header::Header;
use crate::jwt::{KeySet, TokenType};
use crate::time::{Millis, UnixMillis};

/// The most leeway that is given; a longer one is cut to it.
pub const MAX_LEEWAY: Millis = Millis::minutes(5);

/// What a token must be to be accepted.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Its purpose, named by `typ`.
    pub token_type: TokenType,
    /// `iss`, compared whole.
    pub issuer: &'a str,
    /// `aud`, or one of it, compared whole.
    pub audience: &'a str,
    /// The present moment.
    pub now: UnixMillis,
    /// How far clocks may differ; at most [`MAX_LEEWAY`].
    pub leeway: Millis,
}

/// Proof that a token was verified: only [`verify`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    sub: String,
    sid: String,
    client_id: String,
    jti: String,
    iat: UnixMillis,
    exp: UnixMillis,
    auth_time: UnixMillis,
    amr: Vec<String>,
    roles: Vec<String>,
}

impl VerifiedClaims {
    /// The account's id.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// The session's id.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// The client that asked for the token.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The token's own id.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// When the token was issued; a whole second.
    #[must_use]
    pub const fn iat(&self) -> UnixMillis {
        self.iat
    }

    /// From when on the token is refused; a whole second.
    #[must_use]
    pub const fn exp(&self) -> UnixMillis {
        self.exp
    }

    /// When the owner last signed in; a whole second.
    #[must_use]
    pub const fn auth_time(&self) -> UnixMillis {
        self.auth_time
    }

    /// How the owner signed in (RFC 8176 §2).
    #[must_use]
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// The account's roles when the token was issued.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }
}

/// Verifies a token and gives its claims as proof.
///
/// In this order: length, form, header, key, signature, and only then the claims. A `kid` that is
/// missing or not in `keys` is refused; `alg` must be the key's; each claim must have its exact
/// type. Whatever `expected.token_type` is, the claims must be those of
/// [`crate::jwt::AccessClaims`], of which `nbf` alone may be absent.
///
/// # Errors
/// [`Code::TokenExpired`] if `exp` has passed and nothing else is wrong; otherwise
/// [`Code::TokenInvalid`]. The token is never part of the error.
pub fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<VerifiedClaims, Error> {
    let payload = verified_payload(token, keys, expected.token_type)?;
    judge(&Payload(&payload), expected)
}

fn refused(detail: &'static str) -> Error {
    Error::new(Code::TokenInvalid, detail)
}

/// The payload of a token whose form, header and signature hold.
fn verified_payload(token: &str, keys: &KeySet, token_type: TokenType) -> Result<Object, Error> {
    let compact = Compact::parse(token)?;
    let header = Header::read(&compact.header, token_type)?;
    let unknown = || refused("the token is signed with a key that is not ours");
    let key = keys.by_kid(header.kid()).ok_or_else(unknown)?;
    if !header.names_algorithm_of(key) {
        return Err(refused("the token names another algorithm than its key has"));
    }
    let signed = key.verifier().verify(compact.signing_input.as_bytes(), &compact.signature);
    signed.map_err(|_| refused("the token's signature does not hold"))?;
    object(&compact.payload)
}

fn object(payload: &[u8]) -> Result<Object, Error> {
    match json::read(payload) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(refused("the token's payload is not the JSON object that is read")),
    }
}

/// Whether the claims fit. `exp` is judged last, so that "expired" says that all else was right.
fn judge(claims: &Payload<'_>, expected: &Expected<'_>) -> Result<VerifiedClaims, Error> {
    if claims.text("iss")? != expected.issuer {
        return Err(refused("the token is from another issuer"));
    }
    claims.is_for(expected.audience)?;
    let verified = VerifiedClaims {
        sub: claims.text("sub")?.to_owned(),
        sid: claims.text("sid")?.to_owned(),
        client_id: claims.text("client_id")?.to_owned(),
        jti: claims.text("jti")?.to_owned(),
        iat: claims.moment("iat")?,
        exp: claims.moment("exp")?,
        auth_time: claims.moment("auth_time")?,
        amr: claims.texts("amr")?,
        roles: claims.texts("roles")?,
    };
    let leeway = expected.leeway.at_most(MAX_LEEWAY);
    let latest = expected.now.after(leeway);
    let not_before = claims.moment_if_there("nbf")?.unwrap_or(UnixMillis::EPOCH);
    // A future auth_time would make a session look fresh for ever.
    if not_before > latest || verified.iat > latest || verified.auth_time > latest {
        return Err(refused("the token is not valid yet"));
    }
    if verified.exp <= expected.now.before(leeway) {
        return Err(Error::new(Code::TokenExpired, "the token has expired"));
    }
    Ok(verified)
}

/// The `sid` of a token of which nothing is proved: no key was asked and no signature checked.
///
/// It is a lookup key for a read that happens in the same batch as the read of the keys, and is
/// never trusted until [`verify`] has returned the same `sid`. `None` unless the token has the
/// strict form, a JSON object for header and payload, and a `sid` that is a lower-case UUIDv7
/// (RFC 9562 §5.7).
#[must_use]
pub fn unverified_session_id(token: &str) -> Option<SessionId> {
    let compact = Compact::parse(token).ok()?;
    object(&compact.header).ok()?;
    let payload = object(&compact.payload).ok()?;
    SessionId::parse(Payload(&payload).text("sid").ok()?)
}
