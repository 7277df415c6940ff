//! Comparisons of secrets, different in the first byte and in the last: SECURITY 58.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use authcore::secret::{Purpose, Ring, constant_time_eq, keyed_hash, matches};
use authcore::time::UnixMillis;
use authcore::totp::{Parameters, SharedSecret, Totp};
use authcore_tests::settings::{K1, NOW};

use crate::statistics::{Moments, median};

/// What is compared: a class of inputs in, nothing out that could be optimised away.
type Compare<'a> = (&'static str, Box<dyn Fn(bool) -> bool + 'a>);

/// How often each comparison runs within one sample: a clock tick is longer than one.
const REPEATED: u32 = 8;

/// A section of the document: Welch's t over so many samples, half of each class, in an order
/// that is not theirs.
pub fn report(samples: usize) -> String {
    let ring = Ring::parse(K1).expect("a ring");
    let secret = [0x5a; 32];
    let differs_at = |place: usize| {
        let mut other = secret;
        other[place] ^= 0xff;
        other
    };
    let (first, last) = (differs_at(0), differs_at(31));
    let purpose = Purpose::HashRefreshToken;
    let stored = keyed_hash(ring.current(), purpose, &[&secret]);
    let hash_differs_at = |place: usize| {
        let mut text = stored.clone().into_bytes();
        text[place] = if text[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(text).expect("ASCII")
    };
    // Behind `k1.`; the last character has bits that must be zero.
    let (hash_first, hash_last) = (hash_differs_at(3), hash_differs_at(stored.len() - 2));
    let totp = Totp::new(SharedSecret::from_random([7; 20]), Parameters::default());
    let now = UnixMillis::new(NOW);
    let code = totp.generate(now).expose().to_owned();
    let code_differs_at = |place: usize| {
        let mut text = code.clone().into_bytes();
        text[place] = if text[place] == b'9' { b'0' } else { text[place] + 1 };
        String::from_utf8(text).expect("ASCII")
    };
    let (code_first, code_last) = (code_differs_at(0), code_differs_at(code.len() - 1));
    let compare: [Compare<'_>; 4] = [
        (
            "twice the same: what the method itself makes of no difference",
            Box::new(|_| black_box(constant_time_eq(&secret, black_box(&first)))),
        ),
        (
            "`constant_time_eq`, 32 bytes",
            Box::new(|at_first| {
                let other = if at_first { &first } else { &last };
                black_box(constant_time_eq(&secret, black_box(other)))
            }),
        ),
        (
            "`matches`: a token against a stored keyed hash",
            Box::new(|at_first| {
                let stored = if at_first { &hash_first } else { &hash_last };
                black_box(matches(&ring, purpose, &[&secret], black_box(stored)))
            }),
        ),
        (
            "`Totp::verify`, 6 digits",
            Box::new(|at_first| {
                let code = if at_first { &code_first } else { &code_last };
                black_box(totp.verify(black_box(code), now, None).is_ok())
            }),
        ),
    ];
    let mut text = String::from(
        "## Comparisons of secrets\n\n| Compared | Welch's t | of samples below the median |\n|---|---|---|\n",
    );
    for (what, run) in &compare {
        let (all, cropped) = welch(samples, run);
        writeln!(text, "| {what} | {all:+.2} | {cropped:+.2} |").expect("memory");
    }
    writeln!(text, "\n{samples} samples of {REPEATED} comparisons each, wrong in the first place or in the last.").expect("memory");
    text
}

/// Welch's t of all samples, and of those that nothing interrupted.
fn welch(samples: usize, run: &dyn Fn(bool) -> bool) -> (f64, f64) {
    let mut state = 1_u64;
    let mut measured = Vec::with_capacity(samples);
    for _ in 0..samples + 1000 {
        // A xorshift (Marsaglia 2003) says whose turn it is.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at_first = state & 1 == 0;
        let started = Instant::now();
        for _ in 0..REPEATED {
            let _ = run(at_first);
        }
        measured.push((at_first, started.elapsed().as_nanos() as f64));
    }
    // The first ones warm caches up.
    let measured = &measured[1000..];
    let times: Vec<f64> = measured.iter().map(|(_, time)| *time).collect();
    let limit = median(&times);
    let t = |keep: &dyn Fn(f64) -> bool| {
        let mut classes = [Moments::default(); 2];
        for (at_first, time) in measured.iter().filter(|(_, time)| keep(*time)) {
            classes[usize::from(*at_first)].take(*time);
        }
        classes[0].t(&classes[1])
    };
    (t(&|_| true), t(&|time| time <= limit))
}
