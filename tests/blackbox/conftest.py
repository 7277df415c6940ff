"""Fixtures: a host of each kind for all tests, and new ones for tests that need their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest

from blackbox.client import Client
from blackbox.hosts import HOSTS, Host

Starter = Callable[..., Host]


def pytest_addoption(parser: pytest.Parser) -> None:
    """--host says which host is asked."""
    parser.addoption("--host", choices=sorted(HOSTS), default="worker", help="the host to test")


@pytest.fixture(scope="session")
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> type[Host]:
    """The kind of host, built."""
    kind = HOSTS[request.config.getoption("--host")]
    kind.make(tmp_path_factory.mktemp("empty"))
    return kind


@pytest.fixture(scope="session")
def host(kind: type[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The host that most tests share. Whatever they do, it must never show a secret."""
    host = kind(tmp_path_factory.mktemp("host"), {})
    yield host
    host.stop()
    require_no_secret(host)


def written(secret: str) -> set[str]:
    """A secret as it is, and as a form or a URL writes it."""
    return {secret, quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}


def require_no_secret(host: Host) -> None:
    """Asserts that neither the log nor what is stored holds a password, a token or a ring key."""
    # SECURITY 23, 88
    log, stored = host.log(), host.stored()
    ring = str(host.variables["AUTHCORE_SECRET"]).split(",")
    ring_keys = {entry.split(":", 1)[1] for entry in ring if ":" in entry}
    for secret in {*host.secrets, *ring_keys}:
        for form in written(secret):
            assert form not in log
            assert form.encode() not in stored


@pytest.fixture
def new_host(kind: type[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    """Starts a host of the test's own, with settings of its own; it must never show a secret."""
    started: list[Host] = []

    def start(**variables: str) -> Host:
        host = kind(tmp_path_factory.mktemp("own"), variables)
        started.append(host)
        return host

    yield start
    for host in started:
        host.stop()
    for host in started:
        require_no_secret(host)


@pytest.fixture
def client(host: Host) -> Client:
    """Somebody at an address of their own."""
    return host.client()
