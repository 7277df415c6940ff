//! The signed list of revoked sessions (docs/DESIGN §4).

use serde::Serialize;

use crate::error::Error;
use crate::id::SessionId;
use crate::jwt::claims::Payload;
use crate::jwt::verify::{Expected, verified};
use crate::jwt::{KeySet, SigningKey, TokenType, issue};
use crate::time::{Millis, UnixMillis};

/// The claims of the list, serialised in this order. Moments are NumericDates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevocationClaims {
    /// Who issued it: the issuer of the tokens it is about.
    pub iss: String,
    /// When it was issued.
    pub iat: i64,
    /// From this moment on it is too old to be used.
    pub exp: i64,
    /// Sessions whose access tokens may still live and must be refused.
    pub sids: Vec<SessionId>,
    /// Tokens whose `iat` is before this moment must be refused, whatever their session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
}

/// Proof that a list was verified: only [`verify_revocations`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedRevocations {
    sids: Vec<String>,
    not_before: Option<UnixMillis>,
    exp: UnixMillis,
}

impl VerifiedRevocations {
    /// Whether an access token of this session, issued at this moment, must be refused.
    #[must_use]
    pub fn revokes(&self, sid: &str, iat: UnixMillis) -> bool {
        self.not_before.is_some_and(|not_before| iat < not_before)
            || self.sids.binary_search_by(|listed| listed.as_str().cmp(sid)).is_ok()
    }

    /// The sessions, sorted by id.
    #[must_use]
    pub fn sids(&self) -> &[String] {
        &self.sids
    }

    /// Tokens issued before this moment must be refused, if the list gives one.
    #[must_use]
    pub const fn not_before(&self) -> Option<UnixMillis> {
        self.not_before
    }

    /// From when on the list is too old.
    #[must_use]
    pub const fn exp(&self) -> UnixMillis {
        self.exp
    }
}

/// Issues a list.
///
/// # Errors
/// As [`issue`].
pub fn issue_revocations(key: &SigningKey, claims: &RevocationClaims) -> Result<String, Error> {
    issue(key, TokenType::RevocationList, claims)
}

/// Verifies a list of this issuer, as [`crate::jwt::verify`] does an access token.
///
/// # Errors
/// [`crate::error::Code::TokenExpired`] if the list is too old and nothing else is wrong: fetch it
/// anew; otherwise [`crate::error::Code::TokenInvalid`].
pub fn verify_revocations(
    list: &str,
    keys: &KeySet,
    issuer: &str,
    now: UnixMillis,
    leeway: Millis,
) -> Result<VerifiedRevocations, Error> {
    let (token_type, issuer, audience) = (TokenType::RevocationList, Some(issuer), None);
    let expected = Expected { token_type, issuer, audience, now, leeway };
    verified(list, keys, &expected, |payload| {
        let claims = Payload(&payload);
        claims.moment("iat")?;
        let mut sids = claims.texts("sids")?;
        sids.sort_unstable();
        let not_before = claims.moment_if_there("not_before")?;
        Ok(VerifiedRevocations { sids, not_before, exp: claims.moment("exp")? })
    })
}
