"""Measures authcore beside its peers and writes docs/benchmarks.md.

usage: run.py [native] [wasm]

Whatever is named is measured, each in one process with all its peers; without a name, both. The
page is written from the last measurements of each. No test judges them: run it on a quiet machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from datetime import UTC, datetime
from math import log10
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from environment import cache  # noqa: E402 - the folder above is on the path only now

PAGE = ROOT / "docs" / "benchmarks.md"
CHARTS = ROOT / "docs" / "benchmarks"
MEASURED = cache() / "bench"

INTRODUCTION = """# Benchmarks

authcore beside its peers, each pinned and in its best case: keys parsed before, warmed up, the
same cost and the same claims. The variants of a row run in turn, round by round, in one process, so
that whatever else the machine does meets them alike. **Read the ratios within a row**, not the
times: how many times as long as authcore the fastest peer took. `make bench` measures again and
writes this page; no test judges a time (what CI judges is the
[instructions](decisions/0025-what-cost-is-judged-by.md)). Rows of the Worker and of growth are not
here yet.
"""

# The goals of the project for each row: the least ratio to the fastest peer, by runtime.
GOALS = {
    "Python": {
        "argon2id": 2.4,
        "JWT HS256: issue": 10,
        "JWT HS256: verify": 8,
        "JWT EdDSA: issue": 2.5,
        "JWT EdDSA: verify": 3,
        "JWT ES256": 2,
        "TOTP": 25,
        "10 backup codes": 5,
        "QR code": 50,
    },
    "Node": {
        "argon2id": 1.25,
        "JWT HS256": 1.4,
        "JWT EdDSA": 1,
        "JWT ES256": 1,
        "TOTP": 4,
        "QR code": 2,
    },
}


def peers() -> Path:
    """Python with the peers, and with authcore built from this tree."""
    requirements = FOLDER / "requirements.txt"
    made_from = hashlib.sha256((requirements.read_text() + sys.version).encode()).hexdigest()[:12]
    folder = cache() / "bench" / f"python-{made_from}"
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not (folder / "made").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([*pip, "--requirement", requirements], check=True)
        (folder / "made").touch()
    wheels = MEASURED / "wheels"
    build = ["maturin", "build", "--quiet", "--release", "--locked", "--out", wheels]
    manifest = ["--manifest-path", ROOT / "bindings-python" / "Cargo.toml"]
    for old in wheels.glob("*.whl"):
        old.unlink()
    subprocess.run([*build, *manifest], cwd=ROOT, check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "--no-deps", "--force-reinstall", wheel], check=True)
    return python


def measure_native() -> None:
    """Measures the Python module."""
    subprocess.run([peers(), FOLDER / "native.py", MEASURED / "native.json"], check=True)


def measure_wasm() -> None:
    """Measures the npm package in Node."""
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    subprocess.run(npm, cwd=FOLDER, check=True)
    subprocess.run(["make", "--no-print-directory", "wasm"], cwd=ROOT, check=True)
    words = ["node", FOLDER / "wasm.mjs", MEASURED / "wasm.json"]
    subprocess.run(words, cwd=FOLDER, check=True)


def time(nanoseconds: float) -> str:
    """A time as people read it."""
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.0f} ns"


def goal(runtime: str, task: str) -> float | None:
    """The ratio that a row should reach."""
    goals = GOALS[runtime.split()[0]]
    return next((least for name, least in goals.items() if task.startswith(name)), None)


def table(found: dict[str, Any]) -> str:
    """The rows of one runtime."""
    lines = ["| | authcore | peers, the fastest first | ratio | goal |", "|---|---|---|---|---|"]
    for row in found["rows"]:
        medians, least = row["medians"], row["least"]
        others = sorted((taken, name) for name, taken in medians.items() if name != "authcore")
        ratio = others[0][0] / medians["authcore"]
        wanted = goal(found["runtime"], row["task"])
        reached = "" if wanted is None else f"{wanted:g}" if ratio >= wanted else f"**{wanted:g}**"
        ours = f"{time(medians['authcore'])} ({time(least['authcore'])})"
        theirs = ", ".join(f"{name} {time(taken)} ({time(least[name])})" for taken, name in others)
        lines.append(f"| {row['task']} | {ours} | {theirs} | {ratio:.2g} | {reached} |")
    return "\n".join(lines)


def chart(found: dict[str, Any]) -> str:
    """How many times as long as authcore the fastest peer takes, as bars on a logarithmic scale."""
    bars, height = [], 22
    for number, row in enumerate(found["rows"]):
        medians = row["medians"]
        ratio = min(v for k, v in medians.items() if k != "authcore") / medians["authcore"]
        # A decade is 160 wide, and the line of 1 stands at 380.
        length = 160 * log10(ratio)
        left, y = min(380, 380 + length), 10 + number * height
        colour = "#2b7a3d" if ratio >= 1 else "#b3452c"
        bars.append(
            f'<text x="300" y="{y + 13}" text-anchor="end">{row["task"]}</text>'
            f'<rect x="{left:.1f}" y="{y}" width="{abs(length):.1f}" height="16" fill="{colour}"/>'
            f'<text x="{max(380, 380 + length) + 6:.1f}" y="{y + 13}">{ratio:.2g}</text>'
        )
    total = 20 + len(bars) * height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {total}" '
        'font-family="sans-serif" font-size="12"><rect width="800" height="100%" fill="#fff"/>'
        f'<path d="M380 0V{total}" stroke="#888"/>{"".join(bars)}</svg>\n'
    )


def processor() -> str:
    """The name of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} processors" if names else "an unknown processor"


def write() -> None:
    """Writes the page from what was measured."""
    parts = [INTRODUCTION]
    CHARTS.mkdir(exist_ok=True)
    for name, title in (("native", "Python"), ("wasm", "JavaScript")):
        file = MEASURED / f"{name}.json"
        if not file.exists():
            continue
        found = json.loads(file.read_text())
        (CHARTS / f"{name}.svg").write_text(chart(found))
        day = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        versions = ", ".join(f"{peer} {version}" for peer, version in found["versions"].items())
        parts.append(
            f"## {title}\n\n{found['runtime']} on {processor()}, {day:%Y-%m-%d}, at a load of "
            f"{found['load']:.1f}. Medians, the least in brackets; a goal in bold is not reached.\n"
            f"{versions}.\n\n{table(found)}\n\n"
            f"![how many times as long the fastest peer takes](benchmarks/{name}.svg)\n"
        )
    PAGE.write_text("\n".join(parts))
    print(f"wrote {PAGE.relative_to(ROOT)}")


def main() -> None:
    """Measures what is named and writes the page."""
    kinds = {"native": measure_native, "wasm": measure_wasm}
    MEASURED.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or kinds:
        load = os.getloadavg()[0]
        kinds[name]()
        file = MEASURED / f"{name}.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "load": load}))
    write()


if __name__ == "__main__":
    main()
