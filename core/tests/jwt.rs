//! Issuing and verifying through the public interface, and mutations of a good token.
// As in any test:
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use authcore::error::Code;
use authcore::jwt::{
    AccessClaims, Expected, KeySet, MAX_TOKEN_LENGTH, SigningKey, TokenType, Unverified, issue,
    issue_access, verify,
};
use authcore::time::{Millis, UnixMillis};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const SID: &str = "01990000-0000-7000-8000-0000000000bb";

fn key() -> SigningKey {
    SigningKey::ed25519([7; 32])
}

fn keys() -> KeySet {
    KeySet::new(vec![key().verifying_key().clone()]).unwrap()
}

fn access() -> AccessClaims {
    AccessClaims {
        iss: "https://auth.example".into(),
        aud: "https://api.example".into(),
        sub: "01990000-0000-7000-8000-0000000000aa".into(),
        sid: SID.into(),
        client_id: "web".into(),
        iat: 1_800_000_000,
        nbf: 1_800_000_000,
        exp: 1_800_000_300,
        jti: "01990000-0000-7000-8000-0000000000cc".into(),
        auth_time: 1_799_999_000,
        amr: vec!["pwd".into(), "otp".into()],
        roles: vec!["admin".into(), "user".into()],
    }
}

fn expected() -> Expected<'static> {
    Expected {
        token_type: TokenType::AccessToken,
        issuer: Some("https://auth.example"),
        audience: Some("https://api.example"),
        now: UnixMillis::new(1_800_000_001_000),
        leeway: Millis::ZERO,
    }
}

