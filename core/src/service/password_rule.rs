//! The rule for new passwords: length, the common list, and the estimator's score where the host
//! has it (docs/decisions/0019).

use super::{Caller, Service};
use crate::effect::{Effects, Failure, StrengthJob};
use crate::error::{Code, Error, FieldError};
use crate::password::{Password, check_new};
use crate::strength::StrengthVerdict;

/// Refuses a new password that is too short, common, the account's own name, or too easy to guess.
/// `names` are the account's: address, username, full name.
///
/// To be asked after the request was counted: the estimate takes milliseconds.
///
/// # Errors
/// [`Code::WeakPassword`] with an entry for `/password` and the verdict, if there is one;
/// [`Code::Unavailable`] if the host has the estimator and it failed: nobody is given a password
/// that the rule would refuse a minute later.
pub(super) async fn require_strong(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    password: &Password,
    names: &[&str],
) -> Result<(), Error> {
    let settings = &service.settings;
    let verdict = match settings.password_min_score {
        0 => None,
        _ => verdict(service, fx, caller, password, names).await?,
    };
    let least = usize::try_from(settings.password_min_length).unwrap_or(usize::MAX);
    let weak = verdict.as_ref().filter(|verdict| verdict.score < settings.password_min_score);
    let reason = match (check_new(password, least, names), weak) {
        (Ok(()), None) => return Ok(()),
        (Err(reason), _) => reason,
        (Ok(()), Some(verdict)) => too_weak(verdict),
    };
    let mut error = Error::new(Code::WeakPassword, reason.detail.clone());
    error.fields = vec![reason];
    error.strength = verdict.map(Box::new);
    Err(error)
}

fn too_weak(verdict: &StrengthVerdict) -> FieldError {
    let warning = verdict.feedback.warning.map(|warning| warning.detail);
    FieldError::new("/password", "too_weak", warning.unwrap_or("this password is easy to guess"))
}

/// The estimator's verdict; none if the host has no estimator.
///
/// # Errors
/// [`Code::Unavailable`] if it has one that failed.
pub(super) async fn verdict(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    password: &Password,
    texts: &[&str],
) -> Result<Option<StrengthVerdict>, Error> {
    let mut context = texts.to_vec();
    context.push(site(&service.settings.public_url));
    match fx.perform(StrengthJob::new(password, &context, caller.now)).await {
        Ok(verdict) => Ok(Some(verdict)),
        Err(Failure::Unsupported) => Ok(None),
        Err(_) => {
            Err(Error::new(Code::Unavailable, "the password cannot be judged now").retry_after(1))
        }
    }
}

/// The host's name in an origin.
fn site(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_the_name_of_the_host() {
        assert_eq!(site("https://auth.example.com"), "auth.example.com");
        assert_eq!(site("http://localhost:8787"), "localhost");
    }
}
