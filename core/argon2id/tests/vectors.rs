//! The vectors of RFC 9106 and of the reference implementation, by every kernel.
// As in any test:
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod published;

use authcore_argon2id::Pool;

// SECURITY 85
#[test]
fn every_kernel_hashes_as_published() {
    assert_eq!(published::missed(&Pool::new(1, 65_536)), Vec::<String>::new());
}
