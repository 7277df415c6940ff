//! How a host that keeps memory for its hashes runs them: to have it anew costs as much again.

use authcore::effect::{HashJob, HashOutcome};
use authcore::password::{Argon2Params, Pool};

const ONE_KIB: usize = Argon2Params::OWASP_MINIMUM.memory_kib as usize;

const AT_ONCE: usize = 4;

static MEMORY: Pool = Pool::new(AT_ONCE, AT_ONCE * ONE_KIB);

/// Runs a job on this thread.
pub fn run(job: HashJob) -> HashOutcome {
    job.run_in(&MEMORY)
}
