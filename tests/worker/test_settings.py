"""Settings are read once for an isolate: counted where the Worker gets its environment."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from blackbox.client import NOW, SECOND, require_problem
from blackbox.hosts import Host, WorkerHost


class Counted(WorkerHost):
    """The Worker behind a module that counts what is read of its environment."""

    before = Path(__file__).parent / "reads.mjs"

    def reads(self) -> Counter[str]:
        """How often each name has been read so far; under `names`, how often they were listed."""
        with urllib.request.urlopen(f"{self.url}/__reads") as answer:
            return Counter(json.load(answer))


def of_settings(reads: Counter[str]) -> Counter[str]:
    """Of what was read, what settings are made of: all but the bindings themselves."""
    return Counter({name: times for name, times in reads.items() if name not in ("DB", "KV")})


def flow(host: Host) -> None:
    """Asks for something of every kind: nothing, a hash, batches, copies, a refusal, the sweep."""
    client = host.client()
    assert client.get("/healthz").status == 200
    tokens = client.sign_up().login()
    assert client.me(tokens["access_token"]).status == 200
    tokens = client.refresh(tokens["refresh_token"]).json()
    for now in (NOW, NOW + SECOND):
        assert client.at(now).get("/.well-known/jwks.json").status == 200
        assert client.at(now).get("/.well-known/revocations").status == 200
    assert client.get("/readyz").status in (200, 503)
    assert client.get("/openapi.json").status == 200
    assert client.post("/v1/logout", {}, token=tokens["access_token"]).status == 204
    require_problem(client.me(tokens["access_token"]), 401, "session_ended")
    require_problem(client.get("/v1/nowhere"), 404, "not_found")
    host.sweep()


@pytest.fixture
def counted(kind: type[WorkerHost], tmp_path: Path) -> Counted:
    """The Worker, counted."""
    Counted.empty = kind.empty
    host = Counted(tmp_path, {"AUTHCORE_LOGIN_TRIES": "7"})
    yield host
    host.stop()


def test_settings_are_read_by_the_first_request_and_by_no_other(counted: Counted) -> None:
    assert counted.reads() == Counter()
    assert counted.client().get("/healthz").status == 200
    first = counted.reads()
    assert set(counted.variables) == {name for name in first if name.startswith("AUTHCORE_")}
    assert {first[name] for name in counted.variables} == {1}
    assert first["names"] == 1
    for _ in range(10):
        flow(counted)
    later = counted.reads()
    assert of_settings(later) == of_settings(first)
    # What is bound is looked up whenever it is used: had those ten rounds gone by uncounted, so
    # would have these.
    assert later["DB"] >= first["DB"] + 10 * 8
    assert later["KV"] > first["KV"]


def test_settings_that_are_wrong_are_read_until_they_are_right(
    kind: type[WorkerHost], tmp_path: Path
) -> None:
    Counted.empty = kind.empty
    host = Counted(tmp_path, {"AUTHCORE_LOGIN_TRIES": "0"})
    try:
        for asked in range(1, 4):
            require_problem(host.client().get("/healthz"), 500, "internal_error")
            assert host.reads()["AUTHCORE_LOGIN_TRIES"] == asked
    finally:
        host.stop()
