//! JSON Web Tokens: keys, issue, verify, key sets. js/jwt.js reads what a caller passes.

use authcore::error::Error;
use authcore::jwt::{self, Algorithm, Expected, verify_claims_as_json};
use authcore::time::{Millis, UnixMillis};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{self, parsed};
use crate::error::Thrown;
use crate::host::Runtime;
use crate::texts;

fn algorithm(name: &str) -> Result<Algorithm, Error> {
    parsed("/alg", Algorithm::parse(name))
}

/// Keys that the runtime keeps as well.
fn hosted(keys: jwt::KeySet) -> Result<KeySet, Thrown> {
    Ok(KeySet(keys.hosted(&Runtime)?))
}

/// What a token must be, but for the moment. js/jwt.js keeps the last one: texts are long to hand
/// over, and most callers always ask for the same.
#[wasm_bindgen]
pub struct Asked {
    issuer: Option<String>,
    audience: Option<String>,
    typ: Option<String>,
    leeway: Millis,
}

#[wasm_bindgen]
impl Asked {
    #[wasm_bindgen(constructor)]
    pub fn new(
        issuer: Option<String>,
        audience: Option<String>,
        typ: Option<String>,
        leeway: Option<f64>,
    ) -> Self {
        let seconds = |seconds: f64| u32::try_from(seconds as i64).unwrap_or_default();
        let leeway = Millis::seconds(leeway.map_or(0, seconds));
        Self { issuer, audience, typ, leeway }
    }
}

#[wasm_bindgen]
pub struct KeySet(jwt::KeySet);

#[wasm_bindgen]
impl KeySet {
    pub fn generate(alg: &str) -> Result<Self, Thrown> {
        hosted(jwt::KeySet::generate(algorithm(alg)?, &convert::random()?)?)
    }

    #[wasm_bindgen(js_name = fromSecret)]
    pub fn from_secret(alg: &str, secret: &[u8]) -> Result<Self, Thrown> {
        hosted(jwt::KeySet::from_secret(algorithm(alg)?, secret)?)
    }

    #[wasm_bindgen(js_name = fromJwk)]
    pub fn from_jwk(jwk: &str) -> Result<Self, Thrown> {
        hosted(jwt::KeySet::from_jwk(jwk)?)
    }

    #[wasm_bindgen(js_name = fromJwks)]
    pub fn from_jwks(jwks: &str) -> Result<Self, Thrown> {
        hosted(jwt::KeySet::from_jwks(jwks)?)
    }

    /// A token that js/texts.js reads, for claims that it wrote as JSON.
    pub fn issue(&self, claims: usize, typ: Option<String>) -> Result<usize, Thrown> {
        let token = texts::written(claims, |claims| self.0.issue(typ.as_deref(), claims))?;
        Ok(texts::keep(token))
    }

    /// The claims as JSON, which js/texts.js reads, of a token that it wrote.
    pub fn verify(&self, token: usize, asked: &Asked, at: f64) -> Result<usize, Thrown> {
        let mut expected = Expected::named(asked.typ.as_deref(), UnixMillis::new(at as i64));
        expected.issuer = asked.issuer.as_deref();
        expected.audience = asked.audience.as_deref();
        expected.leeway = asked.leeway;
        let verified =
            texts::written(token, |token| verify_claims_as_json(token, &self.0, &expected))?;
        Ok(texts::keep(verified.into_json()))
    }

    pub fn jwks(&self) -> Result<String, Thrown> {
        Ok(self.0.jwks()?)
    }

    #[wasm_bindgen(js_name = toPrivateJwk)]
    pub fn to_private_jwk(&self) -> Result<String, Thrown> {
        Ok(self.0.to_private_jwk()?.as_str().to_owned())
    }
}
