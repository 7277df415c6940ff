//! The vectors of tests/vectors/strength.json: what zxcvbn itself says; and the bounds.
// As in any test:
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::Path;

use authcore_strength::estimate;
use serde_json::Value as Json;

fn vectors() -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/strength.json");
    let text = std::fs::read_to_string(path).expect("a file");
    let mut all: Json = serde_json::from_str(&text).expect("JSON");
    let Json::Array(cases) = all["cases"].take() else { panic!("a list of cases") };
    cases
}

fn verdict(case: &Json) -> String {
    let input = &case["input"];
    let inputs = input["user_inputs"].as_array().expect("a list");
    let inputs: Vec<&str> = inputs.iter().filter_map(Json::as_str).collect();
    let year = input["year"].as_i64().and_then(|year| i32::try_from(year).ok()).expect("a year");
    estimate(input["password"].as_str().expect("text"), &inputs, year).to_json()
}

#[test]
fn estimates_are_those_of_zxcvbn() {
    let cases = vectors();
    assert!(cases.len() > 80);
    for case in cases {
        let said: Json = serde_json::from_str(&verdict(&case)).expect("JSON");
        assert_eq!(said, case["expected"], "{}", case["name"]);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let cases = vectors();
    let all = || cases.iter().map(verdict).collect::<Vec<_>>();
    let first = all();
    // Each thread has other keys for its hash maps, if there were any.
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(all)).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), first);
        }
    });
}

#[test]
fn the_year_is_the_one_that_is_given() {
    let guesses = |year| estimate("1987", &[""; 0], year).guesses;
    assert_eq!((guesses(1987), guesses(2026), guesses(2087)), (21, 40, 101));
}

// SECURITY 4
#[test]
fn what_is_beyond_the_bounds_is_not_seen() {
    let long = "k7#Qz".repeat(20);
    let none: [&str; 0] = [];
    assert_eq!(estimate(&format!("{long}password"), &none, 2026), estimate(&long, &none, 2026));
    let mut inputs = vec!["unused"; 32];
    inputs.push("ada");
    assert_eq!(estimate("ada2026", &inputs, 2026), estimate("ada2026", &inputs[..32], 2026));
    assert_ne!(estimate("ada2026", &["ada"], 2026), estimate("ada2026", &none, 2026));
}

#[test]
fn whatever_is_asked_there_is_a_verdict() {
    let parts = ["4", "@", "1|7", "a", "aab", "qwe", "2026", "1.1.", "\u{130}", "\0", "\u{1f600}"];
    let mut seed = 7_u32;
    for length in 0..400_usize {
        let mut text = String::new();
        for _ in 0..length % 60 {
            // A linear congruential generator (Numerical Recipes): the same in every run.
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let part = usize::try_from(seed >> 16).expect("it fits") % parts.len();
            text.push_str(parts[part]);
        }
        for year in [i32::MIN, 0, 2026, i32::MAX] {
            let verdict = estimate(&text, &[text.as_str(), ""], year);
            assert!(verdict.score <= 4 && verdict.guesses < 1 << 53, "{text:?}");
        }
    }
}

// SECURITY 5
#[test]
fn no_common_password_reaches_the_least_score() {
    // The list that core holds, and one that was drawn from other leaks by somebody else.
    let lists = [
        (include_str!("../../src/password/common.txt"), 4_000),
        (include_str!("../../../tests/vectors/common_passwords.txt"), 3_000),
    ];
    for (text, count) in lists {
        let common: Vec<&str> = text.lines().filter(|line| !line.starts_with("# ")).collect();
        assert_eq!(common.len(), count);
        for password in common {
            assert!(estimate(password, &[""; 0], 2026).score < 3, "{password}");
        }
    }
}
