"""Runs the README's first lines as a stranger would: a clean clone, one after the other.

usage: run.py

Of a section, the fenced blocks whose info string is `sh quickstart` are run in one shell, in order;
then those of `python quickstart` and `js quickstart`, as programs. Each must succeed. What they
print is then checked against what the README says, and so is the status of each answer to `curl`,
which succeeds whatever it is answered.

- "Quick start", with `make dev` in the background; then `npx wrangler dev` must serve by itself: it
  is ready, and somebody signs up and in.
- "In Python": what installs the package, and the interpreter, which reads the blocks of Python.
- "In JavaScript": what installs the package, into a project beside the clone, and the example.
"""

from __future__ import annotations

import json
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
# A package is built from nothing at first, on two cores that others may use, too.
BLOCK_SECONDS = 15 * 60
# What `make` sets for its targets, and who runs wrangler without it has not.
OF_MAKE = {"WRANGLER_SEND_METRICS", "CLOUDFLARE_CF_FETCH_ENABLED", "MAKEFLAGS", "MAKELEVEL"}
# How the quick start's requests are answered, one after the other: somebody signs up, signs in and
# looks; a wrong password; the next tokens, the keys, the end. Then a second factor: a sign-up, a
# challenge, and its answer.
STATUSES = [201, 200, 200, 401, 200, 200, 204, 201, 202, 200]
# What the sections print, beside what else they print, and how often.
EXPECTED = {
    "Quick start": {
        # Of the sign-up, and of who asks who it is.
        r'"email":"ada@example\.com"': 2,
        # Of either person, from the file that keeps the answer.
        r'"access_token":"': 2,
        r'"code":"invalid_credentials"': 1,
        r'"keys":\[\{': 1,
        r"^204$": 1,
        r'"reason":"second_factor_required"': 1,
        r'"backup_codes":\["': 1,
        # PyJWT, and jose.
        r"\['pwd', 'otp', 'mfa'\]$": 1,
        r"\[ 'pwd', 'otp', 'mfa' \]$": 1,
    },
    "In Python": {
        "Successfully installed authcore-": 1,
        r"^201\n200 b'\{\"access_token\":": 1,
    },
    "In JavaScript": {"^added 1 package": 1},
}


def blocks(folder: Path, title: str, language: str) -> list[str]:
    """The blocks in one language of a section of the README."""
    _, rest = (folder / "README.md").read_text().split(f"\n## {title}\n")
    section, _ = rest.split("\n## ", 1)
    fence = rf"^```{language} quickstart\n(.*?)^```"
    return re.findall(fence, section, re.MULTILINE | re.DOTALL)


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


def noting_curl(scratch: Path) -> tuple[dict[str, str], Path]:
    """An environment whose `curl` notes the headers of each answer, and the folder of the notes."""
    programs, notes = scratch / "programs", scratch / "notes"
    programs.mkdir()
    notes.mkdir()
    number = f"$(ls {notes} | wc -l)"
    curl = programs / "curl"
    curl.write_text(
        f'#!/bin/sh\nexec {shutil.which("curl")} --dump-header "{notes}/{number}" "$@"\n'
    )
    curl.chmod(0o755)
    return {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}, notes


def noted(notes: Path) -> list[int]:
    """The statuses of the answers to `curl`, in order."""
    heads = [note.read_text() for note in sorted(notes.iterdir(), key=lambda note: int(note.name))]
    return [int(head.split(None, 2)[1]) for head in heads]


def run_quick_start(folder: Path) -> tuple[str, list[int]]:
    """Runs the blocks of the quick start while it is served; gives what they printed and the
    statuses of their requests.
    """
    # `make dev` runs already.
    lines = [block for block in blocks(folder, "Quick start", "sh") if "make dev" not in block]
    environment, notes = noting_curl(folder.parent)
    printed = run(shell(lines), folder, environment)
    [python] = blocks(folder, "Quick start", "python")
    printed += run([sys.executable, "-c", python], folder)
    # In place of `npm install jose`: the version that the suites pin.
    (folder / "node_modules").symlink_to(ROOT / "tests" / "node_modules")
    [javascript] = blocks(folder, "Quick start", "js")
    printed += run(["node", "--input-type=module", "--eval", javascript], folder)
    return printed, noted(notes)


