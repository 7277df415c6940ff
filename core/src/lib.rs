//! authcore: authentication logic once, for every host.
//!
//! Modules stand bottom up; each uses only what stands above it in this list
//! (`tests/hosts/tests/layers.rs` reads the `use crate::` lines).
#![forbid(unsafe_code)]

// 1. primitives
pub mod error;
pub mod time;
pub mod arrival;
pub mod id;
pub mod json;
pub mod secret;
pub mod password;
pub mod jwt;
pub mod text;
