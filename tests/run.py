"""The one runner: two lanes of suites, with progress, counted into one closing line.

usage: run.py [suite...]          without names: every suite but the quick ones

The lanes run side by side, the suites of a lane one after the other. Each suite's whole output goes
to a file under $AUTHCORE_CACHE/logs; a failing suite's end is shown. A suite that runs no test, or
whose folder is missing, has failed, but for one that not every machine can run and that says so.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from environment import ROOT, cache

# A suite that takes longer hangs: the whole run is to end within an hour, cold, on two cores.
LIMIT_SECONDS = 45 * 60
# How often a running suite shows where it is.
HEARTBEAT_SECONDS = 30
# How much of a failing suite's output is shown.
TAIL_LINES = 80
# Set when the run is to end: what a lane runs then ends, and nothing after it begins.
INTERRUPTED = threading.Event()


@dataclass(frozen=True)
class Counts:
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )


def cargo_counts(output: str) -> Counts:
    """Adds up the closing lines of `cargo test`, one for each test binary."""
    line = r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored"
    found = re.findall(line, output, re.MULTILINE)
    return sum((Counts(*map(int, counts)) for counts in found), Counts())


def pytest_counts(output: str) -> Counts:
    """Reads pytest's last summary; an error in a fixture is a failure."""
    summaries = re.findall(r"^=* ?((?:\d+ \w+(?:, )?)+) in [\d.]+s", output, re.MULTILINE)
    words = re.findall(r"(\d+) (\w+)", summaries[-1]) if summaries else []
    named = {word.rstrip("s"): int(count) for count, word in words}
    return Counts(
        named.get("passed", 0) + named.get("xfailed", 0),
        named.get("failed", 0) + named.get("error", 0) + named.get("xpassed", 0),
        named.get("skipped", 0),
    )


def node_counts(output: str) -> Counts:
    """Adds up the summaries of `node --test`; a cancelled test is a failure."""

    def total(word: str) -> int:
        return sum(map(int, re.findall(rf"^(?:\u2139|#) {word} (\d+)", output, re.MULTILINE)))

    return Counts(total("pass"), total("fail") + total("cancelled"), total("skipped"))


def closing_counts(output: str) -> Counts:
    """Reads the closing line of one of our own scripts."""
    line = r"^\w+: (\d+) passed, (\d+) failed, (\d+) skipped$"
    found = re.findall(line, output, re.MULTILINE)
    return Counts(*map(int, found[-1])) if found else Counts()


def exit_counts(_output: str) -> Counts:
    """A command that only succeeds or fails counts as one test."""
    return Counts(passed=1)


@dataclass(frozen=True)
class Suite:
    """A named command, the folder it tests, and how its counts are read."""

    name: str
    folder: str
    command: list[str]
    counts: Callable[[str], Counts]
    # Commands that must succeed first, such as building what is tested.
    prepare: list[list[str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    # Not every machine can run it: it may leave all of its tests out, if it says so.
    may_be_left_out: bool = False
    # Suites of the other lane that must have ended before, if they run at all.
    after: list[str] = field(default_factory=list)


def files(pattern: str) -> list[str]:
    """The files of the repository that match, in one order on every machine."""
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))


CARGO_TEST = ["cargo", "test", "--locked", "--no-fail-fast"]
PYTEST = [sys.executable, "-m", "pytest"]
MAKE = ["make", "--no-print-directory"]
QUICKSTART = [sys.executable, "examples/quickstart/run.py"]

