//! The estimator for Python, so that `make bench-native` has it in one process with its peers: the
//! package `authcore` does not offer it alone.
#![forbid(unsafe_code)]

use pyo3::prelude::*;

/// The current year of the figures.
const YEAR: i32 = 2026;

/// Estimates a password, and hands the whole verdict over as JSON.
#[pyfunction]
fn estimate(password: &str) -> String {
    authcore_strength::estimate::<&str>(password, &[], YEAR).to_json()
}

/// What the benchmark imports.
#[pymodule]
fn authcore_bench_strength(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(estimate, module)?)
}
