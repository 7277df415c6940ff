//! What opens, finds and names secrets: sealed values, keyed hashes, tokens, rings.
#![no_main]

use std::sync::LazyLock;

use authcore::secret::{Binding, Purpose, Ring, Token, TokenKind, matches, open};
use libfuzzer_sys::fuzz_target;

static RING: LazyLock<Ring> = LazyLock::new(|| {
    Ring::parse("k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=").expect("a ring")
});

// SECURITY 80, 83, 100
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let purpose = Purpose::SealSigningKey;
    let binding = Binding { table: "signing_keys", row: "fuzzed", account: "", purpose };
    assert!(open(&RING, &binding, &text).is_err(), "a forgery");
    assert!(!matches(&RING, Purpose::HashRefreshToken, &[b"presented"], &text), "a forgery");
    if let Some(token) = Token::parse(TokenKind::Refresh, &text) {
        assert_eq!(token.expose(), text);
    }
    if let Err(error) = Ring::parse(&text) {
        assert!(!error.detail.contains("0tnD"), "{error}");
    }
});
