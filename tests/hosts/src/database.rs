//! A database of either kind, made for one test, and connections to it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use authcore::arrival::{Arrival, Seed};
use authcore::effect::{Batch, Host, Mode, Rows, Statement, Value, drive};
use authcore::service::{Command, Outcome};
use authcore::store::schema;
use authcore::time::UnixMillis;
use tempfile::TempDir;

use crate::cluster;
use crate::postgres::Postgres;
use crate::settings;
use crate::sqlite::Sqlite;

/// How often a host repeats a batch that lost a deadlock or a write lock.
pub(crate) const REPETITIONS: u32 = 3;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file, in-process.
    Sqlite,
    /// A server on a Unix socket.
    Postgres,
}

/// Both kinds.
pub const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// Runs a test on a new database of each kind.
pub fn on_each(test: impl Fn(&Database)) {
    for kind in KINDS {
        test(&Database::new(kind));
    }
}

/// Runs a test for each kind, both at once.
pub fn both(test: impl Fn(Kind) + Sync) {
    std::thread::scope(|scope| {
        for kind in KINDS {
            let test = &test;
            scope.spawn(move || test(kind));
        }
    });
}

/// One connection: a host that performs batches, also in another process.
pub type Connection = Box<dyn Host + Send>;

/// A database of one test, gone after it.
pub struct Database {
    kind: Kind,
    address: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// An empty database, without a schema.
    #[must_use]
    pub fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let path = folder.path().join("authcore.sqlite");
                let address = path.to_str().expect("a path of UTF-8").to_owned();
                Self { kind, address, _folder: Some(folder) }
            }
            Kind::Postgres => {
                static NUMBER: AtomicU32 = AtomicU32::new(0);
                let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
                let folder = cluster::folder().display();
                let address = |name| format!("host={folder} user=authcore dbname={name}");
                Postgres::execute(&address("postgres"), &format!("CREATE DATABASE {name}"));
                Self { kind, address: address(&name), _folder: None }
            }
        }
    }

    /// A database with the schema of this build.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let database = Self::empty(kind);
        let service = settings::service(&[]);
        let seed = Seed::new([1; 32]).expect("not zeros");
        let at = Arrival { now: UnixMillis::new(settings::NOW), seed, peer: None };
        let step = service.run(Command::Migrate, at);
        let migrated = drive(step, &mut *database.connect());
        assert_eq!(migrated, Ok(Outcome::Migrated { version: schema::latest() }));
        database
    }

    /// Which database it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// One more connection.
    #[must_use]
    pub fn connect(&self) -> Connection {
        connect(self.kind, &self.address)
    }

    /// Where it is: what another process needs for [`connect`].
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Runs one statement of a test, around the service.
    pub fn query(&self, sql: &'static str, params: Vec<Value>) -> Rows {
        query(&mut *self.connect(), sql, params)
    }

    /// The integer that a query of one row and one column gives.
    #[must_use]
    pub fn count(&self, sql: &'static str) -> i64 {
        match self.query(sql, Vec::new()).as_slice() {
            [row] => match row.as_slice() {
                [Value::Integer(count)] => *count,
                _ => panic!("not one integer: {sql}"),
            },
            _ => panic!("not one row: {sql}"),
        }
    }
}

/// Connects to the database of another process.
#[must_use]
pub fn connect(kind: Kind, address: &str) -> Connection {
    match kind {
        Kind::Sqlite => Box::new(Sqlite::open(&PathBuf::from(address))),
        Kind::Postgres => Box::new(Postgres::connect(address)),
    }
}

/// Runs one statement of a test on a connection.
///
/// # Panics
/// If it fails.
pub fn query(host: &mut dyn Host, sql: &'static str, params: Vec<Value>) -> Rows {
    let statements = vec![Statement::new(sql, params)];
    let rows = host.batch(&Batch { mode: Mode::Write, statements });
    rows.expect("a sound statement").remove(0)
}

/// A text parameter.
#[must_use]
pub fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}
