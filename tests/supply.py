"""Checks what is built from: version floors, bans, licences and sources; advisories if reachable.

Run by `make supply`, which installs cargo-deny first.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import provenance
import tomllib
from environment import ROOT
from pip._internal.models.index import PyPI  # where pip itself asks by default

# The lowest version in which a known fault is mended, and the fault.
FLOORS = {
    "curve25519-dalek": ("4.1.3", "RUSTSEC-2024-0344: timing of scalar subtraction"),
    "ed25519-dalek": ("2.0.0", "RUSTSEC-2022-0093: signing with a foreign public key"),
    "idna": ("1.0.0", "RUSTSEC-2024-0421: Punycode that hides an ASCII name"),
    "pyo3": ("0.29.0", "the memory-safety fixes of earlier releases"),
    "time": ("0.3.47", "RUSTSEC-2026-0009: stack exhaustion on parsing"),
}
PACKAGE = re.compile(r'^name = "(.+)"\nversion = "(\d+)\.(\d+)\.(\d+)', re.MULTILINE)
FETCH_SECONDS = 60


def below_floor(lock: Path) -> list[str]:
    """The packages of a Cargo.lock that are older than their floor, each with its reason."""
    found = []
    for name, *parts in PACKAGE.findall(lock.read_text()):
        floor, reason = FLOORS.get(name, ("0.0.0", ""))
        if tuple(map(int, parts)) < tuple(map(int, floor.split("."))):
            found.append(f"{name} {'.'.join(parts)} is below {floor} ({reason})")
    return found


def unpinned(lock: Path) -> list[str]:
    """The npm packages of a lock file that have no integrity hash."""
    packages = json.loads(lock.read_text())["packages"]
    return [
        f"{name} has no integrity hash"
        for name, package in packages.items()
        if name and not package.get("link") and "integrity" not in package
    ]


def tracked(pattern: str) -> list[str]:
    """The files that git tracks in any folder whose path ends like this; there must be some."""
    words = ["git", "ls-files", pattern]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    if not (found := listed.stdout.split()):
        sys.exit(f"supply: no {pattern}")
    return found


class Report:
    """Prints each check as it ends, and counts them."""

    def __init__(self, deny: str) -> None:
        """Takes the path of cargo-deny."""
        self.deny = deny
        self.passed = self.failed = self.skipped = 0

    def check(self, name: str, problems: list[str]) -> None:
        """A check that found its problems itself."""
        self.passed += not problems
        self.failed += bool(problems)
        print(f"supply: {name}: {'; '.join(problems) or 'ok'}", flush=True)

    def command(self, name: str, words: list[str]) -> None:
        """A check that is another program's."""
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
        self.check(name, [] if done.returncode == 0 else [f"failed\n{done.stdout}{done.stderr}"])

    def not_run(self, name: str, why: str) -> None:
        """A check whose database cannot be reached from here."""
        self.skipped += 1
        print(f"supply: {name}: not run: {why}", flush=True)


def check_lock_files(report: Report) -> None:
    """Floors and hashes: needs nothing but the files."""
    for lock in tracked("*Cargo.lock"):
        report.check(f"version floors of {lock}", below_floor(ROOT / lock))
    for lock in tracked("*package-lock.json"):
        report.check(f"hashes of {lock}", unpinned(ROOT / lock))
    for requirements in tracked("*requirements.txt"):
        # A package and its hashes are one line that is folded.
        lines = (ROOT / requirements).read_text().replace("\\\n", "").split("\n")
        pinnable = [line for line in lines if line.strip() and not line.startswith("#")]
        pinned = re.compile(r"[\w.-]+(\[[\w,]+\])?==\S+( ;[^-]*)?( +--hash=sha256:[0-9a-f]{64})+")
        bad = [line[:80] for line in pinnable if not pinned.fullmatch(line.rstrip())]
        report.check(f"pins and hashes of {requirements}", bad)
    manifest = tomllib.loads((ROOT / "bindings-python" / "pyproject.toml").read_text())
    needed, pinned = manifest["build-system"]["requires"], [f"maturin=={pins()['maturin']}"]
    other = [] if needed == pinned else [f"{needed}, where the suites have {pinned}"]
    report.check("pins of the wheel's build", other)


def check_crates(report: Report) -> None:
    """Bans, licences and sources by cargo-deny; advisories if it can fetch its database."""
    checks = [report.deny, "--locked", "check", "--hide-inclusion-graph"]
    for name in ["bans", "licenses", "sources"]:
        report.command(f"cargo-deny {name}", [*checks, name])
    try:
        fetch = subprocess.run(
            [report.deny, "--locked", "fetch", "db"],
            cwd=ROOT,
            capture_output=True,
            timeout=FETCH_SECONDS,
        )
        reached = fetch.returncode == 0
    except subprocess.TimeoutExpired:
        reached = False
    if reached:
        report.command("cargo-deny advisories", [*checks, "--disable-fetch", "advisories"])
    else:
        report.not_run("cargo-deny advisories", "the advisory database cannot be reached")