fn part(token: &str, at: usize) -> String {
    let part = token.split('.').nth(at).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn an_issued_token_is_verified() {
    let token = issue_access(&key(), &access()).unwrap();
    let verified = verify(&token, &keys(), &expected()).unwrap();
    assert_eq!(verified.sub(), access().sub);
    assert_eq!(verified.sid(), SID);
    assert_eq!(verified.client_id(), "web");
    assert_eq!(verified.jti(), access().jti);
    assert_eq!(verified.iat(), UnixMillis::new(1_800_000_000_000));
    assert_eq!(verified.exp(), UnixMillis::new(1_800_000_300_000));
    assert_eq!(verified.auth_time(), UnixMillis::new(1_799_999_000_000));
    assert_eq!(verified.amr(), ["pwd", "otp"]);
    assert_eq!(verified.roles(), ["admin", "user"]);
}

// SECURITY 42
#[test]
fn an_access_token_has_what_rfc_9068_requires_in_the_declared_order() {
    let token = issue_access(&key(), &access()).unwrap();
    let kid = key().kid().to_owned();
    assert_eq!(part(&token, 0), format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}"}}"#));
    assert_eq!(
        part(&token, 1),
        format!(
            r#"{{"iss":"https://auth.example","aud":"https://api.example","sub":"{}","#,
            access().sub
        ) + &format!(r#""sid":"{SID}","client_id":"web","iat":1800000000,"nbf":1800000000,"#)
            + &format!(r#""exp":1800000300,"jti":"{}","auth_time":1799999000,"#, access().jti)
            + r#""amr":["pwd","otp"],"roles":["admin","user"]}"#
    );
}

#[test]
fn the_same_claims_give_the_same_token() {
    let token = issue_access(&key(), &access()).unwrap();
    assert_eq!(issue_access(&key(), &access()).unwrap(), token);
}

// SECURITY 41
#[test]
fn only_the_diagonal_of_types_passes() {
    for issued in TokenType::ALL {
        let token = issue(&key(), *issued, &access()).unwrap();
        for wanted in TokenType::ALL {
            let outcome = verify(&token, &keys(), &Expected { token_type: *wanted, ..expected() });
            assert_eq!(outcome.is_ok(), issued == wanted, "{issued:?} {wanted:?}");
        }
    }
}

#[test]
fn what_no_verifier_would_take_is_not_issued() {
    let long = AccessClaims { roles: vec!["r".repeat(MAX_TOKEN_LENGTH)], ..access() };
    assert_eq!(issue_access(&key(), &long).unwrap_err().code, Code::Internal);
    for claims in [json!(null), json!("text"), json!([1]), json!(1)] {
        let error = issue(&key(), TokenType::AccessToken, &claims).unwrap_err();
        assert_eq!(error.code, Code::Internal, "{claims}");
    }
}

// SECURITY 44
#[test]
fn a_token_of_a_mebibyte_is_refused_by_its_length() {
    let token = issue_access(&key(), &access()).unwrap();
    for long in ["a".repeat(1 << 20), token.clone() + &"A".repeat(1 << 20), ".".repeat(1 << 20)] {
        let error = verify(&long, &keys(), &expected()).unwrap_err();
        assert_eq!(error.code, Code::TokenInvalid);
        assert_eq!(error.detail, "the token is longer than its type may be");
        assert!(Unverified::read(&long).is_none());
    }
}

// SECURITY 39
#[test]
fn no_moment_and_no_leeway_overflow() {
    let token = issue_access(&key(), &access()).unwrap();
    for now in [i64::MIN, -1, 0, 1, i64::MAX] {
        for leeway in [Millis::ZERO, Millis::new(u32::MAX), Millis::days(u32::MAX)] {
            let at = Expected { now: UnixMillis::new(now), leeway, ..expected() };
            let error = verify(&token, &keys(), &at).unwrap_err();
            let late = if now == i64::MAX { Code::TokenExpired } else { Code::TokenInvalid };
            assert_eq!(error.code, late, "{now}");
        }
    }
    let (exp, milli) = (UnixMillis::new(1_800_000_300_000), Millis::new(1));
    let before = Expected { now: exp.before(milli), ..expected() };
    assert!(verify(&token, &keys(), &before).is_ok());
    let at = verify(&token, &keys(), &Expected { now: exp, ..expected() });
    assert_eq!(at.unwrap_err().code, Code::TokenExpired);
}

#[test]
fn an_unverified_session_id_is_a_lower_case_uuid_v7_and_proves_nothing() {
    let with_sid =
        |sid: &str| issue_access(&key(), &AccessClaims { sid: sid.into(), ..access() }).unwrap();
    let token = with_sid(SID);
    let read = |token: &str| Unverified::read(token).map(|read| read.session_id().to_string());
    assert_eq!(read(&token).unwrap(), SID);
    let verified = Unverified::read(&token).unwrap().verify(&keys(), &expected()).unwrap();
    assert_eq!(verified.sid(), SID);

    let (input, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", "A".repeat(86));
    assert_eq!(read(&forged).unwrap(), SID);
    assert_eq!(verify(&forged, &keys(), &expected()).unwrap_err().code, Code::TokenInvalid);
    let refused = Unverified::read(&forged).unwrap().verify(&keys(), &expected());
    assert_eq!(refused.unwrap_err().code, Code::TokenInvalid);
    assert_eq!(format!("{:?}", Unverified::read(&token).unwrap()), "Unverified(..)");

    let refused = [
        "",
        "x",
        "01990000-0000-7000-8000-0000000000BB",
        "01990000-0000-4000-8000-0000000000bb",
        "01990000-0000-7000-c000-0000000000bb",
        "01990000000070008000000000000bbb0000",
        "{01990000-0000-7000-8000-0000000000bb}",
    ];
    for sid in refused {
        assert_eq!(read(&with_sid(sid)), None, "{sid}");
    }
    for claims in [json!({}), json!({"sid": 1}), json!({"sid": null}), json!({"sid": [SID]})] {
        let token = issue(&key(), TokenType::AccessToken, &claims).unwrap();
        assert_eq!(read(&token), None, "{claims}");
    }
    for token in ["", "..", input, &format!("{token}."), &format!(" {token}")] {
        assert_eq!(read(token), None, "{token}");
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same mutations on every run.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % bound
    }
}

/// One to four random edits of the octets.
fn mutated(random: &mut SplitMix, octets: &[u8], alphabet: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(octets.len());
        let octet = alphabet[random.below(alphabet.len())];
        match random.below(6) {
            0 => octets[at] = octet,
            1 => octets.insert(at, octet),
            2 if octets.len() > 1 => drop(octets.remove(at)),
            3 => octets.truncate(at.max(1)),
            4 => octets.extend_from_within(at..),
            _ => {
                let other = random.below(octets.len());
                octets.swap(at, other);
            }
        }
    }
    octets
}

// SECURITY 36, 44
#[test]
fn no_mutation_of_a_good_token_is_verified() {
    let good = issue_access(&key(), &access()).unwrap();
    let (keys, expected) = (keys(), expected());
    assert!(verify(&good, &keys, &expected).is_ok());
    let mut random = SplitMix(1);
    let characters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0";
    let mut tried = 0;
    while tried < 20_000 {
        let token = if tried % 2 == 0 {
            mutated(&mut random, good.as_bytes(), characters)
        } else {
            // The octets inside, so that the form stays sound and the JSON does not.
            let part = tried / 2 % 3;
            let mut parts: Vec<String> = good.split('.').map(str::to_owned).collect();
            let octets = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
            parts[part] = URL_SAFE_NO_PAD.encode(mutated(&mut random, &octets, &octets));
            parts.join(".").into_bytes()
        };
        let token = String::from_utf8(token).unwrap();
        if token == good {
            continue;
        }
        tried += 1;
        let outcome = verify(&token, &keys, &expected);
        assert_eq!(outcome.unwrap_err().code, Code::TokenInvalid, "{token}");
        let _ = Unverified::read(&token);
    }
}

/// Whoever holds the key can sign anything; what is read is then what was signed, or nothing.
#[test]
fn a_mutated_payload_that_is_signed_is_read_as_it_stands_or_refused() {
    use ed25519_dalek::Signer as _;
    let signer = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let good = issue_access(&key(), &access()).unwrap();
    let (header, payload) = (good.split('.').next().unwrap(), part(&good, 1));
    let mut random = SplitMix(2);
    let mut accepted = 0;
    for _ in 0..4_000 {
        let octets = mutated(&mut random, payload.as_bytes(), br#"{}[]",:0189eE.-\unltr x"#);
        let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&octets));
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(input.as_bytes()).to_bytes());
        if let Ok(verified) = verify(&format!("{input}.{signature}"), &keys(), &expected()) {
            let read: Value = serde_json::from_slice(&octets).unwrap();
            assert_eq!(read["sub"], verified.sub());
            assert_eq!(read["sid"], verified.sid());
            assert_eq!(read["exp"], verified.exp().as_seconds());
            assert_eq!(read["roles"], json!(verified.roles()));
            accepted += 1;
        }
    }
    assert!(accepted > 10, "{accepted}");
}
