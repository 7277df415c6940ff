"""The exception tree against core's table, which is read from its source."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import authcore
import pytest

TABLE = Path(__file__).resolve().parents[2] / "core" / "src" / "error.rs"
ROW = re.compile(r'^    \w+ = "(\w+)", (\d+), (\w+), "(.+)";$', re.MULTILINE)
ROWS = ROW.findall(TABLE.read_text())
CLASSES = {row[2] for row in ROWS}


def camel_case(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))


def test_the_table_is_read() -> None:
    assert len(ROWS) >= 30
    assert {
        *["Invalid", "Unauthenticated", "Forbidden", "Conflict", "Throttled"],
        *["Unavailable", "Internal"],
    } == CLASSES


@pytest.mark.parametrize(("code", "status", "class_name", "title"), ROWS, ids=lambda cell: cell)
def test_every_code_has_its_exception(code: str, status: str, class_name: str, title: str) -> None:
    exception = getattr(authcore, camel_case(code))
    assert (exception.code, exception.status, exception.title) == (code, int(status), title)
    assert issubclass(exception, getattr(authcore, class_name))
    assert exception.__module__ == "authcore"


def test_there_is_no_exception_without_a_code_or_a_class() -> None:
    exceptions = {
        name
        for name, value in vars(authcore).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert exceptions == {"Error"} | CLASSES | {camel_case(row[0]) for row in ROWS}


def test_the_tree_has_three_levels() -> None:
    for name in CLASSES:
        assert getattr(authcore, name).__base__ is authcore.Error
    for code, _, class_name, _ in ROWS:
        exception, base = getattr(authcore, camel_case(code)), getattr(authcore, class_name)
        # A code named like its class is raised as the class itself.
        assert exception is base or exception.__base__ is base


def test_an_error_says_what_happened() -> None:
    with pytest.raises(authcore.HashMalformed) as raised:
        authcore.needs_rehash("no hash")
    error = raised.value
    assert str(error) == f"hash_malformed: {error.detail}"
    assert (error.errors, error.retry_after) == ((), None)


def test_an_error_survives_pickling() -> None:
    with pytest.raises(authcore.InvalidCredentials) as raised:
        authcore.verify_password(authcore.hash_password("one"), "two")
    copy = pickle.loads(pickle.dumps(raised.value))
    assert type(copy) is authcore.InvalidCredentials
    assert (str(copy), copy.detail) == (str(raised.value), raised.value.detail)
