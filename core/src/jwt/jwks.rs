//! The published key set: public members only, by construction (RFC 7517 §5, RFC 8037 §2).

use serde::Serialize;

use crate::error::{Code, Error};
use crate::jwt::VerifyingKey;

/// A public key as JSON. There is no field for a private member (`d`, `k`), so none can leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Jwk {
    /// Key type (RFC 7517 §4.1), `OKP`.
    pub kty: &'static str,
    /// Curve (RFC 8037 §2), `Ed25519`.
    pub crv: &'static str,
    /// The point, base64url (RFC 8037 §2).
    pub x: String,
    /// The key's id (RFC 7517 §4.5), its RFC 7638 thumbprint.
    pub kid: String,
    /// The one algorithm (RFC 7517 §4.4).
    pub alg: &'static str,
    /// What the key is for (RFC 7517 §4.2), `sig`.
    #[serde(rename = "use")]
    pub key_use: &'static str,
}

/// The JWK Set document of these keys, in the given order: `{"keys":[…]}`.
///
/// # Errors
/// [`Code::Internal`] if it cannot be written, which no key causes.
pub fn jwks(keys: &[VerifyingKey]) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Document {
        keys: Vec<Jwk>,
    }
    let document = Document { keys: keys.iter().map(VerifyingKey::to_jwk).collect() };
    serde_json::to_string(&document)
        .map_err(|_| Error::new(Code::Internal, "the key set cannot be written"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::SigningKey;

    // SECURITY 47
    #[test]
    fn the_key_set_holds_public_members_in_the_given_order() {
        let one = SigningKey::ed25519([1; 32]);
        let two = SigningKey::ed25519([2; 32]);
        let text = jwks(&[two.verifying_key().clone(), one.verifying_key().clone()]).unwrap();
        let jwk = |key: &SigningKey| {
            let (x, kid) = (key.verifying_key().to_jwk().x, key.kid());
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"{kid}","#)
                + r#""alg":"EdDSA","use":"sig"}"#
        };
        assert_eq!(text, format!(r#"{{"keys":[{},{}]}}"#, jwk(&two), jwk(&one)));
    }

    // SECURITY 47
    #[test]
    fn no_keys_give_an_empty_set() {
        assert_eq!(jwks(&[]).unwrap(), r#"{"keys":[]}"#);
    }
}
