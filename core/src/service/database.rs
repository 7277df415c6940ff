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
pub(super) enum Written<T> {
    /// Committed.
    Done(T),
    /// It may have been committed: read again, by the operation's id.
    Unknown,
}

/// Writes, all or nothing.
pub(super) async fn write<const N: usize>(
    fx: &mut Effects,
    statements: [Statement; N],
) -> Result<Written<[Rows; N]>, Error> {
    let batch = Batch { mode: Mode::Write, statements: statements.into() };
    match fx.perform(batch).await {
        Ok(rows) => shaped(rows).map(Written::Done),
        Err(Failure::OutcomeUnknown) => Ok(Written::Unknown),
        Err(_) => Err(unavailable()),
    }
}

fn shaped<const N: usize>(rows: Vec<Rows>) -> Result<[Rows; N], Error> {
    rows.try_into().map_err(|_| misshapen())
}

fn misshapen() -> Error {
    Error::new(Code::Internal, "a batch has an answer for each statement")
}

/// A batch that is put together in parts; each statement's answer is found by its place.
#[derive(Default)]
pub(super) struct Statements(Vec<Statement>);

/// Where an answer stands.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

/// The answers to [`Statements`].
pub(super) struct Answers(Vec<Rows>);

impl Statements {
    /// Adds a statement whose answer is read.
    pub(super) fn add(&mut self, statement: Statement) -> Place {
        self.0.push(statement);
        Place(self.0.len().saturating_sub(1))
    }

    /// Adds statements whose answers nobody reads.
    pub(super) fn extend(&mut self, statements: impl IntoIterator<Item = Statement>) {
        self.0.extend(statements);
    }

    /// Reads, as [`read`].
    pub(super) async fn read(self, fx: &mut Effects) -> Result<Answers, Error> {
        let count = self.0.len();
        match fx.perform(Batch { mode: Mode::Read, statements: self.0 }).await {
            Ok(rows) if rows.len() == count => Ok(Answers(rows)),
            Ok(_) => Err(misshapen()),
            Err(_) => Err(unavailable()),
        }
    }

    /// Writes, as [`write`].
    pub(super) async fn write(self, fx: &mut Effects) -> Result<Written<Answers>, Error> {
        let count = self.0.len();
        match fx.perform(Batch { mode: Mode::Write, statements: self.0 }).await {
            Ok(rows) if rows.len() == count => Ok(Written::Done(Answers(rows))),
            Ok(_) => Err(misshapen()),
            Err(Failure::OutcomeUnknown) => Ok(Written::Unknown),
            Err(_) => Err(unavailable()),
        }
    }
}

impl Answers {
    /// Whether the statement at a place gave no row: it wrote nothing.
    pub(super) fn is_empty(&self, place: Place) -> bool {
        self.0.get(place.0).is_none_or(Rows::is_empty)
    }

    /// The rows at a place; taken a second time there are none.
    pub(super) fn take(&mut self, place: Place) -> Rows {
        self.0.get_mut(place.0).map(std::mem::take).unwrap_or_default()
    }
}

/// The database did not answer; the same request may work in a moment.
pub(super) fn unavailable() -> Error {
    Error::new(Code::Unavailable, "the database did not answer").retry_after(1)
}
