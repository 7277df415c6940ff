"""Measures authcore beside its peers and writes docs/benchmarks.md.

usage: run.py [--smoke | --add] [native] [wasm] [worker] [growth] [before] [page]

Whatever is named is measured; without a name, everything but `before`, which builds the Worker of
an earlier commit. The page is written from the last measurements of each, by `page` without
measuring. No test judges them: run it on a quiet machine.
With --smoke everything runs for one round, to see that it does, and nothing is written. With --add
rows that were measured before stay as they are, and only new ones are written, or those with a new
peer, each with its load: for a machine that is not quiet.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import page  # noqa: E402 - what stands beside it, and in the folder above
import size  # noqa: E402
from environment import cache  # noqa: E402

PAGE = ROOT / "docs" / "benchmarks.md"
BUILT = cache() / "bench"
# The last commit before the work on speed began.
BEFORE = "0fadb85"


@dataclass(frozen=True)
class Run:
    """Where measurements go, and how thorough they are."""

    folder: Path
    smoke: bool

    def file(self, kind: str) -> Path:
        """The measurements of one kind."""
        return self.folder / f"{kind}.json"


def peers() -> Path:
    """Python with the peers, and with authcore built from this tree."""
    requirements = FOLDER / "requirements.txt"
    made_from = hashlib.sha256((requirements.read_text() + sys.version).encode()).hexdigest()[:12]
    folder = BUILT / f"python-{made_from}"
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not (folder / "made").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([*pip, "--requirement", requirements], check=True)
        (folder / "made").touch()
    wheels = BUILT / "wheels"
    build = ["maturin", "build", "--quiet", "--release", "--locked", "--out", wheels]
    manifest = ["--manifest-path", ROOT / "bindings-python" / "Cargo.toml"]
    for old in wheels.glob("*.whl"):
        old.unlink()
    subprocess.run([*build, *manifest], cwd=ROOT, check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "--no-deps", "--force-reinstall", wheel], check=True)
    return python


def argon2_for_this_processor(python: Path) -> Path:
    """A folder with argon2-cffi's library, compiled for this processor, as the wheel is not."""
    folder = BUILT / f"argon2-cffi-{python.parents[1].name}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        (pinned,) = re.findall(
            r"argon2-cffi-bindings==[\d.]+", (FOLDER / "requirements.txt").read_text()
        )
        source = ["--no-binary", ":all:", "--no-build-isolation", "--no-cache-dir", "--no-deps"]
        environment = {**os.environ, "CFLAGS": "-O3 -march=native", "ARGON2_CFFI_USE_SSE2": "1"}
        words = [*pip, *source, "--target", folder, pinned]
        subprocess.run(words, env=environment, check=True)
        (folder / "made").touch()
    return folder


def estimator() -> Path:
    """A folder with core's estimator of passwords as a Python module, which no package offers."""
    name = "authcore-bench-strength"
    cargo = ["cargo", "build", "--quiet", "--release", "--locked", "--package", name]
    subprocess.run(cargo, cwd=ROOT, check=True)
    module = name.replace("-", "_")
    folder = BUILT / "modules"
    folder.mkdir(exist_ok=True)
    built = Path(os.environ["CARGO_TARGET_DIR"]) / "release" / f"lib{module}.so"
    shutil.copyfile(built, folder / f"{module}.abi3.so")
    return folder


def install_npm() -> None:
    """The peers in JavaScript."""
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    subprocess.run(npm, cwd=FOLDER, check=True)


def measure_native(run: Run) -> None:
    """Measures the Python module."""
    install_npm()
    environment = {**os.environ, "PYTHONPATH": str(estimator())}
    python = peers()
    built = argon2_for_this_processor(python)
    words = [python, FOLDER / "native.py", run.file("native"), built]
    subprocess.run(words, env=environment, check=True)


def measure_wasm(run: Run) -> None:
    """Measures the npm package in Node."""
    install_npm()
    subprocess.run(["make", "--no-print-directory", "wasm"], cwd=ROOT, check=True)
    subprocess.run(["node", FOLDER / "wasm.mjs", run.file("wasm")], cwd=FOLDER, check=True)


def measure_worker(run: Run) -> None:
    """Measures the Worker in workerd, and the npm package's tokens there."""
    install_npm()
    subprocess.run(["node", "scripts/build.mjs"], cwd=ROOT / "worker", check=True)
    subprocess.run(["make", "--no-print-directory", "wasm"], cwd=ROOT, check=True)
    built = BUILT / "worker"
    subprocess.run(["node", FOLDER / "worker" / "build.mjs", built], check=True)
    words = ["node", FOLDER / "workerd.mjs", built, run.file("worker")]
    subprocess.run([*words, *(["1"] if run.smoke else [])], cwd=FOLDER, check=True)
    add_sizes(run.file("worker"))


