"""What `make deps` and `make dev` say of a machine that lacks something: all of it in one line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

DEPS = Path(__file__).with_name("deps.sh")
# What the script itself is made of.
SHELL = ["sh", "dirname", "sed"]
# All that it looks for: what it asks them, these answer with success.
OF_TESTS = [
    *["initdb", "postgres", "zbarimg", "oathtool", "curl", "valgrind", "qemu-aarch64", "chromium"],
]
NEEDED = ["rustup", "npm", "node", "python3", "cc", "pkg-config", *OF_TESTS]
# What rustup says is installed.
COMPONENTS = [
    *["rustfmt-preview-x86_64", "clippy-preview-x86_64", "rust-std-wasm32-unknown-unknown"],
    "rust-std-aarch64-unknown-linux-musl",
]


def say(folder: Path, scope: str, lacking: list[str], user: int = 1000) -> tuple[int, str, str]:
    """What the script says where these are not found: its exit code, its output, its errors."""
    for name in SHELL:
        (folder / name).symlink_to(shutil.which(name))
    stubs = {name: "exit 0" for name in NEEDED if name not in lacking}
    stubs["rustup"] = f"echo {' '.join(COMPONENTS)}"
    # It installs what it can as root where there is apt-get, of which there is none here.
    stubs["id"] = f"echo {user}"
    # Nobody listens on the port of `make dev`, and Node is new enough.
    stubs["node"] = 'case "$2" in *8787*) exit 1 ;; *) exit 0 ;; esac'
    for name, does in stubs.items():
        if name not in lacking:
            (folder / name).write_text(f"#!{folder}/sh\n{does}\n")
            (folder / name).chmod(0o755)
    done = subprocess.run(
        [folder / "sh", DEPS, scope],
        env={"PATH": str(folder), "POSTGRES_VERSIONS": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("user", [0, 1000])
def test_what_is_missing_is_told_in_one_line(tmp_path: Path, user: int) -> None:
    told = say(tmp_path, "test", ["zbarimg", "oathtool"], user)
    assert told == (
        1,
        "",
        "deps: missing: zbarimg (tests only), oathtool (tests only); "
        "on Debian: apt-get install zbar-tools oathtool\n",
    )


def test_what_debian_does_not_have_comes_with_its_address(tmp_path: Path) -> None:
    code, output, errors = say(tmp_path, "dev", ["npm", "cc"])
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("deps: missing: Node 20")
    assert "https://nodejs.org" in errors
    assert errors.endswith("a C compiler; on Debian: apt-get install build-essential\n")


def test_serving_needs_nothing_that_only_the_tests_need(tmp_path: Path) -> None:
    assert say(tmp_path, "dev", OF_TESTS) == (0, "", "")


def test_where_nothing_is_missing_nothing_is_said(tmp_path: Path) -> None:
    assert say(tmp_path, "test", []) == (0, "", "")


def test_each_tool_of_the_tests_is_looked_for(tmp_path: Path) -> None:
    for name in OF_TESTS:
        folder = tmp_path / name
        folder.mkdir()
        code, _, errors = say(folder, "test", [name])
        assert code == 1
        assert name in errors.lower()
