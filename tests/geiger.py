"""Counts `unsafe` in what is shipped, with cargo-geiger, and writes docs/unsafe.md: `make geiger`.

It fails if a package of our own does not forbid `unsafe`, but for the kernels of argon2id.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from environment import ROOT, cache

INTRODUCTION = ROOT / "tests" / "unsafe_introduction.md"
PAGE = ROOT / "docs" / "unsafe.md"
WASM = "wasm32-unknown-unknown"
# What is shipped: the heading, the folder of its package, the target if it is not this machine's.
SHIPPED = {
    "Python module": ("bindings-python", None),
    "Worker": ("worker", WASM),
    "npm package": ("bindings-wasm", WASM),
}
# The one package of ours that has unsafe code (docs/decisions/0024), and the one around its folder.
KERNELS, AROUND = "authcore-argon2id", "authcore"
KINDS = ("functions", "exprs", "item_impls", "item_traits", "methods")

Packages = dict[str, dict[str, Any]]


def printed(*words: str) -> str:
    """What a program prints."""
    return subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def scanned(geiger: str, folder: str, target: str | None) -> Packages:
    """The packages that a package is built of, itself among them, and what was counted in each."""
    # A dependency may carry a file that asks for a compiler of its own: ours is named over it.
    toolchain = printed("rustup", "show", "active-toolchain").split()[0]
    # It removes what is built before it builds, so it gets a folder of its own.
    environment = {
        **os.environ,
        "RUSTUP_TOOLCHAIN": toolchain,
        "CARGO_TARGET_DIR": str(cache() / "geiger"),
    }
    words = [geiger, "geiger", "--locked", "--quiet", "--output-format", "Json"]
    words += ["--target", target] if target else []
    log = cache() / "logs" / f"geiger-{folder}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"geiger: {folder}, some minutes; log: {log}", flush=True)
    with log.open("w") as errors:
        done = subprocess.run(
            words, cwd=ROOT / folder, env=environment, stdout=subprocess.PIPE, stderr=errors
        )
    if done.returncode != 0:
        sys.exit(f"geiger: {folder} failed: {log}")
    report = json.loads(done.stdout)
    if missing := report["packages_without_metrics"]:
        sys.exit(f"geiger: {folder}: not counted: {missing}")
    return {
        "{name} {version}".format_map(package["package"]["id"]): package["unsafety"]
        for package in report["packages"]
    }


def used(unsafety: dict[str, Any]) -> int:
    """The unsafe functions, methods, traits, implementations and expressions of files in use."""
    return sum(unsafety["used"][kind]["unsafe_"] for kind in KINDS)


def problems(of: str, packages: Packages) -> list[str]:
    """What is wrong with the packages of our own."""
    ours = {
        name.split()[0]: unsafety
        for name, unsafety in packages.items()
        if name.startswith(AROUND) and name.split()[0] != KERNELS
    }
    kernels = next(used(packages[name]) for name in packages if name.split()[0] == KERNELS)
    found = []
    for name, unsafety in ours.items():
        if not unsafety["forbids_unsafe"]:
            found.append(f"{of}: {name} does not forbid unsafe code")
        # All below the folder is counted, and the kernels' folder is in core's.
        if used(unsafety) != (kernels if name == AROUND else 0):
            found.append(f"{of}: {name} has unsafe code")
    return found if len(ours) > 1 else [*found, f"{of}: our own packages were not counted"]


def page(geiger: str, shipped: dict[str, Packages]) -> str:
    """The page: every package with unsafe code, those with most of it first."""
    names = sorted({name for packages in shipped.values() for name in packages})
    rows = []
    for name in names:
        counts = [
            used(packages[name]) if name in packages else None for packages in shipped.values()
        ]
        if name.split()[0] != AROUND and any(counts):
            rows.append((name, counts))
    rows.sort(key=lambda row: -max(count or 0 for count in row[1]))
    commit = printed("git", "rev-parse", "--short", "HEAD").strip()
    tools = f"{printed(geiger, '--version').strip()} with {printed('rustc', '--version').strip()}"
    today = datetime.now(UTC).date()
    lines = [
        INTRODUCTION.read_text(),
        f"Last counted on {today} at {commit}: {tools}.",
        "",
        "| Package | " + " | ".join(shipped) + " |",
        "|---|" + "---|" * len(shipped),
    ]
    for name, counts in rows:
        cells = ["-" if count is None else f"{count:,}" for count in counts]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    totals = (
        f"{sum(used(unsafety) == 0 for unsafety in packages.values())} of {len(packages)}"
        for packages in shipped.values()
    )
    lines.append("| packages without any, of all | " + " | ".join(totals) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Counts, judges and writes."""
    geiger = printed("node", "worker/scripts/tools.mjs", "path", "cargo-geiger").strip()
    shipped = {of: scanned(geiger, folder, target) for of, (folder, target) in SHIPPED.items()}
    PAGE.write_text(page(geiger, shipped))
    found = [problem for of, packages in shipped.items() for problem in problems(of, packages)]
    print("\n".join(found) or f"geiger: {PAGE.relative_to(ROOT)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
