//! What an error of D1 means for a batch: nothing was done, or it may have been.

use authcore::effect::{Failure, Mode};

/// Parts of error texts that say that nothing was written
/// (<https://developers.cloudflare.com/d1/observability/debug-d1/#error-list>).
///
/// | Text | Why |
/// |---|---|
/// | `SQLITE_ERROR`, `SQLITE_CONSTRAINT`, `SQLITE_MISMATCH`, `SQLITE_TOOBIG`, `SQLITE_FULL`, `SQLITE_AUTH` | a statement failed, so D1 rolled the batch back |
/// | `D1_TYPE_ERROR` | a parameter was refused before the batch was sent |
/// | `D1 DB is overloaded` | the batch was turned away, or given up in the queue |
/// | `Cannot resolve D1 DB` | the database was not reached |
/// | `Exceeded maximum DB size`, `maximum account storage limit` | no write is taken |
///
/// All other texts leave it open, those that D1 may add among them: `Network connection lost`, the
/// resets (`caused object to be reset`, `was reset`, `because its code was updated`), the time-out
/// of a storage operation, `Can't read from request stream because client disconnected`.
const NOT_DONE: [&str; 11] = [
    "SQLITE_ERROR",
    "SQLITE_CONSTRAINT",
    "SQLITE_MISMATCH",
    "SQLITE_TOOBIG",
    "SQLITE_FULL",
    "SQLITE_AUTH",
    "D1_TYPE_ERROR",
    "D1 DB is overloaded",
    "Cannot resolve D1 DB",
    "Exceeded maximum DB size",
    "maximum account storage limit",
];

/// What became of a batch for which D1 threw an error with this text.
pub fn thrown(text: &str, mode: Mode) -> Failure {
    if NOT_DONE.iter().any(|part| text.contains(part)) { Failure::Unavailable } else { lost(mode) }
}

/// What became of a batch whose answer is lost.
pub fn lost(mode: Mode) -> Failure {
    match mode {
        Mode::Read => Failure::Unavailable,
        Mode::Write => Failure::OutcomeUnknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 107
    #[test]
    fn a_write_whose_end_is_not_told_may_have_been_done() {
        for text in [
            "D1_ERROR: Network connection lost.",
            "D1_ERROR: Internal error in D1 DB storage caused object to be reset.",
            "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
            "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
            "D1_ERROR: D1 DB reset because its code was updated.",
            "D1_ERROR: something new",
            "",
        ] {
            assert_eq!(thrown(text, Mode::Write), Failure::OutcomeUnknown, "{text}");
            assert_eq!(thrown(text, Mode::Read), Failure::Unavailable, "{text}");
        }
    }

    #[test]
    fn a_refused_batch_was_not_done() {
        for text in [
            "D1_ERROR: UNIQUE constraint failed: accounts.id: SQLITE_CONSTRAINT",
            "D1_ERROR: no such table: accounts: SQLITE_ERROR",
            "D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'",
            "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
            "D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.",
        ] {
            assert_eq!(thrown(text, Mode::Write), Failure::Unavailable, "{text}");
        }
    }
}
