"""Counts the instructions of core's hot operations, and compares them with those on record.

usage: instructions.py [--record]

Valgrind counts them (callgrind), so that no clock and no other process
has a say. An operation that takes more than a twentieth more than tests/cost/instructions.json says
fails; one that takes less is told, so that --record writes it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import ROOT

RECORD = ROOT / "tests" / "cost" / "instructions.json"
# How much an operation may grow, and shrink before it is told.
TOLERANCE = 0.05
# So many more in the second run than in the first: what makes an operation ready falls out.
TIMES = 10
# A hash of 19 MiB takes Valgrind a second.
TIMES_OF_SLOW = 1


def built() -> Path:
    """The program, built as what is shipped is.

    Valgrind runs ADX and does not tell programs so (KDE bug 494162), whereupon they would keep to
    p256 and ed25519-dalek: the variable lets graviola take it for given.
    """
    command = ["cargo", "build", "--quiet", "--locked", "--release", "--package", "authcore-cost"]
    environment = {**os.environ, "VALGRIND_BUG_494162": "1"}
    subprocess.run(command, cwd=ROOT, check=True, env=environment)
    return Path(os.environ["CARGO_TARGET_DIR"]) / "release" / "authcore-cost"


def instructions(program: Path, number: int, times: int) -> int:
    """The instructions of a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        words = [*command, str(program), str(number), str(times)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"instructions: {' '.join(words)}\n{done.stderr[-2000:]}")
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found, done.stderr
    return int(found[1])


def cost(program: Path, number: int, name: str) -> int:
    """The instructions of one operation."""
    times = TIMES_OF_SLOW if name.startswith("argon2id") else TIMES
    first, second = (instructions(program, number, n) for n in (1, 1 + times))
    return round((second - first) / times)


def judge(name: str, counted: int, known: int | None) -> str:
    """What a count comes to, beside the one on record."""
    if known is None:
        return "failed: not on record"
    change = counted / known - 1
    if change > TOLERANCE:
        return f"failed: {change:+.1%}"
    if change < -TOLERANCE:
        return f"better by {-change:.1%}: `make instructions RECORD=1` writes it"
    return f"ok: {change:+.1%}"


def main() -> int:
    """Counts all operations."""
    if not {"adx", "avx2"} <= set(Path("/proc/cpuinfo").read_text().split()):
        print("the counts on record are those of processors with ADX and AVX2")
        print("instructions: 0 passed, 0 failed, 1 skipped")
        return 0
    program = built()
    names = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split("\n")
    names = [name for name in names if name]
    counted = {}
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    failed = 0
    for number, name in enumerate(names):
        counted[name] = cost(program, number, name)
        verdict = judge(name, counted[name], known.get(name))
        failed += verdict.startswith("failed")
        print(f"{name}: {counted[name]:,} instructions, {verdict}", flush=True)
    gone = sorted(set(known) - set(names))
    failed += len(gone)
    for name in gone:
        print(f"{name}: failed: on record, and not counted")
    if "--record" in sys.argv[1:]:
        RECORD.write_text(json.dumps(counted, indent=2) + "\n")
        print(f"wrote {RECORD.relative_to(ROOT)}")
        return 0
    print(f"instructions: {len(names) + len(gone) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
