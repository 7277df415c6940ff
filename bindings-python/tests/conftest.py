"""What the tests share: a service over SQLite whose clock is stepped, never waited for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import authcore
import pytest

VECTORS = Path(__file__).resolve().parents[2] / "tests" / "vectors"

SECRET = "k1:r8zCmYQpW1x3vUq5nT7jKf0bHs2dLg4eAo6iXy9MwRE="
VARIABLES = {
    "AUTHCORE_ENV": "dev",
    "AUTHCORE_SECRET": SECRET,
    "AUTHCORE_LIMITS": "login 100000/h, accounts 100000/h",
}
# Any moment would do: 2026-01-01T00:00:00Z.
START = 1_767_225_600_000


@dataclass
class Answer:
    """A response, taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)


@dataclass
class Client:
    """Calls a service at a moment of the test's own choice."""

    service: authcore.Service
    database: Path
    # None: the real clock, for what cannot be told the moment.
    now: int | None = START
    peer: str | None = "192.0.2.1"
    seen: list[bytes] = field(default_factory=list)

    def headers(self, token: str | None = None) -> list[tuple[str, bytes]]:
        """The headers of a JSON request at this moment."""
        headers = [("content-type", b"application/json")]
        if self.now is not None:
            headers.append(("x-authcore-test-now", str(self.now).encode()))
        if token is not None:
            headers.append(("authorization", f"Bearer {token}".encode()))
        return headers

    def call(self, method: str, target: str, body: Any = None, token: str | None = None) -> Answer:
        """Sends a request and takes the response apart."""
        sent = b"" if body is None else json.dumps(body).encode()
        request = authcore.Request(method, target, self.headers(token), sent, self.peer)
        response = self.service.handle(request)
        assert not response.wake
        self.seen.append(response.body)
        return Answer(response.status, dict(response.headers), response.body)

    def sign_up(self, username: str = "ada", password: str = "analytical engine") -> Answer:
        """POST /v1/accounts."""
        return self.call("POST", "/v1/accounts", {"username": username, "password": password})

    def log_in(self, login: str = "ada", password: str = "analytical engine") -> Answer:
        """POST /v1/login."""
        return self.call("POST", "/v1/login", {"login": login, "password": password})

    def refresh(self, token: str) -> Answer:
        """POST /v1/refresh."""
        return self.call("POST", "/v1/refresh", {"refresh_token": token})


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client of a fresh service."""
    database = tmp_path / "auth.db"
    sqlite = authcore.Sqlite(database)
    service = authcore.Service(authcore.Settings.from_variables(VARIABLES), sqlite)
    assert service.migrate() == 2
    yield Client(service, database)
    sqlite.close()


def cases(feature: str) -> list[dict[str, Any]]:
    """The cases of one file of vectors."""
    file = json.loads((VECTORS / f"{feature}.json").read_text())
    assert file["feature"] == feature
    return file["cases"]
