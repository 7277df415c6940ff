//! The second factor and the account it protects, on SQLite and on PostgreSQL.

mod codes;
mod races;
