//! Every kernel of this processor hashes as the `argon2` crate does, whatever is hashed.
// As in any test:
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

mod cases;

use argon2::Params;
use authcore_argon2id::{Error, Hasher, Inputs, Kernel, Pool};

const INPUTS: Inputs<'_> =
    Inputs { password: b"", salt: b"somesalt", secret: b"", associated_data: b"" };

fn hash(m: u32, t: u32, p: u32, inputs: &Inputs<'_>, tag: &mut [u8]) -> Result<(), Error> {
    Hasher::argon2id(m, t, p).hash(inputs, &Pool::none(), tag)
}

// SECURITY 85
#[test]
fn every_kernel_agrees_with_the_argon2_crate() {
    assert_eq!(cases::differences(0..1500), Vec::<String>::new());
}

#[test]
fn the_kernel_of_the_processor_is_among_those_tested() {
    let names: Vec<_> = Kernel::all().map(Kernel::name).collect();
    let expected: &[&str] = match () {
        #[cfg(target_arch = "x86_64")]
        () if is_x86_feature_detected!("avx2") => &["avx2", "portable"],
        // Not asked at run time: every little-endian processor of this target has it.
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        () => &["neon", "portable"],
        #[cfg(not(all(target_arch = "aarch64", target_endian = "little")))]
        () => &["portable"],
    };
    assert_eq!(names, expected);
    assert_eq!(Kernel::fastest().name(), expected[0]);
}

#[test]
fn memory_is_rounded_down_to_whole_segments_but_its_number_is_hashed() {
    for p in 1..=3 {
        let tags: Vec<_> = (8 * p..8 * p + 9 * p)
            .map(|m| {
                let (mut own, mut other) = ([0; 32], [0; 32]);
                hash(m, 1, p, &INPUTS, &mut own).unwrap();
                let params = Params::new(m, 1, p, Some(32)).unwrap();
                argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                    .hash_password_into(INPUTS.password, INPUTS.salt, &mut other)
                    .unwrap();
                assert_eq!(own, other, "m={m}, p={p}");
                own
            })
            .collect();
        assert!(tags.iter().enumerate().all(|(i, tag)| !tags[..i].contains(tag)), "p={p}");
    }
}

// SECURITY 100
#[test]
fn what_argon2_is_not_defined_for_is_an_error_before_memory_is_taken() {
    let tag = &mut [0; 32];
    let refused = |m, t, p| hash(m, t, p, &INPUTS, &mut [0; 32]).unwrap_err();
    assert_eq!(refused(0, 1, 1), Error::MemoryTooLittle);
    assert_eq!(refused(7, 1, 1), Error::MemoryTooLittle);
    assert_eq!(refused(15, 1, 2), Error::MemoryTooLittle);
    assert_eq!(refused(u32::MAX, 1, 1 << 24), Error::ThreadsTooMany);
    assert_eq!(refused(u32::MAX, 1, u32::MAX), Error::ThreadsTooMany);
    assert_eq!(refused(8, 1, 0), Error::ThreadsTooFew);
    assert_eq!(refused(8, 0, 1), Error::TimeTooSmall);
    assert_eq!(hash(8, 1, 1, &INPUTS, &mut tag[..3]), Err(Error::OutputTooShort));
    assert_eq!(hash(8, 1, 1, &INPUTS, &mut []), Err(Error::OutputTooShort));
    let short = Inputs { salt: b"seven77", ..INPUTS };
    // More than any machine has: the salt is looked at first.
    assert_eq!(hash(u32::MAX, 1, 1, &short, tag), Err(Error::SaltTooShort));
    assert_eq!(hash(8, 1, 1, &INPUTS, &mut tag[..4]), Ok(()));
}

#[test]
fn associated_data_is_as_long_as_one_likes() {
    // The crate takes 32 bytes at most.
    let data = |length: usize| {
        let mut tag = [0; 32];
        let inputs = Inputs { associated_data: &vec![7; length], ..INPUTS };
        hash(8, 1, 1, &inputs, &mut tag).unwrap();
        tag
    };
    assert_ne!(data(32), data(33));
    assert_ne!(data(1000), data(1001));
}

// SECURITY 88
#[test]
fn debug_shows_no_input() {
    let inputs = Inputs { password: b"canary", salt: b"canary-salt", secret: b"", ..INPUTS };
    let shown = format!("{inputs:?} {:?} {:?}", Hasher::argon2id(8, 1, 1), Pool::none());
    assert!(!shown.contains("canary") && !shown.contains("99, 97"), "{shown}");
}
