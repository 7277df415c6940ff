//! JSON Web Tokens: keys, issue, verify, key sets.

use authcore::error::{Code, Error};
use authcore::jwt::{self, Algorithm, Expected, verify_claims};
use authcore::time::Millis;
use js_sys::{JSON, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{self, Options, parsed};
use crate::error::Thrown;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The algorithm of a key; RS256 is verified and never signed. */
export type JwtAlgorithm = "EdDSA" | "ES256" | "HS256" | "HS512";

/** Claims of a token (RFC 7519 §4). Moments are Unix seconds; numbers are whole. */
export interface JwtClaims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
  [name: string]: unknown;
}

/** A key as JSON (RFC 7517 §4). */
export type Jwk = Record<string, unknown>;

/** A set of keys as JSON (RFC 7517 §5). */
export interface JwkSet {
  keys: Jwk[];
}

/** What a token must be. A token that names an issuer or an audience is refused if none is given. */
export interface VerifyOptions {
  issuer?: string;
  audience?: string;
  /** The `typ` of its header, by default `JWT`. */
  typ?: string;
  /** Seconds that clocks may differ: by default 0, at most 300. */
  leeway?: number;
  /** Unix milliseconds; by default now. */
  at?: number;
}
"#;

const VERIFY: [&str; 5] = ["issuer", "audience", "typ", "leeway", "at"];

fn algorithm(name: JsValue) -> Result<Algorithm, Error> {
    parsed("/alg", Algorithm::parse(&convert::text(name, "/alg")?))
}

/// The JSON of a value, which core reads with its own strict reader.
fn json_text(value: &JsValue, pointer: &str) -> Result<String, Error> {
    let text = JSON::stringify(value).map(JsValue::from).unwrap_or_default();
    convert::text(text, pointer)
}

fn object(text: &str) -> Result<JsValue, Thrown> {
    let refused = |_| Error::new(Code::Internal, "the JSON cannot be read").into();
    JSON::parse(text).map_err(refused)
}

fn verified(token: JsValue, keys: &jwt::KeySet, options: JsValue) -> Result<JsValue, Thrown> {
    let token = convert::text(token, "/token")?;
    let options = Options::read(options, &VERIFY)?;
    let (issuer, audience) = (options.text("issuer")?, options.text("audience")?);
    let typ = options.text("typ")?;
    let mut expected = Expected::named(typ.as_deref(), options.moment("at")?);
    expected.issuer = issuer.as_deref();
    expected.audience = audience.as_deref();
    let seconds = |seconds: i64| Millis::seconds(u32::try_from(seconds).unwrap_or_default());
    expected.leeway = options.integer("leeway")?.map_or(expected.leeway, seconds);
    object(verify_claims(&token, keys, &expected)?.as_json())
}

/// The keys that are trusted, and the one among them that signs (RFC 7515, 7517, 7519). The
/// algorithm belongs to the key, never to the token.
#[wasm_bindgen]
pub struct KeySet(jwt::KeySet);

#[wasm_bindgen]
impl KeySet {
    /// A new key, which signs.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` for another algorithm.
    pub fn generate(
        #[wasm_bindgen(unchecked_param_type = "JwtAlgorithm")] alg: JsValue,
    ) -> Result<Self, Thrown> {
        Ok(Self(jwt::KeySet::generate(algorithm(alg)?, &convert::random()?)?))
    }

    /// A secret for HS256 (32 bytes at least) or HS512 (64), which signs.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if it is shorter, or the text of a key or a
    /// certificate: PEM, DER, SSH, JWK.
    #[wasm_bindgen(js_name = fromSecret)]
    pub fn from_secret(
        #[wasm_bindgen(unchecked_param_type = "JwtAlgorithm")] alg: JsValue,
        secret: Uint8Array,
    ) -> Result<Self, Thrown> {
        Ok(Self(jwt::KeySet::from_secret(algorithm(alg)?, &secret.to_vec())?))
    }

    /// The key of a JWK: public, private (it signs), or `oct` with `alg` (it signs).
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if it is not sound, not for signatures, or a
    /// private RSA key.
    #[wasm_bindgen(js_name = fromJwk)]
    pub fn from_jwk(
        #[wasm_bindgen(unchecked_param_type = "Jwk")] jwk: JsValue,
    ) -> Result<Self, Thrown> {
        Ok(Self(jwt::KeySet::from_jwk(&json_text(&jwk, "/jwk")?)?))
    }

    /// The keys of a JWK Set; the first private one signs. Keys of another kind, algorithm or use
    /// are left out (RFC 7517 §5).
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if one of ours is not sound.
    #[wasm_bindgen(js_name = fromJwks)]
    pub fn from_jwks(
        #[wasm_bindgen(unchecked_param_type = "JwkSet")] jwks: JsValue,
    ) -> Result<Self, Thrown> {
        Ok(Self(jwt::KeySet::from_jwks(&json_text(&jwks, "/jwks")?)?))
    }

    /// A signed token; its `typ` is `JWT` unless given. The same claims give the same token.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if `exp` is missing, if a registered claim has
    /// another type, or if no key signs.
    pub fn issue(
        &self,
        #[wasm_bindgen(unchecked_param_type = "JwtClaims")] claims: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "{ typ?: string }")] options: JsValue,
    ) -> Result<String, Thrown> {
        let typ = Options::read(options, &["typ"])?.text("typ")?;
        Ok(self.0.issue(typ.as_deref(), &json_text(&claims, "/claims")?)?)
    }

    /// The claims of a token that one of these keys signed; see `verifyJwt`.
    ///
    /// Throws an `AuthcoreError`: `token_expired`, or `token_invalid` for anything else.
    #[wasm_bindgen(unchecked_return_type = "JwtClaims")]
    pub fn verify(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] token: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "VerifyOptions")] options: JsValue,
    ) -> Result<JsValue, Thrown> {
        verified(token, &self.0, options)
    }

    /// The JWK Set to publish: public keys only. Of HMAC keys there is nothing to publish.
    #[wasm_bindgen(unchecked_return_type = "JwkSet")]
    pub fn jwks(&self) -> Result<JsValue, Thrown> {
        object(&self.0.jwks()?)
    }

    /// The private key that signs, as a JWK: for a backup.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` if none does.
    #[wasm_bindgen(js_name = toPrivateJwk, unchecked_return_type = "Jwk")]
    pub fn to_private_jwk(&self) -> Result<JsValue, Thrown> {
        object(&self.0.to_private_jwk()?)
    }
}

/// The claims of a token that a key of this JWK Set signed. It must name a `kid` of the set and
/// expire; what it says of issuer and audience must be what is expected.
///
/// Throws an `AuthcoreError`: `token_expired`, or `token_invalid` for anything else;
/// `invalid_input` if the set is none. `KeySet.fromJwks(jwks).verify` reads the keys once.
#[wasm_bindgen(js_name = verifyJwt, unchecked_return_type = "JwtClaims")]
pub fn verify_jwt(
    #[wasm_bindgen(unchecked_param_type = "string")] token: JsValue,
    #[wasm_bindgen(unchecked_param_type = "JwkSet")] jwks: JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "VerifyOptions")] options: JsValue,
) -> Result<JsValue, Thrown> {
    verified(token, &KeySet::from_jwks(jwks)?.0, options)
}
