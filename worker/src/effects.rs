//! The loop that performs what an operation asks for, one effect after the other.

use authcore::effect::{Effect, Failure, Step};

use crate::admission::{Admitted, MEMORY};
use crate::database::Database;
use crate::strength;

/// Performs an operation to its end.
pub async fn perform<T>(mut step: Step<T>, database: &Database) -> T {
    // Kept until the hashes are done, or the operation ends without one.
    let mut admitted: Option<Admitted> = None;
    let mut hashed = false;
    loop {
        step = match step {
            Step::Done(value) => return value,
            Step::Perform(Effect::Batch(pending)) => {
                if hashed {
                    drop(admitted.take());
                }
                let (batch, resume) = pending.split();
                resume.reply(database.run(&batch).await)
            }
            Step::Perform(Effect::Admit(pending)) => {
                let (admit, resume) = pending.split();
                admitted = Admitted::take(admit.bucket);
                resume.reply(admitted.as_ref().map(|_| ()).ok_or(Failure::Busy))
            }
            Step::Perform(Effect::Hash(pending)) => {
                let (job, resume) = pending.split();
                // Core asks for no hash before it was let in.
                if let Some(admitted) = &admitted {
                    admitted.turn().await;
                }
                let outcome = job.run_in(&MEMORY);
                hashed = true;
                resume.reply(Ok(outcome))
            }
            Step::Perform(Effect::Strength(pending)) => {
                let (job, resume) = pending.split();
                resume.reply(strength::judge(&job).await)
            }
            Step::Perform(effect) => effect.fail(Failure::Unsupported),
        };
    }
}
