//! What the WebAssembly module offers its host.

use wasm_bindgen::prelude::wasm_bindgen;

/// The verdict of [`crate::estimate`] as JSON.
#[wasm_bindgen]
#[must_use]
pub fn estimate(password: &str, user_inputs: Vec<String>, year: i32) -> String {
    crate::estimate(password, &user_inputs, year).to_json()
}
