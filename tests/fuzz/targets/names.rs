//! E-mail addresses, usernames, full names, user agents: read twice, they are the same.
#![no_main]

use authcore::text::{Email, FullName, LoginName, Username, one_line, user_agent};
use libfuzzer_sys::fuzz_target;

// SECURITY 91, 96, 97, 100
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    if let Ok(email) = Email::parse(&text) {
        let again = Email::parse(email.as_str()).expect("what was read");
        assert_eq!((again.as_str(), again.folded()), (email.as_str(), email.folded()));
        let folded = Email::parse(email.folded()).expect("what was folded");
        assert_eq!(folded.folded(), email.folded());
        assert_eq!(LoginName::parse(email.as_str()).folded(), email.folded());
        assert!(!email.as_str().contains(|c: char| c.is_control() || c.is_whitespace()));
    }
    if let Ok(username) = Username::parse(&text) {
        let again = Username::parse(username.as_str()).expect("what was read");
        assert_eq!(again.folded(), username.folded());
        assert_eq!(LoginName::parse(username.as_str()).folded(), username.folded());
        let _ = (username.is_restricted(), username.resembles("admin"));
    }
    let _ = FullName::parse(&text);
    let _ = LoginName::parse(&text);
    assert!(one_line(&text, 40).lines().count() <= 1);
    let shown = user_agent(input);
    assert!(!shown.chars().any(char::is_control) && shown.chars().count() <= 256);
});
