"""Prints the size of each artefact that `make build` left, as it is and as it travels.

Run by `make size`. The bounds stand beside the numbers; one that is passed is an error.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from environment import ROOT

# In compressed bytes. Cloudflare would take ten megabytes, but every isolate loads this first.
ARTEFACTS = {
    "worker/build/index_bg.wasm": 450_000,
    "worker/build/index.js": 50_000,
    "bindings-wasm/pkg/authcore_bg.wasm": 125_000,
    "bindings-wasm/pkg/authcore.js": 10_000,
}


def main() -> int:
    """Prints the table; 1 if an artefact is missing or over its bound."""
    wrong = 0
    print(f"{'artefact':<36}{'bytes':>12}{'gzip':>12}{'bound':>12}")
    for name, bound in ARTEFACTS.items():
        path: Path = ROOT / name
        if not path.is_file():
            print(f"{name:<36}     missing: run `make build`")
            wrong += 1
            continue
        content = path.read_bytes()
        packed = len(gzip.compress(content, mtime=0))
        verdict = "" if packed <= bound else "  OVER"
        wrong += packed > bound
        print(f"{name:<36}{len(content):>12,}{packed:>12,}{bound:>12,}{verdict}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
