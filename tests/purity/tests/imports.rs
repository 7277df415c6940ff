//! Core needs nothing of its host: what the artefact that holds all of it imports.
// As in any test:
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::path::Path;
use std::process::Command;

/// What the names of imports may begin with: the runtime of wasm-bindgen, which jsonwebtoken links
/// on this target. It throws, reads and drops JavaScript's values. There is no clock, no randomness and no
/// I/O among it, and nothing of getrandom's, whose `custom` source would be `env.__getrandom_custom`.
const ALLOWED: [&str; 6] = [
    "__wbindgen_externref_xform__.__wbindgen_externref_",
    "__wbindgen_placeholder__.__wbg___wbindgen_jspi_spawn_poll_",
    "__wbindgen_placeholder__.__wbg___wbindgen_string_get_",
    "__wbindgen_placeholder__.__wbg___wbindgen_throw_",
    "__wbindgen_placeholder__.__wbindgen_describe",
    "__wbindgen_placeholder__.__wbindgen_object_drop_ref",
];

/// The section of a module that lists its imports (WebAssembly core specification 2.0 §5.5.5).
const IMPORTS: u8 = 2;
const MAGIC: &[u8] = b"\0asm\x01\0\0\0";

/// Reads the parts of a module that are asked for, and panics on anything else.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> u8 {
        self.bytes(1)[0]
    }

    fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (first, rest) = self.0.split_at(length);
        self.0 = rest;
        first
    }

    /// An unsigned LEB128 number (§5.2.2).
    fn number(&mut self) -> usize {
        let byte = usize::from(self.byte());
        if byte < 0x80 { byte } else { byte - 0x80 + (self.number() << 7) }
    }

    fn name(&mut self) -> &'a str {
        let length = self.number();
        std::str::from_utf8(self.bytes(length)).unwrap()
    }

    fn limits(&mut self) {
        let has_most = self.byte() & 1 == 1;
        self.number();
        if has_most {
            self.number();
        }
    }

    /// What is imported (§5.5.5): a function, a table, a memory or a global.
    fn description(&mut self) {
        match self.byte() {
            0 => drop(self.number()),
            1 => {
                self.byte();
                self.limits();
            }
            2 => self.limits(),
            3 => drop(self.bytes(2)),
            other => panic!("an import of kind {other}"),
        }
    }
}

/// The imports of a module, as `module.name`.
fn imports(module: &[u8]) -> Vec<String> {
    let mut reader = Reader(module.strip_prefix(MAGIC).expect("a WebAssembly module"));
    let mut found = Vec::new();
    while !reader.0.is_empty() {
        let id = reader.byte();
        let length = reader.number();
        let mut section = Reader(reader.bytes(length));
        if id == IMPORTS {
            for _ in 0..section.number() {
                found.push(format!("{}.{}", section.name(), section.name()));
                section.description();
            }
        }
    }
    found
}

/// Builds a package for wasm32 with the profile that is shipped, and reads it.
fn artefact(package: &str, file: &str) -> Vec<u8> {
    // <target>/debug/authcore-purity
    let target = Path::new(env!("CARGO_BIN_EXE_authcore-purity")).ancestors().nth(2).unwrap();
    let mut build = Command::new(env!("CARGO"));
    // Instrumentation for coverage is for the tests, not for what is shipped.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"] {
        build.env_remove(variable);
    }
    let built = build
        .args(["build", "--locked", "--release", "--package", package])
        .args(["--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    std::fs::read(target.join("wasm32-unknown-unknown/release").join(file)).unwrap()
}

/// The imports of a module that are not those of wasm-bindgen's runtime.
fn unknown_imports(module: &[u8]) -> Vec<String> {
    let unknown = |name: &String| !ALLOWED.iter().any(|start| name.starts_with(start));
    imports(module).into_iter().filter(unknown).collect()
}

// SECURITY 102
#[test]
fn all_of_core_as_webassembly_imports_no_clock_no_randomness_and_no_input_or_output() {
    let module = artefact("authcore-purity", "authcore-purity.wasm");
    // It holds the common passwords, the routes, the statements: nothing was left out.
    for part in ["Anadezhda", ".well-known/jwks.json", "INSERT INTO"] {
        assert!(module.windows(part.len()).any(|bytes| bytes == part.as_bytes()), "{part}");
    }
    assert_eq!(unknown_imports(&module), [""; 0]);
}

// SECURITY 102
#[test]
fn the_estimator_as_webassembly_imports_no_clock_no_randomness_and_no_input_or_output() {
    let module = artefact("authcore-strength", "authcore_strength.wasm");
    assert_eq!(unknown_imports(&module), [""; 0]);
}

#[test]
fn what_is_built_does_its_work() {
    assert!(Command::new(env!("CARGO_BIN_EXE_authcore-purity")).status().unwrap().success());
}

#[test]
fn an_import_is_found() {
    let mut module = MAGIC.to_vec();
    // A type section with one function type, then one import of it: `env.now`.
    module.extend([1, 4, 1, 0x60, 0, 0]);
    module.extend([IMPORTS, 11, 1, 3]);
    module.extend(b"env");
    module.push(3);
    module.extend(b"now");
    module.extend([0, 0]);
    assert_eq!(imports(&module), ["env.now"]);
    assert!(imports(MAGIC).is_empty());
}
