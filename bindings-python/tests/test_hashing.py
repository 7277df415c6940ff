"""The queue for hashes: bounded, shared between addresses, left whatever happens."""

from __future__ import annotations

import json
import os
import queue
import sqlite3
import threading
from typing import Any

import authcore
import pytest
from authcore import _authcore
from conftest import START, VARIABLES, Client

# As SHARE_PER_PLACE and SHARES in src/hashing.rs.
SHARE, SHARES = 16, 4
HANGS_SECONDS = 120


@pytest.fixture
def narrow(client: Client) -> Client:
    """The service with one place."""
    variables = {**VARIABLES, "AUTHCORE_HASHES_AT_ONCE": "1"}
    sqlite = authcore.Sqlite(client.database)
    client.service = authcore.Service(authcore.Settings.from_variables(variables), sqlite)
    return client


def login(client: Client, name: str, peer: str | None = "192.0.2.1") -> authcore.Request:
    body = json.dumps({"login": name, "password": "analytical engine"}).encode()
    return authcore.Request("POST", "/v1/login", client.headers(), body, peer)


def begun(client: Client, peer: str | None) -> _authcore.Operation[authcore.Response]:
    """A login that was let in, and waits for its first batch."""
    operation = client.service._core.handle(login(client, "holder", peer), START, os.urandom(32))
    assert operation.batch().mode == "write"
    return operation


def throttles(client: Client) -> int:
    connection = sqlite3.connect(client.database)
    [[count]] = connection.execute("SELECT count(*) FROM throttles").fetchall()
    connection.close()
    return count


# SECURITY 106
def test_a_login_without_room_is_a_503_and_counts_nothing(narrow: Client) -> None:
    # These are let in, and wait for their first batch as long as the test likes.
    held = [begun(narrow, f"192.0.2.{share}") for share in range(SHARES) for _ in range(SHARE)]
    refused = narrow.service.handle(login(narrow, "somebody", "198.51.100.1"))
    assert refused.status == 503
    assert json.loads(refused.body)["code"] == "busy"
    assert dict(refused.headers)["retry-after"] == "1"
    assert throttles(narrow) == 0

    held.pop().abandon()
    assert narrow.service.handle(login(narrow, "somebody", "198.51.100.1")).status == 401
    assert throttles(narrow) > 0


# SECURITY 106
@pytest.mark.parametrize("crowd", ["192.0.2.1", None])
def test_one_address_takes_its_share_and_shuts_nobody_else_out(
    narrow: Client, crowd: str | None
) -> None:
    held = [begun(narrow, crowd) for _ in range(SHARE)]
    assert narrow.service.handle(login(narrow, "somebody", crowd)).status == 503
    assert narrow.service.handle(login(narrow, "somebody", "198.51.100.1")).status == 401
    held.pop().abandon()
    assert narrow.service.handle(login(narrow, "somebody", crowd)).status == 401


# SECURITY 60, 106
def test_who_was_let_in_waits_for_its_hash_and_is_not_refused(narrow: Client) -> None:
    answers: queue.Queue[authcore.Response] = queue.Queue()

    def one(number: int) -> None:
        answers.put(narrow.service.handle(login(narrow, f"person{number}")))

    threads = [threading.Thread(target=one, args=[n], daemon=True) for n in range(SHARE)]
    for thread in threads:
        thread.start()
    statuses = [answers.get(timeout=HANGS_SECONDS).status for _ in range(SHARE)]
    assert statuses == [401] * SHARE


def test_a_host_that_breaks_leaves_the_queue(narrow: Client) -> None:
    class Broken:
        def run(self, batch: _authcore.Batch) -> Any:
            raise KeyboardInterrupt

    sound, narrow.service._database = narrow.service._database, Broken()
    broken = []
    for _ in range(SHARE):
        with pytest.raises(KeyboardInterrupt) as kept:
            narrow.service.handle(login(narrow, "somebody"))
        # The traceback holds the frames of the broken operation.
        broken.append(kept)
    narrow.service._database = sound
    assert narrow.service.handle(login(narrow, "somebody")).status == 401
    assert len(broken) == SHARE


def test_an_operation_cannot_be_answered_twice_or_after_its_end(client: Client) -> None:
    core = client.service._core
    operation = core.handle(authcore.Request("GET", "/readyz"), START, os.urandom(32))
    with pytest.raises(RuntimeError, match="waits for a batch"):
        operation.result()
    with pytest.raises(RuntimeError, match="has ended"):
        operation.fail("unavailable")
    with pytest.raises(ValueError, match="no such failure"):
        core.handle(authcore.Request("GET", "/readyz"), START, os.urandom(32)).fail("other")


# SECURITY 81
@pytest.mark.parametrize("seed", [bytes(32), b"", b"x" * 31, b"x" * 33])
def test_a_seed_of_zeros_or_of_another_length_is_refused(client: Client, seed: bytes) -> None:
    with pytest.raises(authcore.InternalError):
        client.service._core.handle(authcore.Request("GET", "/"), START, seed)


def test_rows_that_are_none_of_ours_end_in_an_answer(client: Client) -> None:
    request = login(client, "somebody")
    for rows in [[], [[(1.5,)]] * 9, [[(b"",)]] * 9, [[(2**70,)]] * 9]:
        operation = client.service._core.handle(request, START, os.urandom(32))
        operation.reply(rows)
        assert operation.batch() is None
        assert operation.result().status in (500, 503)


# SECURITY 100
def test_a_fault_of_core_is_answered_as_core_says(capfd: pytest.CaptureFixture[str]) -> None:
    response = _authcore.fault().result()
    assert response.status == 500
    assert response.body == authcore.Response.internal_error().body
    assert json.loads(response.body)["code"] == "internal_error"
    assert "a fault of core" in capfd.readouterr().err


# SECURITY 88
def test_no_representation_shows_a_secret(client: Client) -> None:
    client.now = None
    client.sign_up()
    response = client.service.handle(login(client, "ada"))
    tokens = json.loads(response.body)
    bearer = client.headers(tokens["access_token"])
    shown = repr(
        [
            response,
            login(client, "ada"),
            client.service,
            authcore.Request("GET", "/?token=canary", bearer),
            client.service.authenticate(bearer),
        ]
    )
    for secret in ["canary", "analytical", tokens["access_token"], tokens["refresh_token"]]:
        assert secret not in shown
