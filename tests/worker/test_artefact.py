"""What is deployed: the release build, without anything that is there for tests."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import tomllib
from blackbox.client import NOW, require_problem
from blackbox.hosts import WORKER, WorkerHost

# What only a build for tests says. Texts that it compares with are not there as texts: how a
# release answers them is asked below.
FOR_TESTS = [b"the response differs", b"is not what was recorded"]
NEVER = [b"x-authcore-test-now", b"/__test/"]
WRANGLER = WORKER / "node_modules" / ".bin" / "wrangler"


@pytest.fixture(scope="module")
def dry_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What `wrangler deploy --dry-run` says, and the folder of what it would send."""
    folder = tmp_path_factory.mktemp("deploy")
    done = subprocess.run(
        [WRANGLER, "deploy", "--dry-run", "--outdir", folder],
        cwd=WORKER,
        env={**os.environ, "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout, folder


def test_what_is_deployed_holds_nothing_for_tests(dry_run: tuple[str, Path]) -> None:
    # SECURITY 105
    _, folder = dry_run
    files = [file for file in folder.rglob("*") if file.suffix in {".js", ".wasm"}]
    assert {file.suffix for file in files} == {".js", ".wasm"}
    for file in files:
        for text in FOR_TESTS + NEVER:
            assert text not in file.read_bytes(), file


def test_what_is_deployed_hashes_by_vector_instructions(dry_run: tuple[str, Path]) -> None:
    _, folder = dry_run
    # The strength module beside it hashes nothing.
    [module] = (file for file in folder.rglob("*.wasm") if "strength" not in file.name)
    printed = subprocess.run(
        [WORKER / "node_modules" / ".bin" / "wasm-opt", "--all-features", "--print", module],
        capture_output=True,
        text=True,
        check=True,
    )
    # A product of vectors: SHA-256 has vectors, too, but none.
    assert re.search(r"\(i64x2\.extmul_(low|high)_i32x4_u", printed.stdout)


def test_the_build_for_tests_holds_them(kind: type[WorkerHost]) -> None:
    # Otherwise the test above looks for something that is never there.
    module = (kind.build / "index_bg.wasm").read_bytes()
    for text in FOR_TESTS:
        assert text in module


class Release(WorkerHost):
    """The Worker as it is deployed."""

    build = WORKER / "build"


def test_a_release_has_no_clock_for_tests_and_replays_nothing(
    kind: type[WorkerHost], dry_run: tuple[str, Path], tmp_path: Path
) -> None:
    # SECURITY 105
    Release.empty = kind.empty
    host = Release(tmp_path, {})
    try:
        client = host.client()
        assert client.now == NOW
        assert client.sign_up().account["created_at"] != NOW
        for target in ("/__test/replay", "/__test/problem"):
            require_problem(client.send("POST", target, b"{}"), 404, "not_found")
    finally:
        host.stop()


def test_the_runtime_logs_no_request_by_itself() -> None:
    # SECURITY 88: the runtime's own lines hold the URL, the headers and the address.
    deployment = tomllib.loads((WORKER / "wrangler.toml").read_text())
    # An environment of its own would have logs of its own.
    assert "env" not in deployment
    assert deployment["observability"]["logs"]["invocation_logs"] is False


def test_what_is_deployed_fits_the_free_limit_too(dry_run: tuple[str, Path]) -> None:
    said, _ = dry_run
    size = re.search(r"gzip: ([\d.]+) KiB", said)
    assert size
    assert float(size[1]) < 3 * 1024


def test_the_database_is_bound(dry_run: tuple[str, Path]) -> None:
    said, _ = dry_run
    assert "env.DB" in said
