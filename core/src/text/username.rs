//! Usernames: a small ASCII alphabet, so that no two of them look alike by Unicode.

use super::Reason;

/// How many characters a username has.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=64;

/// Names that a stranger could use to pass for the service or its staff, or that programs
/// mistake for something else (compared by [`Username::resembles`]).
pub const RESTRICTED: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "admins",
    "anonymous",
    "api",
    "auth",
    "authcore",
    "billing",
    "contact",
    "daemon",
    "everyone",
    "false",
    "guest",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "localhost",
    "login",
    "logout",
    "mail",
    "mailer-daemon",
    "me",
    "moderator",
    "nobody",
    "none",
    "noreply",
    "no-reply",
    "null",
    "official",
    "operator",
    "owner",
    "postmaster",
    "register",
    "root",
    "security",
    "service",
    "signin",
    "signup",
    "staff",
    "super",
    "superadmin",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "true",
    "undefined",
    "user",
    "webmaster",
    "www",
];

/// A username of `[a-z0-9._-]`, typed in either case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    typed: String,
    folded: String,
}

impl Username {
    /// Reads a username: 3 to 64 characters, a letter or digit at both ends, no two separators in
    /// a row.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `character_not_allowed` or `separator_misplaced`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !text.bytes().all(allowed) {
            return Err(Reason::new(
                "character_not_allowed",
                "a username takes the letters a to z, digits, dots, hyphens and underscores",
            ));
        }
        if text.len() < *LENGTH.start() {
            return Err(Reason::new("too_short", "fewer than 3 characters"));
        }
        if text.len() > *LENGTH.end() {
            return Err(Reason::new("too_long", "more than 64 characters"));
        }
        if text.split(is_separator).any(str::is_empty) {
            return Err(Reason::new(
                "separator_misplaced",
                "a dot, hyphen or underscore stands between letters or digits only",
            ));
        }
        Ok(Self { typed: text.to_owned(), folded: text.to_ascii_lowercase() })
    }

    /// The name as typed, to be shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The key for comparison: in lower case.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether the name resembles one of [`RESTRICTED`].
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        RESTRICTED.iter().any(|name| self.resembles(name))
    }

    /// Whether the name reads like `other`: the same without separators, where `0` and `o`, and
    /// `1`, `i` and `l`, are not told apart (`nuII`, as typed, reads like `null`).
    #[must_use]
    pub fn resembles(&self, other: &str) -> bool {
        skeleton(&self.folded).eq(skeleton(other))
    }
}

const fn is_separator(character: char) -> bool {
    matches!(character, '.' | '_' | '-')
}

/// What is left of a name when what looks alike is made one (the idea of UTS #39 §4, for ASCII).
fn skeleton(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|character| !is_separator(*character)).map(|character| {
        match character.to_ascii_lowercase() {
            '0' => 'o',
            '1' | 'i' => 'l',
            other => other,
        }
    })
}
