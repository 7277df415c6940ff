//! Access tokens: their claims, written and read with exact types (RFC 9068 §2.2).

use serde::Serialize;

use crate::error::Error;
use crate::id::SessionId;
use crate::json::Object;
use crate::jwt::claims::Payload;
use crate::jwt::compact::Compact;
use crate::jwt::verify::{Expected, judged, not_yet, object, require_signed, verified};
use crate::jwt::{KeySet, SigningKey, TokenType, issue};
use crate::time::UnixMillis;

/// The claims of an access token, serialised in this order: those that RFC 9068 §2.2 requires, and
/// `sid` (the session), `nbf`, `auth_time`, `amr`, `roles`. Moments are NumericDates: whole Unix
/// seconds (RFC 7519 §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessClaims {
    /// Who issued the token (RFC 7519 §4.1.1).
    pub iss: String,
    /// For whom it is (RFC 7519 §4.1.3).
    pub aud: String,
    /// The account's id (RFC 7519 §4.1.2).
    pub sub: String,
    /// The session's id.
    pub sid: String,
    /// The client that asked for the token (RFC 8693 §4.3).
    pub client_id: String,
    /// When it was issued (RFC 7519 §4.1.6).
    pub iat: i64,
    /// Before this moment it is refused (RFC 7519 §4.1.5).
    pub nbf: i64,
    /// From this moment on it is refused (RFC 7519 §4.1.4).
    pub exp: i64,
    /// The token's own id (RFC 7519 §4.1.7).
    pub jti: String,
    /// When the owner last signed in; a refresh does not move it (OpenID Connect Core §2).
    pub auth_time: i64,
    /// How the owner signed in (RFC 8176 §2), e.g. `pwd`, `otp`.
    pub amr: Vec<String>,
    /// Names of the account's roles (RFC 9068 §2.2.3.1).
    pub roles: Vec<String>,
}

/// Proof that an access token was verified: only [`verify`] makes one.
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

/// Issues an access token (RFC 9068).
///
/// # Errors
/// As [`issue`].
pub fn issue_access(key: &SigningKey, claims: &AccessClaims) -> Result<String, Error> {
    issue(key, TokenType::AccessToken, claims)
}

/// Verifies a token and gives its claims as proof.
///
/// In this order: length, form, header, key, signature, and only then the claims. A `kid` that is
/// missing or not in `keys` is refused; `alg` must be the key's; each claim must have its exact
/// type. Whatever `expected.token_type` is, the claims must be those of [`AccessClaims`], of which
/// `nbf` alone may be absent; so `expected` must name issuer and audience.
///
/// # Errors
/// [`crate::error::Code::TokenExpired`] if `exp` has passed and nothing else is wrong; otherwise
/// [`crate::error::Code::TokenInvalid`]. The token is never part of the error.
pub fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<VerifiedClaims, Error> {
    verified(token, keys, expected, |payload| claims_of(&payload, expected))
}

fn claims_of(payload: &Object, expected: &Expected<'_>) -> Result<VerifiedClaims, Error> {
    let claims = Payload(payload);
    claims.text("iss")?;
    let claims = VerifiedClaims {
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
    // A future auth_time would make a session look fresh for ever.
    if claims.auth_time > expected.latest() {
        return Err(not_yet());
    }
    Ok(claims)
}

/// An access token that was taken apart, and of which nothing is proved: no key was asked and no
/// signature checked. [`Unverified::verify`] goes on from there, so that a token is read once.
pub struct Unverified<'a> {
    compact: Compact<'a>,
    payload: Object,
    session_id: SessionId,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart. `None` unless it has the strict form, a payload that is a JSON object,
    /// and a `sid` that is a lower-case UUIDv7 (RFC 9562 §5.7).
    #[must_use]
    pub fn read(token: &'a str) -> Option<Self> {
        let compact = Compact::parse(token, TokenType::AccessToken.max_length()).ok()?;
        compact.header().ok()?;
        let payload = object(&compact.payload).ok()?;
        let session_id = SessionId::parse(Payload(&payload).text("sid").ok()?)?;
        Some(Self { compact, payload, session_id })
    }

    /// The `sid` that the token claims: a lookup key for a read that happens in the same batch as
    /// the read of the keys, never trusted until [`Unverified::verify`] has returned the same.
    #[must_use]
    pub const fn session_id(&self) -> &SessionId {
        &self.session_id
    }

    /// As [`verify`].
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(self, keys: &KeySet, expected: &Expected<'_>) -> Result<VerifiedClaims, Error> {
        require_signed(&self.compact, keys, expected.token_type)?;
        judged(self.payload, expected, |payload| claims_of(&payload, expected))
    }
}

/// Never shows the token.
impl std::fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unverified(..)")
    }
}
