//! The keys that a verifier trusts, and the one among them that signs (RFC 7517 §5).

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::json::{self, Object, Value};
use crate::jwt::jwk::{Imported, Jwk, Refusal, import};
use crate::jwt::keys::RANDOM_LENGTH;
use crate::jwt::{Algorithm, Host, SigningKey, TokenType, VerifyingKey, issue_claims};

/// The most keys a [`KeySet`] holds.
pub const MAX_KEYS: usize = 32;

/// The longest JWK or JWK Set, in octets, that is read.
pub const MAX_JWKS_LENGTH: usize = 64 * 1024;

/// The keys a verifier trusts. A token's `kid` selects among these and from nowhere else.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    signing: Option<Arc<SigningKey>>,
}

impl KeySet {
    /// A set of at most [`MAX_KEYS`] keys with distinct ids; an empty one refuses every token.
    ///
    /// # Errors
    /// [`Code::Internal`] if there are more keys, or two have one id.
    pub fn new(keys: Vec<VerifyingKey>) -> Result<Self, Error> {
        Self::checked(keys, None).map_err(|detail| Error::new(Code::Internal, detail))
    }

    /// The set of one key, which signs.
    #[must_use]
    pub fn of(key: SigningKey) -> Self {
        Self { keys: vec![key.verifying_key().clone()], signing: Some(Arc::new(key)) }
    }

    /// The set of one new key, which signs; see [`SigningKey::generate`].
    ///
    /// # Errors
    /// As [`SigningKey::generate`].
    pub fn generate(algorithm: Algorithm, random: &[u8; RANDOM_LENGTH]) -> Result<Self, Error> {
        SigningKey::generate(algorithm, random).map(Self::of)
    }

