//! The second factor and the account it protects, on SQLite and on PostgreSQL.

mod challenges;
mod codes;
mod devices;
mod enrolments;
mod faults;
mod matrix;
mod races;
