//! Time: from when on and until when a token is valid, at the very second.

use super::Case;
use super::token::{EXPIRES, NOW, Token};

/// The most leeway that is given, in seconds.
const MAX_LEEWAY: i64 = 300;

// SECURITY 39
pub fn cases() -> Vec<Case> {
    let mut cases = expiry();
    cases.extend(not_yet());
    cases.extend(extremes());
    cases
}

fn expiry() -> Vec<Case> {
    let good = Token::good();
    let accepted = |name: &str, now, leeway| Case::accepted(name, &good).at(now, leeway);
    let expired = |name: &str, now, leeway| Case::expired(name, good.signed()).at(now, leeway);
    vec![
        accepted("a second before exp", EXPIRES - 1, 0),
        expired("at exp", EXPIRES, 0),
        expired("a second after exp", EXPIRES + 1, 0),
        accepted("a second before exp and leeway", EXPIRES + 29, 30),
        expired("at exp and leeway", EXPIRES + 30, 30),
        accepted("a second before exp and the most leeway", EXPIRES + MAX_LEEWAY - 1, MAX_LEEWAY),
        expired("at exp and the most leeway", EXPIRES + MAX_LEEWAY, MAX_LEEWAY),
        accepted("more leeway is cut: a second before", EXPIRES + MAX_LEEWAY - 1, 3600),
        expired("more leeway is cut: at the end", EXPIRES + MAX_LEEWAY, 3600),
        Case::refused("expired and for another audience", {
            good.clone().claim("aud", "\"other\"").signed()
        })
        .at(EXPIRES, 0),
        Case::refused("expired and badly signed", {
            format!("{}.{}", good.input(), "A".repeat(86))
        })
        .at(EXPIRES, 0),
    ]
}

fn not_yet() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["nbf", "iat", "auth_time"] {
        let later = |seconds: i64| Token::good().claim(name, &(NOW + seconds).to_string());
        let limit = [("", 0, 0), (" and leeway", 30, 30), (" and the most leeway", 300, 3600)];
        for (with, seconds, leeway) in limit {
            let case = Case::accepted(format!("at {name}{with}"), &later(seconds));
            cases.push(case.at(NOW, leeway));
            let case =
                Case::refused(format!("a second before {name}{with}"), later(seconds + 1).signed());
            cases.push(case.at(NOW, leeway));
        }
    }
    cases
}

fn extremes() -> Vec<Case> {
    let last = 9_007_199_254_740_i64;
    let eternal = Token::good().claim("exp", &last.to_string());
    let early = ["iat", "nbf", "auth_time"]
        .iter()
        .fold(Token::good(), |token, name| token.claim(name, "0"));
    vec![
        Case::accepted("the last second but one", &eternal).at(last - 1, 0),
        Case::expired("the last second", eternal.signed()).at(last, 0),
        Case::accepted("the last second, with leeway", &eternal).at(last, 300),
        Case::refused("the epoch", Token::good().signed()).at(0, 300),
        Case::accepted("the epoch, issued then", &early).at(0, 300),
        Case::refused("before the epoch", early.signed()).at(-1000, 300),
        Case::expired("leeway before the epoch", early.claim("exp", "0").signed()).at(300, 300),
    ]
}
