//! Keys by the examples of the RFCs, and what they do not show.

use super::*;

fn rfc8037_key() -> SigningKey {
    let d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    SigningKey::ed25519(URL_SAFE_NO_PAD.decode(d).unwrap().try_into().unwrap())
}

// RFC 8037 appendices A.1 to A.3
#[test]
fn the_public_key_and_thumbprint_are_those_of_rfc_8037() {
    let key = rfc8037_key();
    let jwk = serde_json::to_value(key.verifying_key().to_jwk()).unwrap();
    assert_eq!(jwk["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(key.algorithm(), Algorithm::EdDSA);
}

#[test]
fn a_key_of_each_algorithm_comes_back_from_its_secret() {
    for algorithm in Algorithm::ALL.iter().filter(|one| **one != Algorithm::RS256) {
        let key = SigningKey::generate(*algorithm, &[7; RANDOM_LENGTH]).unwrap();
        let again = SigningKey::from_secret(*algorithm, &key.secret()).unwrap();
        assert_eq!((again.kid(), again.algorithm()), (key.kid(), *algorithm));
        assert_eq!(key.verifying_key().to_jwk().is_none(), algorithm.is_symmetric());
        let signed = |key: &SigningKey| key.signer().try_sign(b"message").unwrap();
        assert_eq!(signed(&key), signed(&again), "{algorithm:?}");
        let verifier = again.verifying_key().verifier();
        assert!(verifier.verify(b"message", &signed(&key)).is_ok());
        assert!(verifier.verify(b"massage", &signed(&key)).is_err());
    }
}

// SECURITY 101
#[test]
fn no_key_signs_rs256() {
    for refused in [
        SigningKey::from_secret(Algorithm::RS256, &[7; 32]),
        SigningKey::generate(Algorithm::RS256, &[7; RANDOM_LENGTH]),
    ] {
        assert_eq!(refused.unwrap_err().code, Code::InvalidInput);
    }
}

#[test]
fn a_number_out_of_range_is_drawn_again() {
    let mut random = [0xff; RANDOM_LENGTH];
    assert_eq!(
        SigningKey::generate(Algorithm::ES256, &random).unwrap_err().code,
        Code::Unavailable
    );
    random[PRIVATE_LENGTH..].fill(7);
    let key = SigningKey::generate(Algorithm::ES256, &random).unwrap();
    assert_eq!(key.kid(), SigningKey::es256(&[7; 32]).unwrap().kid());
}

// SECURITY 88
#[test]
fn debug_shows_the_id_and_not_the_secret() {
    let shown = format!("{:?}", rfc8037_key());
    let expected = "SigningKey { algorithm: EdDSA, \
        kid: \"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\", secret: \"[redacted]\" }";
    assert_eq!(shown, expected);
    let secret = b"correct horse battery staple etc";
    let key = SigningKey::hs256(secret).unwrap();
    for shown in [format!("{key:?}"), format!("{:?}", key.verifying_key())] {
        assert!(!shown.contains("horse") && !shown.contains("99, 111, 114"), "{shown}");
    }
}

#[test]
fn an_id_may_be_given_within_bounds() {
    let key = rfc8037_key().with_kid("mine").unwrap();
    assert_eq!((key.kid(), key.verifying_key().kid()), ("mine", "mine"));
    for refused in [String::new(), "k".repeat(129)] {
        assert!(rfc8037_key().with_kid(&refused).is_err());
    }
}
