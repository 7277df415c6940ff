//! The hashes around the memory: H0 (RFC 9106 §3.2), and H' of variable length (§3.3).

use argon2::Error;
use blake2::Blake2bVarCore;
use blake2::digest::block_api::{UpdateCore, VariableOutputCore};
use blake2::digest::block_buffer::LazyBuffer;
use zeroize::{Zeroize, Zeroizing};

use crate::{Hasher, Inputs};

/// Bytes of the longest BLAKE2b hash.
const LONGEST: usize = 64;
/// Bytes of each that a longer H' takes.
const TAKEN: usize = 32;

/// The hash of all inputs and parameters.
pub type First = Zeroizing<[u8; LONGEST]>;

/// Hashes all inputs and parameters, each with its length.
pub fn first(hasher: &Hasher, inputs: &Inputs<'_>, tag: usize) -> Result<First, Error> {
    let Inputs { password, salt, secret, associated_data } = *inputs;
    if salt.len() < argon2::MIN_SALT_LEN {
        return Err(Error::SaltTooShort);
    }
    let length = |length: usize, error| u32::try_from(length).map_err(|_| error);
    let numbers = [
        hasher.parallelism,
        length(tag, Error::OutputTooLong)?,
        hasher.memory_kib,
        hasher.iterations,
        hasher.version as u32,
        hasher.algorithm as u32,
    ]
    .map(u32::to_le_bytes);
    let lengths = [
        length(password.len(), Error::PwdTooLong)?,
        length(salt.len(), Error::SaltTooLong)?,
        length(secret.len(), Error::SecretTooLong)?,
        length(associated_data.len(), Error::AdTooLong)?,
    ]
    .map(u32::to_le_bytes);
    let [of_password, of_salt, of_secret, of_data] = &lengths;
    let mut out = Zeroizing::new([0; LONGEST]);
    blake2b(
        &[
            numbers.as_flattened(),
            of_password,
            password,
            of_salt,
            salt,
            of_secret,
            secret,
            of_data,
            associated_data,
        ],
        out.as_mut_slice(),
    )?;
    Ok(out)
}

/// H': a hash of any length.
pub fn variable(inputs: &[&[u8]], out: &mut [u8]) -> Result<(), Error> {
    let length = u32::try_from(out.len()).map_err(|_| Error::OutputTooLong)?.to_le_bytes();
    let inputs: Vec<&[u8]> = std::iter::once(&length[..]).chain(inputs.iter().copied()).collect();
    if out.len() <= LONGEST {
        return blake2b(&inputs, out);
    }
    let mut hash = Zeroizing::new([0; LONGEST]);
    blake2b(&inputs, hash.as_mut_slice())?;
    let mut rest = out;
    loop {
        let (chunk, after) = rest.split_first_chunk_mut::<TAKEN>().ok_or(Error::OutputTooShort)?;
        let (taken, _) = hash.split_first_chunk::<TAKEN>().ok_or(Error::OutputTooShort)?;
        *chunk = *taken;
        let input = hash.clone();
        if after.len() <= LONGEST {
            return blake2b(&[input.as_slice()], after);
        }
        blake2b(&[input.as_slice()], hash.as_mut_slice())?;
        rest = after;
    }
}

/// BLAKE2b (RFC 7693) of as many bytes as there is room for: 1 to 64.
fn blake2b(inputs: &[&[u8]], out: &mut [u8]) -> Result<(), Error> {
    let mut core = Blake2bVarCore::new(out.len()).map_err(|_| Error::OutputTooLong)?;
    let mut buffer = LazyBuffer::default();
    for input in inputs {
        buffer.digest_blocks(input, |blocks| core.update_blocks(blocks));
    }
    let mut full = Default::default();
    core.finalize_variable_core(&mut buffer, &mut full);
    for (byte, hashed) in out.iter_mut().zip(&full) {
        *byte = *hashed;
    }
    full.zeroize();
    Ok(())
}
