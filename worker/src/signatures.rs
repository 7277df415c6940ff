//! The runtime's own check of EdDSA and ES256 signatures, by signatures.mjs, which is quicker than
//! WebAssembly's. Core judges the keys, the tokens and the form of a signature, and signs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use authcore::jwt::{Host, HostSigner, HostVerifier, SIGNATURE_LENGTH};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::wasm_bindgen;

/// So many signatures of a key core verifies itself: an isolate that asks the runtime once has it
/// load what takes as long as a hundred of them. In a build for tests the runtime has them all.
const BY_CORE: u32 = if cfg!(feature = "test-clock") { 0 } else { 100 };

// Where scripts/tools.mjs puts it. With `module` the artefact would name the folder of this crate.
#[wasm_bindgen(raw_module = "../js/signatures.mjs")]
extern "C" {
    /// Keeps a public key, given as a JWK, and gives its number; none if the runtime cannot.
    fn keep(jwk: &str) -> Option<u32>;
    /// Whether the runtime says that the signature holds.
    fn holds(key: u32, input: &[u8], signature: &[u8]) -> bool;
    fn forget(key: u32);
}

/// The runtime.
pub struct Runtime;

impl Host for Runtime {
    fn signer(&self, _: &str) -> Option<Box<dyn HostSigner>> {
        None
    }

    fn verifier(&self, jwk: &str) -> Option<Arc<dyn HostVerifier>> {
        let (asked, kept) = (AtomicU32::new(0), OnceLock::new());
        Some(Arc::new(Public { jwk: jwk.to_owned(), asked, kept }))
    }
}

/// A public key, and its number once the runtime keeps it, if it can.
struct Public {
    jwk: String,
    asked: AtomicU32,
    kept: OnceLock<Option<u32>>,
}

impl HostVerifier for Public {
    /// A yes is taken. A no may be that of a runtime that reads another form of signature: then core
    /// looks itself.
    fn verify(&self, input: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> Option<bool> {
        if self.asked.load(Ordering::Relaxed) < BY_CORE {
            self.asked.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let key = (*self.kept.get_or_init(|| keep(&self.jwk)))?;
        holds(key, input, signature).then_some(true)
    }
}

impl Drop for Public {
    fn drop(&mut self) {
        if let Some(Some(key)) = self.kept.get() {
            forget(*key);
        }
    }
}
