"""Starts a host with its own empty database, and looks behind it: log, database, process."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode, urlsplit

import tomllib

from blackbox.client import Client

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "worker"
HOST_SCRIPT = ROOT / "tests" / "worker" / "host.mjs"
# The sweep's, and that of the ring's keys.
TRIGGERS = tomllib.loads((WORKER / "wrangler.toml").read_text())["triggers"]["crons"]
# As in worker/wrangler.toml.
DATABASE_ID = "00000000-0000-0000-0000-000000000000"
KV_ID = "00000000000000000000000000000000"

# Room for races: what a test says of limits it sets itself.
GENEROUS = {"AUTHCORE_LIMITS": "login 1000000/h, accounts 1000000/h, other 1000000/min"}


def fresh_secret() -> str:
    """A ring of one new key."""
    return f"k1:{base64.b64encode(os.urandom(32)).decode()}"


def written(secret: str) -> set[str]:
    """A secret as it is, and as a form or a URL writes it."""
    return {secret, quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}


class Host(ABC):
    """A running host. Its database and its log stand in `folder` and outlive it.

    Whatever a test does with one, it must never show a secret: it is searched when it is stopped.
    """

    url: str
    secret: str

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """Starts it with these settings, in an environment for development."""
        self.folder = folder
        # What its clients have sent and received.
        self.secrets: set[str] = set()
        defaults = {"AUTHCORE_SECRET": fresh_secret(), "AUTHCORE_ENV": "dev", **GENEROUS}
        self.variables = {**defaults, **variables}
        self.start()

    @classmethod
    @abstractmethod
    def make(cls, empty: Path) -> None:
        """Builds what is tested, once; `empty` is a folder for what all hosts of a kind share."""

    @abstractmethod
    def start(self) -> None:
        """Starts it, or starts it again."""

    @abstractmethod
    def kill(self) -> None:
        """Ends it at once, in the middle of whatever it does."""

    @abstractmethod
    def end(self) -> None:
        """Ends it. Ended is ended."""

    def stop(self) -> None:
        """Ends it, and searches it for secrets."""
        self.end()
        self.require_no_secret()

    @abstractmethod
    def log(self) -> str:
        """All that it has logged."""

    @abstractmethod
    def database(self) -> Path:
        """The file of its SQLite database."""

    @abstractmethod
    def sweep(self, now: int | None = None) -> None:
        """Has it delete what has expired at a moment, the host's own unless told else."""

    @abstractmethod
    def ring_keys(self, now: int) -> dict[str, dict]:
        """What its operator is told of each key of the ring: `place`, `needed`, `rows`."""

    @staticmethod
    @abstractmethod
    def place(address: str) -> Mapping[str, str]:
        """The headers by which it learns a client's address."""

    def restart(self, **variables: str) -> Client:
        """Ends it and starts it with these settings beside those it has; gives a new client."""
        self.stop()
        self.variables |= variables
        self.start()
        return self.client()

    def rewrite(self, sql: str, rows: Iterable[tuple] = ((),)) -> None:
        """Changes its database behind its back, once for each row, while it is ended."""
        self.stop()
        with closing(sqlite3.connect(self.database())) as connection, connection:
            changed = connection.executemany(sql, rows).rowcount
        assert changed > 0, "nothing was changed"
        self.start()

    def require_no_secret(self) -> None:
        """Asserts that neither log nor what is stored holds a password, a token or a ring key."""
        # SECURITY 23, 88
        log, stored = self.log(), self.stored()
        ring = str(self.variables["AUTHCORE_SECRET"]).split(",")
        ring_keys = {entry.split(":", 1)[1] for entry in ring if ":" in entry}
        for secret in {*self.secrets, *ring_keys}:
            for form in written(secret):
                assert form not in log
                assert form.encode() not in stored

    def client(self) -> Client:
        """A client at an address of its own."""
        return Client(self.url, self.place, self.secrets)

    def rows(self, sql: str, *values: object) -> list[tuple]:
        """What a query gives, on a copy of the database."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.sqlite"
            for end in ("", "-wal"):
                source = Path(f"{self.database()}{end}")
                if source.exists():
                    shutil.copy(source, f"{copy}{end}")
            with sqlite3.connect(copy) as connection:
                found = connection.execute(sql, values).fetchall()
            connection.close()
            return found

    def stored(self) -> bytes:
        """All bytes of the database, its write-ahead log and what stands beside it, such as KV."""
        files = sorted(self.folder.rglob("*"))
        kept = (file for file in files if file.is_file() and file.name != "log")
        return b"".join(file.read_bytes() for file in kept)


def migrate(folder: Path) -> None:
    """Makes D1's database in a folder, as somebody who installs the Worker does."""
    wrangler = WORKER / "node_modules" / ".bin" / "wrangler"
    words = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", str(folder)]
    environment = {**os.environ, "CI": "1"}
    subprocess.run([wrangler, *words], cwd=WORKER, env=environment, check=True, capture_output=True)


