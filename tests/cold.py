"""From nothing: clones into an empty folder with empty caches, serves, tests, and says how long.

usage: cold.py [dev] [again] [test] [warm] [check], by default all of them, in this order

  dev    `make dev` until the first request is served: at most 15 minutes
  again  the same a second time, where it was built: at most a minute
  test   `make deps test`, with empty caches again: at most 60 minutes, tools included
  warm   the same on a clone of its own, with the caches of `test`: at most 30 minutes
  check  `make check` on another clone, with the same caches: at most 5 minutes

The bounds are for two cores with nothing beside; where there are more, two are used.
What the system brings stays: rustup, Node, Python, and the packages that `make deps` names; no
toolchain, crate, wheel or npm package does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINUTE = 60.0


def clone(home: Path, name: str) -> Path:
    """What is committed, in a folder of its own."""
    folder = home / name
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def caches(home: Path) -> dict[str, str]:
    """The process's variables, with every cache in a folder of `home`, empty at first."""
    # What a run from within the project brings of its own.
    ours = ("CARGO_TARGET_DIR", "AUTHCORE_CACHE", "VIRTUAL_ENV", "WASM_BINDGEN_BIN")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    places = {
        "XDG_CACHE_HOME": "cache",
        "CARGO_HOME": "cargo",
        "RUSTUP_HOME": "rustup",
        "PIP_CACHE_DIR": "pip",
        "npm_config_cache": "npm",
    }
    return {**kept, **{name: str(home / place) for name, place in places.items()}}


def is_served() -> bool:
    """Whether the Worker answers."""
    try:
        with urllib.request.urlopen("http://localhost:8787/readyz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def serve(home: Path) -> float:
    """Seconds until `make dev` serves: from nothing, or again in the same folder."""
    begun = time.monotonic()
    folder = home / "dev"
    if not folder.exists():
        clone(home, "dev")
    with (home / "dev.log").open("ab") as log:
        make = subprocess.Popen(
            ["make", "dev"],
            cwd=folder,
            env=caches(home),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while not is_served():
            assert make.poll() is None, (home / "dev.log").read_text(errors="replace")[-2000:]
            time.sleep(0.5)
        return time.monotonic() - begun
    finally:
        os.killpg(make.pid, signal.SIGKILL)
        make.wait()


def run(home: Path, name: str, *targets: str) -> float:
    """Seconds that these targets take on a clone, with caches that only such clones share."""
    begun = time.monotonic()
    shared = home / "shared"
    shared.mkdir(exist_ok=True)
    folder = clone(home, name)
    for target in targets:
        subprocess.run(["make", target], cwd=folder, env=caches(shared), check=True)
    return time.monotonic() - begun


STEPS: dict[str, tuple[Callable[[Path], float], float]] = {
    "dev": (serve, 15 * MINUTE),
    "again": (serve, MINUTE),
    "test": (lambda home: run(home, "test", "deps", "test"), 60 * MINUTE),
    "warm": (lambda home: run(home, "warm", "deps", "test"), 30 * MINUTE),
    "check": (lambda home: run(home, "check", "check"), 5 * MINUTE),
}


def main(named: list[str]) -> int:
    """Runs what is named, and says of each how long it took and how long it may."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    home = Path(tempfile.mkdtemp(prefix="authcore-cold-"))
    took: dict[str, float] = {}
    try:
        for name in named or STEPS:
            print(f"cold: {name} begins in {home}", flush=True)
            took[name] = STEPS[name][0](home)
            print(f"cold: {name} took {took[name]:.0f} s of {STEPS[name][1]:.0f}", flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return int(any(took[name] > STEPS[name][1] for name in took))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
