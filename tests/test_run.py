"""The runner's verdicts: what has failed, and what was only left out."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from run import LANES, Counts, Suite, closing_counts, run, run_lane, verdict


def counted(line: str, log: Path, *, status: int = 0, may_be_left_out: bool = False) -> Counts:
    """What the runner makes of a suite that prints this line and ends with this status."""
    program = f"import sys; print({line!r}); sys.exit({status})"
    command = [sys.executable, "-c", program]
    suite = Suite("any", "tests", command, closing_counts, may_be_left_out=may_be_left_out)
    return run(suite, log)


def test_only_a_suite_that_may_leave_everything_out_has_not_failed_when_it_does(
    tmp_path: Path,
) -> None:
    line, log = "any: 0 passed, 0 failed, 1 skipped", tmp_path / "log"
    counts = counted(line, log, may_be_left_out=True)
    assert counts == Counts(skipped=1)
    assert verdict(counts) == "left out"
    assert counted(line, log) == Counts(failed=1, skipped=1)
    assert counted("nothing", log, may_be_left_out=True) == Counts(failed=1)
    assert counted(line, log, status=1, may_be_left_out=True).failed == 1
    assert [suite.name for lane in LANES for suite in lane if suite.may_be_left_out] == [
        "instructions",
        "offline",
    ]


def test_a_suite_that_runs_nothing_has_failed(tmp_path: Path) -> None:
    for line in ("any: 0 passed, 0 failed, 0 skipped", "nothing"):
        counts = counted(line, tmp_path / "log")
        assert counts == Counts(failed=1)
        assert verdict(counts) == "FAILED"


def test_a_suite_that_breaks_has_failed_whatever_it_says(tmp_path: Path) -> None:
    for line in ("any: 0 passed, 0 failed, 1 skipped", "any: 3 passed, 0 failed, 0 skipped"):
        assert counted(line, tmp_path / "log", status=1).failed == 1


def test_a_suite_that_passes_is_counted(tmp_path: Path) -> None:
    counts = counted("any: 3 passed, 0 failed, 2 skipped", tmp_path / "log")
    assert counts == Counts(passed=3, skipped=2)
    assert verdict(counts) == "ok"


def test_a_suite_waits_for_what_it_is_run_after(tmp_path: Path) -> None:
    made, ended = tmp_path / "made", {"maker": threading.Event(), "user": threading.Event()}
    said = "print('any: 1 passed, 0 failed, 0 skipped')"
    make = [sys.executable, "-c", f"open({str(made)!r}, 'w'); {said}"]
    use = [sys.executable, "-c", f"open({str(made)!r}); {said}"]
    maker = Suite("maker", "tests", make, closing_counts)
    user = Suite("user", "tests", use, closing_counts, after=["maker"])
    with ThreadPoolExecutor(1) as threads:
        using = threads.submit(run_lane, [user], tmp_path, ended)
        assert run_lane([maker], tmp_path, ended) == Counts(passed=1)
        assert using.result() == Counts(passed=1)


def test_nobody_waits_for_a_lane_that_broke(tmp_path: Path) -> None:
    ended = {"broken": threading.Event()}
    broken = Suite("broken", "tests", ["a program that is not there"], closing_counts)
    with pytest.raises(FileNotFoundError):
        run_lane([broken], tmp_path, ended)
    assert ended["broken"].is_set()


def test_every_suite_that_is_waited_for_is_in_another_lane() -> None:
    for lane in LANES:
        others = {suite.name for other in LANES if other is not lane for suite in other}
        assert {name for suite in lane for name in suite.after} <= others
