"""The fixtures of the black-box suites, for the Worker alone."""

from __future__ import annotations

import pytest
from blackbox.conftest import client, host, new_host
from blackbox.hosts import WorkerHost

__all__ = ["client", "host", "kind", "new_host"]


@pytest.fixture(scope="session")
def kind(tmp_path_factory: pytest.TempPathFactory) -> type[WorkerHost]:
    """The Worker, built."""
    WorkerHost.make(tmp_path_factory.mktemp("empty"))
    return WorkerHost
