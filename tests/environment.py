"""Runs Python in the project's own environment, made on first use and kept under the cache.

usage: environment.py <arguments of python...>

It is made anew when the requirements or the interpreter change.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "tests" / "requirements.txt"


def cache() -> Path:
    """The folder of all caches: AUTHCORE_CACHE, or `authcore` in the user's cache folder."""
    if given := os.environ.get("AUTHCORE_CACHE"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "authcore"


def environment() -> Path:
    """The folder of the Python environment; made, with its packages, when it is not there."""
    # One for each checkout, since the built extension module is installed into it.
    folder = cache() / "python" / _digest(str(ROOT))
    stamp = folder / "made-from"
    made_from = _digest(REQUIREMENTS.read_text() + sys.version)
    if stamp.exists() and stamp.read_text() == made_from:
        return folder
    print(f"environment: making {folder}", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([folder / "bin" / "python", *install, "--requirement", REQUIREMENTS], check=True)
    stamp.write_text(made_from)
    return folder


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def variables(folder: Path) -> dict[str, str]:
    """The process's variables, with the environment active and PostgreSQL's programs found."""
    # Debian keeps initdb and postgres off the PATH, one folder a version; the newest comes first.
    postgres = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    path = [folder / "bin", *os.environ["PATH"].split(os.pathsep), *postgres]
    return {
        **os.environ,
        "VIRTUAL_ENV": str(folder),
        "PATH": os.pathsep.join(map(str, path)),
        "AUTHCORE_CACHE": str(cache()),
        "CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR") or str(cache() / "target"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


if __name__ == "__main__":
    made = environment()
    program = str(made / "bin" / "python")
    os.execve(program, [program, *sys.argv[1:]], variables(made))
