"""A database that fails at each batch of each use case, before it ran it and after."""

# SECURITY 107

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import authcore
import pytest
from authcore._loop import Failed
from conftest import VARIABLES, Answer, Client

# What a failure says to core; that last one does not know what became of the batch.
NOT_DONE = ["busy", "conflict", "unavailable"]
UNKNOWN = "outcome_unknown"


class BrokenError(Exception):
    """What no database is to raise."""


@dataclass
class Losing:
    """A database before another one: the batch that is told fails, before it ran or after."""

    database: authcore.Sqlite
    batch: int = 0
    when: str = "never"
    error: Exception | None = None
    batches: int = 0

    def lose(self, batch: int, when: str = "never", error: Exception | None = None) -> int:
        """Has a batch from now on fail, or none; says how many there were before."""
        counted, self.batches = self.batches, 0
        self.batch, self.when, self.error = batch, when, error
        return counted

    def run(self, batch: authcore.Batch) -> list[list[tuple[str | int | None, ...]]]:
        """Runs a batch of the other database, unless it is the one."""
        self.batches += 1
        when = self.when if self.batches == self.batch else "never"
        rows = [] if when == "before" else self.database.run(batch)
        if when != "never":
            raise self.error
        return rows


@dataclass
class Bench:
    """A client of a service whose database fails when it is told to."""

    client: Client
    database: Losing

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with closing(sqlite3.connect(self.client.database)) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def new_bench(tmp_path: Path) -> Iterator[Callable[[], Bench]]:
    """Makes a bench with a database of its own, in which somebody has signed up and in."""
    opened: list[authcore.Sqlite] = []

    def new_bench() -> Bench:
        path = tmp_path / f"{len(opened)}.db"
        opened.append(authcore.Sqlite(path))
        database = Losing(opened[-1])
        service = authcore.Service(authcore.Settings.from_variables(VARIABLES), database)
        service.migrate()
        bench = Bench(Client(service, path), database)
        # It makes the keys as well, in a batch of its own.
        bench.client.sign_up("grace")
        assert bench.client.log_in("grace").status == 200
        return bench

    yield new_bench
    for database in opened:
        database.close()


@dataclass
class Case:
    """A request that is prepared, and what must have been written if it is acknowledged."""

    send: Callable[[], Answer]
    is_written: Callable[[], bool]
    # The status that acknowledges it.
    done: int = 200
    # And of the same request once it was done, if it is another.
    again: int | None = None


# The sessions of the request, and not of whoever made the keys.
OWN = "FROM sessions JOIN accounts ON accounts.id = account_id WHERE username = 'ada'"


def signed_up(bench: Bench) -> Case:
    """A sign-up: its name is taken afterwards."""
    sql = "SELECT count(*) FROM accounts JOIN credentials ON account_id = id WHERE username = 'ada'"
    return Case(bench.client.sign_up, lambda: bench.rows(sql) == [(1,)], done=201, again=409)


def logged_in(bench: Bench) -> Case:
    """A login: each begins a session."""
    bench.client.sign_up()
    return Case(bench.client.log_in, lambda: bench.rows(f"SELECT count(*) {OWN}") != [(0,)])


def refreshed(bench: Bench) -> Case:
    """A refresh: there stays one session, a generation later, and the successor is the same."""
    bench.client.sign_up()
    token = bench.client.log_in().json["refresh_token"]
    return Case(
        lambda: bench.client.refresh(token),
        lambda: bench.rows(f"SELECT generation, revoked_at {OWN}") == [(2, None)],
    )


def logged_out(bench: Bench) -> Case:
    """A logout."""
    bench.client.sign_up()
    body = {"refresh_token": bench.client.log_in().json["refresh_token"]}
    return Case(
        lambda: bench.client.call("POST", "/v1/logout", body),
        lambda: bench.rows(f"SELECT revoked_for {OWN}") == [("logout",)],
        done=204,
    )


# Each takes two batches: one that counts or reads, and one that writes.
BATCHES = 2
CASES = [signed_up, logged_in, refreshed, logged_out]
Prepare = Callable[[Bench], Case]


def require_one(bench: Bench, case: Case, answer: Answer) -> None:
    """Asserts that what is acknowledged is there once, and good for its owner."""
    assert answer.status == case.done, answer.body
    assert case.is_written()
    assert bench.rows("SELECT count(*) FROM accounts WHERE username = 'ada'") == [(1,)]
    if answer.body and "access_token" in answer.json:
        assert bench.client.call("GET", "/v1/me", token=answer.json["access_token"]).status == 200
        # It began one session, or goes on with one.
        assert bench.rows(f"SELECT count(*) {OWN}") == [(1,)]
        assert bench.client.refresh(answer.json["refresh_token"]).status == 200


@pytest.mark.parametrize("prepare", CASES)
@pytest.mark.parametrize("why", [*NOT_DONE, UNKNOWN])
def test_a_batch_that_was_not_run_is_acknowledged_to_nobody(
    new_bench: Callable[[], Bench], prepare: Prepare, why: str
) -> None:
    for batch in range(1, BATCHES + 1):
        bench = new_bench()
        case = prepare(bench)
        bench.database.lose(batch, "before", Failed(why))
        answer = case.send()
        # What may have been written is looked for, in one batch more.
        looked = batch == BATCHES and why == UNKNOWN
        assert bench.database.lose(0) == batch + looked
        assert (answer.status, answer.json["code"]) == (503, "unavailable")
        assert "access_token" not in answer.json
        assert not case.is_written()
        require_one(bench, case, case.send())


@pytest.mark.parametrize("prepare", CASES)
def test_a_commit_whose_answer_was_lost_is_found_again(
    new_bench: Callable[[], Bench], prepare: Prepare
) -> None:
    bench = new_bench()
    case = prepare(bench)
    bench.database.lose(BATCHES, "after", Failed(UNKNOWN))
    answer = case.send()
    assert bench.database.lose(0) == BATCHES + 1
    require_one(bench, case, answer)


@pytest.mark.parametrize("prepare", CASES)
def test_a_count_whose_answer_was_lost_leads_to_nothing(
    new_bench: Callable[[], Bench], prepare: Prepare
) -> None:
    bench = new_bench()
    case = prepare(bench)
    bench.database.lose(1, "after", Failed(UNKNOWN))
    answer = case.send()
    assert bench.database.lose(0) == 1
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert not case.is_written()
    require_one(bench, case, case.send())


@pytest.mark.parametrize("prepare", CASES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_database_that_breaks_is_told_of_and_the_next_request_is_served(
    new_bench: Callable[[], Bench], prepare: Prepare, when: str
) -> None:
    for batch in range(1, BATCHES + 1):
        bench = new_bench()
        case = prepare(bench)
        bench.database.lose(batch, when, BrokenError("not for core"))
        # Nobody says what became of it: whoever asked gets no answer, and so no tokens.
        with pytest.raises(BrokenError):
            case.send()
        assert bench.database.lose(0) == batch
        was_written = batch == BATCHES and when == "after"
        assert case.is_written() == was_written
        again = case.send()
        assert again.status == (case.again or case.done if was_written else case.done), again.body
        assert case.is_written()
