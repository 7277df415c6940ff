"""Runs the README's quick start as a stranger would: a clean clone, its lines, one after the other.

usage: run.py [README]

Fenced blocks whose info string is `sh quickstart` are run in one shell, in order, with `make dev`
in the background; each must succeed. What they print is then checked against what the README says.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A cold start builds two tools and the Worker.
START_SECONDS = 20 * 60
HEALTH = "http://localhost:8787/healthz"


def blocks(readme: str) -> list[str]:
    """The quick start's blocks, without the one that starts the server."""
    found = re.findall(r"^```sh quickstart\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    return [block for block in found if "make dev" not in block]


def wait_until_served(server: subprocess.Popen[bytes]) -> None:
    """Waits for the server's first answer."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit("quickstart: make dev ended")
        try:
            with urllib.request.urlopen(HEALTH, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    sys.exit("quickstart: make dev did not serve in time")


def run_blocks(folder: Path) -> str:
    """Runs the blocks as one script that stops at the first failing line."""
    script = "set -euo pipefail\n" + "\n".join(blocks((folder / "README.md").read_text()))
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    print(done.stdout)
    if done.returncode != 0:
        sys.exit(f"quickstart: a line of the README failed with {done.returncode}")
    return done.stdout


def main() -> None:
    """Clones, serves, runs, checks, stops."""
    folder = Path(tempfile.mkdtemp(prefix="authcore-quickstart-"))
    # Without the caches of whoever calls, but with the user's own.
    server = None
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        server = subprocess.Popen(["make", "dev"], cwd=folder, start_new_session=True)
        wait_until_served(server)
        printed = run_blocks(folder)
    finally:
        if server is not None:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    expected = [
        "ada@example.com",
        "access_token",
        '"code":"invalid_credentials"',
        '"keys":[{',
        "204",
        '"reason":"second_factor_required"',
        '"backup_codes":["',
    ]
    missing = [text for text in expected if text not in printed]
    passed = len(expected) - len(missing)
    for text in missing:
        print(f"not printed: {text}")
    print(f"quickstart: {passed} passed, {len(missing)} failed, 0 skipped")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
