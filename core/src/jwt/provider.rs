//! Signing and verification behind the traits of `jsonwebtoken`, a file for each family.
//!
//! Keys are parsed once and kept. `jsonwebtoken::crypto::{sign, verify}` would instead derive them
//! again on each call, through a provider that is global to the process and panics when none is
//! installed (docs/decisions/0014, 0018). So the traits are called directly, and no global is read
//! or set.
//!
//! A key holds its signer and its verifier as trait objects: what no constructor of a program
//! names is not linked into it, RS256 into the Worker for one.

#[cfg_attr(
    not(all(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64",
        target_endian = "little"
    )),
    path = "provider/no_assembly.rs"
)]
mod assembly;
mod ed25519;
mod es256;
mod hmac;
mod host;
#[cfg(test)]
mod octets;
mod rs256;

use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};

pub(super) use ed25519::{Ed25519Signer, Ed25519Verifier};
pub(super) use es256::{Es256Signer, Es256Verifier};
pub(super) use hmac::{Hs256, Hs512};
pub use host::{Host, HostSigner, HostVerifier, SIGNATURE_LENGTH};
pub(super) use host::{HostedSigner, HostedVerifier};
pub(super) use rs256::Rs256Verifier;

/// What signs with a kept key.
pub(super) type KeptSigner = dyn JwtSigner + Send + Sync;

/// What verifies with a kept key.
pub(super) type KeptVerifier = dyn JwtVerifier + Send + Sync;
