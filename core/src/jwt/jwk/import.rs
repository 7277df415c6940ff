//! Reading a JWK: what it says of itself must fit, and its octets must be a sound key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::{Kind, only_algorithm};
use crate::error::{Code, Error};
use crate::json::{Object, Value};
use crate::jwt::{Algorithm, SigningKey, VerifyingKey};

/// Members of a private RSA key (RFC 7518 §6.3.2), none of which is taken.
const RSA_PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// A key that was read.
pub(in crate::jwt) enum Imported {
    /// A key that verifies only.
    Public(VerifyingKey),
    /// A key that signs: it came with `d` or `k`.
    Private(SigningKey),
}

/// Why a JWK is not taken.
#[derive(Debug)]
pub(in crate::jwt) enum Refusal {
    /// It is of a kind, for an algorithm or for a use that is not ours: a set leaves such keys out
    /// (RFC 7517 §5).
    NotOurs(&'static str),
    /// It is broken.
    Broken(&'static str),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (Refusal::NotOurs(detail) | Refusal::Broken(detail)) = refusal;
        Self::new(Code::InvalidInput, detail)
    }
}

use Refusal::{Broken, NotOurs};

/// Reads a JWK (RFC 7517 §4). Members that are not known are ignored, as the RFC asks.
pub(in crate::jwt) fn import(jwk: &Object) -> Result<Imported, Refusal> {
    let jwk = Members(jwk);
    let kty = jwk.text("kty")?.ok_or(Broken("the JWK has no kty"))?;
    jwk.is_for_signatures()?;
    let key = match kty {
        "OKP" => okp(&jwk)?,
        "EC" => ec(&jwk)?,
        "RSA" => rsa(&jwk)?,
        "oct" => oct(&jwk)?,
        _ => return Err(NotOurs("the JWK has a kty that is not supported")),
    };
    let Some(kid) = jwk.text("kid")? else { return Ok(key) };
    let refused = |_| Broken("the JWK has a kid that is empty or longer than 128 characters");
    match key {
        Imported::Public(key) => key.with_kid(kid).map(Imported::Public),
        Imported::Private(key) => key.with_kid(kid).map(Imported::Private),
    }
    .map_err(refused)
}

fn okp(jwk: &Members<'_>) -> Result<Imported, Refusal> {
    jwk.is_of_curve("Ed25519")?;
    jwk.has_algorithm(only_algorithm(Kind::Okp))?;
    let x = jwk.octets("x")?;
    let point = <[u8; 32]>::try_from(x.as_slice()).map_err(|_| UNSOUND)?;
    let public = VerifyingKey::ed25519(&point).map_err(|_| UNSOUND)?;
    jwk.with_private(public, Algorithm::EdDSA)
}

fn ec(jwk: &Members<'_>) -> Result<Imported, Refusal> {
    jwk.is_of_curve("P-256")?;
    jwk.has_algorithm(only_algorithm(Kind::Ec))?;
    let (x, y) = (jwk.octets("x")?, jwk.octets("y")?);
    // As long as the field, leading zeros included (RFC 7518 §6.2.1.2).
    let coordinate = |octets: &[u8]| <[u8; 32]>::try_from(octets).map_err(|_| UNSOUND);
    let public = VerifyingKey::es256(&coordinate(&x)?, &coordinate(&y)?).map_err(|_| UNSOUND)?;
    jwk.with_private(public, Algorithm::ES256)
}

fn rsa(jwk: &Members<'_>) -> Result<Imported, Refusal> {
    if RSA_PRIVATE.iter().any(|name| jwk.0.get(name).is_some()) {
        return Err(Broken("a private RSA key is not taken: RS256 is verified only"));
    }
    jwk.has_algorithm(only_algorithm(Kind::Rsa))?;
    let (n, e) = (jwk.octets("n")?, jwk.octets("e")?);
    let public = VerifyingKey::rs256(&n, &e);
    let refused = |_| NotOurs("the JWK is not an RSA key of 2048 to 4096 bits");
    public.map(Imported::Public).map_err(refused)
}

fn oct(jwk: &Members<'_>) -> Result<Imported, Refusal> {
    // Nothing else says which hash the secret is for.
    let alg = jwk.text("alg")?.ok_or(Broken("an oct JWK needs alg, HS256 or HS512"))?;
    let algorithm = Algorithm::named(alg).filter(|algorithm| algorithm.is_symmetric());
    let algorithm = algorithm.ok_or(NotOurs("the JWK has an alg that is not supported"))?;
    let secret = jwk.octets("k")?;
    let refused = |_| Broken("the JWK's secret is shorter than its hash, or no secret");
    SigningKey::from_secret(algorithm, &secret).map(Imported::Private).map_err(refused)
}

const UNSOUND: Refusal = Broken("the JWK is not a sound point of its curve");

/// The members of a JWK. One of the wrong type is refused, never taken for an absent one.
struct Members<'a>(&'a Object);

impl<'a> Members<'a> {
    fn text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Broken("a member of the JWK that must be a string is something else")),
        }
    }

    /// Canonical base64url without padding (RFC 7515 §2), not empty.
    fn octets(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let text = self.text(name)?.ok_or(Broken("the JWK lacks a member of its key"))?;
        let octets = URL_SAFE_NO_PAD.decode(text).map(Zeroizing::new);
        let octets = octets.map_err(|_| Broken("a member of the JWK is not base64url"))?;
        if octets.is_empty() { Err(Broken("a member of the JWK is empty")) } else { Ok(octets) }
    }

    /// `use` and `key_ops` (RFC 7517 §4.2, §4.3), if they are there.
    fn is_for_signatures(&self) -> Result<(), Refusal> {
        if self.text("use")?.is_some_and(|key_use| key_use != "sig") {
            return Err(NotOurs("the JWK is not for signatures"));
        }
        let Some(operations) = self.0.get("key_ops") else { return Ok(()) };
        let wrong = Broken("the JWK's key_ops are not distinct strings");
        let Value::Array(operations) = operations else { return Err(wrong) };
        let mut names = Vec::new();
        for operation in operations {
            match operation.as_str() {
                Some(name) if !names.contains(&name) => names.push(name),
                _ => return Err(wrong),
            }
        }
        if names.iter().any(|name| ["sign", "verify"].contains(name)) {
            Ok(())
        } else {
            Err(NotOurs("the JWK is not for signatures"))
        }
    }

    fn is_of_curve(&self, curve: &str) -> Result<(), Refusal> {
        match self.text("crv")? {
            Some(crv) if crv == curve => Ok(()),
            Some(_) => Err(NotOurs("the JWK has a crv that is not supported")),
            None => Err(Broken("the JWK has no crv")),
        }
    }

    /// `alg` may be absent: the kind of key leaves no other.
    fn has_algorithm(&self, only: Algorithm) -> Result<(), Refusal> {
        match self.text("alg")? {
            Some(alg) if alg != only.as_str() => {
                Err(NotOurs("the JWK has an alg that is not supported"))
            }
            _ => Ok(()),
        }
    }

    /// The private key, if there is one: it must be that of the public members.
    fn with_private(
        &self,
        public: VerifyingKey,
        algorithm: Algorithm,
    ) -> Result<Imported, Refusal> {
        if self.0.get("d").is_none() {
            return Ok(Imported::Public(public));
        }
        let wrong = Broken("the JWK's private key is not that of its public members");
        match SigningKey::from_secret(algorithm, &self.octets("d")?) {
            Ok(key) if key.kid() == public.kid() => Ok(Imported::Private(key)),
            _ => Err(wrong),
        }
    }
}
