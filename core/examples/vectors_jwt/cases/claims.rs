//! Claims: exact types, and issuer and audience compared whole.

use super::Case;
use super::token::{AUDIENCE, ISSUER, Token};

/// The last second whose milliseconds every host holds exactly.
const LAST: i64 = 9_007_199_254_740;

// SECURITY 38, 40, 42
pub fn cases() -> Vec<Case> {
    let mut cases = moments();
    cases.extend(issuer_and_audience());
    cases.extend(texts());
    cases
}

fn with(name: &str, json: &str) -> Token {
    Token::good().claim(name, json)
}

fn moments() -> Vec<Case> {
    let wrong = [
        "\"1800000200\"",
        "null",
        "true",
        "false",
        "[]",
        "[1800000200]",
        "{}",
        "\"\"",
        "\"x\"",
        "-1",
        "-0",
        "1800000200.5",
        "1800000200.0",
        "1.8000002e9",
        "1e400",
        "-1e400",
        "9007199254741",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999999",
    ];
    let mut cases = Vec::new();
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for json in wrong {
            cases.push(Case::refused(format!("{name} is {json}"), with(name, json).signed()));
        }
        if name != "nbf" {
            cases.push(Case::refused(
                format!("{name} is missing"),
                Token::good().without(name).signed(),
            ));
        }
    }
    for name in ["nbf", "iat", "auth_time"] {
        cases.push(Case::accepted(format!("{name} is 0"), &with(name, "0")));
    }
    cases.push(Case::expired("exp is 0", with("exp", "0").signed()));
    cases.push(Case::accepted("exp is the last second", &with("exp", &LAST.to_string())));
    cases.push(Case::accepted("nbf is missing", &Token::good().without("nbf")));
    cases
}

fn issuer_and_audience() -> Vec<Case> {
    let mut cases = Vec::new();
    let others = [
        "\"https://auth.exampl\"",
        "\"https://auth.example/\"",
        "\"https://auth.example.attacker\"",
        "\"ttps://auth.example\"",
        "\"HTTPS://AUTH.EXAMPLE\"",
        "\" https://auth.example\"",
        "\"h\"",
        "\"\"",
        "\"https://auth.example\\u0000\"",
        "[\"https://auth.example\"]",
        "null",
        "1",
        "{}",
    ];
    for json in others {
        cases.push(Case::refused(format!("iss is {json}"), with("iss", json).signed()));
        // The same for the audience, with its host.
        let json = json.replace("auth.", "api.").replace("AUTH.", "API.");
        if json.starts_with('"') || json == "null" || json == "1" || json == "{}" {
            cases.push(Case::refused(format!("aud is {json}"), with("aud", &json).signed()));
        }
    }
    for name in ["iss", "aud"] {
        cases.push(Case::refused(
            format!("{name} is missing"),
            Token::good().without(name).signed(),
        ));
    }
    let refused = [
        "[]".to_owned(),
        r#"["other"]"#.to_owned(),
        format!(r#"["{AUDIENCE}",1]"#),
        format!(r#"[1,"{AUDIENCE}"]"#),
        format!(r#"["{AUDIENCE}",null]"#),
        format!(r#"[["{AUDIENCE}"]]"#),
        format!(r#"{{"{AUDIENCE}":true}}"#),
        format!(r#""{AUDIENCE} other""#),
        format!(r#""other,{AUDIENCE}""#),
        format!("{ISSUER:?}"),
    ];
    for json in refused {
        cases.push(Case::refused(format!("aud is {json}"), with("aud", &json).signed()));
    }
    for json in [format!(r#"["{AUDIENCE}"]"#), format!(r#"["other","{AUDIENCE}"]"#)] {
        cases.push(Case::accepted(format!("aud is {json}"), &with("aud", &json)));
    }
    cases
}

fn texts() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["sub", "sid", "client_id", "jti"] {
        for json in ["null", "1", "true", "[\"x\"]", "{}", "\"\""] {
            cases.push(Case::refused(format!("{name} is {json}"), with(name, json).signed()));
        }
        cases.push(Case::refused(
            format!("{name} is missing"),
            Token::good().without(name).signed(),
        ));
    }
    for name in ["amr", "roles"] {
        for json in ["null", "\"user\"", "1", "{}", "[1]", "[\"user\",null]", "[[\"user\"]]"] {
            cases.push(Case::refused(format!("{name} is {json}"), with(name, json).signed()));
        }
        cases.push(Case::refused(
            format!("{name} is missing"),
            Token::good().without(name).signed(),
        ));
        cases.push(Case::accepted(format!("{name} is empty"), &with(name, "[]")));
    }
    cases
}
