//! Signing and verifying keys: each is bound to one algorithm (RFC 7517, 7518, 8037).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::json;
use crate::jwt::header::{Headers, MAX_KID_LENGTH};
use crate::jwt::jwk::{Jwk, PublicMembers, secret_thumbprint};
use crate::jwt::provider::{
    Ed25519Signer, Ed25519Verifier, Es256Signer, Es256Verifier, Host, HostedSigner, HostedVerifier,
    Hs256, Hs512, KeptSigner, KeptVerifier, Rs256Verifier,
};
use crate::jwt::secret_material;
use crate::jwt::{Algorithm, TokenType};

/// Octets of randomness that [`SigningKey::generate`] takes, whatever the algorithm.
pub const RANDOM_LENGTH: usize = 64;

/// Octets of a seed (RFC 8032 §5.1.5) and of a private key of P-256 (RFC 7518 §6.2.2.1).
const PRIVATE_LENGTH: usize = 32;

/// A private key and the one algorithm it signs with. Zeroized when dropped, never printed.
pub struct SigningKey {
    signer: Box<KeptSigner>,
    secret: Zeroizing<Vec<u8>>,
    verifying_key: VerifyingKey,
}

impl SigningKey {
    /// An Ed25519 key from its 32-octet seed (RFC 8032 §5.1.5), which must come from a CSPRNG.
    #[must_use]
    pub fn ed25519(seed: [u8; PRIVATE_LENGTH]) -> Self {
        let seed = Zeroizing::new(seed);
        let signer = Ed25519Signer::new(&seed);
        let verifying_key = VerifyingKey::of_ed25519(signer.verifier());
        let secret = Zeroizing::new(seed.to_vec());
        Self { signer: Box::new(signer), secret, verifying_key }
    }

    /// A P-256 key from its private number, big-endian, which must come from a CSPRNG.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] unless the number is from 1 to n − 1.
    pub fn es256(d: &[u8; PRIVATE_LENGTH]) -> Result<Self, Error> {
        let refused = || refuse("the private key is not one of P-256");
        let signer = Es256Signer::new(d).ok_or_else(refused)?;
        let verifying_key = VerifyingKey::of_es256(signer.verifier());
        Ok(Self { signer: Box::new(signer), secret: Zeroizing::new(d.to_vec()), verifying_key })
    }

    /// An HS256 key from a secret of at least 32 octets (RFC 7518 §3.2).
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if it is shorter or longer than 1,024 octets, or is the text of a
    /// key or certificate (PEM, DER, SSH, JWK): what is published is no secret (CVE-2022-29217).
    pub fn hs256(secret: &[u8]) -> Result<Self, Error> {
        secret_material::judge(secret, 32)?;
        let key = Hs256::new(secret).ok_or_else(|| refuse("the secret is no key of HMAC"))?;
        let verifying_key =
            VerifyingKey::of_secret(Arc::new(key.clone()), Algorithm::HS256, secret);
        Ok(Self { signer: Box::new(key), secret: Zeroizing::new(secret.to_vec()), verifying_key })
    }

    /// An HS512 key from a secret of at least 64 octets (RFC 7518 §3.2).
    ///
    /// # Errors
    /// As [`SigningKey::hs256`].
    pub fn hs512(secret: &[u8]) -> Result<Self, Error> {
        secret_material::judge(secret, 64)?;
        let key = Hs512::new(secret).ok_or_else(|| refuse("the secret is no key of HMAC"))?;
        let verifying_key =
            VerifyingKey::of_secret(Arc::new(key.clone()), Algorithm::HS512, secret);
        Ok(Self { signer: Box::new(key), secret: Zeroizing::new(secret.to_vec()), verifying_key })
    }

