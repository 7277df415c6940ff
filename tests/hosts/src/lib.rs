//! Hosts for tests: core on in-process SQLite and on a PostgreSQL cluster of its own, and a small
//! client that speaks HTTP to it without a network.

pub mod authenticator;
pub mod client;
mod cluster;
pub mod counting;
pub mod database;
pub mod dated;
pub mod enumeration;
pub mod faults;
mod hashing;
pub mod interposing;
pub mod owner;
mod postgres;
pub mod racing;
pub mod settings;
pub mod showing;
mod sqlite;
pub mod strength;

pub use authenticator::Authenticator;
pub use client::{Answer, Client};
pub use database::{Connection, Database, Kind};
pub use owner::Owner;
