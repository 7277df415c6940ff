//! Characters at one distance: `abcdef`, `9753`, also of Greek or Cyrillic.

use crate::matches::{Matches, Pattern, widened};

/// The largest distance that counts.
const MAX_DELTA: i64 = 5;

/// Adds the sequences: two neighbours in the alphabet, or three characters at one distance.
pub(crate) fn add(matches: &mut Matches, password: &[char]) {
    let code = |c: &char| i64::from(u32::from(*c));
    let pairs = password.iter().zip(password.iter().skip(1));
    let mut start = 0;
    let mut run: Option<i64> = None;
    for ((before, character), at) in pairs.zip(1_usize..) {
        let delta = code(character).saturating_sub(code(before));
        if run.is_some_and(|run| run != delta) {
            sequence(matches, password, (start, at), run.unwrap_or_default());
            start = at.saturating_sub(1);
        }
        run = Some(delta);
    }
    if let Some(delta) = run {
        sequence(matches, password, (start, password.len()), delta);
    }
}

fn sequence(matches: &mut Matches, password: &[char], (start, end): (usize, usize), delta: i64) {
    let length = end.saturating_sub(start);
    if (length < 3 && delta.abs() != 1) || !(1..=MAX_DELTA).contains(&delta.abs()) {
        return;
    }
    let first = password.get(start).copied().unwrap_or_default();
    let base: u64 = match first {
        // Where people begin.
        'a' | 'A' | 'z' | 'Z' | '0' | '1' | '9' => 4,
        _ if first.is_ascii_digit() => 10,
        _ => 26,
    };
    let base = if delta > 0 { base } else { base.saturating_mul(2) };
    matches.add(start, end, base.saturating_mul(widened(length)), Pattern::Sequence);
}
