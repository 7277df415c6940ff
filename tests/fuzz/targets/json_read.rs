//! The strict JSON reader, and what reads fields out of it.
#![no_main]

use authcore::json::{self, Fields, Value};
use libfuzzer_sys::fuzz_target;

// SECURITY 94, 100
fuzz_target!(|input: &[u8]| {
    let Ok(value) = json::read(input) else { return };
    if let Value::Object(object) = &value
        && let Ok(text) = object.to_canonical_text()
    {
        let Ok(Value::Object(again)) = json::read(text.as_bytes()) else {
            panic!("its own text is not read back: {text}");
        };
        assert_eq!(again.to_canonical_text().ok().as_ref(), Some(&text), "not canonical");
    }
    if let Ok(mut fields) = Fields::of(value) {
        let _ = (fields.required_string("login"), fields.boolean("long"));
        let _ = (fields.canonical_object("properties"), fields.integer("n"));
        let _ = fields.finish();
    }
});