# What cargo builds and runs here, the npm package, and what brings both lanes to one length.
NATIVE = [
    # First: what it finds is found soonest.
    Suite("lint", "tests", [*MAKE, "lint"], closing_counts),
    Suite(
        "javascript",
        "bindings-wasm",
        # Named one by one: what a folder means to `node --test` differs between its versions.
        ["node", "--test", *files("bindings-wasm/tests/*.test.mjs")],
        node_counts,
        # What is shipped, and what is made for the tests.
        prepare=[[*MAKE, "wasm"], ["node", "bindings-wasm/build.mjs", "--test-clock"]],
    ),
    Suite("rust", "core", [*CARGO_TEST, "--workspace"], cargo_counts),
    Suite(
        "instructions",
        "tests/cost",
        [sys.executable, "tests/instructions.py"],
        closing_counts,
        # A processor that lacks what the counts on record were made with (docs/decisions/0025).
        may_be_left_out=True,
    ),
    # What another processor runs, emulated.
    Suite("aarch64", "core/argon2id", [*MAKE, "aarch64"], cargo_counts),
    Suite("security", "docs", [sys.executable, "tests/security_map.py", "--check"], closing_counts),
    Suite(
        "openapi-python",
        "tests/openapi",
        [*PYTEST, "tests/openapi", "--host", "python"],
        pytest_counts,
        # Whose module it asks.
        after=["python"],
    ),
    # Whose artefacts it looks at.
    Suite("supply", "tests", [*MAKE, "supply"], closing_counts, after=["size"]),
]

# Services, built and used as their users do; mostly one side waits for the other.
SHIPPED = [
    Suite(
        "python",
        "bindings-python",
        [*PYTEST, "bindings-python/tests", "tests/test_run.py", "tests/test_deps.py"],
        pytest_counts,
        prepare=[
            [
                *["maturin", "develop", "--quiet", "--locked", "--features", "test-clock"],
                *["--manifest-path", "bindings-python/Cargo.toml"],
            ]
        ],
    ),
    # On the module that the suite before it has built.
    Suite(
        "blackbox-python",
        "tests/blackbox",
        [*PYTEST, "tests/blackbox", "--host", "python"],
        pytest_counts,
    ),
    Suite(
        "blackbox-worker",
        "tests/blackbox",
        [*PYTEST, "tests/blackbox", "--host", "worker"],
        pytest_counts,
    ),
    # On what both suites before it have built.
    Suite(
        "offline",
        "tests",
        [sys.executable, "tests/offline.py"],
        closing_counts,
        # It needs a network namespace, which not everybody may make.
        may_be_left_out=True,
    ),
    Suite(
        "openapi-worker",
        "tests/openapi",
        [*PYTEST, "tests/openapi", "--host", "worker"],
        pytest_counts,
    ),
    Suite("worker", "tests/worker", [*PYTEST, "tests/worker"], pytest_counts),
    Suite("deploy-check", "worker", [*MAKE, "deploy-check"], exit_counts),
    # On what the suites before it have built, brought up to date.
    Suite(
        "size",
        "tests",
        [sys.executable, "tests/size.py", "--build"],
        closing_counts,
        after=["javascript"],
    ),
    # After them: its clone's build takes the place of theirs in cargo's target folder.
    Suite("quickstart", "examples/quickstart", QUICKSTART, closing_counts),
]

LANES = [NATIVE, SHIPPED]

# Parts of the suites above, for the inner loop; they run when named.
QUICK_SUITES = [
    Suite("core", "core", [*CARGO_TEST, "--package", "authcore"], cargo_counts),
]


def run(suite: Suite, log: Path) -> Counts:
    """Runs one suite with its whole output in `log`, and says what came of it."""
    if not (ROOT / suite.folder).is_dir():
        log.write_text(f"the folder {suite.folder} is missing\n")
        return Counts(failed=1)
    with log.open("wb") as output:
        for command in [*suite.prepare, suite.command]:
            status = perform(command, suite, output, log)
            if status != 0:
                break
    counts = suite.counts(log.read_text(errors="replace"))
    if status != 0 and counts.failed == 0:
        # It broke outside its tests: a build that failed, a crash, the time limit.
        passed = 0 if suite.counts is exit_counts else counts.passed
        return Counts(passed, 1, counts.skipped)
    left_out = suite.may_be_left_out and counts.skipped > 0
    if counts.passed + counts.failed == 0 and not left_out:
        with log.open("a") as output:
            output.write("\nno test was run\n")
        return Counts(failed=1, skipped=counts.skipped)
    return counts


