"""What the Worker makes of each error: core's table, and the failures of what it performs."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from blackbox.client import Answer, Client, require_problem, unique
from blackbox.hosts import WorkerHost
from blackbox.readiness import failed
from blackbox.test_bad_input import require_alive

LIMIT = 64 * 1024
STRENGTH = {"password": "correct horse battery staple"}


def problem(client: Client, code: str) -> Answer:
    """Core's answer to a code, sent by the Worker; its whole table if there is no such code."""
    return client.send("POST", "/__test/problem", code.encode())


def test_each_code_of_the_table_is_sent_as_it_stands_there(client: Client) -> None:
    table = problem(client, "").json()
    codes = {code for code, _, _ in table}
    assert len(codes) == len(table)
    assert {"malformed_request", "otp_invalid", "locked", "seal_broken"} < codes
    for code, status, title in table:
        answer = require_problem(problem(client, code), status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == title
        assert int(answer.headers["content-length"]) == len(answer.body)
        assert answer.headers["retry-after"] == str(answer.json()["retry_after"])


class WithoutDatabase(WorkerHost):
    """The Worker in a deployment that binds no database."""

    d1 = None


@pytest.mark.parametrize("bound", [{}, {"DB": {"is": "no database"}}])
def test_without_a_database_nothing_is_done(
    kind: type[WorkerHost], tmp_path: Path, bound: dict
) -> None:
    # SECURITY 107
    WithoutDatabase.empty = kind.empty
    host = WithoutDatabase(tmp_path, bound)
    try:
        client = host.client()
        body = {"login": unique("nobody"), "password": "not the password"}
        require_problem(client.post("/v1/login", body), 503, "unavailable")
        assert client.get("/healthz").status == 200
        assert set(failed(client)) == {"database"}
        host.stop()
        assert "D1: " in host.log()
    finally:
        host.stop()


class Estimating(WorkerHost):
    """The Worker with another module for the strength of passwords."""

    @classmethod
    def by(cls, kind: type[WorkerHost], folder: Path, module: str) -> Estimating:
        """The same build, but for that module."""
        cls.empty, cls.build = kind.empty, folder / "build"
        shutil.copytree(kind.build, cls.build)
        (cls.build / "strength" / "index.js").write_text(module)
        return cls(folder / "host", {})


@pytest.mark.parametrize(
    "module",
    [
        "throw new Error('not to be loaded');",
        "export const estimate = () => { throw new Error('not today'); };",
        "export const estimate = () => 4;",
        "export const estimate = () => '{\"score\": 9}';",
        "export const other = 1;",
    ],
)
def test_an_estimator_that_fails_lets_no_password_through(
    kind: type[WorkerHost], tmp_path: Path, module: str
) -> None:
    # SECURITY 107
    host = Estimating.by(kind, tmp_path, module)
    try:
        client = host.client()
        require_problem(client.post("/v1/password/strength", STRENGTH), 503, "unavailable")
        account = {"username": unique("user"), **STRENGTH}
        require_problem(client.post("/v1/accounts", account), 503, "unavailable")
        assert host.rows("SELECT count(*) FROM accounts") == [(0,)]
    finally:
        host.stop()


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_a_body_is_taken_up_to_its_limit(client: Client, size: int) -> None:
    # SECURITY 95: read in full, or up to the first byte too many.
    body = b'{"login":"' + b" " * (size - 12) + b'"}'
    assert len(body) == size
    answer = client.send("POST", "/v1/login", body, {"content-type": "application/json"})
    if size > LIMIT:
        require_problem(answer, 413, "payload_too_large")
    else:
        require_problem(answer, 422, "invalid_input")


def test_a_body_that_ends_too_soon_harms_nobody_else(client: Client) -> None:
    # SECURITY 95
    split = urlsplit(client.url)
    with socket.create_connection((split.hostname, split.port), timeout=60) as connection:
        head = "POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        connection.sendall(f"{head}content-length: 100\r\n\r\n{{".encode())
    require_alive(client)
    assert client.sign_up().login()
