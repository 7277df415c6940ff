//! Measures what an attacker could measure, and prints docs/timing.md.
//!
//! usage: authcore-timing [samples of each login] [samples of each comparison]
//!
//! Nothing here is judged by a test: other work on the machine would decide it. A person runs it,
//! on a quiet machine, and the document says what came out.
// The one place that looks at a clock, because time is what it measures.
#![allow(clippy::disallowed_methods)]

mod comparisons;
mod logins;
mod statistics;

fn main() {
    let mut given = std::env::args().skip(1).map(|text| text.parse().expect("a number of samples"));
    let logins = given.next().unwrap_or(200);
    let comparisons = given.next().unwrap_or(1_000_000);
    println!("{}\n{}", logins::report(logins), comparisons::report(comparisons));
}