def perform(command: list[str], suite: Suite, output: BinaryIO, log: Path) -> int:
    """Runs one command to its end or to the limit; shows every half minute where it is."""
    output.write(f"$ {' '.join(command)}\n".encode())
    output.flush()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **suite.variables},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    started = shown = time.monotonic()
    try:
        while True:
            try:
                return process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                now = time.monotonic()
            if INTERRUPTED.is_set():
                output.write(b"\ninterrupted\n")
                return 1
            if now - shown >= HEARTBEAT_SECONDS:
                say(f"  {suite.name}: {now - started:.0f} s: {last_line(log)}")
                shown = now
            if now - started > LIMIT_SECONDS:
                output.write(f"\nstopped after {now - started:.0f} s\n".encode())
                return 1
    finally:
        # Also when interrupted: what the suite started ends with it.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def last_line(log: Path) -> str:
    """The last line of a log that is still being written, shortened."""
    with log.open("rb") as output:
        output.seek(max(0, log.stat().st_size - 2000))
        lines = output.read().decode(errors="replace").split("\n")
    # wrangler puts a label before every line of a build, empty ones too.
    words = (line.removeprefix("[custom build]").strip() for line in reversed(lines))
    return next((line[:100] for line in words if line), "")


def say(line: str) -> None:
    """Prints at once, also into a pipe."""
    print(line, flush=True)


def chosen(names: list[str]) -> list[list[Suite]]:
    """The suites of these names, or all that are not quick, in their lanes."""
    if not names:
        return LANES
    lanes = [*LANES, QUICK_SUITES]
    known = [suite.name for lane in lanes for suite in lane]
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"run: no suite {', '.join(unknown)}; there are {', '.join(known)}")
    return [[suite for suite in lane if suite.name in names] for lane in lanes]


def verdict(counts: Counts) -> str:
    """What came of a suite, in a word."""
    if counts.failed:
        return "FAILED"
    return "ok" if counts.passed else "left out"


def run_lane(suites: list[Suite], logs: Path, ended: dict[str, threading.Event]) -> Counts:
    """Runs suites one after the other, each with a log of its own; says what came of each.

    `ended` has an event for each suite of all lanes, set as soon as it has ended or will not run.
    """
    try:
        return run_in_turn(suites, logs, ended)
    finally:
        # Nobody waits for what does not come any more.
        for suite in suites:
            ended[suite.name].set()


def run_in_turn(suites: list[Suite], logs: Path, ended: dict[str, threading.Event]) -> Counts:
    """Runs a lane's suites."""
    total = Counts()
    for suite in suites:
        for other in suite.after:
            if other in ended:
                ended[other].wait()
        if INTERRUPTED.is_set():
            break
        log = logs / f"{suite.name}.log"
        say(f"{suite.name} begins ({log})")
        started = time.monotonic()
        counts = run(suite, log)
        total += counts
        spent = time.monotonic() - started
        # In one piece: the other lane speaks meanwhile.
        lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if counts.failed else []
        lines.append(
            f"  {suite.name}: {verdict(counts)} in {spent:.0f} s: "
            f"{counts.passed} good, {counts.failed} bad, {counts.skipped} left out"
        )
        say("\n".join(lines))
        ended[suite.name].set()
    return total


def main(names: list[str]) -> int:
    """Runs the suites and prints the closing line; 1 if anything failed or nothing ran."""
    # Ends like an interrupt, so that running suites are ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logs = cache() / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    lanes = [lane for lane in chosen(names) if lane]
    ended = {suite.name: threading.Event() for lane in lanes for suite in lane}
    begun = time.monotonic()
    with ThreadPoolExecutor(len(lanes)) as threads:
        running = [threads.submit(run_lane, lane, logs, ended) for lane in lanes]
        try:
            total = sum((lane.result() for lane in running), Counts())
        except BaseException:
            INTERRUPTED.set()
            raise
    say(f"  {sum(map(len, lanes))} suites in {(time.monotonic() - begun) / 60:.1f} minutes")
    say(f"authcore: {total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
