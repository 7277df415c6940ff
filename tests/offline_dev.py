"""`npx wrangler dev` by itself serves where there is no network; `make offline` runs it there."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

WORKER = Path(__file__).parents[1] / "worker"
# What `make` sets for its targets, and who runs wrangler without it has not.
OF_MAKE = {"WRANGLER_SEND_METRICS", "CLOUDFLARE_CF_FETCH_ENABLED", "MAKEFLAGS", "MAKELEVEL"}
# It builds the Worker first.
START_SECONDS = 10 * 60
PASSWORD = "correct horse battery staple"


def test_there_is_no_network() -> None:
    # Otherwise what is below shows nothing.
    with pytest.raises(OSError, match="unreachable"):
        socket.create_connection(("192.0.2.1", 443), timeout=5)


def ask(url: str, body: dict | None = None, token: str = "") -> tuple[int, dict]:
    """Sends JSON, or nothing, and reads what is answered."""
    headers = {"content-type": "application/json"} if body else {}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, json.load(answer)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """`wrangler dev` with a new database, once it serves."""
    variables = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    variables["CI"] = "1"
    places = ["--persist-to", str(tmp_path)]
    migrate = ["npx", "wrangler", "d1", "migrations", "apply", "DB", "--local", *places]
    subprocess.run(migrate, cwd=WORKER, env=variables, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log"
    with log.open("wb") as out:
        dev = subprocess.Popen(
            ["npx", "wrangler", "dev", "--port", str(port), "--inspector-port", "0", *places],
            cwd=WORKER,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        by = time.monotonic() + START_SECONDS
        while True:
            assert dev.poll() is None, log.read_text(errors="replace")[-2000:]
            assert time.monotonic() < by, log.read_text(errors="replace")[-2000:]
            with suppress(urllib.error.URLError, OSError):
                if ask(f"http://localhost:{port}/readyz")[0] == 200:
                    break
            time.sleep(0.5)
        yield f"http://localhost:{port}"
    finally:
        os.killpg(dev.pid, signal.SIGKILL)
        dev.wait()


def test_wrangler_dev_signs_somebody_up_and_in(url: str) -> None:
    ada = {"username": "ada", "password": PASSWORD}
    assert ask(f"{url}/v1/accounts", ada)[0] == 201
    status, tokens = ask(f"{url}/v1/login", {"login": "ada", "password": PASSWORD})
    assert status == 200
    status, account = ask(f"{url}/v1/me", token=tokens["access_token"])
    assert (status, account["username"]) == (200, "ada")
