"""Fixtures: a host of each kind for all tests, and new ones for tests that need their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
        host.end()
    for host in started:
        host.require_no_secret()


@pytest.fixture
def client(host: Host) -> Client:
    """Somebody at an address of their own."""
    return host.client()
