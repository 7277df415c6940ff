"""What is shipped: the stubs, the documented examples, the wheel."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import authcore
import pytest
import tomllib
from authcore import _authcore, _service, _sqlite

PACKAGE = Path(__file__).resolve().parents[1]
# What only a build for tests may hold: the header that sets the clock, the replay of transcripts.
TEST_ONLY = [b"x-authcore-test-now", b"a fault of core", b"recorded effects did not come"]


def run(*words: str | Path) -> str:
    """The output of a Python program that must succeed."""
    ended = subprocess.run(
        [sys.executable, *words], cwd=PACKAGE, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_stubs_are_those_of_the_module() -> None:
    config = ["--mypy-config-file", "pyproject.toml"]
    assert "no issues" in run("-m", "mypy.stubtest", "authcore", *config)


def test_the_package_is_typed() -> None:
    assert "no issues" in run("-m", "mypy", "python")


@pytest.mark.parametrize("module", [authcore, _service, _sqlite], ids=lambda m: m.__name__)
def test_the_examples_in_docstrings_run(
    module: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed, run = doctest.testmod(module)
    assert run > 0
    assert failed == 0


def test_the_examples_in_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failed, run = doctest.testfile(str(PACKAGE / "README.md"), module_relative=False)
    assert run > 0
    assert failed == 0


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The wheel as it is released."""
    out = tmp_path_factory.mktemp("wheel")
    run("-m", "maturin", "build", "--release", "--locked", "--quiet", "--out", out)
    [built] = out.iterdir()
    return built


def compiled(folder: Path) -> bytes:
    """The bytes of the compiled module in a folder."""
    [file] = folder.glob("_authcore*.so")
    return file.read_bytes()


def test_one_wheel_serves_python_3_9_and_all_that_follow(wheel: Path) -> None:
    name, _, python, abi, _ = wheel.stem.split("-", 4)
    assert (name, python, abi) == ("authcore", "cp39", "abi3")
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = ["__init__.py", "_authcore.pyi", "_loop.py", "_service.py", "_sqlite.py", "py.typed"]
    assert {f"authcore/{name}" for name in [*shipped, "_authcore.abi3.so"]} <= names
    assert not [name for name in names if "test" in name]


def pythons() -> dict[tuple[int, int], str]:
    """The Pythons of this machine on the PATH and of pyenv, which have what the package needs."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = [shutil.which(f"python3.{minor}") for minor in range(9, 30)]
    found += sorted(map(str, root.glob("versions/*/bin/python3")))
    # SQLite as `_sqlite.py` asks for it.
    asking = (
        "import sqlite3, sys, ensurepip, venv\n"
        "assert sqlite3.sqlite_version_info >= (3, 35)\n"
        "print(*sys.version_info[:2])"
    )
    usable = {}
    for python in filter(None, found):
        # pyenv puts a program in the place of those it has not been told to run.
        asked = subprocess.run([python, "-c", asking], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            major, minor = map(int, asked.stdout.split())
            usable.setdefault((major, minor), python)
    return usable


def test_the_wheel_runs_on_the_oldest_python(wheel: Path, tmp_path: Path) -> None:
    told = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["requires-python"]
    oldest = tuple(map(int, re.fullmatch(r">=(\d+)\.(\d+)", told).groups()))
    found = {version: python for version, python in pythons().items() if version >= oldest}
    first = min(found, default=sys.version_info[:2])
    if first >= sys.version_info[:2]:
        pytest.skip(f"no Python from {oldest} on that is older than {sys.version_info[:2]}")
    environment = tmp_path / "environment"
    # A Python by itself: nothing of the suites' own environment.
    clean = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    for words in (
        [found[first], "-m", "venv", environment],
        [environment / "bin" / "pip", "install", "--quiet", "--no-index", wheel],
        [environment / "bin" / "python", "-W", "error", PACKAGE / "tests" / "on_its_own.py"],
    ):
        ended = subprocess.run(
            words, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout == "{}.{}\n".format(*first)


# SECURITY 105
def test_the_wheel_holds_nothing_that_is_for_tests(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    released = compiled(tmp_path / "authcore")
    built_for_tests = compiled(Path(authcore.__file__).parent)
    for text in TEST_ONLY:
        assert text in built_for_tests
        assert text not in released
    assert hasattr(_authcore, "replay")
    assert hasattr(_authcore, "fault")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import authcore\n"
        "assert authcore.__file__.startswith(sys.path[0]), authcore.__file__\n"
        "from authcore import _authcore\n"
        "assert not hasattr(_authcore, 'replay') and not hasattr(_authcore, 'fault')\n"
        "authcore.verify_password(authcore.hash_password('released'), 'released')\n"
        "print(sorted(_authcore.__all__))\n"
    )
    assert run("-I", "-c", program).strip() == str(sorted(_authcore.__all__))
