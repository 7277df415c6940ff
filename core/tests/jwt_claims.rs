//! Claims of one's own, each algorithm, and the types of tokens against one another.
// As in any test:
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use authcore::error::Code;
use authcore::id::SessionId;
use authcore::json::{Object, Value, read};
use authcore::jwt::{
    AccessClaims, Algorithm, Expected, KeySet, RANDOM_LENGTH, RevocationClaims, TokenType, issue,
    issue_access, issue_claims, issue_revocations, verify, verify_claims, verify_revocations,
};
use authcore::time::{Millis, UnixMillis};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const NOW: i64 = 1_800_000_000;
const SIGNING: [Algorithm; 4] =
    [Algorithm::EdDSA, Algorithm::ES256, Algorithm::HS256, Algorithm::HS512];

fn keys(algorithm: Algorithm) -> KeySet {
    KeySet::generate(algorithm, &[7; RANDOM_LENGTH]).unwrap()
}

fn object(text: &str) -> Object {
    read(text.as_bytes()).unwrap().as_object().unwrap().clone()
}

fn expected(token_type: TokenType<'_>) -> Expected<'_> {
    let (issuer, audience) = (Some("https://auth.example"), Some("https://api.example"));
    Expected { token_type, issuer, audience, now: at(NOW), leeway: Millis::ZERO }
}

fn at(second: i64) -> UnixMillis {
    UnixMillis::new(second * 1000)
}

fn claims(more: &str) -> Object {
    object(&format!(
        r#"{{"iss":"https://auth.example","aud":"https://api.example","exp":{},{more}}}"#,
        NOW + 60
    ))
}

fn access() -> AccessClaims {
    AccessClaims {
        iss: "https://auth.example".into(),
        aud: "https://api.example".into(),
        sub: "01990000-0000-7000-8000-0000000000aa".into(),
        sid: "01990000-0000-7000-8000-0000000000bb".into(),
        client_id: "web".into(),
        iat: NOW,
        nbf: NOW,
        exp: NOW + 60,
        jti: "01990000-0000-7000-8000-0000000000cc".into(),
        auth_time: NOW,
        amr: vec!["pwd".into()],
        roles: vec!["user".into()],
    }
}

fn revocations() -> RevocationClaims {
    RevocationClaims {
        iss: "https://auth.example".into(),
        iat: NOW,
        exp: NOW + 60,
        sids: [9, 3].map(|second| SessionId::v7(at(second), [0; 10])).into(),
        not_before: None,
    }
}

#[test]
fn each_algorithm_verifies_what_it_signed_and_nothing_else() {
    for algorithm in SIGNING {
        let set = keys(algorithm);
        let key = set.signing_key().unwrap();
        let token = issue_claims(key, TokenType::JWT, &claims(r#""n":[1,{"b":2,"a":null}]"#));
        let token = token.unwrap();
        let verified = verify_claims(&token, &set, &expected(TokenType::JWT)).unwrap();
        let json = format!(
            r#"{{"aud":"https://api.example","exp":{},"iss":"https://auth.example","n":[1,{{"a":null,"b":2}}]}}"#,
            NOW + 60
        );
        assert_eq!(verified.as_json(), json);
        assert_eq!(
            verified.claims().get("iss").and_then(Value::as_str),
            expected(TokenType::JWT).issuer
        );
        for other in SIGNING {
            let outcome = verify_claims(&token, &keys(other), &expected(TokenType::JWT));
            assert_eq!(outcome.is_ok(), other == algorithm);
        }
        let again = issue_claims(key, TokenType::JWT, verified.claims()).unwrap();
        assert_eq!(again, token, "the same claims, the same token");
        let (input, _) = token.rsplit_once('.').unwrap();
        for signature in ["", "AA", &"A".repeat(43), &"A".repeat(86)] {
            let forged = format!("{input}.{signature}");
            assert!(verify_claims(&forged, &set, &expected(TokenType::JWT)).is_err());
        }
    }
}

// SECURITY 35
#[test]
fn the_key_fixes_the_algorithm_whatever_the_header_says() {
    for algorithm in SIGNING {
        let set = keys(algorithm);
        let key = set.signing_key().unwrap();
        let good = issue_claims(key, TokenType::JWT, &claims(r#""n":1"#)).unwrap();
        let payload = good.split('.').nth(1).unwrap();
        let names = ["none", "None", "HS256", "HS384", "HS512", "ES256", "EdDSA", "RS256", "PS256"];
        for alg in names.into_iter().filter(|alg| *alg != algorithm.as_str()) {
            let header = format!(r#"{{"typ":"JWT","alg":"{alg}","kid":"{}"}}"#, key.kid());
            let input = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header));
            for other in SIGNING {
                // Signed by a key of the other algorithm whose secret everybody knows.
                let foreign = KeySet::generate(other, &[8; RANDOM_LENGTH]).unwrap();
                let signed = issue(foreign.signing_key().unwrap(), TokenType::JWT, &access());
                let signature = signed.unwrap().rsplit_once('.').unwrap().1.to_owned();
                let forged = format!("{input}.{signature}");
                let refused = verify_claims(&forged, &set, &expected(TokenType::JWT)).unwrap_err();
                assert_eq!(refused.code, Code::TokenInvalid, "{algorithm:?} {alg} {other:?}");
            }
        }
    }
}

// SECURITY 41: each signed object at each verifier
#[test]
fn only_the_diagonal_of_objects_and_verifiers_passes() {
    for algorithm in SIGNING {
        let set = keys(algorithm);
        let key = set.signing_key().unwrap();
        let objects = [
            issue_access(key, &access()).unwrap(),
            issue_revocations(key, &revocations()).unwrap(),
            issue_claims(key, TokenType::ServiceToken, &claims(r#""sub":"mailer""#)).unwrap(),
            issue_claims(key, TokenType::JWT, &claims(r#""sub":"anything""#)).unwrap(),
        ];
        let verifiers: [&dyn Fn(&str) -> bool; 4] = [
            &|token| verify(token, &set, &expected(TokenType::AccessToken)).is_ok(),
            &|token| {
                let (issuer, leeway) = ("https://auth.example", Millis::ZERO);
                verify_revocations(token, &set, issuer, at(NOW), leeway).is_ok()
            },
            &|token| verify_claims(token, &set, &expected(TokenType::ServiceToken)).is_ok(),
            &|token| verify_claims(token, &set, &expected(TokenType::JWT)).is_ok(),
        ];
        for (i, object) in objects.iter().enumerate() {
            for (j, verifier) in verifiers.iter().enumerate() {
                assert_eq!(verifier(object), i == j, "{algorithm:?}: object {i}, verifier {j}");
            }
        }
    }
}

#[test]
fn a_list_names_sessions_or_a_moment() {
    let set = keys(Algorithm::EdDSA);
    let key = set.signing_key().unwrap();
    let verified = |claims: &RevocationClaims, now: i64| {
        let list = issue_revocations(key, claims).unwrap();
        verify_revocations(&list, &set, "https://auth.example", at(now), Millis::ZERO)
    };
    let list = verified(&revocations(), NOW).unwrap();
    for sid in list.sids() {
        assert!(list.revokes(sid, at(NOW)));
    }
    assert_eq!(list.sids().len(), 2);
    assert!(!list.revokes("01990000-0000-7000-8000-0000000000bb", at(NOW)));
    assert_eq!((list.not_before(), list.exp()), (None, at(NOW + 60)));

    let epoch = RevocationClaims { sids: Vec::new(), not_before: Some(NOW), ..revocations() };
    let list = verified(&epoch, NOW).unwrap();
    assert!(list.revokes("any", at(NOW - 1)) && !list.revokes("any", at(NOW)));

    let many = (0..10_000).map(|second| SessionId::v7(at(second), [0; 10])).collect();
    let list = verified(&RevocationClaims { sids: many, ..revocations() }, NOW).unwrap();
    assert_eq!(list.sids().len(), 10_000, "longer than other tokens may be");

    assert_eq!(verified(&revocations(), NOW + 60).unwrap_err().code, Code::TokenExpired);
    let other = RevocationClaims { iss: "https://other.example".into(), ..revocations() };
    assert_eq!(verified(&other, NOW).unwrap_err().code, Code::TokenInvalid);
}

// SECURITY 40
#[test]
fn what_a_token_names_the_verifier_must_name() {
    let set = keys(Algorithm::HS256);
    let key = set.signing_key().unwrap();
    let exp = format!(r#""exp":{}"#, NOW + 60);
    let names = [
        (String::new(), String::new()),
        (r#""iss":"https://auth.example","#.to_owned(), String::new()),
        (String::new(), r#""aud":"https://api.example","#.to_owned()),
        (
            r#""iss":"https://auth.example","#.to_owned(),
            r#""aud":["https://api.example"],"#.to_owned(),
        ),
    ];
    for (iss, aud) in &names {
        let token = object(&format!("{{{iss}{aud}{exp}}}"));
        let token = issue_claims(key, TokenType::JWT, &token).unwrap();
        let all = expected(TokenType::JWT);
        for issuer in [None, all.issuer, Some("https://auth.exampl")] {
            for audience in [None, all.audience, Some("https://api.example/")] {
                let wanted = Expected { issuer, audience, ..all };
                let fits = |claim: &str, wanted: Option<&str>, right: Option<&str>| {
                    if claim.is_empty() { wanted.is_none() } else { wanted == right }
                };
                let fits = fits(iss, issuer, all.issuer) && fits(aud, audience, all.audience);
                let outcome = verify_claims(&token, &set, &wanted);
                assert_eq!(outcome.is_ok(), fits, "{iss}{aud} {issuer:?} {audience:?}");
            }
        }
    }
}

// SECURITY 38, 39
#[test]
fn what_no_verifier_would_take_is_not_issued() {
    let set = keys(Algorithm::EdDSA);
    let key = set.signing_key().unwrap();
    let refused = [
        ("{}", "/exp"),
        (r#"{"exp":"1800000060"}"#, "/exp"),
        (r#"{"exp":null}"#, "/exp"),
        (r#"{"exp":1800000060.5}"#, "/exp"),
        (r#"{"exp":-1}"#, "/exp"),
        (r#"{"exp":9007199254741}"#, "/exp"),
        (r#"{"exp":1,"nbf":"x"}"#, "/nbf"),
        (r#"{"exp":1,"iat":true}"#, "/iat"),
        (r#"{"exp":1,"iss":["x"]}"#, "/iss"),
        (r#"{"exp":1,"iss":""}"#, "/iss"),
        (r#"{"exp":1,"sub":1}"#, "/sub"),
        (r#"{"exp":1,"jti":{}}"#, "/jti"),
        (r#"{"exp":1,"aud":[1]}"#, "/aud"),
        (r#"{"exp":1,"n":1.5}"#, "/n"),
        (r#"{"exp":1,"n":[0,9007199254740992]}"#, "/n/1"),
        (r#"{"exp":1,"n":{"a~/b":1e400}}"#, ""),
        (r#"{"exp":1,"n":{"a":"\u0000"}}"#, "/n/a"),
        (r#"{"exp":1,"n":[[[[[[[[1]]]]]]]]}"#, "/n/0/0/0/0/0/0/0"),
    ];
    for (text, pointer) in refused {
        let Ok(Value::Object(claims)) = read(text.as_bytes()) else {
            assert_eq!(pointer, "", "{text}");
            continue;
        };
        let error = issue_claims(key, TokenType::JWT, &claims).unwrap_err();
        assert_eq!(error.code, Code::InvalidInput, "{text}");
        assert_eq!(error.fields[0].pointer, pointer, "{text}");
    }
    let long = object(&format!(r#"{{"exp":1,"n":"{}"}}"#, "x".repeat(7000)));
    let error = issue_claims(key, TokenType::JWT, &long).unwrap_err();
    assert_eq!((error.code, error.fields[0].code), (Code::InvalidInput, "too_long"));
    for typ in ["", " ", "a b", "JWT\n", "\u{e9}", &"x".repeat(65)] {
        let error = issue_claims(key, TokenType::Named(typ), &claims(r#""n":1"#)).unwrap_err();
        assert_eq!(error.fields[0].pointer, "/typ", "{typ:?}");
    }
}

// SECURITY 38
#[test]
fn a_claim_that_hosts_read_differently_is_refused() {
    let set = keys(Algorithm::HS256);
    let key = set.signing_key().unwrap();
    let header = format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{}"}}"#, key.kid());
    let signed = |payload: &str| {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let input =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(payload));
        let mac = Hmac::<sha2::Sha256>::new_from_slice(&[7; 32]).unwrap();
        let tag = mac.chain_update(&input).finalize().into_bytes();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let judged = |claims: &str| {
        let exp = NOW + 60;
        let payload = format!(
            r#"{{"iss":"https://auth.example","aud":"https://api.example","exp":{exp},{claims}}}"#
        );
        verify_claims(&signed(&payload), &set, &expected(TokenType::JWT))
            .map_err(|error| error.code)
    };
    for claims in [r#""n":1"#, r#""n":-9007199254740991"#, r#""n":null"#, r#""sub":"x""#] {
        assert!(judged(claims).is_ok(), "{claims}");
    }
    for claims in [
        r#""n":1.5"#,
        r#""n":1.0"#,
        r#""n":1e2"#,
        r#""n":-0"#,
        r#""n":9007199254740992"#,
        r#""n":1e400"#,
        r#""n":1,"n":1"#,
        r#""sub":1"#,
        r#""sub":null"#,
        r#""jti":[]"#,
        r#""nbf":"1""#,
        r#""iat":1.5"#,
        r#""exp":1800000060"#,
    ] {
        assert_eq!(judged(claims).err(), Some(Code::TokenInvalid), "{claims}");
    }
}
