//! Stored password hashes (PHC strings) and costs: nothing beyond the ceilings passes.
#![no_main]

use authcore::password::{Argon2Params, Ceilings, PasswordHash};
use libfuzzer_sys::fuzz_target;

// SECURITY 9, 100
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let ceilings = Ceilings::default();
    if let Ok(hash) = PasswordHash::parse(&text, &ceilings) {
        assert_eq!(hash.as_str(), text);
        assert!(hash.memory() <= ceilings.memory_kib);
    }
    if let Ok(params) = Argon2Params::parse(&text) {
        assert!(params.memory_kib >= 12_288);
    }
});
