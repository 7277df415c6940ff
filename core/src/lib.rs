//! authcore: authentication logic once, for every host.
//!
//! Modules stand bottom up; each uses only what stands above it in this list
//! (`core/tests/layers.rs` reads the `use crate::` lines).
#![forbid(unsafe_code)]

// 1. primitives
pub mod time;
// on those
pub mod strength;
// on those
pub mod error;
// on those
pub mod arrival;
pub mod id;
pub mod json;
pub mod secret;
pub mod text;
// on those
pub mod backup_codes;
pub mod jwt;
pub mod password;
pub mod qr;
pub mod totp;
// on those
pub mod settings;
// 2. decisions
pub mod freshness;
pub mod lockout;
pub mod rotation;
pub mod second_factor;
pub mod session;
// on those
pub mod refresh;
// 3. the effect protocol
pub mod effect;
// 4. all SQL
pub mod store;
// 5. use cases
pub mod service;
// 6. HTTP
pub mod api;
