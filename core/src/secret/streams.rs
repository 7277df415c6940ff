//! Labelled random streams: everything random in an operation, from the host's one seed.
//!
//! The key of a stream depends on the ring, the seed, the request and the moment, so that even a
//! host that repeats a seed repeats no nonce and no token (DESIGN §2).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use zeroize::Zeroizing;

use super::hkdf::{expand, extract};
use super::length_prefixed;
use super::ring::{Purpose, Ring};
use crate::arrival::Seed;
use crate::time::UnixMillis;

/// The random values of one operation.
pub struct Streams {
    prk: Zeroizing<[u8; 32]>,
    request_digest: [u8; 32],
    now: UnixMillis,
    taken: Mutex<BTreeMap<&'static str, u64>>,
}

impl Streams {
    /// The streams of one request. `request_digest` is SHA-256 over its canonical form.
    #[must_use]
    pub fn new(ring: &Ring, seed: &Seed, request_digest: [u8; 32], now: UnixMillis) -> Self {
        let prk = extract(seed.expose(), &*ring.current().derive(Purpose::Streams));
        Self { prk, request_digest, now, taken: Mutex::new(BTreeMap::new()) }
    }

    /// The first `N` bytes of the next stream of `label`. Asked again, it gives other bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self, label: &'static str) -> [u8; N] {
        let counter = {
            // The map is whole after a panic elsewhere: entry and addition do not interleave.
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let next = taken.entry(label).or_insert(0);
            let counter = *next;
            *next = next.saturating_add(1);
            counter
        };
        let now = self.now.as_millis().to_be_bytes();
        let counter = counter.to_be_bytes();
        let info = length_prefixed([&self.request_digest[..], &now, label.as_bytes(), &counter]);
        let key = expand(&self.prk, &[&info]);
        // The key is used for this one stream, so the nonce may be constant (RFC 8439 §2.8).
        let mut stream = ChaCha20::new((&*key).into(), (&[0; 12]).into());
        let mut bytes = [0; N];
        stream.apply_keystream(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Streams(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poisoned_lock_is_recovered() {
        let ring = Ring::parse("k1:pB9yH3q0Zr1mXw7vTfK2sLd8eGjNcU4aRiOoYtVbQxE=").unwrap();
        let streams = Streams::new(&ring, &Seed::new([7; 32]).unwrap(), [1; 32], UnixMillis::EPOCH);
        let first: [u8; 16] = streams.bytes("label");
        let panicked = std::thread::scope(|scope| {
            let held = scope.spawn(|| {
                let _taken = streams.taken.lock();
                panic!("while the lock is held");
            });
            held.join().is_err()
        });
        assert!(panicked && streams.taken.is_poisoned());
        assert_ne!(streams.bytes::<16>("label"), first);
    }
}