def add_sizes(file: Path) -> None:
    """Adds the sizes of the Worker, as `make size` counts them: no two libraries pack alike."""
    loaded, strength = "what every isolate loads", "the strength module"
    found = json.loads(file.read_text())
    found["sizes"] = {
        loaded: size.sizes([loaded]),
        f"{strength}, on demand": size.sizes([strength]),
        "all together": size.sizes([loaded, strength]),
    }
    file.write_text(json.dumps(found))


def measure_growth(run: Run) -> None:
    """Measures requests on small databases and on large ones."""
    cargo = ["cargo", "run", "--quiet", "--release", "--locked"]
    rounds, sizes = ("1", ["20", "200"]) if run.smoke else ("50", ["1000", "100000", "1000000"])
    program = [*cargo, "--package", "authcore-bench-growth", "--"]
    subprocess.run([*program, run.file("growth"), rounds, *sizes], cwd=ROOT, check=True)
    install_npm()
    subprocess.run(["node", "scripts/build.mjs"], cwd=ROOT / "worker", check=True)
    found = json.loads(run.file("growth").read_text())
    found["plans"] += printed("d1.mjs", run.file("growth"))
    found["rows"] += printed("d1-growth.mjs", "1" if run.smoke else "15", *sizes)
    run.file("growth").write_text(json.dumps(found))


def printed(script: str, *words: str | Path) -> list[dict[str, Any]]:
    """What a script of this folder prints, as JSON."""
    asked = subprocess.run(["node", FOLDER / script, *words], cwd=FOLDER, check=True, stdout=PIPE)
    return json.loads(asked.stdout)


def measure_before(run: Run) -> None:
    """Measures the Worker as it was before the work on speed, and as it is."""
    install_npm()
    tree = BUILT / f"tree-{BEFORE}"
    if not tree.exists():
        tree.mkdir()
        archive = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, check=True, stdout=PIPE)
        subprocess.run(["tar", "--extract", "--directory", tree], check=True, input=archive.stdout)
    # Its lock files are today's: what was installed serves both.
    modules = tree / "worker" / "node_modules"
    modules.unlink(missing_ok=True)
    modules.symlink_to(ROOT / "worker" / "node_modules")
    for worker in (tree / "worker", ROOT / "worker"):
        subprocess.run(["node", "scripts/build.mjs"], cwd=worker, check=True)
    words = ["node", FOLDER / "before.mjs", tree / "worker", run.file("before")]
    subprocess.run([*words, *(["1"] if run.smoke else [])], cwd=FOLDER, check=True)
    found = json.loads(run.file("before").read_text())
    head = ["git", "rev-parse", "--short", "HEAD"]
    now = subprocess.run(head, cwd=ROOT, check=True, stdout=PIPE, text=True).stdout.strip()
    found["commits"] = {"before": BEFORE, "now": now}
    loaded = size.PARTS["what every isolate loads"][1]
    trees = {"before": tree, "now": ROOT}
    found["sizes"] = {
        name: sum(size.packed(root / file) for file in loaded) for name, root in trees.items()
    }
    run.file("before").write_text(json.dumps(found))


KINDS: dict[str, Callable[[Run], None]] = {
    "native": measure_native,
    "wasm": measure_wasm,
    "worker": measure_worker,
    "growth": measure_growth,
    "before": measure_before,
}
# What is measured when nothing is named: an earlier commit's build has no peers.
ALL = ["native", "wasm", "worker", "growth"]


def added(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What was measured before, with what it lacks of what was found now: rows, and variants."""
    known = {row["task"]: row for row in before["rows"]}

    def chosen(row: dict[str, Any]) -> dict[str, Any]:
        old = known.get(row["task"])
        is_whole = old is not None and old["medians"].keys() >= row["medians"].keys()
        return old if is_whole else row | {"load": found["load"]}

    versions = {**before["versions"], **found["versions"]}
    return {**found, **before, "versions": versions, "rows": [*map(chosen, found["rows"])]}


def main(words: list[str]) -> None:
    """Measures what is named and writes the page."""
    smoke, adds = "--smoke" in words, "--add" in words
    named = [word for word in words if not word.startswith("--")] or ALL
    BUILT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if smoke else BUILT
        if smoke:
            os.environ["AUTHCORE_BENCH_ROUNDS"] = "1"
        for name in named:
            if name == "page":
                continue
            load = os.getloadavg()[0]
            run = Run(folder, smoke)
            old = run.file(name)
            before = json.loads(old.read_text()) if adds and old.exists() else None
            KINDS[name](run)
            found = json.loads(run.file(name).read_text())
            found |= {"load": load, "processor": page.processor()}
            found = added(before, found) if before else found
            run.file(name).write_text(json.dumps(found))
        # A page of one round is written as well, to see that it can be, and thrown away.
        page.write(folder / "benchmarks.md" if smoke else PAGE, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
