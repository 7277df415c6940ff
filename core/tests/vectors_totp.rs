//! Runs tests/vectors/{totp,hotp,otpauth,backup_codes}.json over the second factor's primitives.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // as in any test

use authcore::backup_codes::BackupCode;
use authcore::error::{Code, Error};
use authcore::qr::Matrix;
use authcore::secret::Ring;
use authcore::text::Reason;
use authcore::time::UnixMillis;
use authcore::totp::{
    AccountName, Algorithm, Counter, Digits, Hotp, Issuer, LookAhead, Parameters, Period,
    SharedSecret, Step, Totp, Window,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

fn cases(feature: &str) -> Vec<Value> {
    let path = format!("{}/../tests/vectors/{feature}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(file["feature"], feature);
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn number(value: &Value, key: &str) -> u32 {
    u32::try_from(value[key].as_u64().unwrap()).unwrap()
}

/// Compares what came out with what the case expects.
fn judge(case: &Value, found: Result<Value, Error>) {
    let found = found.map_err(|error| error.code.as_str());
    let expected = match case["error"].as_str() {
        Some(code) => Err(code),
        None => Ok(case["expected"].clone()),
    };
    assert_eq!(found, expected, "{}", case["name"]);
}

fn refused(reason: Reason) -> Error {
    Error::fields(vec![reason.at("")])
}

fn secret(input: &Value) -> Result<SharedSecret, Error> {
    SharedSecret::from_base32(text(input, "secret")).map_err(refused)
}

fn totp(input: &Value) -> Result<Totp, Error> {
    let window = input["window"].as_u64().unwrap_or(1);
    let parameters = Parameters {
        algorithm: Algorithm::parse(text(input, "algorithm")).map_err(refused)?,
        digits: Digits::new(number(input, "digits")).map_err(refused)?,
        period: Period::from_seconds(number(input, "period")).map_err(refused)?,
        window: Window::new(u32::try_from(window).unwrap()).map_err(refused)?,
    };
    Ok(Totp::new(secret(input)?, parameters))
}

fn hotp(input: &Value) -> Result<Hotp, Error> {
    let look_ahead = input["look_ahead"].as_u64().unwrap_or(10);
    Ok(Hotp::new(
        secret(input)?,
        Algorithm::parse(text(input, "algorithm")).map_err(refused)?,
        Digits::new(number(input, "digits")).map_err(refused)?,
        LookAhead::new(u32::try_from(look_ahead).unwrap()).map_err(refused)?,
    ))
}

fn counter(value: &Value) -> Counter {
    Counter::new(value["counter"].as_u64().unwrap()).unwrap()
}

// SECURITY 11, 18, 85
#[test]
fn time_based_codes_equal_the_vectors() {
    for case in cases("totp") {
        let input = &case["input"];
        let totp = totp(input).unwrap();
        let at = UnixMillis::new(input["at"].as_i64().unwrap());
        if let Some(code) = input["code"].as_str() {
            let after = input["after_step"].as_i64().map(Step::new);
            let matched = totp.verify(code, at, after);
            judge(&case, matched.map(|matched| json!({ "step": matched.step().as_i64() })));
            continue;
        }
        let code = totp.generate(at);
        let step = totp.verify(code.expose(), at, None).unwrap().step().as_i64();
        judge(&case, Ok(json!({ "code": code.expose(), "step": step })));
    }
}

// SECURITY 10, 11, 18
#[test]
fn a_step_is_accepted_once() {
    let secret = SharedSecret::from_random([7; 20]);
    let totp = Totp::new(secret, Parameters::default());
    let at = |step: i64| UnixMillis::new(step * 30_000);
    let code = |step: i64| totp.generate(at(step));
    let now = 59_000_000;
    let first = totp.verify(code(now).expose(), at(now), None).unwrap().step();
    assert_eq!(first.as_i64(), now);
    // The same code, and one of an older step, whenever they come.
    for later in now..now + 3 {
        assert!(totp.verify(code(now).expose(), at(later), Some(first)).is_err());
        assert!(totp.verify(code(now - 1).expose(), at(later), Some(first)).is_err());
    }
    let next = totp.verify(code(now + 1).expose(), at(now), Some(first)).unwrap().step();
    let error = totp.verify(code(now).expose(), at(now), Some(next)).unwrap_err();
    assert_eq!(error.code, Code::OtpInvalid);
}

// SECURITY 18
#[test]
fn no_moment_and_no_stored_step_panics() {
    let last = (1 << 53) - 1;
    for moment in [i64::MIN, -last, -30_000, -1, 0, 1, 29_999, last, i64::MAX] {
        for after in [None, Some(i64::MIN), Some(-1), Some(0), Some(i64::MAX)] {
            let secret = SharedSecret::from_random([7; 20]);
            let window = Window::new(3).unwrap();
            let totp = Totp::new(secret, Parameters { window, ..Parameters::default() });
            let at = UnixMillis::new(moment);
            let accepted = totp.verify(totp.generate(at).expose(), at, after.map(Step::new));
            let step = Period::default().step(at);
            let newer = after.is_none_or(|after| step > Step::new(after));
            assert_eq!(accepted.is_ok(), newer, "at {moment} after {after:?}");
        }
    }
}

// SECURITY 85
#[test]
fn counter_based_codes_equal_the_vectors() {
    for case in cases("hotp") {
        let input = &case["input"];
        let hotp = hotp(input).unwrap();
        if let Some(code) = input["code"].as_str() {
            let matched = hotp.verify(code, counter(input));
            judge(&case, matched.map(|m| json!({ "counter": m.counter().as_u64() })));
            continue;
        }
        let code = hotp.generate(counter(input));
        assert_eq!(hotp.verify(code.expose(), counter(input)).unwrap().counter(), counter(input));
        judge(&case, Ok(json!({ "code": code.expose() })));
    }
}

#[test]
fn a_counter_is_accepted_once_and_the_last_one_ends_the_token() {
    let case = &cases("hotp")[0];
    let hotp = hotp(&case["input"]).unwrap();
    let at = |number| Counter::new(number).unwrap();
    let code = hotp.generate(at(5));
    let next = hotp.verify(code.expose(), at(3)).unwrap().next().unwrap();
    assert_eq!(next, at(6));
    assert!(hotp.verify(code.expose(), next).is_err());
    let last = at((1 << 53) - 1);
    assert_eq!(hotp.verify(hotp.generate(last).expose(), last).unwrap().next(), None);
    assert!(Counter::new(1 << 53).is_err() && Counter::new(u64::MAX).is_err());
    assert!(LookAhead::new(100).is_ok() && LookAhead::new(101).is_err());
}

// SECURITY 17, 99
#[test]
fn uris_equal_the_vectors_and_fit_a_qr_code() {
    for case in cases("otpauth") {
        let input = &case["input"];
        let issuer = Issuer::parse(text(input, "issuer")).map_err(refused);
        let account = AccountName::parse(text(input, "account")).map_err(refused);
        let uri = issuer.and_then(|issuer| {
            let account = account?;
            if input["counter"].is_u64() {
                return Ok(hotp(input)?.uri(&issuer, &account, counter(input)));
            }
            Ok(totp(input)?.uri(&issuer, &account))
        });
        if let Ok(uri) = &uri {
            assert!(Matrix::new(uri.expose()).is_ok(), "{}", case["name"]);
        }
        judge(&case, uri.map(|uri| json!({ "uri": uri.expose() })));
    }
}

#[test]
fn the_longest_uri_fits_a_qr_code() {
    // Each byte of the issuer and of the account takes three characters.
    let issuer = Issuer::parse(&"é".repeat(32)).unwrap();
    let account = AccountName::parse(&"é".repeat(128)).unwrap();
    let secret = SharedSecret::from_bytes(&[0xff; 128]).unwrap();
    let algorithm = Algorithm::Sha512;
    let last = Counter::new((1 << 53) - 1).unwrap();
    let hotp = Hotp::new(secret, algorithm, Digits::default(), LookAhead::default());
    assert!(Matrix::new(hotp.uri(&issuer, &account, last).expose()).is_ok());
}

// SECURITY 19
#[test]
fn backup_codes_equal_the_vectors() {
    for case in cases("backup_codes") {
        let input = &case["input"];
        if let Some(bytes) = input["bytes_base64"].as_str() {
            let bytes = STANDARD.decode(bytes).unwrap().try_into().unwrap();
            let code = BackupCode::from_random(bytes);
            judge(&case, Ok(json!({ "text": code.text().expose() })));
            continue;
        }
        let code = BackupCode::parse(text(input, "text"));
        let stored = code.map(|code| {
            let ring = Ring::parse(text(input, "ring")).unwrap();
            let hashes = code.hashes(&ring, text(input, "account"));
            assert_eq!(code.hash(&ring, text(input, "account")), hashes[0]);
            json!({ "text": code.text().expose(), "hashes": hashes })
        });
        judge(&case, stored);
    }
}

// SECURITY 88
#[test]
fn debug_shows_no_secret() {
    let case = &cases("totp")[0];
    let (totp, hotp) = (totp(&case["input"]).unwrap(), hotp(&cases("hotp")[0]["input"]).unwrap());
    let code = totp.generate(UnixMillis::EPOCH);
    let uri = totp.uri(&Issuer::parse("i").unwrap(), &AccountName::parse("a").unwrap());
    let matrix = Matrix::new(uri.expose()).unwrap();
    let shown = format!("{totp:#?} {hotp:?} {:?} {code:?} {uri:?} {matrix:?}", totp.secret());
    for needle in [code.expose(), text(&case["input"], "secret"), "49, 50, 51", "otpauth"] {
        assert!(!shown.contains(needle), "{needle} in {shown}");
    }
    assert!(shown.contains("Sha1"), "what helps is shown: {shown}");
}