    /// The key that [`SigningKey::secret`] gave.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if it is none of this algorithm, or the algorithm is
    /// [`Algorithm::RS256`], which is never signed.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        let octets = || {
            <[u8; PRIVATE_LENGTH]>::try_from(secret)
                .map(Zeroizing::new)
                .map_err(|_| refuse("the private key does not have 32 octets"))
        };
        match algorithm {
            Algorithm::EdDSA => Ok(Self::ed25519(*octets()?)),
            Algorithm::ES256 => Self::es256(&*octets()?),
            Algorithm::HS256 => Self::hs256(secret),
            Algorithm::HS512 => Self::hs512(secret),
            Algorithm::RS256 => Err(refuse("RS256 is verified only, never signed")),
        }
    }

    /// A new key. `random` comes from a CSPRNG and is used this once; EdDSA and HS256 take its
    /// first half.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] for [`Algorithm::RS256`]; [`Code::Unavailable`] if the octets make no
    /// key, which random ones do once in 2^64 times: take others.
    pub fn generate(algorithm: Algorithm, random: &[u8; RANDOM_LENGTH]) -> Result<Self, Error> {
        let (first, second) = random.split_at(PRIVATE_LENGTH);
        let unlucky = || Error::new(Code::Unavailable, "these random octets make no key");
        match algorithm {
            // FIPS 186-5 A.2.2: draw until the number is in range; one draw in 2^32 is not.
            Algorithm::ES256 => [first, second]
                .into_iter()
                .find_map(|drawn| Self::from_secret(algorithm, drawn).ok())
                .ok_or_else(unlucky),
            Algorithm::HS512 => Self::from_secret(algorithm, random).map_err(|_| unlucky()),
            Algorithm::HS256 => Self::from_secret(algorithm, first).map_err(|_| unlucky()),
            Algorithm::EdDSA | Algorithm::RS256 => Self::from_secret(algorithm, first),
        }
    }

    /// The seed, private number or secret, to be sealed; zeroized when dropped.
    #[must_use]
    pub fn secret(&self) -> Zeroizing<Vec<u8>> {
        self.secret.clone()
    }

    /// The same key under another id, of 1 to 128 characters.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if the id is empty or longer.
    pub fn with_kid(mut self, kid: &str) -> Result<Self, Error> {
        self.verifying_key = self.verifying_key.with_kid(kid)?;
        Ok(self)
    }

    /// The key's id: its RFC 7638 thumbprint, so that equal keys have equal ids on every host,
    /// unless another was given.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.verifying_key.kid()
    }

    /// The one algorithm this key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.verifying_key.algorithm()
    }

    /// What verifies: the public half, or, of an HMAC key, the same secret.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    /// The same key, which the host keeps as well, if it can.
    pub(super) fn hosted(mut self, host: &dyn Host) -> Result<Self, Error> {
        if matches!(self.algorithm(), Algorithm::EdDSA | Algorithm::ES256)
            && let Some(host) = host.signer(&self.to_private_jwk()?)
        {
            self.signer = Box::new(HostedSigner { host, own: self.signer });
        }
        Ok(self)
    }

    /// The same key, whose public half the host keeps as well, if it can: it verifies and does not
    /// sign.
    pub(crate) fn verified_by(mut self, host: &dyn Host) -> Self {
        self.verifying_key = self.verifying_key.hosted(host);
        self
    }

    /// What signs, as `jsonwebtoken` sees it.
    pub(super) fn signer(&self) -> &dyn JwtSigner {
        &*self.signer
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid())
            .field("secret", &"[redacted]")
            .finish()
    }
}

/// A key that verifies, and the one algorithm it verifies. Never printed: HMAC's is a secret.
#[derive(Clone)]
pub struct VerifyingKey {
    verifier: Arc<KeptVerifier>,
    algorithm: Algorithm,
    /// `None` of an HMAC key, which has no public members.
    public: Option<PublicMembers>,
    kid: String,
    /// Headers with this algorithm and this id.
    headers: Headers,
}

impl VerifyingKey {
    /// An Ed25519 key from its 32-octet point (RFC 8032 §5.1.2).
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if the octets are no point, not its canonical encoding, or a point of
    /// small order, under which one signature fits many messages.
    pub fn ed25519(point: &[u8; 32]) -> Result<Self, Error> {
        let refused = || refuse("the public key is not a sound Ed25519 point");
        Ed25519Verifier::new(point).map(Self::of_ed25519).ok_or_else(refused)
    }

