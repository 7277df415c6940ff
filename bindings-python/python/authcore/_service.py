"""The service: core's operations, started at the host's moment and driven over its database."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence

from authcore._authcore import Core, Request, Response, RingKey, Settings, SignedIn
from authcore._loop import Database, drive

_log = logging.getLogger("authcore")


class Service:
    """An auth service: one set of settings, one database.

    It may be used from many threads at once; several processes may serve one database.

    >>> import base64, json, os
    >>> settings = Settings.from_variables({
    ...     "AUTHCORE_ENV": "dev",
    ...     "AUTHCORE_SECRET": "k1:" + base64.b64encode(os.urandom(32)).decode(),
    ... })
    >>> from authcore import Sqlite
    >>> service = Service(settings, Sqlite("auth.db"))
    >>> service.migrate()
    2
    >>> def post(path, body):
    ...     headers = [("content-type", b"application/json")]
    ...     return service.handle(Request("POST", path, headers, json.dumps(body).encode()))
    >>> post("/v1/accounts", {"username": "ada", "password": "analytical engine"}).status
    201
    >>> tokens = json.loads(post("/v1/login", {
    ...     "login": "ada", "password": "analytical engine",
    ... }).body)
    >>> bearer = [("authorization", b"Bearer " + tokens["access_token"].encode())]
    >>> service.authenticate(bearer).roles
    ('user',)
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        """Serves with `settings`, over `database` (a `Sqlite`)."""
        for warning in settings.warnings:
            _log.warning("%s", warning)
        self._core = Core(settings)
        self._database = database

    def handle(self, request: Request) -> Response:
        """Answers one HTTP request. Every request gets an answer: errors are problem documents.

        The logger `authcore` gets one line of JSON for it, at level INFO: no secret, no address.
        """
        now, seed = _arrival()
        response = drive(self._core.handle(request, now, seed), self._database)
        self._core.keep(response)
        if _log.isEnabledFor(logging.INFO):
            _log.info("%s", self._core.log_line(request, response, now))
        return response

    def authenticate(self, headers: Sequence[tuple[str, bytes]]) -> SignedIn:
        """Says who a request to one of your own routes comes from, by its headers.

        Raises `Unauthenticated` or another `Error`.
        """
        return drive(self._core.authenticate(headers, *_arrival()), self._database)

    def migrate(self) -> int:
        """Brings the database's schema to this build's version, and returns that.

        Raises `Error` if it could not.
        """
        return drive(self._core.migrate(*_arrival()), self._database)

    def sweep(self) -> None:
        """Deletes what has expired; call it every few minutes.

        Raises `Error` if it could not.
        """
        drive(self._core.sweep(*_arrival()), self._database)

    def ring_keys(self) -> list[RingKey]:
        """Says of each key of AUTHCORE_SECRET, and of lost ones, whether it is needed.

        Reads each live session, seed and backup code once. Raises `Error` if it could not.
        """
        return drive(self._core.ring_keys(*_arrival()), self._database)


def _arrival() -> tuple[int, bytes]:
    """The moment in Unix milliseconds, and 32 bytes of the system's generator."""
    return time.time_ns() // 1_000_000, os.urandom(32)
