//! C2SP's `ed25519vectors`, case by case (tests/vectors/outside), by the four judges of
//! `differences.rs`. `edges.rs` makes the same kinds of cases anew.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Ed25519Verifier;
use super::differences::accepts;

const FILE: &[u8] = include_bytes!("../../../../../tests/vectors/outside/ed25519vectors.json");
const SHA256: &str = "1cd3a723d7f0076e88b9ffbb0c81a3832f3684968aab6167caf19d0abd201071";

/// What a signature may have and still be good: A and R with a part of small order beside the one of
/// prime order, as long as the equation holds without the cofactor.
const TAKEN: [&str; 2] = ["low_order_component_A", "low_order_component_R"];
/// What no key may have.
const NO_KEY: [&str; 2] = ["low_order_A", "non_canonical_A"];

fn octets(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&text[at..][..2], 16).unwrap()).collect()
}

// SECURITY 46
#[test]
fn cctv_agrees_on_every_case() {
    let digest: String = Sha256::digest(FILE).iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(digest, SHA256);
    let cases: Vec<Value> = serde_json::from_slice(FILE).unwrap();
    let (mut keys, mut taken) = (0, 0);
    for case in &cases {
        // No flags are written as `null`.
        let flags: Vec<&str> = case["flags"].as_array().map_or_else(Vec::new, |flags| {
            flags.iter().map(|flag| flag.as_str().unwrap()).collect()
        });
        let point: [u8; 32] = octets(&case["key"]).try_into().unwrap();
        let is_key = !flags.iter().any(|flag| NO_KEY.contains(flag));
        assert_eq!(Ed25519Verifier::new(&point).is_some(), is_key, "{case}");
        let expected = flags.iter().all(|flag| TAKEN.contains(flag));
        let message = case["msg"].as_str().unwrap().as_bytes();
        assert_eq!(accepts(&point, message, &octets(&case["sig"])), expected, "{case}");
        keys += usize::from(is_key);
        taken += usize::from(expected);
    }
    assert_eq!((cases.len(), keys, taken), (914, 388, 43));
}
