"""The contract of a SQLite host: all or nothing, and no failure mistaken for another."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import authcore
import pytest
from authcore import _sqlite
from authcore._loop import Failed
from conftest import Client

INSERT = "INSERT INTO things (id) VALUES (?1) RETURNING id"
COUNT = "SELECT count(*) FROM things"


def batch(mode: str, *statements: tuple[Any, ...]) -> Any:
    """A batch as core asks for it."""
    return SimpleNamespace(mode=mode, statements=[(text, params) for text, *params in statements])


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[authcore.Sqlite]:
    """A database with a table, and one that refers to it."""
    database = authcore.Sqlite(tmp_path / "things.db")
    database.run(
        batch(
            "write",
            ("CREATE TABLE things (id BIGINT PRIMARY KEY)",),
            ("CREATE TABLE parts (thing BIGINT REFERENCES things (id))",),
        )
    )
    yield database
    database.close()


@pytest.fixture
def other(sqlite: authcore.Sqlite, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process's connection to it."""
    connection = sqlite3.connect(tmp_path / "things.db", isolation_level=None)
    yield connection
    connection.close()


def test_rows_come_back_for_each_statement(sqlite: authcore.Sqlite) -> None:
    rows = sqlite.run(batch("write", (INSERT, 1), (INSERT, 2), (COUNT,)))
    assert rows == [[(1,)], [(2,)], [(2,)]]


def test_the_database_keeps_a_write_ahead_log(other: sqlite3.Connection) -> None:
    assert other.execute("PRAGMA journal_mode").fetchall() == [("wal",)]


def test_the_files_are_for_their_owner_alone(sqlite: authcore.Sqlite, tmp_path: Path) -> None:
    # The fixture has written, so that the log and its index are there.
    assert sqlite.run(batch("read", (COUNT,))) == [[(0,)]]
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"things.db": 0o600, "things.db-wal": 0o600, "things.db-shm": 0o600}


def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    path.touch()
    path.chmod(0o660)
    database = authcore.Sqlite(path)
    assert database.run(batch("write", ("CREATE TABLE things (id BIGINT PRIMARY KEY)",))) == [[]]
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    database.close()


def test_a_folder_that_is_not_there_is_an_unavailable_database(tmp_path: Path) -> None:
    with pytest.raises(Failed) as raised:
        authcore.Sqlite(tmp_path / "nowhere" / "things.db").run(batch("read", (COUNT,)))
    assert raised.value.why == "unavailable"


def test_a_sqlite_that_is_too_old_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(RuntimeError, match=r"is older than 3\.35\.0"):
        authcore.Sqlite(tmp_path / "authcore.db")


def test_a_burst_leaves_few_connections_open(sqlite: authcore.Sqlite) -> None:
    connections = sqlite._connections()
    opened = [sqlite._idle(connections) for _ in range(_sqlite.MOST_IDLE + 5)]
    for connection in opened:
        connections.keep(connection)
    assert len(connections.idle) == _sqlite.MOST_IDLE
    for connection in opened[_sqlite.MOST_IDLE :]:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")


@pytest.mark.parametrize(
    "broken",
    [("INSERT INTO nothing VALUES (1)",), (INSERT, 1), ("INSERT INTO parts VALUES (?1)", 7)],
)
def test_a_batch_that_fails_leaves_nothing(sqlite: authcore.Sqlite, broken: Any) -> None:
    with pytest.raises(Failed) as raised:
        sqlite.run(batch("write", (INSERT, 1), broken))
    assert raised.value.why == "unavailable"
    assert sqlite.run(batch("read", (COUNT,))) == [[(0,)]]


# SECURITY 107
def test_a_failure_at_the_commit_is_an_unknown_outcome(sqlite: authcore.Sqlite) -> None:
    orphan = ("INSERT INTO parts VALUES (?1)", 7)
    with pytest.raises(Failed) as raised:
        sqlite.run(batch("write", ("PRAGMA defer_foreign_keys=ON",), orphan))
    assert raised.value.why == "outcome_unknown"
    assert sqlite.run(batch("read", ("SELECT * FROM parts",))) == [[]]


def test_a_write_that_does_not_come_to_its_turn_is_busy(
    sqlite: authcore.Sqlite,
    other: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_sqlite, "BUSY_SECONDS", 0)
    sqlite.close()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Failed) as raised:
        sqlite.run(batch("write", (INSERT, 1)))
    assert raised.value.why == "busy"
    # Readers wait for nobody.
    assert sqlite.run(batch("read", (COUNT,))) == [[(0,)]]
    other.execute("ROLLBACK")
    assert sqlite.run(batch("write", (INSERT, 1))) == [[(1,)]]


def test_a_lock_met_in_the_middle_is_a_conflict_after_three_tries(
    sqlite: authcore.Sqlite,
    other: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(_sqlite, "BUSY_SECONDS", 0)
    sqlite.close()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Failed) as raised:
        # A write that was announced as a read takes the lock in its middle.
        sqlite.run(batch("read", (INSERT, 1)))
    assert raised.value.why == "conflict"
    assert len(caplog.records) == 3
    other.execute("ROLLBACK")
    assert sqlite.run(batch("read", (COUNT,))) == [[(0,)]]


def test_an_interrupted_batch_leaves_nothing(
    sqlite: authcore.Sqlite, other: sqlite3.Connection
) -> None:
    def statements() -> Iterator[tuple[str, tuple[int]]]:
        yield INSERT, (1,)
        raise KeyboardInterrupt

    interrupted: Any = SimpleNamespace(mode="write", statements=statements())
    with pytest.raises(KeyboardInterrupt):
        sqlite.run(interrupted)
    assert other.execute(COUNT).fetchall() == [(0,)]
    other.execute("BEGIN IMMEDIATE")


def test_a_child_process_opens_connections_of_its_own(sqlite: authcore.Sqlite) -> None:
    sqlite.run(batch("write", (INSERT, 1)))
    child = os.fork()
    if child == 0:
        ended = 1
        try:
            ended = 0 if sqlite.run(batch("write", (INSERT, 2))) == [[(2,)]] else 2
        finally:
            os._exit(ended)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert sqlite.run(batch("write", (INSERT, 3), (COUNT,))) == [[(3,)], [(3,)]]


# SECURITY 107
def test_a_database_that_fails_is_a_503_and_its_log_shows_no_data(
    client: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"canary" * 1000)
    client.service = authcore.Service(settings(), authcore.Sqlite(broken))
    answer = client.log_in(password="canary")
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert caplog.records
    assert "canary" not in caplog.text
    with pytest.raises(authcore.Unavailable):
        client.service.migrate()


def settings() -> authcore.Settings:
    from conftest import VARIABLES

    return authcore.Settings.from_variables(VARIABLES)
