//! Foreign text on one line of a log or an audit row: it cannot forge a second one (CWE-117).

use super::breaks_line;

/// How many characters of a User-Agent header are kept.
const USER_AGENT_LENGTH: usize = 256;

/// The text on one line: what breaks lines, steers terminals or reorders text becomes U+FFFD, and
/// what is beyond `max_chars` characters becomes a final `…`, which counts.
#[must_use]
pub fn one_line(text: &str, max_chars: usize) -> String {
    let safe = |character| {
        if breaks_line(character) { '\u{fffd}' } else { character }
    };
    if text.chars().nth(max_chars).is_none() {
        return text.chars().map(safe).collect();
    }
    let kept = text.chars().take(max_chars.saturating_sub(1)).map(safe);
    kept.chain((max_chars > 0).then_some('…')).collect()
}

/// A User-Agent header as text to keep: bytes that are no UTF-8 become U+FFFD, the rest as
/// [`one_line`]; at most 256 characters.
#[must_use]
pub fn user_agent(header: &[u8]) -> String {
    // A character takes at most 4 bytes: what is cut here is beyond what is kept, and one more
    // character shows that something was cut.
    let longest = USER_AGENT_LENGTH.saturating_add(1).saturating_mul(4);
    let (head, _) = header.split_at_checked(longest).unwrap_or((header, &[]));
    one_line(&String::from_utf8_lossy(head), USER_AGENT_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 91
    #[test]
    fn foreign_text_stays_on_one_line() {
        let forged = "curl\r\nlevel=info \u{1b}[2J \u{2028}\u{85}\u{9b}31m \u{202e}x\0";
        let line = one_line(forged, 256);
        assert!(line.chars().all(|character| !breaks_line(character)));
        assert_eq!(line.chars().count(), forged.chars().count());
        assert!(line.starts_with("curl\u{fffd}\u{fffd}level=info \u{fffd}[2J"));
    }

    // SECURITY 91
    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(one_line("äöü", 3), "äöü");
        assert_eq!(one_line("äöüß", 3), "äö…");
        assert_eq!(one_line("a", 0), "");
        assert_eq!(user_agent(&[b'a'; 10 * 1024]).chars().count(), 256);
        assert_eq!(user_agent("🦀".repeat(256).as_bytes()), "🦀".repeat(256));
        assert_eq!(user_agent("🦀".repeat(257).as_bytes()), "🦀".repeat(255) + "…");
    }

    // SECURITY 91
    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(user_agent(b"a\xffb\xc3"), "a\u{fffd}b\u{fffd}");
        assert_eq!(user_agent(&[0xff; 5000]).chars().count(), 256);
    }
}