    /// The set of one secret for HS256 or HS512, which signs; see [`SigningKey::hs256`].
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if the algorithm is another, or the secret is refused.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        if !algorithm.is_symmetric() {
            let detail = "a secret is for HS256 or HS512; other keys come as a JWK";
            return Err(Error::new(Code::InvalidInput, detail));
        }
        SigningKey::from_secret(algorithm, secret).map(Self::of)
    }

    /// The key of a JWK (RFC 7517 §4) as JSON text: public (OKP with Ed25519, EC with P-256, RSA),
    /// private (OKP, EC; it signs) or `oct` with `alg` HS256 or HS512 (it signs).
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if it is no such key, is not sound, is meant for something else than
    /// signatures, or is a private RSA key; [`Code::MalformedJson`] if the text is no JSON.
    pub fn from_jwk(text: &str) -> Result<Self, Error> {
        match import(&object(text)?)? {
            Imported::Private(key) => Ok(Self::of(key)),
            Imported::Public(key) => Ok(Self { keys: vec![key], signing: None }),
        }
    }

    /// The keys of a JWK Set (RFC 7517 §5) as JSON text; the first private one signs. Keys of
    /// another kind, algorithm or use are left out, as the RFC asks.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if it is no JWK Set, if one of our kinds of key is not sound, if two
    /// have one id, or there are more than [`MAX_KEYS`]; [`Code::MalformedJson`] if the text is no
    /// JSON.
    pub fn from_jwks(text: &str) -> Result<Self, Error> {
        let refused = |detail: &'static str| Error::new(Code::InvalidInput, detail);
        let set = object(text)?;
        let Some(Value::Array(jwks)) = set.get("keys") else {
            return Err(refused("the JWK Set has no list of keys"));
        };
        let (mut keys, mut signing) = (Vec::new(), None);
        for jwk in jwks {
            let jwk = jwk.as_object().ok_or_else(|| refused("a JWK must be a JSON object"))?;
            match import(jwk) {
                Ok(Imported::Public(key)) => keys.push(key),
                Ok(Imported::Private(key)) => {
                    keys.push(key.verifying_key().clone());
                    signing = signing.or_else(|| Some(Arc::new(key)));
                }
                Err(Refusal::NotOurs(_)) => {}
                Err(broken @ Refusal::Broken(_)) => return Err(broken.into()),
            }
        }
        Self::checked(keys, signing).map_err(refused)
    }

    /// The same set, whose keys of EdDSA and ES256 the host keeps as well, if it can, and signs and
    /// verifies with. What they sign and verify, and whether a signature is one at all, is core's
    /// to say, as are all other keys.
    ///
    /// # Errors
    /// [`Code::Internal`] if a key cannot be written, which no key causes.
    pub fn hosted(self, host: &dyn Host) -> Result<Self, Error> {
        let keys = self.keys.into_iter().map(|key| key.hosted(host)).collect();
        // A set that was not handed on yet holds its key alone.
        let signing = match self.signing.map(Arc::try_unwrap) {
            Some(Ok(key)) => Some(Arc::new(key.hosted(host)?)),
            Some(Err(shared)) => Some(shared),
            None => None,
        };
        Ok(Self { keys, signing })
    }

    fn checked(
        keys: Vec<VerifyingKey>,
        signing: Option<Arc<SigningKey>>,
    ) -> Result<Self, &'static str> {
        if keys.len() > MAX_KEYS {
            return Err("a key set holds at most 32 keys");
        }
        // At most 32: comparing each with those before it is cheap, and less code than sorting.
        let mut kids: Vec<&str> = Vec::with_capacity(keys.len());
        for kid in keys.iter().map(VerifyingKey::kid) {
            if kids.contains(&kid) {
                return Err("a key stands twice in the key set");
            }
            kids.push(kid);
        }
        Ok(Self { keys, signing })
    }

    /// The key that signs.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if the set has public keys only.
    pub fn signing_key(&self) -> Result<&SigningKey, Error> {
        let refused = || Error::new(Code::InvalidInput, "the key set has no key that signs");
        self.signing.as_deref().ok_or_else(refused)
    }

    /// A token of one's own, signed with the key that signs; `claims` is a JSON object. See
    /// [`issue_claims`].
    ///
    /// # Errors
    /// As [`KeySet::signing_key`] and [`issue_claims`]; [`Code::MalformedJson`] if the text is no
    /// JSON.
    pub fn issue(&self, typ: Option<&str>, claims: &str) -> Result<String, Error> {
        self.signing_key()?;
        let refused = || Error::new(Code::InvalidInput, "the claims must be a JSON object");
        let claims = json::read(claims.as_bytes())?;
        self.issue_object(typ, claims.as_object().ok_or_else(refused)?)
    }

    /// As [`KeySet::issue`], with claims that were read before.
    ///
    /// # Errors
    /// As [`KeySet::signing_key`] and [`issue_claims`].
    pub fn issue_object(&self, typ: Option<&str>, claims: &Object) -> Result<String, Error> {
        issue_claims(self.signing_key()?, TokenType::named(typ), claims)
    }

    /// The JWK Set document, `{"keys":[…]}`: public keys only, so that of HMAC keys it has none.
    ///
    /// # Errors
    /// As [`jwks`].
    pub fn jwks(&self) -> Result<String, Error> {
        jwks(&self.keys)
    }

    /// The private key that signs as a JWK; see [`SigningKey::to_private_jwk`].
    ///
    /// # Errors
    /// As [`KeySet::signing_key`].
    pub fn to_private_jwk(&self) -> Result<Zeroizing<String>, Error> {
        self.signing_key()?.to_private_jwk()
    }

    /// The key that issues exactly this header, encoded, for this type, if it is one of ours.
    pub(super) fn by_header(
        &self,
        header: &str,
        token_type: TokenType<'_>,
    ) -> Option<&VerifyingKey> {
        let issues = |key: &&VerifyingKey| {
            key.issued_header(token_type).is_ok_and(|issued| issued == header)
        };
        self.keys.iter().find(issues)
    }

    /// The key of this id, if it is one of ours.
    pub(super) fn by_kid(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.kid() == kid)
    }
}

fn object(text: &str) -> Result<Object, Error> {
    let refused = |detail: &'static str| Error::new(Code::InvalidInput, detail);
    if text.len() > MAX_JWKS_LENGTH {
        return Err(refused("the JWK or JWK Set is longer than 64 KiB"));
    }
    match json::read(text.as_bytes())? {
        Value::Object(object) => Ok(object),
        _ => Err(refused("a JWK or JWK Set must be a JSON object")),
    }
}

/// The JWK Set document of these keys, in the given order: `{"keys":[…]}`. HMAC keys are left out:
/// they have no public members.
///
/// # Errors
/// [`Code::Internal`] if it cannot be written, which no key causes.
pub fn jwks(keys: &[VerifyingKey]) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Document {
        keys: Vec<Jwk>,
    }
    let document = Document { keys: keys.iter().filter_map(VerifyingKey::to_jwk).collect() };
    String::from_utf8(json::write(&document)?)
        .map_err(|_| Error::new(Code::Internal, "the key set cannot be written"))
}
