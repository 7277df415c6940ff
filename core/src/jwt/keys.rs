//! Signing and verifying keys, and the set of keys that a verifier trusts (RFC 7517, 7638, 8037).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::jwt::Algorithm;
use crate::jwt::jwks::Jwk;
use crate::jwt::provider::{Ed25519Signer, Ed25519Verifier};

/// The most keys a [`KeySet`] holds.
pub const MAX_KEYS: usize = 32;

/// A private key and the one algorithm it signs with. Zeroized when dropped, never printed.
pub struct SigningKey {
    signer: Ed25519Signer,
    verifying_key: VerifyingKey,
}

impl SigningKey {
    /// An Ed25519 key from its 32-octet seed (RFC 8032 §5.1.5), which must come from a CSPRNG.
    #[must_use]
    pub fn ed25519(seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let verifying_key = VerifyingKey::from_verifier(Ed25519Verifier(key.verifying_key()));
        Self { signer: Ed25519Signer(key), verifying_key }
    }

    /// The seed, to be sealed; zeroized when dropped.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.signer.0.to_bytes())
    }

    /// The key's id: its RFC 7638 thumbprint, so that equal keys have equal ids on every host.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.verifying_key.kid()
    }

    /// The one algorithm this key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.verifying_key.algorithm()
    }

    /// The public half.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    /// What signs, as `jsonwebtoken` sees it.
    pub(super) fn signer(&self) -> &dyn JwtSigner {
        &self.signer
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid())
            .field("seed", &"[redacted]")
            .finish()
    }
}

/// A public key and the one algorithm it verifies.
#[derive(Clone)]
pub struct VerifyingKey {
    verifier: Ed25519Verifier,
    kid: String,
}

impl VerifyingKey {
    /// An Ed25519 key from its 32-octet point (RFC 8032 §5.1.2).
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if the octets are no point, not its canonical encoding, or a point of
    /// small order, under which one signature fits many messages.
    pub fn ed25519(point: &[u8; 32]) -> Result<Self, Error> {
        let refused =
            || Error::new(Code::InvalidInput, "the public key is not a sound Ed25519 point");
        Ed25519Verifier::new(point).map(Self::from_verifier).ok_or_else(refused)
    }

    fn from_verifier(verifier: Ed25519Verifier) -> Self {
        let kid = thumbprint(&URL_SAFE_NO_PAD.encode(verifier.0.as_bytes()));
        Self { verifier, kid }
    }

    /// The key's RFC 7638 thumbprint: base64url of SHA-256, 43 characters.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }

    /// The 32 octets of the point (RFC 8032 §5.1.2).
    #[must_use]
    pub fn public_bytes(&self) -> [u8; 32] {
        *self.verifier.0.as_bytes()
    }

    /// The key as a JWK with public members only (RFC 8037 §2).
    #[must_use]
    pub fn to_jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(self.verifier.0.as_bytes()),
            kid: self.kid.clone(),
            alg: self.algorithm().as_str(),
            key_use: "sig",
        }
    }

    /// What verifies, as `jsonwebtoken` sees it.
    pub(super) fn verifier(&self) -> &dyn JwtVerifier {
        &self.verifier
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid)
            .finish()
    }
}

/// The required members in lexical order without white space, hashed (RFC 7638 §3.2, RFC 8037 §2).
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members.as_bytes()))
}

/// The keys a verifier trusts. A token's `kid` selects among these and from nowhere else.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

impl KeySet {
    /// A set of at most [`MAX_KEYS`] keys with distinct ids; an empty one refuses every token.
    ///
    /// # Errors
    /// [`Code::Internal`] if there are more keys, or two are the same.
    pub fn new(keys: Vec<VerifyingKey>) -> Result<Self, Error> {
        if keys.len() > MAX_KEYS {
            return Err(Error::new(Code::Internal, "a key set holds at most 32 keys"));
        }
        let mut kids: Vec<&str> = keys.iter().map(VerifyingKey::kid).collect();
        kids.sort_unstable();
        if kids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(Error::new(Code::Internal, "a key stands twice in the key set"));
        }
        Ok(Self { keys })
    }

    /// The key of this id, if it is one of ours.
    pub(super) fn by_kid(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.kid == kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc8037_key() -> SigningKey {
        let d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
        SigningKey::ed25519(URL_SAFE_NO_PAD.decode(d).unwrap().try_into().unwrap())
    }

    // RFC 8037 appendices A.1 to A.3
    #[test]
    fn the_public_key_and_thumbprint_are_those_of_rfc_8037() {
        let key = rfc8037_key();
        let jwk = key.verifying_key().to_jwk();
        assert_eq!(jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.algorithm(), Algorithm::EdDSA);
    }

    #[test]
    fn a_key_comes_back_from_its_seed() {
        let key = rfc8037_key();
        assert_eq!(SigningKey::ed25519(*key.seed()).kid(), key.kid());
    }

    #[test]
    fn debug_shows_the_id_and_not_the_seed() {
        let shown = format!("{:?}", rfc8037_key());
        let expected = "SigningKey { algorithm: EdDSA, \
            kid: \"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\", seed: \"[redacted]\" }";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_key_set_is_bounded_and_has_no_key_twice() {
        let keys: Vec<VerifyingKey> =
            (0..=32).map(|n| SigningKey::ed25519([n; 32]).verifying_key().clone()).collect();
        assert!(KeySet::new(keys[..32].to_vec()).is_ok());
        assert!(KeySet::new(keys.clone()).is_err());
        assert!(KeySet::new(vec![keys[0].clone(), keys[0].clone()]).is_err());
    }
}
