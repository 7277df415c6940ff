//! Backup codes, and the key ring under which they are stored.

use authcore::backup_codes::{self, BackupCode, Count};
use authcore::secret::{self, Secret};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert;
use crate::error::Thrown;

/// The keys of AUTHCORE_SECRET, `id:base64[,id:base64…]`: the first hashes, all find.
#[wasm_bindgen]
pub struct Ring(secret::Ring);

#[wasm_bindgen]
impl Ring {
    /// Throws an `AuthcoreError`: `invalid_settings` if a key is missing, malformed, short or
    /// guessable; `invalid_input` unless it is a string.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "string")] secret: JsValue,
    ) -> Result<Self, Thrown> {
        let text = Secret::new(convert::text(secret, "/secret")?);
        Ok(Self(secret::Ring::parse(text.expose())?))
    }
}

/// A new set of backup codes of 80 bits each, to be shown once and stored as keyed hashes.
#[wasm_bindgen]
pub struct BackupCodes(backup_codes::BackupCodes);

#[wasm_bindgen]
impl BackupCodes {
    /// Draws 5 to 20 codes, by default 10, from the host's CSPRNG.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` for another number.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "number")] count: JsValue,
    ) -> Result<Self, Thrown> {
        let count = if count.is_undefined() {
            Count::default()
        } else {
            let number = convert::integer(count, "/count")?;
            convert::parsed("/count", Count::new(u32::try_from(number).unwrap_or(u32::MAX)))?
        };
        let codes = backup_codes::BackupCodes::try_from_random(count, convert::random)?;
        Ok(Self(codes))
    }

    /// The codes, such as `7ZZ0-1K9M-T4QX-BR3D`, to be shown to their owner.
    #[wasm_bindgen(getter)]
    pub fn codes(&self) -> Vec<String> {
        self.0.texts().iter().map(|text| text.expose().clone()).collect()
    }

    /// What to store in place of the codes, salted by the account's id.
    ///
    /// Throws an `AuthcoreError`: `invalid_input` unless the account is a string.
    pub fn hashes(
        &self,
        ring: &Ring,
        #[wasm_bindgen(unchecked_param_type = "string")] account: JsValue,
    ) -> Result<Vec<String>, Thrown> {
        Ok(self.0.hashes(&ring.0, &convert::text(account, "/account")?))
    }

    /// The stored hash of a presented code, however it is typed. Delete it, and refuse the code if
    /// it is gone already: a code is used once.
    ///
    /// Throws an `AuthcoreError`: `otp_invalid` if it is not among `stored`; `invalid_input`.
    pub fn find(
        #[wasm_bindgen(unchecked_param_type = "string")] code: JsValue,
        #[wasm_bindgen(unchecked_param_type = "readonly string[]")] stored: JsValue,
        ring: &Ring,
        #[wasm_bindgen(unchecked_param_type = "string")] account: JsValue,
    ) -> Result<String, Thrown> {
        let code = Secret::new(convert::text(code, "/code")?);
        let stored = convert::texts(stored, "/stored")?;
        let account = convert::text(account, "/account")?;
        let code = BackupCode::parse(code.expose())?;
        Ok(code.find(&ring.0, &account, &stored)?.hash().to_owned())
    }
}
