//! The vectors of RFC 9106 and of the reference implementation, by every kernel.
// As in any test:
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod published;

use authcore_argon2id::Pool;
use published::{LARGE, PASSWORDS};

// SECURITY 85
#[test]
fn every_kernel_hashes_as_published() {
    // An emulator takes minutes for the large ones.
    let large = if cfg!(target_arch = "x86_64") { &LARGE[..] } else { &[] };
    let vectors = [&PASSWORDS[..], large].concat();
    assert_eq!(published::missed(&Pool::new(1, 65_536), &vectors), Vec::<String>::new());
}