def run_in_python(folder: Path) -> str:
    """Installs the package as the README says; the interpreter at the end reads the examples."""
    suites = os.environ.get("VIRTUAL_ENV", "")
    path = [entry for entry in os.environ["PATH"].split(os.pathsep) if entry != f"{suites}/bin"]
    # Nothing of the suites' own environment, in which all that they need is installed. Their cache
    # is no setting of the service.
    left_out = {"VIRTUAL_ENV", "AUTHCORE_CACHE"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment["PATH"] = os.pathsep.join(path)
    examples = "\n".join(blocks(folder, "In Python", "python"))
    return run(shell(blocks(folder, "In Python", "sh")), folder, environment, examples)


def run_in_javascript(folder: Path) -> str:
    """Installs the package as the README says, and runs the example where it is installed."""
    project = folder.parent / "your-project"
    project.mkdir()
    # As any project has one: npm installs where it finds it.
    (project / "package.json").write_text("{}\n")
    printed = run(shell(blocks(folder, "In JavaScript", "sh")), folder)
    [example] = blocks(folder, "In JavaScript", "js")
    return printed + run(["node", "--input-type=module", "--eval", example], project)


def shell(lines: list[str]) -> list[str]:
    """The command that runs blocks in one shell, which ends at the first that fails."""
    return ["bash", "-c", "set -euo pipefail\n" + "\n".join(lines)]


def run(
    words: list[str], folder: Path, environment: dict[str, str] | None = None, given: str = ""
) -> str:
    """Runs one program to its end; gives what it printed."""
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BLOCK_SECONDS,
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


def asked(port: int, path: str, body: dict[str, str] | None = None) -> int:
    """The status of an answer, to a GET or to a POST of JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"http://localhost:{port}{path}", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        print(refused.read().decode(), flush=True)
        return refused.code


def serve_by_wrangler_alone(folder: Path) -> list[int]:
    """`cd worker && npx wrangler dev`, on a port that is free; gives how it answered."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    words = ["npx", "wrangler", "dev", "--port", str(port)]
    person = {"username": "hopper", "password": "correct horse battery staple"}
    with serving(words, folder / "worker", port, environment):
        print("quickstart: npx wrangler dev serves", flush=True)
        return [
            # It has its variables, its database and the tables in it.
            asked(port, "/readyz"),
            asked(port, "/v1/accounts", person),
            asked(port, "/v1/login", {"login": person["username"], "password": person["password"]}),
        ]


def main() -> None:
    """Clones, serves, runs, checks, stops."""
    scratch = Path(tempfile.mkdtemp(prefix="authcore-quickstart-"))
    folder = scratch / "authcore"
    printed = {}
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        with serving(["make", "dev"], folder, 8787, dict(os.environ)):
            printed["Quick start"], statuses = run_quick_start(folder)
        alone = serve_by_wrangler_alone(folder)
        printed["In Python"] = run_in_python(folder)
        printed["In JavaScript"] = run_in_javascript(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    wrong = []
    for title, patterns in EXPECTED.items():
        for pattern, times in patterns.items():
            found = len(re.findall(pattern, printed[title], re.MULTILINE))
            if found != times:
                wrong.append(f"{title}: printed {found} times and not {times}: {pattern}")
    if statuses != STATUSES:
        wrong.append(f"Quick start: answered with {statuses} and not {STATUSES}")
    if alone != [200, 201, 200]:
        wrong.append(f"npx wrangler dev: not ready, no sign-up or no login: {alone}")
    for line in wrong:
        print(line)
    passed = sum(map(len, EXPECTED.values())) + 2 - len(wrong)
    print(f"quickstart: {passed} passed, {len(wrong)} failed, 0 skipped")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
