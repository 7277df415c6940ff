//! Issuing: claims in, a signed token in compact form out (RFC 7515 §5.1, RFC 7519 §7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::error::{Code, Error, FieldError};
use crate::json::{self, Object, Value};
use crate::jwt::claims::Registered;
use crate::jwt::{SigningKey, TokenType};

/// The longest `typ`, in characters, that is given to a token.
const MAX_TYP_LENGTH: usize = 64;

/// A token of this type with these claims, signed with the key's algorithm.
///
/// The same key and claims give the same token on every host: no algorithm of ours draws a random
/// number to sign (RFC 8032 §5.1.6, RFC 6979; a key of [`super::Host`] may), and the claims are
/// written in the order in which their type declares them.
///
/// # Errors
/// [`Code::Internal`] if the claims are no JSON object that [`crate::json`] reads back, or the
/// token would be longer than [`TokenType::max_length`]: no verifier would take it.
pub fn issue(
    key: &SigningKey,
    token_type: TokenType<'_>,
    claims: &impl Serialize,
) -> Result<String, Error> {
    let payload = json::write(claims)?;
    if !matches!(json::read(&payload), Ok(Value::Object(_))) {
        let detail = "the token's claims are not a JSON object that can be read back";
        return Err(Error::new(Code::Internal, detail));
    }
    signed(key, token_type, &payload)?.ok_or_else(|| Error::new(Code::Internal, TOO_LONG))
}

/// A token of this type with claims of any kind, written with sorted members: the same claims give
/// the same token on every host.
///
/// # Errors
/// [`Code::InvalidInput`], with the place of what is wrong: `exp` missing, a claim that RFC 7519
/// §4.1 registers of another type, a number that is no integer within ±(2^53−1), U+0000 in a text,
/// more than 8 levels, a `typ` that is not 1 to 64 visible ASCII characters, or a token that would
/// be longer than [`TokenType::max_length`]. No verifier of ours would take it.
pub fn issue_claims(
    key: &SigningKey,
    token_type: TokenType<'_>,
    claims: &Object,
) -> Result<String, Error> {
    let refused =
        |pointer: &str, code, detail| Error::fields(vec![FieldError::new(pointer, code, detail)]);
    let typ = token_type.typ();
    let visible = typ.chars().all(|character| character.is_ascii_graphic());
    if typ.is_empty() || typ.len() > MAX_TYP_LENGTH || !visible {
        let detail = "must be 1 to 64 visible ASCII characters";
        return Err(refused("/typ", "malformed", detail));
    }
    let registered = Registered::read(claims).map_err(|name| {
        refused(&format!("/{name}"), "wrong_type", "is not of the type that RFC 7519 gives it")
    })?;
    if registered.exp.is_none() {
        return Err(refused("/exp", "required", "is required"));
    }
    let payload = claims.to_canonical().map_err(|wrong| Error::fields(vec![wrong]))?;
    let token = signed(key, token_type, payload.as_str().as_bytes())?;
    token.ok_or_else(|| refused("", "too_long", TOO_LONG))
}

/// Room for two dots and a signature of 64 octets, encoded.
const SIGNATURE: usize = 88;

const TOO_LONG: &str = "the token would be longer than its type may be";

/// The token, unless it is too long.
fn signed(
    key: &SigningKey,
    token_type: TokenType<'_>,
    payload: &[u8],
) -> Result<Option<String>, Error> {
    let header = key.verifying_key().issued_header(token_type)?;
    let encoded = base64::encoded_len(payload.len(), false).unwrap_or_default();
    let length = header.len().saturating_add(encoded).saturating_add(SIGNATURE);
    let mut token = String::with_capacity(length);
    token.push_str(&header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = key.signer().try_sign(token.as_bytes());
    let unsigned = |_| Error::new(Code::Internal, "the token cannot be signed");
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature.map_err(unsigned)?, &mut token);
    Ok((token.len() <= token_type.max_length()).then_some(token))
}
