"""Writes docs/security.md: each security requirement and the tests that show it.

usage: security_map.py [--check]

A test says what it shows by a comment, `SECURITY 44` or `SECURITY 3, 9`, above it or at the head of
its file. With --check nothing is written: it fails if the page is not what would be written, if a
requirement has neither a test that `make test` runs nor a reason, or if a comment names a line that
does not exist.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from security_lines import NOT_MET, PARTLY, TITLES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security.md"
INTRODUCTION = ROOT / "tests" / "security_introduction.md"
SOURCES = ("*.rs", "*.py", "*.mjs")
# Programs that write what the tests read: they show nothing themselves.
GENERATORS = ("core/examples/",)
# What needs another compiler or a quiet machine: `make fuzz`, `make timing`.
BY_HAND = ("tests/fuzz/targets/", "tests/timing/")
MARK = " (*by hand*)"
COMMENT = re.compile(r"(?://|#|\*)[^\n]*\bSECURITY((?:[ ,]+\d+)+)")
# What follows a comment: the test it stands above.
NAMES = (
    re.compile(r"^\s*(?:pub )?(?:async )?fn (\w+)"),
    re.compile(r"^\s*(?:async )?def (test_\w+)"),
    re.compile(r"^\s*(?:test|it)\(\s*[\"'`]([^\"'`]+)"),
)
# How far below its comment a test begins, attributes and other comments in between.
REACH = 12


def sources() -> list[Path]:
    """The files that git tracks or would, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *SOURCES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    own = {Path(__file__).name, "security_lines.py"}
    files = sorted({ROOT / name for name in listed.stdout.split("\n") if name})
    return [file for file in files if file.name not in own and file.is_file()]


def named_near(lines: list[str], at: int) -> str | None:
    """The test that begins below line `at` before the next blank line, or whose body it is in."""
    if lines[at].startswith((" ", "\t")):
        for line in reversed(lines[:at]):
            if line and not line.startswith((" ", "\t", ")", "]", "}")):
                found = re.match(r"(?:async )?def (test_\w+)", line)
                if found:
                    return found.group(1)
                break
    for line in lines[at + 1 : at + 1 + REACH]:
        if not line.strip():
            return None
        for pattern in NAMES:
            if found := pattern.match(line):
                return found.group(1)
    return None


def is_library(file: Path) -> bool:
    """Whether a comment in this file may as well stand above what is tested."""
    return "src" in file.relative_to(ROOT).parts and "tests" not in file.relative_to(ROOT).parts


def is_test(lines: list[str], at: int) -> bool:
    """Whether the comment at line `at` stands above a Rust test."""
    return any("#[test]" in line for line in lines[at + 1 : at + 4])


def shown() -> dict[int, list[str]]:
    """For each requirement the places that show it."""
    places: dict[int, list[str]] = defaultdict(list)
    for file in sources():
        lines = file.read_text().split("\n")
        for at, line in enumerate(lines):
            if not (found := COMMENT.search(line)):
                continue
            name = named_near(lines, at)
            if is_library(file) and not is_test(lines, at):
                continue
            path = file.relative_to(ROOT).as_posix()
            if path.startswith(GENERATORS):
                continue
            place = f"`{path}`" + (f": {name}" if name else "")
            place += MARK if path.startswith(BY_HAND) else ""
            for number in map(int, re.findall(r"\d+", found.group(1))):
                if number not in TITLES:
                    sys.exit(f"{path}:{at + 1}: there is no SECURITY {number}")
                if place not in places[number]:
                    places[number].append(place)
    return places


def count(places: dict[int, list[str]]) -> str:
    """How many are shown, in part, and not."""
    unmet = PARTLY.keys() | NOT_MET.keys()
    met = [number for number in TITLES if number in places and number not in unmet]
    partly, missing = len(PARTLY), len(NOT_MET)
    return f"Of {len(TITLES)} requirements {len(met)} are shown, {partly} in part, {missing} not."


def page(places: dict[int, list[str]]) -> str:
    """The page."""
    rows = []
    for number, title in TITLES.items():
        tests = "<br>".join(places.get(number, []))
        if number in NOT_MET:
            state = f"**not yet**: {NOT_MET[number]}" + (f"<br>{tests}" if tests else "")
        elif number in PARTLY:
            state = f"**in part**: {PARTLY[number]}<br>{tests}"
        else:
            state = tests
        rows.append(f"| {number} | {title} | {state} |")
    head = "| | Requirement | Shown by |\n|---|---|---|\n"
    introduction = INTRODUCTION.read_text()
    return f"{introduction}\n{count(places)}\n\n{head}" + "\n".join(rows) + "\n"


def problems(places: dict[int, list[str]]) -> list[str]:
    """What is claimed without a test, or excused although it is shown."""
    found = []
    for number in TITLES:
        if number not in places and number not in NOT_MET:
            found.append(f"SECURITY {number} has neither a test nor a reason")
        elif number not in NOT_MET and all(place.endswith(MARK) for place in places[number]):
            found.append(f"SECURITY {number} is shown by hand only")
        if number in PARTLY and number in NOT_MET:
            found.append(f"SECURITY {number} is both partly met and not met")
    return found


def main() -> None:
    """Writes or checks."""
    places = shown()
    wrong = problems(places)
    text = page(places)
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != text:
            wrong.append("docs/security.md is not current: run tests/security_map.py")
    else:
        PAGE.write_text(text)
    print("\n".join(wrong))
    print(count(places))
    # What comes with a later issue is left out, whatever of it is shown already.
    passed, later = max(0, len(TITLES) - len(NOT_MET) - len(wrong)), len(NOT_MET)
    print(f"security: {passed} passed, {len(wrong)} failed, {later} skipped")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
