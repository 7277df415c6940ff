//! Changes to good tokens after the names of Wycheproof's cases, given to the path of every token:
//! tokens of our own, with claims. Wycheproof's own tokens, which have none: `wycheproof.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

use super::{Algorithm, Expected, KeySet, SigningKey, verify_claims};
use crate::error::Code;
use crate::json::{self, Value};
use crate::time::UnixMillis;

/// A token, changed after the names of Wycheproof's cases.
fn changed(token: &str) -> Vec<(&'static str, String)> {
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let named = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert!(named.contains("\"kid\""), "{named}");
    let other_header = URL_SAFE_NO_PAD.encode(named.replacen("\"kid\"", "\"Xid\"", 1));
    let algorithm = named.split("\"alg\":\"").nth(1).unwrap().split('"').next().unwrap();
    let none = URL_SAFE_NO_PAD.encode(named.replacen(algorithm, "none", 1));
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
        generated(Algorithm::HS256),
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

/// A public key in each form in which it is handed on: octets, DER, PEM, SSH, JWK.
fn published(keys: &KeySet) -> Vec<(&'static str, Vec<u8>)> {
    let set = keys.jwks().unwrap();
    let jwk = set.strip_prefix(r#"{"keys":["#).unwrap().strip_suffix("]}").unwrap().to_owned();
    let Ok(Value::Object(members)) = json::read(jwk.as_bytes()) else { panic!("{jwk}") };
    let octets = |name| members.get(name).and_then(Value::as_str).map(decoded);
    let (x, y) = (octets("x").unwrap(), octets("y"));
    // SubjectPublicKeyInfo (RFC 8410 §4, RFC 5480 §2); the fields of an SSH key (RFC 8709 §4,
    // RFC 5656 §3.1).
    let (point, info, fields): (Vec<u8>, &[u8], &[&[u8]]) = match &y {
        None => (x.clone(), b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\0", &[b"ssh-ed25519"]),
        Some(y) => (
            [&[4], x.as_slice(), y].concat(),
            b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\
              \x03\x01\x07\x03\x42\0",
            &[b"ecdsa-sha2-nistp256", b"nistp256"],
        ),
    };
    let der = [info, &point].concat();
    let pem = |end: &str| {
        let lines: Vec<String> = STANDARD
            .encode(&der)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!("-----BEGIN PUBLIC KEY-----{end}{}{end}-----END PUBLIC KEY-----", lines.join(end))
    };
    let mut wire = Vec::new();
    for field in fields.iter().copied().chain([point.as_slice()]) {
        wire.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        wire.extend(field);
    }
    let ssh = format!("{} {}", String::from_utf8_lossy(fields[0]), STANDARD.encode(&wire));
    let mut forms: Vec<(&str, Vec<u8>)> = vec![
        ("x", x.clone()),
        ("x as base64url", URL_SAFE_NO_PAD.encode(&x).into()),
        ("the point", point),
        ("DER", der.clone()),
        ("the base64 of DER", STANDARD.encode(&der).into()),
        ("PEM", pem("\n").into()),
        ("PEM and a line break", format!("{}\n", pem("\n")).into()),
        ("PEM with CRLF", format!("{}\r\n", pem("\r\n")).into()),
        ("SSH octets", wire),
        ("an SSH line", ssh.clone().into()),
        ("an SSH line with a comment", format!("{ssh} me@example.com\n").into()),
        ("JWK", jwk.into()),
        ("JWK Set", set.into()),
    ];
    if let Some(y) = y {
        forms.push(("x and y", [x, y].concat()));
    }
    forms
}

fn decoded(base64url: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(base64url).unwrap()
}

/// A token under HMAC with any octets for a secret, as a library signs that asks nothing of them.
fn forged<M: Mac + KeyInit>(secret: &[u8], header: &str) -> String {
    let unsigned = compact(header, "");
    let mut mac = <M as KeyInit>::new_from_slice(secret).unwrap();
    mac.update(unsigned.trim_end_matches('.').as_bytes());
    unsigned + &URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

// SECURITY 35
#[test]
fn a_public_key_is_no_secret_for_hmac() {
    for (algorithm, forms) in [(Algorithm::ES256, 14), (Algorithm::EdDSA, 13)] {
        let keys = KeySet::generate(algorithm, &[7; 64]).unwrap();
        let kid = keys.signing_key().unwrap().kid();
        let secrets = published(&keys);
        assert_eq!(secrets.len(), forms);
        for (name, secret) in secrets {
            for alg in ["HS256", "HS512", "hs256", algorithm.as_str()] {
                let header = format!(r#"{{"typ":"JWT","alg":"{alg}","kid":"{kid}"}}"#);
                let name = format!("{algorithm:?}, {alg} with {name}");
                require_refused(&name, &forged::<Hmac<Sha256>>(&secret, &header), &keys);
                require_refused(&name, &forged::<Hmac<Sha512>>(&secret, &header), &keys);
            }
        }
    }
    // What forges here is HMAC: with a secret that was agreed on it is taken.
    let keys = KeySet::generate(Algorithm::HS256, &[7; 64]).unwrap();
    let kid = keys.signing_key().unwrap().kid();
    let header = format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{kid}"}}"#);
    assert_eq!(refusal(&forged::<Hmac<Sha256>>(&[7; 32], &header), &keys), None);
}
