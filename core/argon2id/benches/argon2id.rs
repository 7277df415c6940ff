//! Compares the kernels with the `argon2` crate: `cargo bench --package authcore-argon2id`.
//!
//! One hash of each in turn, so that what disturbs the machine disturbs all; medians, the least, and
//! how often faster than the crate. Words after `--`: `m t p rounds`.
// It measures; what it is given is its user's.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use argon2::{Argon2, Params};
use authcore_argon2id::{Algorithm, Hasher, Inputs, Kernel, Pool, Version};

type Run<'a> = (String, Box<dyn FnMut() + 'a>, Vec<Duration>);

fn main() {
    let words: Vec<u32> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let word = |place: usize, otherwise| words.get(place).copied().unwrap_or(otherwise);
    let (m, t, p, rounds) = (word(0, 19_456), word(1, 2), word(2, 1), word(3, 51));
    let inputs = Inputs {
        password: black_box(b"correct horse battery staple"),
        salt: &[7; 16],
        secret: &[],
        associated_data: &[],
    };
    let crate_params = Params::new(m, t, p, Some(32)).unwrap();
    let by_crate = Argon2::new(Algorithm::Argon2id, Version::V0x13, crate_params.clone());
    let mut kept = vec![argon2::Block::new(); crate_params.block_count()];
    let (pool, none) = (Pool::new(1, m as usize), Pool::none());
    let mut runs: Vec<Run<'_>> = vec![
        (
            "argon2 crate".to_owned(),
            Box::new(|| {
                let mut tag = [0; 32];
                by_crate.hash_password_into(inputs.password, inputs.salt, &mut tag).unwrap();
                black_box(tag);
            }),
            Vec::new(),
        ),
        (
            "argon2 crate, memory kept, not wiped".to_owned(),
            Box::new(|| {
                let (mut tag, memory) = ([0; 32], kept.as_mut_slice());
                let done = by_crate.hash_password_into_with_memory(
                    inputs.password,
                    inputs.salt,
                    &mut tag,
                    memory,
                );
                done.unwrap();
                black_box(tag);
            }),
            Vec::new(),
        ),
    ];
    for kernel in Kernel::all() {
        for (pool, memory) in [(&pool, "kept and wiped"), (&none, "fresh and wiped")] {
            let hasher = Hasher { kernel, ..Hasher::argon2id(m, t, p) };
            let run = move || {
                let mut tag = [0; 32];
                hasher.hash(&inputs, pool, &mut tag).unwrap();
                black_box(tag);
            };
            runs.push((format!("{}, {memory}", kernel.name()), Box::new(run), Vec::new()));
        }
    }
    for _ in 0..rounds {
        for (_, run, times) in &mut runs {
            let started = Instant::now();
            run();
            times.push(started.elapsed());
        }
    }
    report(&mut runs, &format!("m={m},t={t},p={p}, {rounds} rounds"));
}

fn report(runs: &mut [Run<'_>], what: &str) {
    println!("| argon2id, {what} | median, ms | least, ms | times as fast |\n|---|---|---|---|");
    let mut of_crate = None;
    for (name, _, times) in runs {
        times.sort_unstable();
        let [median, least] = [times[times.len() / 2], times[0]].map(|time| time.as_secs_f64());
        let ratio = *of_crate.get_or_insert(median) / median;
        println!("| {name} | {:.1} | {:.1} | {ratio:.2} |", median * 1e3, least * 1e3);
    }
}
