//! That a value has a canonical text is known without making it: on random objects, to the octet.

// Arithmetic on small numbers.
#![allow(clippy::arithmetic_side_effects)]

use super::*;

/// A value that is cheap to vary: every kind, every escape, every refusal.
fn value(random: &mut impl FnMut(u64) -> u64, depth: u64) -> Value {
    let kinds = if depth == 0 { 6 } else { 9 };
    match random(kinds) {
        0 => Value::Null,
        1 => Value::Bool(random(2) == 0),
        2 => {
            let digits = i64::pow(10, u32::try_from(random(16)).unwrap());
            Value::integer([digits, -digits, digits - 1, 1 - digits][random(4) as usize])
                .unwrap_or(Value::Null)
        }
        3 if random(40) == 0 => crate::json::read(b"0.5").unwrap(),
        3..6 => Value::String(text(random)),
        6 => Value::Array((0..random(4)).map(|_| value(random, depth - 1)).collect()),
        _ => Value::Object(object(random, depth - 1)),
    }
}

fn object(random: &mut impl FnMut(u64) -> u64, depth: u64) -> Object {
    let members = (0..random(4)).map(|n| (format!("{n}{}", text(random)), value(random, depth)));
    Object(members.collect())
}

fn text(random: &mut impl FnMut(u64) -> u64) -> String {
    let length = if random(60) == 0 { 8_192 } else { random(8) };
    let character = |n: u64| match n {
        0..0x80 => char::from(u8::try_from(n.max(1)).unwrap()),
        _ => 'é',
    };
    let mut text: String = (0..length).map(|_| character(random(0x90))).collect();
    if random(60) == 0 {
        text.push('\0');
    }
    text
}

#[test]
fn whether_there_is_a_text_is_known_without_it() {
    let mut state = 0x5eed_u64;
    let mut random = |below: u64| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let (mut with, mut without) = (0, 0);
    for _ in 0..20_000 {
        let object = object(&mut random, 9);
        let has = object.has_canonical_text();
        assert_eq!(has, object.to_canonical_text().is_ok());
        with += usize::from(has);
        without += usize::from(!has);
    }
    assert!(with > 2_000 && without > 2_000, "{with} {without}");
    // To the octet.
    for (length, has) in [(8_192 - 8, true), (8_192 - 7, false)] {
        let object = Object(vec![("k".to_owned(), Value::String("s".repeat(length)))]);
        assert_eq!(object.to_canonical_text().is_ok(), has, "{length}");
        assert_eq!(object.has_canonical_text(), has, "{length}");
    }
}
