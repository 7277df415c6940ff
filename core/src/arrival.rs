//! Where a request comes from: moment, seed and peer address.

use std::fmt;
use std::net::IpAddr;

use zeroize::ZeroizeOnDrop;

use crate::error::{Code, Error};
use crate::time::UnixMillis;

/// 32 bytes from the host's cryptographic random generator, fresh for each operation.
#[derive(ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed of these bytes.
    ///
    /// # Errors
    /// [`Code::Internal`] if all are zero: the host forgot to fill them.
    pub fn new(bytes: [u8; 32]) -> Result<Self, Error> {
        // Held from here on, so that a refused seed is wiped too.
        let seed = Self(bytes);
        if seed.0.iter().all(|byte| *byte == 0) {
            return Err(Error::new(Code::Internal, "the host sent a seed of zeros"));
        }
        Ok(seed)
    }

    /// A seed of exactly 32 bytes.
    ///
    /// # Errors
    /// [`Code::Internal`] on any other length, or if all bytes are zero.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.try_into().map_err(|_| {
            let length = bytes.len();
            Error::new(Code::Internal, format!("the host sent a seed of {length} bytes, not 32"))
        })?;
        Self::new(bytes)
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// What the host knows of an operation when it begins. Core has no other clock or randomness.
#[derive(Debug)]
pub struct Arrival {
    /// The host's clock.
    pub now: UnixMillis,
    /// The source of every random value of this operation.
    pub seed: Seed,
    /// Address of the directly connected peer, if the host knows one.
    pub peer: Option<IpAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 81
    #[test]
    fn a_seed_of_zeros_or_of_another_length_is_refused() {
        assert_eq!(Seed::new([0; 32]).unwrap_err().code, Code::Internal);
        assert_eq!(Seed::from_slice(&[0; 32]).unwrap_err().code, Code::Internal);
        for length in [0, 1, 31, 33, 64] {
            assert_eq!(Seed::from_slice(&vec![7; length]).unwrap_err().code, Code::Internal);
        }
        assert_eq!(Seed::from_slice(&[7; 32]).unwrap().expose(), &[7; 32]);
    }

    // SECURITY 88
    #[test]
    fn debug_shows_no_seed() {
        let seed = Seed::new(*b"canary-canary-canary-canary-1234").unwrap();
        let arrival = Arrival { now: UnixMillis::EPOCH, seed, peer: None };
        let shown = format!("{arrival:?} {arrival:#?}");
        assert!(!shown.contains("canary") && !shown.contains("99, 97"), "{shown}");
    }
}