def check_npm_advisories(report: Report) -> None:
    """`npm audit` of each lock file, where the registry answers it."""
    for lock in map(Path, tracked("*package-lock.json")):
        name = f"npm audit of {lock.parent}"
        done = subprocess.run(
            ["npm", "audit", "--json", "--package-lock-only", "--audit-level=low"],
            cwd=ROOT / lock.parent,
            capture_output=True,
            text=True,
        )
        answer = json.loads(done.stdout or "{}")
        if "metadata" not in answer:
            report.not_run(name, "the registry does not answer it")
        elif done.returncode == 0:
            report.check(name, [])
        else:
            report.check(name, sorted(answer["vulnerabilities"]))


def check_python_advisories(report: Report) -> None:
    """Asks pip-audit about each pinned package, and the index about those it cannot look up."""
    for requirements in tracked("*requirements.txt"):
        pinned = pins(requirements)
        found = advisories(requirements, pinned)
        if found:
            bad = [f"{name}: {', '.join(ids)}" for name, ids in sorted(found.items()) if ids]
            report.check(f"advisories of {len(found)} packages of {requirements}", bad)
        if left := sorted(set(pinned) - set(found)):
            why = "the index answers for newest releases only"
            why = f"{why if found else 'the index does not answer'}: {', '.join(left)}"
            report.not_run(f"advisories of {len(left)} packages of {requirements}", why)


def advisories(requirements: str, pinned: dict[str, str]) -> dict[str, list[str]]:
    """The known vulnerabilities of each package of a file that could be looked up."""
    words = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format", "json"]
    done = subprocess.run(
        [*words, "--requirement", requirements],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    packages = json.loads(done.stdout or "{}").get("dependencies", [])
    found = {p["name"]: [v["id"] for v in p["vulns"]] for p in packages if "vulns" in p}
    skipped = [p["name"] for p in packages if "skip_reason" in p]
    with ThreadPoolExecutor(4) as pool:
        answers = zip(skipped, pool.map(latest, skipped), strict=True)
        # The index tells of its newest release only: what is pinned to another stays open.
        known = {name: answer for name, answer in answers if answer and answer[0] == pinned[name]}
    return found | {name: vulnerabilities for name, (_, vulnerabilities) in known.items()}


def pins(requirements: str = "tests/requirements.txt") -> dict[str, str]:
    """The pinned versions of a file of requirements, by normalised name (PEP 503)."""
    text = (ROOT / requirements).read_text()
    found = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def latest(name: str) -> tuple[str, list[str]] | None:
    """The newest version of a package and its known vulnerabilities, where the index tells."""
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    configured = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    index = (configured or PyPI.simple_url).rstrip("/").removesuffix("/simple")
    try:
        with urlopen(f"{index}/pypi/{name}/json", timeout=FETCH_SECONDS) as answer:
            package = json.load(answer)
        standing = [v["id"] for v in package["vulnerabilities"] if not v.get("withdrawn")]
        return package["info"]["version"], standing
    except (OSError, ValueError, KeyError):
        return None


def check_release(report: Report) -> None:
    """What is shipped: nothing runs at its installation, and it can be told where it comes from."""
    # SECURITY 103
    report.check("install scripts of the npm package", provenance.install_scripts())
    if unbuilt := provenance.missing():
        report.not_run("provenance", f"not built: {', '.join(unbuilt)}")
        return
    told = provenance.statement()
    named = {one["name"] for one in told["subject"]}
    # Whatever else comes to be built into the folders that are shipped, and to pin its sources.
    shipped = {
        provenance.name(path)
        for folder in ("worker/build", "bindings-wasm/pkg", "bindings-wasm/js")
        for ending in ("wasm", "js", "mjs")
        for path in (ROOT / folder).rglob(f"*.{ending}")
    }
    listed = subprocess.run(
        ["git", "ls-files", "Cargo.lock", "worker/**Cargo.lock", "worker/**package-lock.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    locks = set(listed.stdout.split())
    pins = {one["uri"] for one in told["predicate"]["buildDefinition"]["resolvedDependencies"]}
    report.check(
        f"provenance of {len(named)} artefacts", sorted((shipped - named) | (locks - pins))
    )


def main() -> int:
    """Runs all checks and prints the closing count."""
    tools = ["node", "worker/scripts/tools.mjs", "path", "cargo-deny"]
    found = subprocess.run(tools, cwd=ROOT, check=True, capture_output=True, text=True)
    report = Report(found.stdout.strip())
    check_lock_files(report)
    check_crates(report)
    check_npm_advisories(report)
    check_python_advisories(report)
    check_release(report)
    print(
        f"supply: {report.passed} passed, {report.failed} failed, {report.skipped} skipped",
        flush=True,
    )
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
