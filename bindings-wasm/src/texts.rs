//! Long texts between JavaScript and the module, by js/texts.js: it writes and reads them in the
//! module's memory itself, where wasm-bindgen's glue goes letter by letter.

use std::cell::RefCell;

use authcore::error::{Code, Error};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Room for a text of so many bytes, and where it is, until other room is asked for.
#[wasm_bindgen]
pub fn room(bytes: usize) -> *const u8 {
    INPUT.with_borrow_mut(|input| {
        *input = vec![0; bytes];
        input.as_ptr()
    })
}

/// What becomes of the text of so many bytes that was written there.
pub fn written<T>(bytes: usize, take: impl FnOnce(&str) -> Result<T, Error>) -> Result<T, Error> {
    INPUT.with_borrow(|input| {
        let text = input.get(..bytes).and_then(|text| str::from_utf8(text).ok());
        take(text.ok_or(Code::Internal)?)
    })
}

/// Keeps a text to be read, and gives its length in bytes.
pub fn keep(text: String) -> usize {
    OUTPUT.with_borrow_mut(|output| {
        *output = text;
        output.len()
    })
}

/// Where the text is that was kept last.
#[wasm_bindgen]
pub fn kept() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}
