//! JSON Web Tokens: keys, issue, verify, key sets (RFC 7515, 7517, 7519, 8037, 9068).
//!
//! A token is a JWS in compact form. Its algorithm belongs to the key, never to the token (RFC 8725
//! §3.1): EdDSA over Ed25519, ES256, HS256, HS512; RS256 is verified and never signed. Parsing and every claim check are ours:
//! `jsonwebtoken` gives the algorithm type and the signer and verifier traits. Its `Header` takes
//! members that we refuse; its `decode` reads a clock and takes a claim of the wrong type for an
//! absent one (CVE-2026-25537; docs/decisions/0014).
//!
//! Narrower than the RFCs, on purpose: `alg`, `typ` and `kid` must be in the header; Ed25519 goes
//! by the name `EdDSA` only, not RFC 9864's `Ed25519`; a NumericDate is a whole number without fraction or
//! exponent; a token has at most 8 KiB. `typ` is a media type: its case does not count, and
//! `application/` may stand before it (RFC 7515 §4.1.9, RFC 9068 §4).
//!
//! ```
//! use authcore::jwt::{self, AccessClaims, Expected, KeySet, SigningKey, TokenType};
//! use authcore::time::{Millis, UnixMillis};
//!
//! let key = SigningKey::ed25519([7; 32]);
//! let claims = AccessClaims {
//!     iss: "https://auth.example".into(),
//!     aud: "https://api.example".into(),
//!     sub: "018f0000-0000-7000-8000-000000000001".into(),
//!     sid: "018f0000-0000-7000-8000-000000000002".into(),
//!     client_id: "web".into(),
//!     iat: 1_800_000_000,
//!     nbf: 1_800_000_000,
//!     exp: 1_800_000_300,
//!     jti: "018f0000-0000-7000-8000-000000000003".into(),
//!     auth_time: 1_800_000_000,
//!     amr: vec!["pwd".into()],
//!     roles: vec!["user".into()],
//! };
//! let token = jwt::issue_access(&key, &claims)?;
//!
//! let keys = KeySet::new(vec![key.verifying_key().clone()])?;
//! let expected = Expected {
//!     token_type: TokenType::AccessToken,
//!     issuer: Some("https://auth.example"),
//!     audience: Some("https://api.example"),
//!     now: UnixMillis::new(1_800_000_001_000),
//!     leeway: Millis::ZERO,
//! };
//! let verified = jwt::verify(&token, &keys, &expected)?;
//! assert_eq!(verified.sub(), "018f0000-0000-7000-8000-000000000001");
//! # Ok::<(), authcore::error::Error>(())
//! ```

mod access;
mod algorithm;
#[cfg(test)]
mod changes;
mod claims;
mod compact;
mod header;
mod issue;
mod jwk;
mod key_set;
mod keys;
mod provider;
mod revocations;
mod secret_material;
mod token_type;
mod verify;
#[cfg(test)]
mod wycheproof;

pub use access::{AccessClaims, Unverified, VerifiedClaims, issue_access, verify};
pub use algorithm::Algorithm;
pub use compact::MAX_TOKEN_LENGTH;
pub use header::MAX_KID_LENGTH;
pub use issue::{issue, issue_claims};
pub use jwk::Jwk;
pub use key_set::{KeySet, MAX_JWKS_LENGTH, MAX_KEYS, jwks};
pub use keys::{RANDOM_LENGTH, SigningKey, VerifyingKey};
pub use provider::{Host, HostSigner, HostVerifier, SIGNATURE_LENGTH};
pub use revocations::{
    RevocationClaims, VerifiedRevocations, issue_revocations, verify_revocations,
};
pub use token_type::TokenType;
pub use verify::{Expected, MAX_LEEWAY, VerifiedPayload, verify_claims, verify_claims_as_json};
