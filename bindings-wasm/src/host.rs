//! The runtime's own EdDSA and ES256, by js/host.js; core judges the keys and what is signed.

use std::sync::{Arc, OnceLock};

use authcore::jwt::{Host, HostSigner, HostVerifier, SIGNATURE_LENGTH};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "../js/host.js")]
extern "C" {
    /// Keeps a private key, or a public one, and gives its number; none if the runtime cannot.
    #[wasm_bindgen(js_name = keepPrivate)]
    fn keep_private(jwk: &str) -> Option<u32>;
    #[wasm_bindgen(js_name = keepPublic)]
    fn keep_public(jwk: &str) -> Option<u32>;
    /// Whether it signed.
    fn sign(key: u32, input: &[u8], signature: &mut [u8]) -> bool;
    /// Whether the signature holds; nothing if the runtime cannot say.
    fn verify(key: u32, input: &[u8], signature: &[u8]) -> Option<bool>;
    fn forget(key: u32);
}

/// A key that js/host.js keeps, until this is dropped.
struct Kept(u32);

impl Drop for Kept {
    fn drop(&mut self) {
        forget(self.0);
    }
}

/// The runtime.
pub struct Runtime;

impl Host for Runtime {
    fn signer(&self, private_jwk: &str) -> Option<Box<dyn HostSigner>> {
        Some(Box::new(Kept(keep_private(private_jwk)?)))
    }

    fn verifier(&self, jwk: &str) -> Option<Arc<dyn HostVerifier>> {
        Some(Arc::new(Public { jwk: jwk.to_owned(), kept: OnceLock::new() }))
    }
}

impl HostSigner for Kept {
    fn sign(&self, input: &[u8]) -> Option<[u8; SIGNATURE_LENGTH]> {
        let mut signature = [0; SIGNATURE_LENGTH];
        sign(self.0, input, &mut signature).then_some(signature)
    }
}

/// A public key, which is kept once it verifies: of a large set most never do.
struct Public {
    jwk: String,
    kept: OnceLock<Option<Kept>>,
}

impl HostVerifier for Public {
    fn verify(&self, input: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> Option<bool> {
        let kept = self.kept.get_or_init(|| keep_public(&self.jwk).map(Kept));
        verify(kept.as_ref()?.0, input, signature)
    }
}