    /// A P-256 key from its coordinates, big-endian (RFC 7518 §6.2.1).
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if they are no point of the curve.
    pub fn es256(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, Error> {
        let refused = || refuse("the public key is not a point of P-256");
        Es256Verifier::new(x, y).map(Self::of_es256).ok_or_else(refused)
    }

    /// An RSA key for RS256 from modulus and exponent, big-endian without leading zeros
    /// (RFC 7518 §6.3.1).
    ///
    /// # Errors
    /// [`Code::InvalidInput`] unless the modulus is odd and has 2048 to 4096 bits, and the exponent
    /// is odd, from 65537, and of at most 64 bits.
    pub fn rs256(n: &[u8], e: &[u8]) -> Result<Self, Error> {
        let refused = || refuse("the public key is not an RSA key of 2048 to 4096 bits");
        let verifier = Rs256Verifier::new(n, e).ok_or_else(refused)?;
        let public = PublicMembers::Rsa { n: base64url(n), e: base64url(e) };
        Ok(Self::of_public(Arc::new(verifier), Algorithm::RS256, public))
    }

    fn of_ed25519(verifier: Ed25519Verifier) -> Self {
        let public = PublicMembers::Okp { x: base64url(verifier.point()) };
        Self::of_public(Arc::new(verifier), Algorithm::EdDSA, public)
    }

    fn of_es256(verifier: Es256Verifier) -> Self {
        let (x, y) = verifier.coordinates();
        let public = PublicMembers::Ec { x: base64url(&x), y: base64url(&y) };
        Self::of_public(Arc::new(verifier), Algorithm::ES256, public)
    }

    fn of_public(verifier: Arc<KeptVerifier>, algorithm: Algorithm, public: PublicMembers) -> Self {
        let kid = public.thumbprint();
        Self { verifier, algorithm, public: Some(public), kid, headers: Headers::default() }
    }

    fn of_secret(verifier: Arc<KeptVerifier>, algorithm: Algorithm, secret: &[u8]) -> Self {
        let kid = secret_thumbprint(secret);
        Self { verifier, algorithm, public: None, kid, headers: Headers::default() }
    }

    /// The same key under another id, of 1 to 128 characters.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if the id is empty or longer.
    pub fn with_kid(mut self, kid: &str) -> Result<Self, Error> {
        if kid.is_empty() || kid.chars().count() > MAX_KID_LENGTH {
            return Err(refuse("a key's id has 1 to 128 characters"));
        }
        kid.clone_into(&mut self.kid);
        self.headers = Headers::default();
        Ok(self)
    }

    /// The key's id: its RFC 7638 thumbprint (base64url of SHA-256, 43 characters), unless another
    /// was given.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key as a JWK with public members only; `None` of an HMAC key, which has none.
    #[must_use]
    pub fn to_jwk(&self) -> Option<Jwk> {
        let public = self.public.clone()?;
        Some(Jwk::new(public, self.kid.clone(), self.algorithm.as_str()))
    }

    /// The public members; `None` of an HMAC key.
    pub(crate) const fn public_members(&self) -> Option<&PublicMembers> {
        self.public.as_ref()
    }

    /// The header, encoded, of the tokens of this type that this key issues.
    pub(super) fn issued_header(&self, token_type: TokenType<'_>) -> Result<Cow<'_, str>, Error> {
        self.headers.issued(self, token_type)
    }

    /// The same key, which the host keeps as well, if it can.
    pub(super) fn hosted(mut self, host: &dyn Host) -> Self {
        let jwk = || json::write(&self.to_jwk()?).ok().and_then(|jwk| String::from_utf8(jwk).ok());
        if matches!(self.algorithm, Algorithm::EdDSA | Algorithm::ES256)
            && let Some(host) = jwk().and_then(|jwk| host.verifier(&jwk))
        {
            self.verifier = Arc::new(HostedVerifier { host, own: self.verifier });
        }
        self
    }

    /// What verifies, as `jsonwebtoken` sees it.
    pub(super) fn verifier(&self) -> &dyn JwtVerifier {
        &*self.verifier
    }

    /// In a build for tests: whether this is a signature of the message, for vectors whose messages
    /// are no tokens.
    #[cfg(feature = "test-clock")]
    pub fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify(message, &signature.to_vec()).is_ok()
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

fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

fn refuse(detail: &'static str) -> Error {
    Error::new(Code::InvalidInput, detail)
}

#[cfg(test)]
mod tests;
