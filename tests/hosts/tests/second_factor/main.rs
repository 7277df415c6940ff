//! The second factor and the account it protects, on SQLite and on PostgreSQL.

mod account;
mod account_faults;
mod challenges;
mod codes;
mod device_faults;
mod devices;
mod enrolments;
mod faults;
mod limits;
mod locks;
mod matrix;
mod password_only;
mod races;
mod routes_races;
mod settings;
mod strangers;
mod time;
