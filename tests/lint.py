"""Formatting and linters, every warning an error; the suite `lint`, and `make lint`.

Each linter counts as a test, and runs whatever the others say.
"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT

CLIPPY = ["cargo", "clippy", "--locked"]
DENY = ["--", "-D", "warnings"]
# What is shipped as WebAssembly: core, what stands beside it, and the hosts that hold it.
WASM = ["authcore", "authcore-argon2id", "authcore-strength", "authcore-worker", "authcore-wasm"]
WASM_TARGET = ["--target", "wasm32-unknown-unknown"]
# As it is shipped where the runtime has vector instructions.
VECTORS = ["--config", "target.wasm32-unknown-unknown.rustflags=['-Ctarget-feature=+simd128']"]
RUFF = [sys.executable, "-m", "ruff"]
BIOME = "tests/node_modules/.bin/biome"

# The quick ones first.
LINTERS = {
    "ruff check": [*RUFF, "check", "."],
    "ruff format": [*RUFF, "format", "--check", "."],
    "biome": [BIOME, "ci", "--colors=off", "--error-on-warnings"],
    "rustfmt": ["cargo", "fmt", "--all", "--check"],
    "clippy": [*CLIPPY, "--workspace", "--all-targets", *DENY],
    "clippy for WebAssembly": [
        *CLIPPY,
        *WASM_TARGET,
        *VECTORS,
        *(word for package in WASM for word in ("--package", package)),
        *DENY,
    ],
}


def main() -> int:
    """Runs every linter and prints the closing count."""
    failed = []
    for name, command in LINTERS.items():
        print(f"lint: {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode != 0:
            failed.append(name)
            print(f"lint: {name} failed", flush=True)
    passed = len(LINTERS) - len(failed)
    print(f"lint: {passed} passed, {len(failed)} failed, 0 skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
