"""Prints the size of each artefact, as it is and as it travels; the suite `size`, and `make size`.

usage: size.py [--build]     with --build the Worker and the npm package are built first

The bounds stand beside the numbers; one that is passed is an error.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

from environment import ROOT

# What Node loads of the package beside the module.
GLUE = [
    "bindings-wasm/pkg/authcore.js",
    *(
        f"bindings-wasm/js/{name}.js"
        for name in ["error", "host", "jwt", "node", "options", "simd", "texts", "totp"]
    ),
]

# Compressed bytes. Cloudflare would take ten megabytes, but every isolate loads the first part; the
# strength module is imported by those that are asked for it (docs/decisions/0019).
PARTS: dict[str, tuple[int, list[str]]] = {
    "what every isolate loads": (
        450_000,
        ["worker/build/index_bg.wasm", "worker/build/index.js"],
    ),
    "the strength module": (
        850_000,
        [
            "worker/build/strength/strength_bg.wasm",
            "worker/build/strength/strength.js",
            "worker/build/strength/index.js",
        ],
    ),
    # Key sets brought P-256 and RSA; no Worker of ours has the latter.
    "the npm package": (
        215_000,
        ["bindings-wasm/pkg/authcore_simd_bg.wasm", *GLUE],
    ),
    # Of the package's two modules a runtime loads one (docs/decisions/0024).
    "the npm package without vector instructions": (
        220_000,
        ["bindings-wasm/pkg/authcore_bg.wasm", *GLUE],
    ),
}
# A part of a word list: what only the strength module holds.
OF_STRENGTH = b"= english_wikipedia"


def build() -> None:
    """Builds what is measured, as it is shipped."""
    for script in ["worker/scripts/build.mjs", "bindings-wasm/build.mjs"]:
        subprocess.run(["node", script], cwd=ROOT, check=True)


def packed(path: Path) -> int:
    """How many bytes a file is compressed."""
    return len(gzip.compress(path.read_bytes(), mtime=0))


def sizes(names: list[str]) -> dict[str, int]:
    """The bytes of parts that were built, as they are and compressed."""
    paths = [ROOT / file for name in names for file in PARTS[name][1]]
    return {"raw": sum(path.stat().st_size for path in paths), "gzip": sum(map(packed, paths))}


def is_within(name: str, bound: int, files: list[str]) -> bool:
    """Prints one part; whether all of it is there and within its bound."""
    missing = [file for file in files if not (ROOT / file).is_file()]
    if missing:
        print(f"{name}: {', '.join(missing)} missing: run `make build`")
        return False
    sizes = {file: packed(ROOT / file) for file in files}
    total = sum(sizes.values())
    print(f"{name}: {total:,} bytes of {bound:,}, compressed{'' if total <= bound else ': OVER'}")
    for file, size in sizes.items():
        print(f"  {file:<42}{(ROOT / file).stat().st_size:>12,}{size:>12,}")
    return total <= bound


def holds_strength(files: list[str]) -> bool:
    """Whether one of these files holds the word lists."""
    paths = [ROOT / file for file in files]
    return any(OF_STRENGTH in path.read_bytes() for path in paths if path.is_file())


def main(words: list[str]) -> int:
    """Prints the table; 1 if something is missing, too large or in the wrong place."""
    if "--build" in words:
        build()
    held = [is_within(name, bound, files) for name, (bound, files) in PARTS.items()]
    # The first would always hold if the text were no longer in the second.
    loaded, strength, *_ = (files for _, files in PARTS.values())
    held += [not holds_strength(loaded), holds_strength(strength)]
    if not all(held[-2:]):
        print("the word lists are not where they belong")
    print(f"size: {sum(held)} passed, {len(held) - sum(held)} failed, 0 skipped")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
