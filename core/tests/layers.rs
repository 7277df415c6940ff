//! The layers of docs/DESIGN §1, read from the sources: what a module uses stands above it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // as in any test

mod source;

use source::{File, HOSTS, SHIPPED, file, files};

/// This file, which names what it looks for.
const THIS: &str = "core/tests/layers.rs";

/// The modules in their order: the `pub mod` lines of core.
fn modules() -> Vec<String> {
    let modules = file("core/src/lib.rs");
    let name = |(_, line): (usize, &str)| {
        line.strip_prefix("pub mod ")?.strip_suffix(';').map(ToOwned::to_owned)
    };
    modules.code().filter_map(name).collect()
}

/// The module that a file of core belongs to.
fn module_of(path: &str) -> &str {
    let path = path.strip_prefix("core/src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The first names of the paths that begin with `crate::`, also those of a group in braces.
fn used(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in file.code() {
        let mut parts = line.split("crate::");
        let mut before = parts.next().unwrap_or_default();
        for rest in parts {
            // Not the end of another path, such as `$crate::`.
            let begins = !before.ends_with(|c: char| c == '$' || c == '_' || c.is_alphanumeric());
            before = rest;
            if !begins {
                continue;
            }
            // A group would have to be read over several lines: each path has its own.
            assert!(!rest.starts_with(['{', '*']), "{}:{number}: {line}", file.path);
            found.push((number, first_name(rest)));
        }
    }
    found
}

fn first_name(path: &str) -> String {
    path.chars().take_while(|c| *c == '_' || c.is_ascii_alphanumeric()).collect()
}

fn place(modules: &[String], module: &str) -> Option<usize> {
    modules.iter().position(|other| other == module)
}

// SECURITY 102
#[test]
fn a_module_uses_only_what_stands_above_it() {
    let modules = modules();
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in files("core/src", &[".rs"]) {
        if file.path == "core/src/lib.rs" {
            continue;
        }
        let own = place(&modules, module_of(&file.path)).expect(&file.path);
        for (number, name) in used(&file) {
            // A name that is no module stands in the crate itself, such as a macro.
            if place(&modules, &name).is_some_and(|place| place > own) {
                wrong.push(format!("{}:{number}: `{name}` stands below", file.path));
            }
            count += 1;
        }
    }
    assert!(count > 100, "{count} paths");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_module_reaches_another_by_super() {
    let modules = modules();
    for file in files("core/src", &[".rs"]) {
        let own = module_of(&file.path);
        let folder = format!("core/src/{own}");
        for (number, line) in file.code() {
            for path in line.split("super::").skip(1) {
                let name = first_name(path);
                let below = source::root().join(&folder);
                let own_part = below.join(format!("{name}.rs")).exists()
                    || below.join(&name).exists()
                    || place(&modules, &name).is_none();
                assert!(own_part, "{}:{number}: write `crate::{name}`", file.path);
            }
        }
    }
}

#[test]
fn the_modules_stand_in_the_order_of_the_layers() {
    // docs/DESIGN §1: primitives, decisions, effect, store, service, api.
    let modules = modules();
    let layers: [&[&str]; 6] = [
        &[
            "time",
            "strength",
            "error",
            "arrival",
            "id",
            "json",
            "secret",
            "text",
            "backup_codes",
            "jwt",
            "password",
            "qr",
            "totp",
            "settings",
        ],
        &["freshness", "lockout", "rotation", "second_factor", "session", "refresh"],
        &["effect"],
        &["store"],
        &["service"],
        &["api"],
    ];
    assert_eq!(modules, layers.concat());
}

#[test]
fn paths_below_are_noticed() {
    let text = "use crate::api::replay;\n// crate::service\nfn f(_: crate::time::Millis) {}\n";
    let file = File { path: "core/src/json/mod.rs".to_owned(), text: text.to_owned() };
    assert_eq!(used(&file), [(1, "api".to_owned()), (3, "time".to_owned())]);
    let modules = modules();
    assert!(place(&modules, "api") > place(&modules, module_of(&file.path)));
    assert!(place(&modules, "time") < place(&modules, module_of(&file.path)));
}

// SECURITY 102
#[test]
fn core_names_no_clock_no_randomness_and_no_input_or_output() {
    // Beside clippy's disallowed methods (core/clippy.toml), for what they cannot list.
    const OUTSIDE: [&str; 13] = [
        "OsRng",
        "TcpStream",
        "UdpSocket",
        "getrandom",
        "now_utc",
        "println!",
        "eprintln!",
        "rand::",
        "std::env",
        "std::fs",
        "std::io",
        "std::process",
        "std::time",
    ];
    for folder in ["core/src", "core/argon2id/src", "core/strength/src"] {
        let files = files(folder, &[".rs"]);
        assert!(!files.is_empty(), "{folder}");
        for file in files {
            for (number, line) in file.code() {
                let found = OUTSIDE.iter().find(|name| line.contains(**name));
                assert!(found.is_none(), "{}:{number}: {line}", file.path);
            }
        }
    }
}

// SECURITY 102
#[test]
fn unsafe_code_is_forbidden_in_core_and_in_every_host() {
    for folder in HOSTS.into_iter().chain(["core", "core/strength"]) {
        let library = file(&format!("{folder}/src/lib.rs"));
        assert!(library.text.contains("\n#![forbid(unsafe_code)]\n"), "{}", library.path);
    }
    let lints = file("Cargo.toml");
    assert!(lints.text.contains("\nunsafe_code = \"forbid\"\n"));
}

/// Where the kernels' vector instructions, their memory, and the names of the probe are.
const UNSAFE: [&str; 5] = [
    "core/argon2id/examples/probe.rs",
    "core/argon2id/src/avx2.rs",
    "core/argon2id/src/neon.rs",
    "core/argon2id/src/pool.rs",
    "core/argon2id/src/simd128.rs",
];

// SECURITY 102
#[test]
fn unsafe_code_stands_in_the_kernels_only_and_says_why_it_is_sound() {
    let mut found = Vec::new();
    for file in
        HOSTS.into_iter().chain(["core", "tests"]).flat_map(|folder| files(folder, &[".rs"]))
    {
        let is_word = |word: &str| word == "unsafe" || word == "unsafe_code";
        let not_a_name = |c: char| c != '_' && !c.is_alphanumeric();
        let mut above = "";
        for line in file.text.lines() {
            let code = line.split("//").next().unwrap_or_default();
            let begins = ["unsafe {", "unsafe fn", "unsafe impl", "#[unsafe("];
            if begins.iter().any(|begin| code.contains(begin)) && file.path != THIS {
                assert!(above.contains("SAFETY: "), "{}: {line}", file.path);
            }
            above = match line.trim_start() {
                comment if comment.starts_with("// SAFETY: ") => comment,
                comment if comment.starts_with("//") => above,
                _ => "",
            };
        }
        let allows = |line: &str| line.contains("allow(") && line.split(not_a_name).any(is_word);
        if file.code().any(|(_, line)| allows(line)) && file.path != THIS {
            found.push(file.path);
        }
    }
    assert_eq!(found, UNSAFE);
}

// SECURITY 102
#[test]
fn the_kernels_have_the_lints_of_the_workspace_but_for_unsafe_code() {
    let workspace = file("Cargo.toml");
    let kernels = file("core/argon2id/Cargo.toml");
    for lints in ["rust", "clippy"] {
        let (_, rest) = workspace.text.split_once(&format!("[workspace.lints.{lints}]\n")).unwrap();
        let (_, own) = kernels.text.split_once(&format!("[lints.{lints}]\n")).unwrap();
        for line in rest.lines().take_while(|line| !line.is_empty()) {
            let line = line.replace("unsafe_code = \"forbid\"", "unsafe_code = \"deny\"");
            assert!(own.lines().any(|own| own == line), "{line}");
        }
    }
}

#[test]
fn a_file_says_what_it_is_for_and_has_one_subject() {
    let sources = SHIPPED.map(|folder| format!("{folder}/src")).into_iter();
    for file in sources.flat_map(|folder| files(&folder, &[".rs"])) {
        assert!(file.text.starts_with("//! "), "{}", file.path);
        let lines = file.text.lines().count();
        assert!(lines < 400, "{}: {lines} lines", file.path);
    }
}

// SECURITY 87
#[test]
fn statements_are_constants() {
    // The type asks for `&'static str`; what could still get round it is a leak.
    let mut count = 0;
    for file in files("core/src", &[".rs"]) {
        assert!(!file.text.contains("leak("), "{}", file.path);
        for (number, line) in file.code() {
            let Some((_, rest)) = line.split_once("Statement::new(") else { continue };
            let name = first_name(rest);
            let constant = !name.is_empty() && name.chars().all(|c| c == '_' || !c.is_lowercase());
            // The statements of a migration, which is included at compile time.
            let migration = file.path == "core/src/store/schema.rs" && name == "part";
            assert!(constant || migration, "{}:{number}: {line}", file.path);
            assert!(file.path.starts_with("core/src/store/"), "{}:{number}: {line}", file.path);
            count += 1;
        }
    }
    assert!(count > 20, "{count} statements");
    let batch = file("core/src/effect/batch.rs");
    assert!(batch.text.contains("pub fn new(text: &'static str, params: Vec<Value>) -> Self"));
    let schema = file("core/src/store/schema.rs");
    assert!(schema.text.contains("include_str!"));
}
