//! The rule for new passwords: length, not commonly used, not the account's own name.

use zeroize::Zeroizing;

use super::{Password, Reason};
use crate::error::FieldError;

/// Code points of a new password at least (ASVS 5.0, 6.2.1).
pub const DEFAULT_MIN_LENGTH: usize = 8;

/// One password a line, lower case, the commonest first; lines with `# ` say where it is from.
const COMMON: &str = include_str!("common.txt");

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
    let common = COMMON.lines().filter(|line| !line.starts_with("# "));
    if common.into_iter().any(|line| line.eq_ignore_ascii_case(password)) {
        return Some(Reason::TooCommon);
    }
    let folded = Zeroizing::new(password.to_lowercase());
    let is_name = |name: &str| !name.is_empty() && name.to_lowercase() == *folded;
    let is_own = |name: &&str| {
        is_name(name) || name.rsplit_once('@').is_some_and(|(local_part, _)| is_name(local_part))
    };
    context.iter().any(is_own).then_some(Reason::SameAsName)
}
