//! authcore for JavaScript: what the npm package exports. Conversions only; the rules are core's.
#![forbid(unsafe_code)]

use authcore::error::Code;
use authcore::password::{self, Argon2Params, Ceilings, PasswordHash, Pool};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

mod backup_codes;
mod convert;
mod error;
mod host;
mod jwt;
mod texts;
mod totp;

use error::{Described, Thrown};

/// The memory of hashes: they run one after the other, so one is enough.
static MEMORY: Pool = Pool::new(1, Ceilings::WORKER.memory_kib as usize);

/// Hashes a password with argon2id (RFC 9106) at the default cost, with a salt from the host's
/// CSPRNG. Returns the PHC string to store. Takes tens of milliseconds of CPU.
///
/// Throws an `AuthcoreError`: `invalid_input` unless it is a string of at most 1024 bytes of
/// UTF-8, `busy` if there is no memory left.
#[wasm_bindgen(js_name = hashPassword)]
pub fn hash_password(
    #[wasm_bindgen(unchecked_param_type = "string")] password: JsValue,
) -> Result<String, Thrown> {
    let password = convert::password(password)?;
    let hash = password::hash_in(&MEMORY, &password, &Argon2Params::default(), convert::random()?)?;
    Ok(hash.as_str().to_owned())
}

/// Checks a password against a stored PHC string, in constant time. Returns nothing: what may not
/// be ignored is thrown.
///
/// Throws an `AuthcoreError`: `invalid_credentials` if it is another password; `hash_malformed`,
/// `hash_unsupported` or `hash_too_costly` before any work; `invalid_input`; `busy`.
#[wasm_bindgen(js_name = verifyPassword)]
pub fn verify_password(
    #[wasm_bindgen(unchecked_param_type = "string")] hash: JsValue,
    #[wasm_bindgen(unchecked_param_type = "string")] password: JsValue,
) -> Result<(), Thrown> {
    let hash = convert::text(hash, "/hash")?;
    let stored = PasswordHash::parse(&hash, &Ceilings::default())?;
    let password = convert::password(password)?;
    let password::Verified { .. } = password::verify_in(&MEMORY, &password, &stored)?;
    Ok(())
}

/// Whether a right password should be hashed anew: the cost of the stored PHC string is not
/// today's default.
///
/// Throws an `AuthcoreError`: `hash_malformed`, `hash_unsupported`, `hash_too_costly`,
/// `invalid_input`.
#[wasm_bindgen(js_name = needsRehash)]
pub fn needs_rehash(
    #[wasm_bindgen(unchecked_param_type = "string")] hash: JsValue,
) -> Result<bool, Thrown> {
    let hash = convert::text(hash, "/hash")?;
    let stored = PasswordHash::parse(&hash, &Ceilings::default())?;
    Ok(password::needs_rehash(&stored, &Argon2Params::default()))
}

/// The one table of errors: every code that an `AuthcoreError` can have, in its order.
#[wasm_bindgen(js_name = errorCodes, unchecked_return_type = "ErrorCode[]")]
pub fn error_codes() -> Result<JsValue, Thrown> {
    let codes: Vec<Described> = Code::ALL.iter().copied().map(Described::of).collect();
    convert::value(&codes)
}

/// Replays a transcript, given as JSON text; throws what differs. For tests.
#[cfg(feature = "test-clock")]
#[wasm_bindgen]
pub fn replay(transcript: &str) -> Result<(), String> {
    authcore::api::replay(transcript)
}
