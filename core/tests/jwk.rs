//! Keys as JSON: what comes in, what goes out, and what never does (RFC 7517, 7518, 7638, 8037).
#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // as in any test

use authcore::error::Code;
use authcore::jwt::{Algorithm, KeySet, RANDOM_LENGTH, SigningKey, jwks};
use serde_json::{Value, json};

const SIGNING: [Algorithm; 4] =
    [Algorithm::EdDSA, Algorithm::ES256, Algorithm::HS256, Algorithm::HS512];

/// RFC 7638 §3.1.
const RSA_N: &str = concat!(
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJEC",
    "PebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Qv",
    "zqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6W",
    "eZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
);

fn key(algorithm: Algorithm) -> KeySet {
    KeySet::generate(algorithm, &[7; RANDOM_LENGTH]).unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn kid(set: &KeySet) -> String {
    parsed(&set.jwks().unwrap())["keys"][0]["kid"].as_str().unwrap().to_owned()
}

fn ec() -> Value {
    // RFC 7517 appendix A.2
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
    })
}

fn okp() -> Value {
    // RFC 8037 appendix A.1
    json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

fn rsa() -> Value {
    json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"})
}

fn oct() -> Value {
    // RFC 7515 appendix A.1
    let k =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    json!({"kty": "oct", "alg": "HS256", "k": k})
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

fn without(mut jwk: Value, name: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(name).unwrap();
    jwk
}

fn import(jwk: &Value) -> Result<KeySet, Code> {
    KeySet::from_jwk(&jwk.to_string()).map_err(|error| error.code)
}

#[test]
fn the_thumbprints_of_the_rfcs_are_met() {
    let rsa = import(&rsa()).unwrap();
    assert_eq!(kid(&rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let okp = import(&okp()).unwrap();
    assert_eq!(kid(&okp), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_private_key_comes_back_from_its_backup() {
    for algorithm in SIGNING {
        let key = key(algorithm);
        let backup = key.to_private_jwk().unwrap();
        let again = KeySet::from_jwk(&backup).unwrap();
        let kids = [&key, &again].map(|set| set.signing_key().unwrap().kid().to_owned());
        assert_eq!(kids[0], kids[1], "{algorithm:?}");
        assert_eq!(again.to_private_jwk().unwrap(), backup);
        assert_eq!(parsed(&backup)["alg"], algorithm.as_str());
        assert_eq!(parsed(&backup)["use"], "sig");
    }
}

// SECURITY 47
#[test]
fn a_key_set_shows_public_members_only() {
    let keys: Vec<_> = SIGNING
        .iter()
        .map(|alg| key(*alg).signing_key().unwrap().verifying_key().clone())
        .collect();
    let text = jwks(&keys).unwrap();
    let shown = parsed(&text);
    let names = |jwk: &Value| jwk.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let shown = shown["keys"].as_array().unwrap();
    assert_eq!(shown.len(), 2, "of HMAC keys there is nothing to show");
    assert_eq!(names(&shown[0]), ["alg", "crv", "kid", "kty", "use", "x"]);
    assert_eq!(names(&shown[1]), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    let first = format!(
        r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":{},"kid":{},"alg":"EdDSA","use":"sig"}},"#,
        shown[0]["x"], shown[0]["kid"]
    );
    assert!(text.starts_with(&first), "in the declared order: {text}");
    let secrets = SIGNING.map(|algorithm| {
        let backup = parsed(&key(algorithm).to_private_jwk().unwrap());
        let secret = backup.get("d").or_else(|| backup.get("k")).unwrap();
        secret.as_str().unwrap().to_owned()
    });
    for secret in &secrets {
        assert!(!text.contains(secret.as_str()));
    }
    for private in [okp(), ec(), oct()] {
        let set = import(&private).unwrap();
        let shown = set.jwks().unwrap();
        assert!(!shown.contains(r#""d""#) && !shown.contains(r#""k""#), "{shown}");
        assert!(!format!("{set:?}").contains(private["d"].as_str().unwrap_or("AyM1")));
    }
}

#[test]
fn a_public_key_verifies_and_does_not_sign() {
    for jwk in [without(okp(), "d"), without(ec(), "d"), rsa()] {
        let set = import(&jwk).unwrap();
        assert_eq!(set.signing_key().unwrap_err().code, Code::InvalidInput);
        assert_eq!(set.to_private_jwk().unwrap_err().code, Code::InvalidInput);
        let shown = parsed(&set.jwks().unwrap());
        for (name, value) in jwk.as_object().unwrap() {
            assert_eq!(shown["keys"][0][name], *value);
        }
        assert!(KeySet::from_jwks(&set.jwks().unwrap()).is_ok());
    }
    for jwk in [okp(), ec(), oct()] {
        assert!(import(&jwk).unwrap().signing_key().is_ok());
    }
}

#[test]
fn an_id_is_kept() {
    for jwk in [okp(), without(ec(), "d"), rsa(), oct()] {
        let set = import(&with(jwk, "kid", json!("2026-11"))).unwrap();
        if let Ok(key) = set.signing_key() {
            assert_eq!(key.kid(), "2026-11");
        } else {
            assert_eq!(kid(&set), "2026-11");
        }
    }
    for kid in [json!(""), json!("k".repeat(129)), json!(1), Value::Null] {
        assert!(import(&with(okp(), "kid", kid)).is_err());
    }
}

// SECURITY 35, 46
#[test]
fn what_does_not_fit_together_is_refused() {
    let other = parsed(&key(Algorithm::EdDSA).to_private_jwk().unwrap());
    let ec_other = parsed(&key(Algorithm::ES256).to_private_jwk().unwrap());
    let refused = [
        ("no kty", without(okp(), "kty")),
        ("kty of another case", with(okp(), "kty", json!("okp"))),
        ("kty of another kind", with(okp(), "kty", json!("EC"))),
        ("a kty that is a number", with(okp(), "kty", json!(1))),
        ("no crv", without(okp(), "crv")),
        ("another curve", with(okp(), "crv", json!("X25519"))),
        ("Ed448", with(okp(), "crv", json!("Ed448"))),
        ("P-384", with(ec(), "crv", json!("P-384"))),
        ("no x", without(okp(), "x")),
        ("no y", without(ec(), "y")),
        ("x is empty", with(okp(), "x", json!(""))),
        ("x is too short", with(okp(), "x", json!("AAAA"))),
        ("x is padded", with(okp(), "x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="))),
        (
            "x is standard base64",
            with(okp(), "x", json!("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
        ),
        ("x is no point", with(ec(), "x", ec()["y"].clone())),
        ("x of small order", with(without(okp(), "d"), "x", json!("A".repeat(43)))),
        ("d of another key", with(okp(), "d", other["d"].clone())),
        ("x of another key", with(okp(), "x", other["x"].clone())),
        ("d of another P-256 key", with(ec(), "d", ec_other["d"].clone())),
        ("d is null", with(okp(), "d", Value::Null)),
        ("alg of another kind", with(okp(), "alg", json!("ES256"))),
        ("alg none", with(okp(), "alg", json!("none"))),
        ("alg is null", with(okp(), "alg", Value::Null)),
        ("alg HS256 of a public key", with(without(ec(), "d"), "alg", json!("HS256"))),
        ("RS384", with(rsa(), "alg", json!("RS384"))),
        ("PS256", with(rsa(), "alg", json!("PS256"))),
        ("for encryption", with(rsa(), "use", json!("enc"))),
        ("a use that is a list", with(rsa(), "use", json!(["sig"]))),
        ("operations without any of ours", with(rsa(), "key_ops", json!(["encrypt"]))),
        ("operations that stand twice", with(rsa(), "key_ops", json!(["verify", "verify"]))),
        ("operations as a string", with(rsa(), "key_ops", json!("verify"))),
        ("an oct key without alg", without(oct(), "alg")),
        ("an oct key for ES256", with(oct(), "alg", json!("ES256"))),
        ("an oct key that is too short", with(oct(), "k", json!("c2hvcnQ"))),
        (
            "an oct key that is too short for HS512",
            json!({
                "kty": "oct", "alg": "HS512", "k": "A".repeat(84)
            }),
        ),
        ("an oct key without k", without(oct(), "k")),
        ("no n", without(rsa(), "n")),
        ("no e", without(rsa(), "e")),
        ("e is 3", with(rsa(), "e", json!("Aw"))),
        ("e has a leading zero", with(rsa(), "e", json!("AAEAAQ"))),
        ("n of 1024 bits", with(rsa(), "n", json!(&RSA_N[..172]))),
    ];
    for (name, jwk) in refused {
        assert_eq!(import(&jwk).err(), Some(Code::InvalidInput), "{name}");
    }
    for text in ["", "{", "[]x", r#"{"kty":"oct","kty":"OKP"}"#] {
        let error = KeySet::from_jwk(text).unwrap_err();
        assert_eq!(error.code, Code::MalformedJson, "{text}");
    }
    for text in ["[]", "1", "null", "\"x\""] {
        assert_eq!(KeySet::from_jwk(text).unwrap_err().code, Code::InvalidInput, "{text}");
    }
    let long = with(oct(), "x", json!("x".repeat(64 * 1024)));
    assert_eq!(import(&long).err(), Some(Code::InvalidInput));
}

// SECURITY 101
#[test]
fn a_private_rsa_key_is_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        let jwk = with(rsa(), name, json!("AQAB"));
        assert_eq!(import(&jwk).err(), Some(Code::InvalidInput), "{name}");
        let set = json!({"keys": [jwk]}).to_string();
        assert_eq!(KeySet::from_jwks(&set).unwrap_err().code, Code::InvalidInput, "{name}");
    }
}

// SECURITY 35
#[test]
fn a_public_key_in_a_jwk_is_no_secret_of_hmac() {
    use base64::Engine as _;
    let published = [without(okp(), "d").to_string(), without(ec(), "d").to_string()];
    for text in published {
        assert!(SigningKey::hs256(text.as_bytes()).is_err());
        let k = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&text);
        assert!(import(&json!({"kty": "oct", "alg": "HS256", "k": k})).is_err());
    }
}

#[test]
fn a_set_leaves_out_what_is_not_ours_and_refuses_what_is_broken() {
    let ours = [without(okp(), "d"), without(ec(), "d"), rsa()];
    let foreign = [
        json!({"kty": "new"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AAAA"}),
        json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
        with(rsa(), "alg", json!("RS512")),
        with(rsa(), "use", json!("enc")),
    ];
    let set = |keys: &[Value]| KeySet::from_jwks(&json!({"keys": keys}).to_string());
    let all = set(&[&ours[..], &foreign[..]].concat()).unwrap();
    assert_eq!(parsed(&all.jwks().unwrap())["keys"].as_array().unwrap().len(), 3);
    assert!(all.signing_key().is_err());

    let broken = with(without(ec(), "d"), "y", json!("AAAA"));
    assert!(set(&[ours[0].clone(), broken]).is_err());
    assert!(set(&[ours[0].clone(), ours[0].clone()]).is_err());
    assert!(set(&vec![rsa(); 33]).is_err());
    assert_eq!(parsed(&set(&[]).unwrap().jwks().unwrap()), json!({"keys": []}));
    for text in [r"{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, r#"{"keys":null}"#, "[]"] {
        assert_eq!(KeySet::from_jwks(text).unwrap_err().code, Code::InvalidInput, "{text}");
    }
    // The first private one signs; the others verify.
    let mixed = set(&[rsa(), ec(), okp()]).unwrap();
    assert_eq!(mixed.signing_key().unwrap().algorithm(), Algorithm::ES256);
}

// SECURITY 35
#[test]
fn a_key_says_what_it_is_for() {
    for (jwk, taken) in [
        (with(oct(), "key_ops", json!(["sign", "verify"])), true),
        (with(oct(), "key_ops", json!(["encrypt"])), false),
        (with(oct(), "use", json!("sig")), true),
        (with(oct(), "use", json!("enc")), false),
        (with(okp(), "key_ops", json!(["sign"])), true),
        (with(okp(), "unknown", json!({"x": 1})), true),
    ] {
        assert_eq!(import(&jwk).is_ok(), taken, "{jwk}");
    }
}
