"""The fixtures of the black-box suites, with a host that refuses nobody for coming often."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blackbox.conftest import kind, pytest_addoption
from blackbox.hosts import Host

__all__ = ["host", "kind", "pytest_addoption"]

UNLIMITED = {
    "AUTHCORE_LIMITS": "login 10000000/h, accounts 10000000/h, other 10000000/min",
    "AUTHCORE_LOGIN_TRIES": "1000",
    "AUTHCORE_SESSIONS_PER_ACCOUNT": "1000",
}


@pytest.fixture(scope="session")
def host(kind: type[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The host that is asked."""
    host = kind(tmp_path_factory.mktemp("host"), UNLIMITED)
    yield host
    host.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what each operation was asked and answered."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [pair for report in reports for pair in report.user_properties]
    for name, value in told:
        terminalreporter.write_line(f"{name:<56}{value}")
