"""Batches over the standard library's sqlite3. No SQL of its own but transactions and pragmas."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading

from authcore._authcore import Batch
from authcore._loop import Failed

# How long a batch waits for another's write, in this process and then for other processes'.
BUSY_SECONDS = 5.0
# It brought RETURNING, by which a statement says what it wrote.
OLDEST = (3, 35, 0)
# How many connections are kept for the next requests.
MOST_IDLE = 16
# How often a batch that met another one's lock in its middle is begun in all.
TRIES = 3

_log = logging.getLogger("authcore")


class Sqlite:
    """A SQLite database in a file, for many threads and several processes.

    The file is made where it is missing, for its owner alone; `Service.migrate` makes the tables.

    >>> Sqlite(":memory:")
    Traceback (most recent call last):
        ...
    ValueError: path must name a file: connections share nothing else
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Uses the file at `path`, which is opened when it is needed."""
        self._path = os.fspath(path)
        if self._path in ("", ":memory:"):
            raise ValueError("path must name a file: connections share nothing else")
        if sqlite3.sqlite_version_info < OLDEST:
            wanted = ".".join(map(str, OLDEST))
            raise RuntimeError(f"SQLite {sqlite3.sqlite_version} is older than {wanted}")
        self._own = _Connections()

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._connections().close()

    def run(self, batch: Batch) -> list[list[tuple[str | int | None, ...]]]:
        """Runs the statements of a batch in one transaction, and returns the rows of each."""
        connections = self._connections()
        if batch.mode == "read":
            return self._repeated(connections, batch, "BEGIN")
        # SQLite has one writer at a time: threads queue here, in order and without polling.
        if not connections.writing.acquire(timeout=BUSY_SECONDS):
            raise Failed("busy")
        try:
            return self._repeated(connections, batch, "BEGIN IMMEDIATE")
        finally:
            connections.writing.release()

    def _repeated(
        self, connections: _Connections, batch: Batch, begin: str
    ) -> list[list[tuple[str | int | None, ...]]]:
        for _ in range(TRIES):
            try:
                connection = self._idle(connections)
            except (sqlite3.Error, OSError) as error:
                _tell(error)
                raise Failed("unavailable") from None
            try:
                rows = _transact(connection, batch, begin)
            except _Contended:
                _discard(connection)
            except BaseException:
                _discard(connection)
                raise
            else:
                connections.keep(connection)
                return rows
        raise Failed("conflict")

    def _idle(self, connections: _Connections) -> sqlite3.Connection:
        try:
            return connections.idle.pop()
        except IndexError:
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        _create(self._path)
        connection = sqlite3.connect(
            self._path,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            # Used by one thread at a time, but not always by the same.
            check_same_thread=False,
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _connections(self) -> _Connections:
        if self._own.process != os.getpid():
            # Closing what came over a fork would drop the locks of the process that opened it.
            _inherited.append(self._own)
            self._own = _Connections()
        return self._own


class _Connections:
    """The connections of one process: they must not be used across a fork."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.idle: list[sqlite3.Connection] = []
        self.writing = threading.Lock()

    def keep(self, connection: sqlite3.Connection) -> None:
        """Keeps it for the next batch, or closes it: a burst leaves no files open."""
        # Threads that come here at once may keep one each too many.
        if len(self.idle) < MOST_IDLE:
            self.idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self.idle.pop().close()

    def __del__(self) -> None:
        self.close()


_inherited: list[_Connections] = []

# Held while a file is made.
_creating = threading.Lock()


def _create(path: str) -> None:
    """Makes the file where it is missing, for its owner alone: it holds names and password hashes.

    SQLite gives the files that it puts beside it the same mode.
    """
    if os.path.exists(path):
        return
    # Closing a file drops the locks that this process has on it, whichever of its connections
    # took them: no other thread may come to connect meanwhile.
    with _creating, contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


class _Contended(Exception):  # noqa: N818 (never leaves this file)
    """Another connection's lock stopped a transaction in its middle; nothing was done."""


def _transact(
    connection: sqlite3.Connection, batch: Batch, begin: str
) -> list[list[tuple[str | int | None, ...]]]:
    try:
        connection.execute(begin)
    except sqlite3.Error as error:
        _tell(error)
        raise Failed("busy" if _locked(error) else "unavailable") from None
    try:
        # All rows are fetched before the commit: an unfinished RETURNING would write nothing.
        rows = [connection.execute(text, params).fetchall() for text, params in batch.statements]
    except sqlite3.Error as error:
        _tell(error)
        if _locked(error):
            raise _Contended from None
        raise Failed("unavailable") from None
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        _tell(error)
        raise Failed("outcome_unknown") from None
    return rows


def _locked(error: sqlite3.Error) -> bool:
    # SQLITE_BUSY and SQLITE_LOCKED; their numbers are told from Python 3.11 on only.
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _tell(error: sqlite3.Error | OSError) -> None:
    # Its name only: some texts quote what is stored.
    _log.warning("a batch failed: %s", getattr(error, "sqlite_errorname", type(error).__name__))


def _discard(connection: sqlite3.Connection) -> None:
    # Rolls back what was begun.
    with contextlib.suppress(sqlite3.Error):
        connection.close()
