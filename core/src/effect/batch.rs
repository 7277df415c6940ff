//! `Batch`: statements that the database runs all or nothing, and the rows that come back.

use std::borrow::Cow;

/// Statements to run in one transaction, in this order.
///
/// Contract for hosts: all or nothing; a `Write` batch holds the write lock from its start
/// (SQLite: `BEGIN IMMEDIATE`); all rows of a statement are fetched before the commit; on deadlock
/// or serialization failure the same batch is repeated, at most 3 times, then `Failure::Conflict`;
/// a batch in flight is never cancelled; a reply that is lost is `Failure::OutcomeUnknown`.
/// Reads that decide go to the primary, never to a replica or a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Whether any statement writes.
    pub mode: Mode,
    /// The statements; each gives one [`Rows`] in the reply.
    pub statements: Vec<Statement>,
}

/// Whether a batch writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No statement writes.
    Read,
    /// At least one statement may write.
    Write,
}

/// One statement of the portable SQL of docs/DESIGN §3, with its parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text with `?1` parameters: never built from input.
    text: &'static str,
    /// The parameters, `?1` first.
    pub params: Vec<Value>,
}

/// Which of the two spellings of parameters a database takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `?1`: SQLite and D1.
    Sqlite,
    /// `$1`: PostgreSQL.
    Postgres,
}

impl Statement {
    /// A statement and its parameters. The text is fixed at compile time (SECURITY 87).
    #[must_use]
    pub fn new(text: &'static str, params: Vec<Value>) -> Self {
        Self { text, params }
    }

    /// The text for a database. Statements hold no string literal with a `?`.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> Cow<'static, str> {
        match dialect {
            Dialect::Sqlite => Cow::Borrowed(self.text),
            Dialect::Postgres => Cow::Owned(self.text.replace('?', "$")),
        }
    }

    /// The text as it stands in the store, with `?1` parameters: the key of a cache of prepared
    /// statements.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }
}

/// Parameters may be personal data or hashes: they stay out of logs.
impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Statement({:?}, {} parameters)", self.text, self.params.len())
    }
}

/// A parameter or a cell.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// BIGINT, within ±(2^53−1).
    Integer(i64),
    /// TEXT without NUL.
    Text(String),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Integer(_) => "Integer(..)",
            Self::Text(_) => "Text(..)",
        })
    }
}

/// The rows of one statement, cells in the order of its columns.
pub type Rows = Vec<Vec<Value>>;
