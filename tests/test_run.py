"""The runner's verdicts: what has failed, and what was only left out."""

from __future__ import annotations

import sys
from pathlib import Path

from run import LANES, Counts, Suite, closing_counts, run, verdict


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
        "instructions"
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
