//! Runs tests/vectors/{argon2id,password_hash}.json and the rule for new passwords.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // as in any test

use authcore::error::{Code, Error};
use authcore::password::{
    Argon2Params, Ceilings, DEFAULT_MIN_LENGTH, MAX_BYTES, Password, PasswordHash, Reason,
    Verified, check_new, dummy, hash, needs_rehash, verify,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

/// Costs next to nothing: what is tested is not the cost.
const CHEAP: Argon2Params = Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 };

fn cases(feature: &str) -> Vec<Value> {
    let path = format!("{}/../tests/vectors/{feature}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(file["feature"], feature);
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

fn parse(text: &str) -> Result<PasswordHash, Error> {
    PasswordHash::parse(text, &Ceilings::default())
}

fn assert_case(case: &Value) {
    let name = &case["name"];
    let presented = password(case["input"]["password"].as_str().unwrap());
    let text = case["input"]["hash"].as_str().unwrap();
    let stored = match parse(text) {
        Ok(stored) => stored,
        Err(error) => return assert_eq!(case["error"], error.code.as_str(), "{name}"),
    };
    assert_eq!(stored.as_str(), text);
    match verify(&presented, &stored) {
        Ok(Verified { .. }) => {
            let again = needs_rehash(&stored, &Argon2Params::OWASP_MINIMUM);
            assert_eq!(case["expected"]["verified"], true, "{name}");
            assert_eq!(case["expected"]["needs_rehash"], again, "{name}");
        }
        Err(error) => assert_eq!(case["error"], error.code.as_str(), "{name}"),
    }
}

// SECURITY 3, 85
#[test]
fn argon2id_verifies_the_password_exactly_as_received() {
    cases("argon2id").iter().for_each(assert_case);
}

// SECURITY 9
#[test]
fn hostile_hashes_are_refused_before_any_work() {
    for case in cases("password_hash") {
        assert!(case["error"].as_str().unwrap().starts_with("hash_"), "{}", case["name"]);
        let text = case["input"]["hash"].as_str().unwrap();
        // Parsing has no memory and no passes to spend: `verify` cannot be reached.
        let error = parse(text).expect_err(&case["name"].to_string());
        assert_eq!(case["error"], error.code.as_str(), "{}", case["name"]);
    }
}

// SECURITY 9
#[test]
fn the_ceilings_are_those_of_the_host() {
    let text =
        "$argon2id$v=19$m=262144,t=2,p=1$c29tZXNhbHQ$eP4eyR+zqlZX1y5xCFTkw9m5GYx0L5YWwvCFvtlbLow";
    let error = parse(text).unwrap_err();
    assert_eq!(error.code, Code::HashTooCostly);
    assert!(error.detail.contains("m=262144") && error.detail.contains("m=65536"), "{error}");
    let ample = Ceilings { memory_kib: 262_144, ..Ceilings::WORKER };
    assert_eq!(PasswordHash::parse(text, &ample).unwrap().memory(), 262_144);
}

// SECURITY 85
#[test]
fn argon2id_equals_rfc_9106() {
    // §5.3. It has a secret and associated data, which password hashes here never have: it is
    // run on the crate of the kernels, whose own tests have the other variants.
    use authcore_argon2id::{Hasher, Inputs, Pool};
    let inputs =
        Inputs { password: &[1; 32], salt: &[2; 16], secret: &[3; 8], associated_data: &[4; 12] };
    let mut tag = [0; 32];
    Hasher::argon2id(32, 3, 4).hash(&inputs, &Pool::none(), &mut tag).unwrap();
    let expected = [
        0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53,
        0xc9, 0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01,
        0xe6, 0x59,
    ];
    assert_eq!(tag, expected);
}

// SECURITY 7
#[test]
fn a_new_hash_is_the_text_that_the_reference_writes() {
    let mut count = 0;
    for case in cases("argon2id") {
        let text = case["input"]["hash"].as_str().unwrap();
        let fields: Vec<&str> = text.split('$').collect();
        let salt = STANDARD_NO_PAD.decode(fields[4]);
        let (Ok(salt), 43, Some("m=256,t=1,p=1" | "m=19456,t=2,p=1"), false) = (
            <[u8; 16]>::try_from(salt.unwrap()),
            fields[5].len(),
            fields.get(3).copied(),
            case["expected"].is_null(),
        ) else {
            continue;
        };
        let params = if text.contains("m=256") {
            Argon2Params { memory_kib: 256, iterations: 1, parallelism: 1 }
        } else {
            Argon2Params::OWASP_MINIMUM
        };
        let presented = password(case["input"]["password"].as_str().unwrap());
        let stored = hash(&presented, &params, salt).unwrap();
        assert_eq!(stored.as_str(), text);
        assert!(!needs_rehash(&stored, &params));
        assert!(verify(&presented, &parse(stored.as_str()).unwrap()).is_ok());
        count += 1;
    }
    assert!(count >= 8, "{count} vectors");
}

// SECURITY 7
#[test]
fn two_salts_give_two_hashes() {
    let one = hash(&password("the same"), &CHEAP, [1; 16]).unwrap();
    let two = hash(&password("the same"), &CHEAP, [2; 16]).unwrap();
    assert_ne!(one.as_str(), two.as_str());
    let tag = |hash: &PasswordHash| hash.as_str().rsplit('$').next().unwrap().to_owned();
    assert_ne!(tag(&one), tag(&two));
}

#[test]
fn impossible_parameters_are_an_error_not_a_panic() {
    let odd = |memory_kib, iterations, parallelism| {
        hash(&password("x"), &Argon2Params { memory_kib, iterations, parallelism }, [1; 16])
    };
    for refused in [odd(0, 0, 0), odd(7, 1, 1), odd(8, 0, 1), odd(8, 1, 2), odd(8, 1, u32::MAX)] {
        assert_eq!(refused.unwrap_err().code, Code::InvalidSettings);
    }
}

// SECURITY 56
#[test]
fn the_dummy_costs_the_same_and_verifies_nothing() {
    let stored = dummy(&Argon2Params::OWASP_MINIMUM);
    assert_eq!(stored.memory(), Argon2Params::OWASP_MINIMUM.memory_kib);
    assert!(!needs_rehash(&stored, &Argon2Params::OWASP_MINIMUM));
    assert_eq!(parse(stored.as_str()).unwrap().as_str(), stored.as_str());
    for guess in ["", "password", "authcore dummy tag"] {
        let refused = verify(&password(guess), &dummy(&CHEAP)).unwrap_err();
        assert_eq!(refused.code, Code::InvalidCredentials);
    }
}

// SECURITY 4
#[test]
fn more_than_1024_bytes_are_refused_before_any_work() {
    assert!(Password::new("é".repeat(512)).is_ok(), "{MAX_BYTES} bytes");
    for text in ["é".repeat(512) + "e", "x".repeat(60 * 1024)] {
        let reason = Password::new(text).unwrap_err();
        assert_eq!((reason, reason.code()), (Reason::TooLong, "too_long"));
    }
}

#[test]
fn an_empty_password_can_be_tried_but_not_chosen() {
    let stored = hash(&password("something"), &CHEAP, [1; 16]).unwrap();
    assert_eq!(verify(&password(""), &stored).unwrap_err().code, Code::InvalidCredentials);
    assert_eq!(check_new(&password(""), DEFAULT_MIN_LENGTH, &[]).unwrap_err().code, "too_short");
}

#[test]
fn new_passwords_follow_the_rule() {
    let context = ["Marie.Curie-S@example.org", "radium_1898", ""];
    let rule = |text: &str| {
        check_new(&password(text), DEFAULT_MIN_LENGTH, &context).map_err(|error| error.code)
    };
    assert_eq!(rule("seven77"), Err("too_short"));
    assert_eq!(rule("é".repeat(7).as_str()), Err("too_short"), "code points, not bytes");
    assert_eq!(rule("密".repeat(8).as_str()), Ok(()));
    for common in ["password", "PassWord", "12345678", "trustno1", "QWERTYUIOP"] {
        assert_eq!(rule(common), Err("too_common"), "{common}");
    }
    for own in ["marie.curie-s@example.org", "MARIE.CURIE-S", "Radium_1898"] {
        assert_eq!(rule(own), Err("same_as_name"), "{own}");
    }
    for fine in ["password ", "Marie.Curie-S2", "uncommonly good", "        ", "# MIT License."] {
        assert_eq!(rule(fine), Ok(()), "{fine}");
    }
    let error = check_new(&password("short"), 12, &[]).unwrap_err();
    assert_eq!((error.pointer.as_str(), error.code), ("/password", "too_short"));
    assert!(error.detail.contains("12"), "{error:?}");
}

#[test]
fn the_list_of_common_passwords_is_what_it_says() {
    let list = include_str!("../src/password/common.txt");
    assert!(list.len() <= 40 * 1024);
    let entries: Vec<&str> = list.lines().filter(|line| !line.starts_with("# ")).collect();
    assert!(entries.len() >= 3_000, "{}", entries.len());
    for entry in entries {
        assert!(entry.len() >= 8 && entry.bytes().all(|b| b.is_ascii_graphic()), "{entry}");
        assert!(!entry.bytes().any(|b| b.is_ascii_uppercase()), "{entry}");
    }
}

// SECURITY 88
#[test]
fn debug_shows_no_password() {
    let canary = password("canary-canary");
    let stored = hash(&canary, &CHEAP, [1; 16]).unwrap();
    let proof = verify(&canary, &stored).unwrap();
    let wrong = verify(&canary, &dummy(&CHEAP)).unwrap_err();
    let weak = check_new(&canary, 64, &[]).unwrap_err();
    let malformed = parse("canary$canary").unwrap_err();
    let all = (&canary, &stored, &proof, &wrong, &weak, &malformed);
    let shown = format!("{all:?} {all:#?} {wrong} {malformed}");
    assert!(!shown.contains("canary"), "{shown}");
    assert!(!shown.contains(stored.as_str().rsplit('$').next().unwrap()), "{shown}");
}
