//! Octets for tests that compare two implementations: as good as random, and the same on each run.

use sha2::{Digest as _, Sha512};

/// A stream of octets.
pub(super) struct Octets {
    name: &'static [u8],
    drawn: u64,
}

impl Octets {
    pub(super) fn new(name: &'static [u8]) -> Self {
        Self { name, drawn: 0 }
    }

    /// The next octets, at most 64.
    pub(super) fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn = self.drawn.wrapping_add(1);
        let hash = Sha512::new().chain_update(self.name).chain_update(self.drawn.to_le_bytes());
        hash.finalize()[..N].try_into().unwrap()
    }
}
