//! Any request, and any answers of the database: eight bytes of the input choose those.
#![no_main]

use authcore_fuzz::{request, send};
use libfuzzer_sys::fuzz_target;

// SECURITY 100
fuzz_target!(|input: &[u8]| {
    let Some((answers, text)) = input.split_first_chunk() else { return };
    send(request(text), u64::from_be_bytes(*answers));
});
