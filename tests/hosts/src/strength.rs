//! How a host that links the estimator answers core's question.

use authcore::effect::{Failure, StrengthJob};
use authcore::strength::StrengthVerdict;

/// The verdict on a password.
///
/// # Errors
/// [`Failure::Unavailable`] if core does not know what the estimator says.
pub fn judge(job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
    let verdict = authcore_strength::estimate(&job.password, &job.user_inputs, job.year);
    StrengthVerdict::from_json(&verdict.to_json()).ok_or(Failure::Unavailable)
}
