//! The loop that performs what an operation asks for, one effect after the other.

use authcore::effect::{Effect, Failure, Step};

use crate::admission::{Place, turn};
use crate::database::Database;

/// Performs an operation to its end.
pub async fn perform<T>(mut step: Step<T>, database: &Database) -> T {
    // Held until the hash is done, or the operation ends without one.
    let mut place = None;
    loop {
        step = match step {
            Step::Done(value) => return value,
            Step::Perform(Effect::Batch(pending)) => {
                let (batch, resume) = pending.split();
                resume.reply(database.run(&batch).await)
            }
            Step::Perform(Effect::Admit(pending)) => {
                let (_, resume) = pending.split();
                place = Place::take();
                resume.reply(place.as_ref().map(|_| ()).ok_or(Failure::Busy))
            }
            Step::Perform(Effect::Hash(pending)) => {
                let (job, resume) = pending.split();
                turn().await;
                let outcome = job.run();
                drop(place.take());
                resume.reply(Ok(outcome))
            }
            Step::Perform(effect) => effect.fail(Failure::Unsupported),
        };
    }
}
