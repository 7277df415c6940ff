//! Names and addresses: parsed, normalised, folded for comparison.
