//! No input panics: seeded pseudo-random and mutated inputs for every parser and for the service.
//!
//! AUTHCORE_ROBUST_ROUNDS says how many inputs each target gets, AUTHCORE_ROBUST_SEED which. A
//! failure names both and shows the input.
// As in any test:
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod anything;
mod generator;
mod primitives;
mod second_factor;
mod service;
mod signed_in;

use std::panic::{AssertUnwindSafe, catch_unwind};

use generator::Generator;
use serde_json::Value;

/// A number from the environment.
fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Gives `run` as many generators as there are rounds, `share` of them for a slower target.
fn rounds(target: &str, share: u64, run: impl Fn(&mut Generator)) {
    let rounds = variable("AUTHCORE_ROBUST_ROUNDS").unwrap_or(40_000) / share;
    let seed = variable("AUTHCORE_ROBUST_SEED").unwrap_or(1);
    assert!(rounds > 0);
    for round in 0..rounds {
        let state = (seed << 32) + round;
        let sound = catch_unwind(AssertUnwindSafe(|| run(&mut Generator::new(state)))).is_ok();
        assert!(sound, "{target}: round {round} of seed {seed}");
    }
}

/// Gives `run` mutated inputs of the corpus.
fn inputs(target: &str, share: u64, corpus: &[Vec<u8>], run: impl Fn(&[u8])) {
    assert!(!corpus.is_empty(), "{target}");
    rounds(target, share, |generator| {
        let input = generator.mutated(corpus);
        let sound = catch_unwind(AssertUnwindSafe(|| run(&input))).is_ok();
        assert!(sound, "{target}: {}", input.escape_ascii());
    });
}

/// The same, as text: what is not UTF-8 is replaced.
fn texts(target: &str, share: u64, corpus: &[Vec<u8>], run: impl Fn(&str)) {
    inputs(target, share, corpus, |input| run(&String::from_utf8_lossy(input)));
}

/// Every text under `member` in the inputs of a vector file.
fn corpus(feature: &str, member: &str) -> Vec<Vec<u8>> {
    let path = format!("{}/../tests/vectors/{feature}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let text = |case: &Value| case["input"][member].as_str().map(|text| text.as_bytes().to_vec());
    let found: Vec<_> = cases.iter().filter_map(text).collect();
    assert!(!found.is_empty(), "{feature}: no `{member}`");
    found
}

fn own(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn a_panic_is_told_with_its_input() {
    let shown = catch_unwind(|| {
        texts("a target", 1, &own(&["0123456789"]), |text| assert!(!text.contains("77")));
    });
    let shown = shown.unwrap_err();
    assert!(shown.downcast_ref::<String>().unwrap().starts_with("a target: round "));
}

#[test]
fn the_same_seed_gives_the_same_inputs() {
    let all = |seed| {
        let mut generator = Generator::new(seed);
        let corpus = own(&["one", "another"]);
        (0..100).map(|_| generator.mutated(&corpus)).collect::<Vec<_>>()
    };
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
}
