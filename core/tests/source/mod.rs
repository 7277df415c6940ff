//! The files of the repository, as the tests of its structure read them.
#![allow(dead_code, clippy::unwrap_used)] // each test uses its part; a missing file is a failure

use std::path::{Path, PathBuf};

/// The crates that run core, and are shipped.
pub const HOSTS: [&str; 3] = ["worker", "bindings-python", "bindings-wasm"];

/// All that is shipped: core with its nested crates, and the hosts.
pub const SHIPPED: [&str; 6] =
    ["core", "core/argon2id", "core/strength", "worker", "bindings-python", "bindings-wasm"];

/// A file by its path from the root of the repository.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// The lines of code, numbered from 1: comments are left out.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let comment = |line: &str| {
            let line = line.trim_start();
            line.starts_with("//") || line.starts_with('#') && !self.path.ends_with(".rs")
        };
        (1..).zip(self.text.lines()).filter(move |(_, line)| !comment(line))
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// One file.
pub fn file(path: &str) -> File {
    File { path: path.to_owned(), text: std::fs::read_to_string(root().join(path)).unwrap() }
}

/// All files below `folder` with one of these endings; what tools leave behind is not looked at.
pub fn files(folder: &str, endings: &[&str]) -> Vec<File> {
    const LEFT_BEHIND: [&str; 6] =
        ["build", "build-test-clock", "node_modules", "pkg", "pkg-test-clock", "target"];
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(root().join(&folder)) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = format!("{folder}/{name}");
            if entry.file_type().unwrap().is_dir() {
                if !LEFT_BEHIND.contains(&name.as_str()) && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(file(&path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The dependencies of a manifest: the rest of the line by the crate's name.
pub fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let manifest = file(manifest);
    let mut within = false;
    let mut found = Vec::new();
    for (_, line) in manifest.code() {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            within = section.ends_with("dependencies");
            assert!(!section.contains("dependencies."), "write [{section}] on one line");
        } else if within && let Some((name, rest)) = line.split_once('=') {
            let name = name.trim();
            match name.strip_suffix(".workspace") {
                Some(name) => found.push((name.to_owned(), "workspace".to_owned())),
                None => found.push((name.to_owned(), rest.trim().to_owned())),
            }
        }
    }
    found
}
