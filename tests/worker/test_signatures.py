"""Tokens are checked by the runtime's `node:crypto`, where it has one, and answered alike."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from blackbox.client import Client, require_problem
from blackbox.hosts import WORKER, WorkerHost

Start = Callable[..., "Counted"]


class Counted(WorkerHost):
    """The Worker behind a module that counts what is asked of `node:crypto`."""

    before = Path(__file__).parent / "crypto.mjs"

    def asked(self) -> dict[str, int]:
        """How often the module was loaded; how often it said that a signature holds, and not."""
        with urllib.request.urlopen(f"{self.url}/__asked") as answer:
            return json.load(answer)


class Flagless(Counted):
    """Deployed without the flag."""

    flags = ()


class Released(Counted):
    """As it is deployed."""

    build = WORKER / "build"

    def start(self) -> None:
        """Builds it first, quickly when nothing has changed."""
        build = ["node", "scripts/build.mjs"]
        subprocess.run(build, cwd=WORKER, check=True, stdout=subprocess.DEVNULL)
        super().start()


@pytest.fixture
def start(kind: type[WorkerHost], tmp_path: Path) -> Iterator[Start]:
    """Starts a kind of Worker with a signature algorithm."""
    started: list[Counted] = []

    def begin(chosen: type[Counted], algorithm: str) -> Counted:
        chosen.empty = kind.empty
        folder = tmp_path / f"{len(started)}"
        folder.mkdir()
        started.append(chosen(folder, {"AUTHCORE_JWT_ALG": algorithm}))
        return started[-1]

    yield begin
    for host in started:
        host.stop()


def changed(token: str) -> str:
    """The token with another signature that is one by its form: S below the order, R a number."""
    signed, _, signature = token.rpartition(".")
    # The last digit of the first half, which is R's own.
    place = 20
    digit = "A" if signature[place] != "A" else "B"
    return f"{signed}.{signature[:place]}{digit}{signature[place + 1 :]}"


def signed_in(client: Client) -> str:
    """An access token."""
    return client.sign_up().login()["access_token"]


# SECURITY 46
@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_the_runtime_verifies_what_core_has_judged(start: Start, algorithm: str) -> None:
    host = start(Counted, algorithm)
    client = host.client()
    token = signed_in(client)
    before = host.asked()
    for _ in range(3):
        assert client.me(token).status == 200
    assert host.asked() == {**before, "loaded": 1, "verified": before["verified"] + 3}
    # A no is looked at by core as well.
    require_problem(client.me(changed(token)), 401, "token_invalid")
    assert host.asked()["refused"] == before["refused"] + 1
    # No signature by its form, another key, no token: the runtime is not asked.
    after = host.asked()
    signed, _, _ = token.rpartition(".")
    for wrong in (f"{signed}.{'_' * 85}w", f"{signed}.", signed, "x"):
        require_problem(client.me(wrong), 401, "token_invalid")
    assert host.asked() == after


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_without_the_flag_core_verifies(start: Start, algorithm: str) -> None:
    host = start(Flagless, algorithm)
    client = host.client()
    token = signed_in(client)
    assert client.me(token).status == 200
    require_problem(client.me(changed(token)), 401, "token_invalid")
    assert host.asked() == {"loaded": 0, "verified": 0, "refused": 0}


def test_hmac_never_leaves_core(start: Start) -> None:
    host = start(Counted, "HS256")
    client = host.client()
    assert client.me(signed_in(client)).status == 200
    assert host.asked() == {"loaded": 0, "verified": 0, "refused": 0}


def test_an_isolate_loads_the_runtimes_only_when_it_pays(start: Start) -> None:
    host = start(Released, "EdDSA")
    client = host.client()
    token = signed_in(client)
    for _ in range(100):
        assert client.me(token).status == 200
    assert host.asked()["loaded"] == 0
    assert client.me(token).status == 200
    assert host.asked() == {"loaded": 1, "verified": 1, "refused": 0}
