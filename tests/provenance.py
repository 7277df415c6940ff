"""Prints where the release artefacts come from: an in-toto statement with SLSA provenance.

Run by `make provenance`, behind `make build`. The statement names each artefact and each file that
pins what it was built from, by their SHA-256 (in-toto Statement v1, SLSA Provenance v1). It is not
signed: whoever releases signs it with a key that is not in this repository.
"""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from environment import ROOT, cache

# What is shipped: a pattern, and the least number of files that it must find.
ARTEFACTS = {
    "worker/build/index.js": 1,
    "worker/build/*.wasm": 1,
    "worker/build/strength/*.js": 2,
    "worker/build/strength/*.wasm": 1,
    "worker/build/worker/*.mjs": 1,
    "bindings-wasm/js/*.js": 3,
    "bindings-wasm/pkg/*.wasm": 1,
    "bindings-wasm/pkg/*.js": 1,
}
# What pins the sources of others, the compiler and the tools.
MATERIALS = [
    "Cargo.lock",
    "rust-toolchain.toml",
    "worker/tools/Cargo.lock",
    "worker/package-lock.json",
    "tests/requirements.txt",
]
BUILD_TYPE = "https://example.com/authcore/make-build"


def digest(path: Path) -> dict[str, str]:
    """The SHA-256 of a file, as in-toto writes it."""
    return {"sha256": sha256(path.read_bytes()).hexdigest()}


def git(*words: str) -> str:
    """What git says of this checkout."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def version(*words: str) -> str:
    """The first line of what a tool says of its version."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def artefacts() -> list[Path]:
    """The files that are shipped, and the wheels if any were built."""
    found = [path for pattern in ARTEFACTS for path in sorted(ROOT.glob(pattern))]
    return [*found, *sorted((cache() / "target" / "wheels").glob("*.whl"))]


def missing() -> list[str]:
    """What was not built."""
    return [
        f"{pattern}: {len(found)} files"
        for pattern, least in ARTEFACTS.items()
        if len(found := list(ROOT.glob(pattern))) < least
    ]


def name(path: Path) -> str:
    """How the statement calls a file."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def statement() -> dict[str, Any]:
    """The statement over what is built now."""
    commit = git("rev-parse", "HEAD")
    source = {"uri": "git+.", "digest": {"gitCommit": commit}}
    materials = [{"uri": file, "digest": digest(ROOT / file)} for file in MATERIALS]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name(path), "digest": digest(path)} for path in artefacts()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"command": "make build"},
                "internalParameters": {
                    "rustc": version("rustc", "--version"),
                    "node": version("node", "--version"),
                    "python": sys.version.split()[0],
                    # A tree that differs from its commit is no source that anybody can fetch.
                    "modified": bool(git("status", "--porcelain", "--untracked-files=no")),
                },
                "resolvedDependencies": [source, *materials],
            },
            "runDetails": {"builder": {"id": "make"}},
        },
    }


def install_scripts() -> list[str]:
    """Scripts that npm would run on the machine of whoever installs the package."""
    package = json.loads((ROOT / "bindings-wasm" / "package.json").read_text())
    return [f"package.json runs {script}" for script in package.get("scripts", {})]


if __name__ == "__main__":
    if unbuilt := missing():
        sys.exit(f"provenance: `make build` first: {', '.join(unbuilt)}")
    print(json.dumps(statement(), indent=2))
