//! The header: algorithm, type, key id, and the parameters that are refused.

use super::Case;
use super::token::{ATTACKER, OUR_SECOND, OURS, Token, jwk, kid};

pub fn cases() -> Vec<Case> {
    let mut cases = algorithm();
    cases.extend(typ());
    cases.extend(key_id());
    cases.extend(refused_parameters());
    cases
}

/// Signed by our key, so that the name of the algorithm alone is wrong.
// SECURITY 35
fn algorithm() -> Vec<Case> {
    let names = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "eddsa",
        "EDDSA",
        "EdDSA ",
        "Ed25519",
        "Ed448",
        "HS256",
        "HS384",
        "HS512",
        "RS256",
        "PS256",
        "ES256",
        "ES256K",
        "dir",
        "EdDSA\\u0000",
    ];
    let mut cases: Vec<Case> = names
        .iter()
        .map(|name| {
            let header = format!(r#"{{"typ":"at+jwt","alg":"{name}","kid":"$KID"}}"#);
            let token = Token::good().header(&header).signed();
            Case::refused(format!("alg is `{name}`"), token)
        })
        .collect();
    for (name, json) in [("null", "null"), ("a list", "[\"EdDSA\"]"), ("a number", "1")] {
        let header = format!(r#"{{"typ":"at+jwt","alg":{json},"kid":"$KID"}}"#);
        cases.push(Case::refused(format!("alg is {name}"), Token::good().header(&header).signed()));
    }
    let header = r#"{"typ":"at+jwt","kid":"$KID"}"#;
    cases.push(Case::refused("alg is missing", Token::good().header(header).signed()));
    let header = r#"{"typ":"at+jwt","ALG":"EdDSA","kid":"$KID"}"#;
    cases.push(Case::refused("alg in upper case", Token::good().header(header).signed()));
    let header = r#"{"kid":"$KID", "\u0061lg":"Ed\u0044SA", "typ":"at+jwt"}"#;
    cases.push(Case::accepted("alg is escaped", &Token::good().header(header)));
    cases
}

// SECURITY 41
fn typ() -> Vec<Case> {
    let with = |json: &str| {
        Token::good().header(&format!(r#"{{"typ":{json},"alg":"EdDSA","kid":"$KID"}}"#))
    };
    let mut cases = Vec::new();
    for typ in ["application/at+jwt", "AT+JWT", "at+JWT", "Application/At+Jwt"] {
        let token = with(&format!("{typ:?}"));
        cases.push(Case::accepted(format!("typ is `{typ}`"), &token));
    }
    let refused = [
        "",
        "JWT",
        "jwt",
        "application/jwt",
        "at",
        "at+jwt ",
        " at+jwt",
        "at+jwt;v=1",
        "text/at+jwt",
        "application/",
        "application/application/at+jwt",
        "at\\u0000+jwt",
    ];
    for typ in refused {
        let token = with(&format!("\"{typ}\"")).signed();
        cases.push(Case::refused(format!("typ is `{typ}`"), token));
    }
    for (name, json) in [("null", "null"), ("a list", "[\"at+jwt\"]"), ("a number", "1")] {
        cases.push(Case::refused(format!("typ is {name}"), with(json).signed()));
    }
    let token = Token::good().header(r#"{"alg":"EdDSA","kid":"$KID"}"#).signed();
    cases.push(Case::refused("typ is missing", token));

    let types = ["at+jwt", "authcore-revocations+jwt", "authcore-service+jwt"];
    for presented in types {
        for expected in types {
            let token = with(&format!("{presented:?}"));
            let name = format!("`{presented}` where `{expected}` is expected");
            let fits = presented == expected;
            let case = if fits {
                Case::accepted(name, &token)
            } else {
                Case::refused(name, token.signed())
            };
            cases.push(case.typ(expected));
        }
    }
    cases
}

// SECURITY 36
fn key_id() -> Vec<Case> {
    let with = |json: &str| {
        Token::good().header(&format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":{json}}}"#))
    };
    let values = [
        ("null", "null".to_owned()),
        ("a number", "1".to_owned()),
        ("a list", "[\"$KID\"]".to_owned()),
        ("an object", "{}".to_owned()),
        ("empty", "\"\"".to_owned()),
        ("a path", "\"../../x\"".to_owned()),
        ("SQL", "\"' OR 1=1\"".to_owned()),
        ("a URL", "\"https://attacker.example/jwks.json\"".to_owned()),
        ("a NUL behind ours", "\"$KID\\u0000\"".to_owned()),
        ("ours and a space", "\"$KID \"".to_owned()),
        ("ours in upper case", format!("{:?}", kid(&OURS).to_uppercase())),
        ("129 characters", format!("{:?}", "k".repeat(129))),
        ("10 KiB", format!("{:?}", "k".repeat(10_240))),
        ("that of a key we do not have", format!("{:?}", kid(&ATTACKER))),
    ];
    let mut cases: Vec<Case> = values
        .iter()
        .map(|(name, json)| Case::refused(format!("kid is {name}"), with(json).signed()))
        .collect();
    let token = Token::good().header(r#"{"typ":"at+jwt","alg":"EdDSA"}"#).signed();
    cases.push(Case::refused("kid is missing", token));

    let both = || vec![jwk(&OURS), jwk(&OUR_SECOND)];
    let second = with(&format!("{:?}", kid(&OUR_SECOND)));
    cases.push(Case::refused("kid is that of another key of ours", second.signed()).jwks(both()));
    let good = Token::good();
    cases.push(Case::accepted("kid selects among our keys", &good).jwks(both()));
    let reversed = vec![jwk(&OUR_SECOND), jwk(&OURS)];
    cases.push(Case::accepted("kid selects in any order", &good).jwks(reversed));
    cases.push(Case::refused("there are no keys", good.signed()).jwks(Vec::new()));
    cases
}

// SECURITY 36, 37, 44
fn refused_parameters() -> Vec<Case> {
    let attacker = jwk(&ATTACKER);
    let members = [
        r#""crit":["x"],"x":1"#.to_owned(),
        r#""crit":[]"#.to_owned(),
        r#""crit":"x""#.to_owned(),
        r#""crit":null"#.to_owned(),
        r#""crit":["exp"],"exp":1800000200"#.to_owned(),
        r#""crit":["b64"],"b64":false"#.to_owned(),
        r#""crit":["b64"],"b64":true"#.to_owned(),
        r#""b64":false"#.to_owned(),
        r#""b64":true"#.to_owned(),
        r#""zip":"DEF""#.to_owned(),
        r#""enc":"A128GCM""#.to_owned(),
        r#""jku":"https://attacker.example/jwks.json""#.to_owned(),
        format!(r#""jwk":{attacker}"#),
        format!(r#""jwk":{}"#, jwk(&OURS)),
        r#""jwk":null"#.to_owned(),
        r#""x5u":"https://attacker.example/chain.pem""#.to_owned(),
        r#""x5c":["MIIB"]"#.to_owned(),
        r#""x5t":"AAAA""#.to_owned(),
        r#""x5t#S256":"AAAA""#.to_owned(),
        r#""\u0063rit":["x"]"#.to_owned(),
    ];
    let mut cases: Vec<Case> = members
        .iter()
        .map(|members| {
            let token = Token::good().header_with(members).signed();
            Case::refused(format!("the header has {members}"), token)
        })
        .collect();

    let embedded = format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"$KID","jwk":{attacker}}}"#);
    let token = Token::good().header(&embedded).signed_with(&ATTACKER);
    cases.push(Case::refused("signed by the key that the header brings", token));
    let embedded = format!(r#"{{"typ":"at+jwt","alg":"EdDSA","jwk":{attacker}}}"#);
    let token = Token::good().header(&embedded).signed_with(&ATTACKER);
    cases.push(Case::refused("signed by the key that the header brings, without kid", token));

    for members in [r#""cty":"x""#, r#""nonce":"x""#, r#""x":{"crit":["x"]}"#] {
        let name = format!("the header has {members}, which is ignored");
        cases.push(Case::accepted(name, &Token::good().header_with(members)));
    }
    cases
}
