//! The rule for new passwords: length, not commonly used, not the account's own name.

use zeroize::Zeroizing;

use super::{Password, Reason};
use crate::error::FieldError;

/// Code points of a new password at least (ASVS 5.0, 6.2.1).
pub const DEFAULT_MIN_LENGTH: usize = 8;

/// The passwords of common.txt, sorted, each as a capital letter and what follows it: `A` begins a new
/// one, `B` keeps the first letter of the one before, `C` two. Compressed it is a third smaller than
/// the list. Lines with `# ` say where it is from.
const COMMON: &str = include_str!("common_folded.txt");

/// Checks a new password. `context` holds the account's e-mail address and username; of an
/// address the local part counts too. At most [`super::MAX_BYTES`] bytes is seen to by
/// [`Password::new`].
///
/// # Errors
/// The first reason against it, as an entry for `/password`: `too_short`, `too_common` or
/// `same_as_name`.
pub fn check_new(
    password: &Password,
    min_length: usize,
    context: &[&str],
) -> Result<(), FieldError> {
    reason_against(password.expose(), min_length, context)
        .map_or(Ok(()), |reason| Err(reason.at("/password")))
}

fn reason_against(password: &str, min_length: usize, context: &[&str]) -> Option<Reason> {
    if password.chars().count() < min_length {
        return Some(Reason::TooShort { min_length });
    }
    if is_common(password) {
        return Some(Reason::TooCommon);
    }
    let folded = Zeroizing::new(password.to_lowercase());
    let is_name = |name: &str| !name.is_empty() && name.to_lowercase() == *folded;
    let is_own = |name: &&str| {
        is_name(name) || name.rsplit_once('@').is_some_and(|(local_part, _)| is_name(local_part))
    };
    context.iter().any(is_own).then_some(Reason::SameAsName)
}

/// Whether a password is one of the list, whatever its case.
fn is_common(password: &str) -> bool {
    let same = |common: &[u8]| common.eq_ignore_ascii_case(password.as_bytes());
    let folded = COMMON.lines().filter(|line| !line.starts_with("# "));
    let mut common = Vec::new();
    for octet in folded.flat_map(str::bytes) {
        if !octet.is_ascii_uppercase() {
            common.push(octet);
            continue;
        }
        if !common.is_empty() && same(&common) {
            return true;
        }
        common.truncate(usize::from(octet.saturating_sub(b'A')));
    }
    same(&common)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = include_str!("common.txt");

    fn fold(list: &[&str]) -> String {
        let before = std::iter::once(&"").chain(list);
        let fold = |(before, password): (&&str, &&str)| {
            let same = before.bytes().zip(password.bytes()).take_while(|(one, other)| one == other);
            let shared = same.count();
            let kept = b'A'.checked_add(u8::try_from(shared).unwrap()).unwrap();
            format!("{}{}", char::from(kept), &password[shared..])
        };
        before.zip(list).map(fold).collect()
    }

    // SECURITY 5
    #[test]
    fn the_folded_list_is_the_list() {
        let (header, list): (Vec<&str>, Vec<&str>) =
            LIST.lines().partition(|line| line.starts_with("# "));
        let is_plain = |password: &&str| {
            password.is_ascii() && !password.bytes().any(|octet| octet.is_ascii_uppercase())
        };
        assert!(list.is_sorted() && list.iter().all(is_plain));
        let folded = format!("{}\n{}\n", header.join("\n"), fold(&list));
        assert!(folded == COMMON, "common_folded.txt is to be:\n{folded}");
        assert_eq!(list.len(), 4000);
        for password in list.iter().step_by(97).chain(list.last()) {
            assert!(is_common(password) && is_common(&password.to_uppercase()), "{password}");
        }
        for other in ["", "a", "!qaz2wsx!", "!qaz2ws", "correct horse battery", "zzzzzzzzzzz!"] {
            assert!(!is_common(other), "{other}");
        }
    }
}
