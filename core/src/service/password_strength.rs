//! POST /password/strength: how strong a password would be, for a form that is being filled in.

use super::database::{self, Written};
use super::throttling::{Throttle, require_request};
use super::{Caller, Service, password_rule};
use crate::effect::Effects;
use crate::error::{Code, Error};
use crate::password::Password;
use crate::strength::StrengthVerdict;

/// A password, and what it should not be made of.
pub(crate) struct StrengthQuestion {
    pub(crate) password: Password,
    pub(crate) user_inputs: Vec<String>,
}

/// The verdict on a password. One batch: the request is counted.
pub(crate) async fn password_strength(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    question: StrengthQuestion,
) -> Result<StrengthVerdict, Error> {
    let throttle = Throttle::other(service, caller);
    let counting = [throttle.count_request(caller), throttle.wait_request()];
    let Written::Done([counted, wait]) = database::write(fx, counting).await? else {
        return Err(database::unavailable());
    };
    require_request(&counted, wait, caller)?;
    let inputs: Vec<&str> = question.user_inputs.iter().map(String::as_str).collect();
    let verdict = password_rule::verdict(service, fx, caller, &question.password, &inputs).await?;
    verdict.ok_or_else(|| Error::new(Code::Unavailable, "this host does not judge passwords"))
}
