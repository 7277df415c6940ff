"""Runs the README's first lines as a stranger would: a clean clone, one after the other.

usage: run.py

Of a section, the fenced blocks whose info string is `sh quickstart` are run in one shell, in order;
then those of `python quickstart` and `js quickstart`, as programs. Each must succeed. What they
print is then checked against what the README says.

- "Quick start", with `make dev` in the background; then `npx wrangler dev` must serve by itself.
- "In Python": what installs the package, and the interpreter, which reads the blocks of Python.
- "In JavaScript": what installs the package, into a project beside the clone, and the example.
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
# A package is built from nothing at first, on two cores that others may use, too.
BLOCK_SECONDS = 15 * 60
# What `make` sets for its targets, and who runs wrangler without it has not.
OF_MAKE = {"WRANGLER_SEND_METRICS", "CLOUDFLARE_CF_FETCH_ENABLED", "MAKEFLAGS", "MAKELEVEL"}
# What the sections print, beside what else they print.
EXPECTED = {
    "Quick start": [
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
    ],
    "In Python": ["Successfully installed authcore-", '\n201\n200 b\'{"access_token":'],
    "In JavaScript": ["\nadded 1 package"],
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


def run_quick_start(folder: Path) -> str:
    """Runs the blocks of the quick start while it is served; gives what they printed."""
    # `make dev` runs already.
    lines = [block for block in blocks(folder, "Quick start", "sh") if "make dev" not in block]
    printed = run(shell(lines), folder)
    [python] = blocks(folder, "Quick start", "python")
    printed += run([sys.executable, "-c", python], folder)
    # In place of `npm install jose`: the version that the suites pin.
    (folder / "node_modules").symlink_to(ROOT / "tests" / "node_modules")
    [javascript] = blocks(folder, "Quick start", "js")
    return printed + run(["node", "--input-type=module", "--eval", javascript], folder)


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


def serve_by_wrangler_alone(folder: Path) -> None:
    """`cd worker && npx wrangler dev`, on a port that is free: it must answer."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    words = ["npx", "wrangler", "dev", "--port", str(port)]
    with serving(words, folder / "worker", port, environment):
        print("quickstart: npx wrangler dev serves", flush=True)


def main() -> None:
    """Clones, serves, runs, checks, stops."""
    scratch = Path(tempfile.mkdtemp(prefix="authcore-quickstart-"))
    folder = scratch / "authcore"
    printed = {}
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        with serving(["make", "dev"], folder, 8787, dict(os.environ)):
            printed["Quick start"] = run_quick_start(folder)
        serve_by_wrangler_alone(folder)
        printed["In Python"] = run_in_python(folder)
        printed["In JavaScript"] = run_in_javascript(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    due = [(title, text) for title, texts in EXPECTED.items() for text in texts]
    missing = [(title, text) for title, text in due if text not in printed[title]]
    # And one for wrangler alone, which has served.
    passed = len(due) - len(missing) + 1
    for title, text in missing:
        print(f"{title}: not printed: {text!r}")
    print(f"quickstart: {passed} passed, {len(missing)} failed, 0 skipped")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
