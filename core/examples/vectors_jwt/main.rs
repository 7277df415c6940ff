//! Prints `tests/vectors/jwt.json`: `cargo run --example vectors_jwt > ../tests/vectors/jwt.json`.
// A fixed program: what fails here fails when the vectors are made.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod cases;

fn main() {
    print!("{}", cases::document());
}