class WorkerHost(Host):
    """The Worker on workerd with D1, built with the clock for tests."""

    build = WORKER / "build-test-clock"
    # As in worker/wrangler.toml.
    flags: tuple[str, ...] = ("nodejs_compat",)
    # A module that stands before it, if one does.
    before: Path | None = None
    # What is bound.
    d1: str | None = DATABASE_ID
    kv: str | None = KV_ID
    # The folder of a database with the schema and nothing in it.
    empty: Path

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """Takes a copy of the empty database, then starts."""
        shutil.copytree(self.empty, folder, dirs_exist_ok=True)
        super().__init__(folder, variables)

    @classmethod
    def make(cls, empty: Path) -> None:
        """Builds it, quickly when nothing has changed, and makes an empty database."""
        script = ["node", "scripts/build.mjs", "--test-clock"]
        subprocess.run(script, cwd=WORKER, check=True, stdout=subprocess.DEVNULL)
        migrate(empty)
        cls.empty = empty

    def start(self) -> None:
        """Starts node, which starts workerd."""
        options = {
            "build": str(self.build),
            "flags": self.flags,
            "before": self.before and str(self.before),
            "persist": str(self.folder),
            "database": self.d1,
            "kv": self.kv,
            "bindings": self.variables,
        }
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["node", HOST_SCRIPT, json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        ready = self.process.stdout.readline()
        assert ready, f"the Worker did not start:\n{self.log()[-2000:]}"
        started = json.loads(ready)
        self.url = started["url"]
        self.control = started["control"]
        self.workerd = started["workerd"]

    def kill(self) -> None:
        """Kills workerd, and node, which would only say that it is gone."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Asks node to end workerd; after a minute both are killed."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        """What Miniflare and workerd wrote at their most talkative."""
        return (self.folder / "log").read_text(errors="replace")

    def database(self) -> Path:
        """The one of D1's files that holds the tables: the other is D1's own."""
        folder = self.folder / "v3" / "d1" / "miniflare-D1DatabaseObject"
        return next(file for file in folder.glob("*.sqlite") if file.stem != "metadata")

    def sweep(self, now: int | None = None) -> None:
        """The first trigger of wrangler.toml."""
        self.scheduled(TRIGGERS[0], now)

    def ring_keys(self, now: int) -> dict[str, dict]:
        """The other trigger, and the lines that it logs."""
        before = len(self.log())
        self.scheduled(TRIGGERS[1], now)
        # They come by way of workerd and node, in order: the line of a later request ends them.
        assert self.client().send("HEAD", "/").status == 200
        for _ in range(1000):
            if '"HEAD","route":"/"' in (lines := self.log()[before:]):
                break
            assert self.client().get("/healthz").status == 200
        told = [json.loads(line) for line in lines.splitlines() if '"ring_key":' in line]
        assert {line.pop("at") for line in told} == {now}
        return {line.pop("ring_key"): line for line in told}

    def scheduled(self, cron: str, now: int | None) -> None:
        """Has workerd call the scheduled handler, as Cloudflare does by cron at that moment."""
        asked = {"cron": cron} | ({} if now is None else {"time": now})
        target = f"/cdn-cgi/handler/scheduled?{urlencode(asked)}"
        control = urlsplit(self.control)
        with closing(HTTPConnection(control.hostname, control.port, timeout=60)) as connection:
            connection.request("GET", target)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"ok")

    def ask_kv(self, **request: object) -> object:
        """Asks KV behind the Worker's back: `list`, `get` or `put` (tests/worker/host.mjs)."""
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    @staticmethod
    def place(address: str) -> Mapping[str, str]:
        """Cloudflare's edge writes this header over whatever a client sends."""
        return {"cf-connecting-ip": address}


class PythonHost(Host):
    """The Python service on SQLite, behind a small threaded server that counts as a proxy."""

    script = ROOT / "tests" / "python" / "host.py"

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """Starts it behind one trusted proxy: the tests, which name their clients' addresses."""
        super().__init__(folder, {"AUTHCORE_TRUSTED_PROXIES": "1", **variables})

    @classmethod
    def make(cls, empty: Path) -> None:
        """Nothing: the runner has built the module, and each host makes its own database."""

    def start(self) -> None:
        """Starts the server."""
        (self.folder / "data").mkdir(exist_ok=True)
        options = {"database": str(self.database()), "variables": self.variables}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, self.script, json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        ready = self.process.stdout.readline()
        assert ready, f"the Python host did not start:\n{self.log()[-2000:]}"
        self.url = json.loads(ready)["url"]

    def kill(self) -> None:
        """Kills it."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Closes its input, which ends it."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        """What Python's logging wrote at every level."""
        return (self.folder / "log").read_text(errors="replace")

    def database(self) -> Path:
        """The file."""
        return self.folder / "data" / "auth.db"

    def sweep(self, now: int | None = None) -> None:
        """Asks the small server for it."""
        assert self.ask("sweep", now)[0] == 204

    def ring_keys(self, now: int) -> dict[str, dict]:
        """Asks the small server for what the service says."""
        status, body = self.ask("ring_keys", now)
        assert status == 200
        return json.loads(body)

    def ask(self, command: str, now: int | None) -> tuple[int, bytes]:
        """Has the small server run a command at a moment."""
        place = urlsplit(self.url)
        with closing(HTTPConnection(place.hostname, place.port, timeout=60)) as connection:
            connection.request("POST", f"/__test/{command}", "" if now is None else str(now))
            answer = connection.getresponse()
            return answer.status, answer.read()

    @staticmethod
    def place(address: str) -> Mapping[str, str]:
        """What the outermost trusted proxy writes."""
        return {"x-forwarded-for": address}


HOSTS: dict[str, type[Host]] = {"python": PythonHost, "worker": WorkerHost}
