"""Runs the README's quick start as a stranger would: a clean clone, its lines, one after the other.

usage: run.py

Fenced blocks whose info string is `sh quickstart` are run in one shell, in order, with `make dev`
in the background; then those of `python quickstart` and `js quickstart`, each as a program of its
own. Each must succeed. What they print is then checked against what the README says. At last
`npx wrangler dev` must serve by itself.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A cold start builds two tools and the Worker: at most a quarter of an hour on two cores.
START_SECONDS = 15 * 60
# What `make` sets for its targets, and who runs wrangler without it has not.
OF_MAKE = {"WRANGLER_SEND_METRICS", "CLOUDFLARE_CF_FETCH_ENABLED", "MAKEFLAGS", "MAKELEVEL"}


def blocks(readme: str, language: str) -> list[str]:
    """The quick start's blocks in one language."""
    fence = rf"^```{language} quickstart\n(.*?)^```"
    return re.findall(fence, readme, re.MULTILINE | re.DOTALL)


@contextmanager
def serving(
    words: list[str], folder: Path, port: int, environment: dict[str, str]
) -> Iterator[None]:
    """Runs a server until the caller is done with it; begins when it answers."""
    with subprocess.Popen(words, cwd=folder, env=environment, start_new_session=True) as server:
        try:
            wait_until_served(server, port)
            yield
        finally:
            # It may have ended by itself, which is told already.
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
                try:
                    server.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    os.killpg(server.pid, signal.SIGKILL)


def wait_until_served(server: subprocess.Popen[bytes], port: int) -> None:
    """Waits for the server's first answer."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"quickstart: {server.args} ended")
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    sys.exit(f"quickstart: {server.args} did not serve in time")


def run_blocks(folder: Path) -> str:
    """Runs the blocks of each language; gives what they printed."""
    readme = (folder / "README.md").read_text()
    # `make dev` runs already.
    lines = [block for block in blocks(readme, "sh") if "make dev" not in block]
    printed = run(["bash", "-c", "set -euo pipefail\n" + "\n".join(lines)], folder)
    [python] = blocks(readme, "python")
    printed += run([sys.executable, "-c", python], folder)
    # In place of `npm install jose`: the version that the suites pin.
    (folder / "node_modules").symlink_to(ROOT / "tests" / "node_modules")
    [javascript] = blocks(readme, "js")
    return printed + run(["node", "--input-type=module", "--eval", javascript], folder)


def run(words: list[str], folder: Path) -> str:
    """Runs one program to its end; gives what it printed."""
    done = subprocess.run(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    print(done.stdout, flush=True)
    if done.returncode != 0:
        sys.exit(f"quickstart: a block of the README failed with {done.returncode}")
    return done.stdout


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def serve_by_wrangler_alone(folder: Path) -> None:
    """`cd worker && npx wrangler dev`, on a port that is free: it must answer."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    words = ["npx", "wrangler", "dev", "--port", str(port)]
    with serving(words, folder / "worker", port, environment):
        print("quickstart: npx wrangler dev serves", flush=True)


def main() -> None:
    """Clones, serves, runs, checks, stops."""
    folder = Path(tempfile.mkdtemp(prefix="authcore-quickstart-"))
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        with serving(["make", "dev"], folder, 8787, dict(os.environ)):
            printed = run_blocks(folder)
        serve_by_wrangler_alone(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    expected = [
        "ada@example.com",
        "access_token",
        '"code":"invalid_credentials"',
        '"keys":[{',
        "204",
        '"reason":"second_factor_required"',
        '"backup_codes":["',
        # PyJWT, and jose.
        "['pwd', 'otp', 'mfa']",
        "[ 'pwd', 'otp', 'mfa' ]",
    ]
    missing = [text for text in expected if text not in printed]
    # And one for wrangler alone, which has served.
    passed = len(expected) - len(missing) + 1
    for text in missing:
        print(f"not printed: {text}")
    print(f"quickstart: {passed} passed, {len(missing)} failed, 0 skipped")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
