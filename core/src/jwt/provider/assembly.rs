//! The curves by graviola: formally verified assembly (s2n-bignum) for x86-64 and AArch64.
//!
//! Nothing here draws a random number: of graviola's ECDSA, which mixes one into its nonces, only
//! the multiplication of the base point is used (docs/decisions/0026). A key is made only where the
//! processor has the instructions; elsewhere the callers keep to p256 and ed25519-dalek.

use graviola::hashing::Sha256;
use graviola::key_agreement::p256::StaticPrivateKey;
use graviola::signing::ecdsa::{P256, VerifyingKey};
use graviola::signing::eddsa::{Ed25519SigningKey, Ed25519VerifyingKey};
use graviola::util::is_cpu_supported;

/// A point of P-256 without compression: 4, then both coordinates (SEC 1 §2.3.3).
const UNCOMPRESSED: usize = 65;

/// Verifies ES256.
pub(super) struct Es256(VerifyingKey<P256>);

impl Es256 {
    /// The key of a point in SEC 1's uncompressed form.
    pub(super) fn new(point: &[u8]) -> Option<Self> {
        is_cpu_supported().then(|| VerifyingKey::from_x962_uncompressed(point).ok().map(Self))?
    }

    /// Whether the 64 octets, R and S from 1 to n − 1, sign the message.
    pub(super) fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify::<Sha256>(&[message], signature).is_ok()
    }
}

/// Multiplies the base point of P-256, in constant time.
#[derive(Clone, Copy)]
pub(super) struct BasePoint(());

impl BasePoint {
    pub(super) fn new() -> Option<Self> {
        is_cpu_supported().then_some(Self(()))
    }

    /// The x coordinate, big-endian, of a number from 1 to n − 1 times the base point.
    pub(super) fn times(self, number: &[u8; 32]) -> Option<[u8; 32]> {
        let Self(()) = self;
        let key = StaticPrivateKey::from_bytes(number).ok()?;
        let point: [u8; UNCOMPRESSED] = key.public_key_uncompressed();
        point.get(1..33)?.try_into().ok()
    }
}

/// Signs EdDSA; zeroized when dropped.
pub(super) struct EdDsaSigner(Ed25519SigningKey);

impl EdDsaSigner {
    pub(super) fn new(seed: &[u8; 32]) -> Option<Self> {
        is_cpu_supported().then(|| Ed25519SigningKey::from_bytes(seed).ok().map(Self))?
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }
}

/// Verifies EdDSA.
pub(super) struct EdDsa(Ed25519VerifyingKey);

impl EdDsa {
    /// The key of a point that was judged before.
    pub(super) fn new(point: &[u8; 32]) -> Option<Self> {
        is_cpu_supported().then(|| Ed25519VerifyingKey::from_bytes(point).ok().map(Self))?
    }

    /// Whether S is below the group order, and R the canonical encoding of S·B − k·A.
    pub(super) fn holds(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify(signature, message).is_ok()
    }
}
