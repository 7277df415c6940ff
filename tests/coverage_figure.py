"""One figure for the lines that the suites cover, Rust and Python together.

Run by `make coverage`. The Rust that Python calls counts too: the extension module is built with
the same instrumentation, and both runs write into one set of profiles. The kernels of argon2id are
counted by their own tests alone: what counts lines there counts in the middle of each hash, and the
suites, which hash thousands of passwords, would take hours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from environment import ROOT, cache

PYTHON_SOURCES = ROOT / "bindings-python" / "python"
PYTHON_TESTS = [ROOT / "bindings-python" / "tests"]
# The crate that is counted by itself, and where its lines are.
KERNELS = "authcore-argon2id"
KERNEL_SOURCES = ROOT / "core" / "argon2id" / "src"
# Which crates get counters, by the word of the version of cargo-llvm-cov that tools.mjs pins.
COUNTED = "__CARGO_LLVM_COV_RUSTC_WRAPPER_CRATE_NAMES"


def tool(name: str) -> str:
    """The path of a cargo-built tool."""
    words = ["node", "worker/scripts/tools.mjs", "path", name]
    return subprocess.run(
        words, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def add_llvm_tools() -> None:
    """Fetches LLVM's own coverage tools: profiles are readable by the compiler's version only."""
    subprocess.run(["rustup", "component", "add", "llvm-tools"], cwd=ROOT, check=True)


def instrumented(llvm_cov: str, environment: dict[str, str]) -> dict[str, str]:
    """The variables under which cargo and the programs it builds write profiles."""
    shown = subprocess.run(
        [llvm_cov, "llvm-cov", "show-env", "--sh"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    lines = (line.removeprefix("export ") for line in shown.splitlines() if "=" in line)
    pairs = (line.split("=", 1) for line in lines)
    return {**environment, **{name: value.strip("'\"") for name, value in pairs}}


def run(words: list[str], environment: dict[str, str]) -> None:
    """Runs one step, with its output shown; a failing suite has no figure."""
    print(f"coverage: {' '.join(map(str, words))}", flush=True)
    subprocess.run(words, cwd=ROOT, env=environment, check=True, stdin=subprocess.DEVNULL)


def counted(environment: dict[str, str], kernels: bool) -> dict[str, str]:
    """The same variables with counters in the kernels alone, or in all other crates alone."""
    own = KERNELS.replace("-", "_")
    names = environment[COUNTED].split(",")
    if own not in names:
        raise SystemExit(f"coverage: {own} is not among the crates of {COUNTED}")
    chosen = [name for name in names if (name == own) == kernels]
    return {**environment, COUNTED: ",".join(chosen)}


def rust_lines(llvm_cov: str, environment: dict[str, str], kernels: bool) -> tuple[int, int]:
    """Covered lines and all lines, without tests: of the kernels, or of all other crates."""
    report = subprocess.run(
        [
            *[llvm_cov, "llvm-cov", "report", "--json", "--summary-only"],
            *["--ignore-filename-regex", r"/tests/|/tests\.rs$|_tests\.rs$"],
        ],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    files = [
        file["summary"]["lines"]
        for file in json.loads(report)["data"][0]["files"]
        if Path(file["filename"]).is_relative_to(KERNEL_SOURCES) == kernels
    ]
    return sum(lines["covered"] for lines in files), sum(lines["count"] for lines in files)


def python_lines(environment: dict[str, str], folder: Path) -> tuple[int, int]:
    """Covered lines and all lines of the Python package."""
    report = folder / "python.json"
    run([sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(report)], environment)
    totals = json.loads(report.read_text())["totals"]
    return totals["covered_lines"], totals["num_statements"]


def cargo_environment(llvm_cov: str, folder: Path) -> dict[str, str]:
    """The variables of one run of the Rust suites, with what it leaves in a folder of its own."""
    environment = instrumented(llvm_cov, {**os.environ, "CARGO_TARGET_DIR": str(folder)})
    run([llvm_cov, "llvm-cov", "clean", "--workspace"], environment)
    return environment


def main() -> int:
    """Runs the suites under coverage and prints the figure."""
    folder = cache() / "coverage"
    folder.mkdir(parents=True, exist_ok=True)
    add_llvm_tools()
    llvm_cov = tool("cargo-llvm-cov")
    parts = {}
    environment = counted(cargo_environment(llvm_cov, folder / "kernels"), kernels=True)
    run(["cargo", "test", "--locked", "--quiet", "--package", KERNELS], environment)
    parts["Rust, argon2id"] = rust_lines(llvm_cov, environment, kernels=True)
    environment = counted(cargo_environment(llvm_cov, folder / "target"), kernels=False)
    environment["COVERAGE_FILE"] = str(folder / "python.data")
    run(["cargo", "test", "--locked", "--workspace", "--quiet"], environment)
    if tests := [str(tests) for tests in PYTHON_TESTS if tests.is_dir()]:
        manifest = str(ROOT / "bindings-python" / "Cargo.toml")
        build = ["maturin", "develop", "--quiet", "--locked", "--features", "test-clock"]
        run([*build, "--manifest-path", manifest], environment)
        measure = ["-m", "coverage", "run", "--source", str(PYTHON_SOURCES), "-m", "pytest", "-q"]
        run([sys.executable, *measure, *tests], environment)
        parts["Python"] = python_lines(environment, folder)
    parts["Rust, the rest"] = rust_lines(llvm_cov, environment, kernels=False)
    for name, (covered, lines) in parts.items():
        print(f"coverage: {name}: {covered} of {lines} lines, {100 * covered / lines:.1f} %")
    covered, lines = (sum(column) for column in zip(*parts.values()))
    print(f"coverage: {100 * covered / lines:.1f} % of {lines} lines")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"coverage: {' '.join(map(str, error.cmd))} failed")
