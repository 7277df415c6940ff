//! Issuing: claims in, a signed token in compact form out (RFC 7515 §5.1, RFC 7519 §7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::error::{Code, Error};
use crate::json::{self, Value};
use crate::jwt::header::header_of;
use crate::jwt::{AccessClaims, SigningKey, TokenType};

/// A token of this type with these claims, signed with the key's algorithm.
///
/// The same key and claims give the same token on every host: Ed25519 signs without randomness
/// (RFC 8032 §5.1.6), and the claims are written in the order in which their type declares them.
///
/// # Errors
/// [`Code::Internal`] if the claims are no JSON object that [`crate::json`] reads back, or the
/// token would be longer than [`TokenType::max_length`]: no verifier would take it.
pub fn issue(
    key: &SigningKey,
    token_type: TokenType,
    claims: &impl Serialize,
) -> Result<String, Error> {
    let refused = |detail: &'static str| Error::new(Code::Internal, detail);
    let unwritten = |_| refused("the token's claims cannot be written");
    let header = serde_json::to_vec(&header_of(key, token_type)).map_err(unwritten)?;
    let payload = serde_json::to_vec(claims).map_err(unwritten)?;
    if !matches!(json::read(&payload), Ok(Value::Object(_))) {
        return Err(refused("the token's claims are not a JSON object that can be read back"));
    }

    let mut token = URL_SAFE_NO_PAD.encode(header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = key.signer().try_sign(token.as_bytes());
    let signature = signature.map_err(|_| refused("the token cannot be signed"))?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);

    if token.len() > token_type.max_length() {
        return Err(refused("the token would be longer than its type may be"));
    }
    Ok(token)
}

/// An access token (RFC 9068).
///
/// # Errors
/// As [`issue`].
pub fn issue_access(key: &SigningKey, claims: &AccessClaims) -> Result<String, Error> {
    issue(key, TokenType::AccessToken, claims)
}
