//! Batches with as many answers as statements, and failures as errors of the one table.

use crate::effect::{Batch, Effects, Failure, Mode, Rows, Statement};
use crate::error::{Code, Error};

/// Reads. Any failure is the service's: nothing was changed.
pub(super) async fn read<const N: usize>(
    fx: &mut Effects,
    statements: [Statement; N],
) -> Result<[Rows; N], Error> {
    let batch = Batch { mode: Mode::Read, statements: statements.into() };
    match fx.perform(batch).await {
        Ok(rows) => shaped(rows),
        Err(_) => Err(unavailable()),
    }
}

/// What a write came to.
pub(super) enum Written<const N: usize> {
    /// Committed.
    Done([Rows; N]),
    /// It may have been committed: read again, by the operation's id.
    Unknown,
}

/// Writes, all or nothing.
pub(super) async fn write<const N: usize>(
    fx: &mut Effects,
    statements: [Statement; N],
) -> Result<Written<N>, Error> {
    let batch = Batch { mode: Mode::Write, statements: statements.into() };
    match fx.perform(batch).await {
        Ok(rows) => shaped(rows).map(Written::Done),
        Err(Failure::OutcomeUnknown) => Ok(Written::Unknown),
        Err(_) => Err(unavailable()),
    }
}

fn shaped<const N: usize>(rows: Vec<Rows>) -> Result<[Rows; N], Error> {
    let wrong = |_| Error::new(Code::Internal, "a batch has an answer for each statement");
    rows.try_into().map_err(wrong)
}

/// The database did not answer; the same request may work in a moment.
pub(super) fn unavailable() -> Error {
    Error::new(Code::Unavailable, "the database did not answer").retry_after(1)
}
