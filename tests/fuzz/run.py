"""Fuzzes core with libFuzzer, one target after the other; `make fuzz` runs it.

usage: run.py [--seconds N] [--jobs N] [--record] [target...]

Each target starts from the project's vectors and from what earlier runs found worth keeping (under
$AUTHCORE_CACHE/fuzz). An input that crashes, hangs or takes too much memory is kept and named.
With --record the counts are written into docs/fuzzing.md, where those of other targets stay.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from base64 import b64decode, urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from environment import cache  # noqa: E402 - the folder above is on the path only now

PAGE = ROOT / "docs" / "fuzzing.md"
# An input that takes longer, or more memory, is a finding.
TIMEOUT_SECONDS = 10
MEMORY_MIB = 2048
LONGEST_INPUT = 16 * 1024
# The first eight bytes choose the answers of the database (targets/handle.rs).
ANSWERS = bytes(range(8))

BODIES = [
    '{"username":"Ada","password":"tall zebra 42 crossing","full_name":"Ada L."}',
    '{"email":"ada@example.org","password":"tall zebra 42 crossing","properties":{"a":1}}',
    '{"login":"ada","password":"tall zebra 42 crossing","long":true}',
    '{"refresh_token":"rt_T7EkeMI9NDHSRRvREgbk3elENecD5UsA6hCJ0iObJUI"}',
]
HEADERS = [
    "content-type: application/json; charset=utf-8",
    "authorization: Bearer eyJhbGciOiJFZERTQSJ9.e30.AAAA",
    "authorization: Basic YTpi",
    "content-encoding: identity",
    'idempotency-key: "01990000-key"',
    "origin: http://localhost:8787",
    "sec-fetch-site: cross-site",
    "user-agent: Mozilla/5.0 (X11; Linux x86_64)",
    "x-forwarded-for: 192.0.2.1, 198.51.100.2, ::ffff:192.0.2.1, [2001:db8::1]:80",
    "cookie: __Host-access=a; __Host-refresh=b",
]
CLAIMS = {
    "iss": "https://auth.example",
    "aud": ["https://api.example"],
    **dict.fromkeys(("sub", "sid", "jti"), "01990000-0000-7000-8000-0000000000bb"),
    "client_id": "web",
    **dict.fromkeys(("iat", "nbf", "auth_time"), 1_800_000_000),
    "exp": 1_800_000_300,
    "amr": ["pwd"],
    "roles": ["user"],
}


def inputs(feature: str, member: str) -> list[str]:
    """Every text under `member` in the inputs of a vector file."""
    cases = json.loads((ROOT / "tests" / "vectors" / f"{feature}.json").read_text())["cases"]
    found = [case["input"].get(member) for case in cases]
    texts = [text for text in found if isinstance(text, str)]
    assert texts, f"{feature}: no `{member}`"
    return texts


def recorded_requests() -> list[bytes]:
    """The requests of the transcripts, as targets/handle.rs reads them."""
    found = []
    for path in sorted((ROOT / "tests" / "transcripts").glob("*.json")):
        request = json.loads(path.read_text())["request"]
        lines = [f"{request['method']} {request['target']}"]
        lines += [f"{name}: {value}" for name, value in request["headers"]]
        head = ("\n".join(lines) + "\n\n").encode()
        found.append(ANSWERS + head + b64decode(request["body_base64"]))
    return found


def claims_of(token: str) -> bytes:
    """The parts of a token of the vectors, as targets/jwt_claims.rs reads them."""
    parts = [part.encode(errors="replace") for part in token.split(".")[:2]]
    try:
        return b"\0".join(urlsafe_b64decode(part + b"=" * (-len(part) % 4)) for part in parts)
    except ValueError:
        return b"\0".join(parts)


def seeds() -> dict[str, list[bytes]]:
    """The first inputs of each target."""
    texts = {
        "json_read": [*inputs("json", "body"), *BODIES],
        "jwt_verify": [*inputs("jwt", "token"), "GOOD", "GOOD.", "x.GOOD"],
        "names": [*inputs("email", "text"), *inputs("username", "text")],
        "password_hash": [
            *inputs("password_hash", "hash"),
            *inputs("argon2id", "hash"),
            *["m=19456,t=2,p=1", "m=47104,t=1,p=1", "m=12288,t=3,p=4"],
        ],
        "secrets": [
            *inputs("seal", "sealed"),
            *inputs("ring", "text"),
            *inputs("token", "text"),
        ],
        "headers": [*HEADERS, "\n".join(HEADERS)],
    }
    found = {name: [text.encode(errors="replace") for text in all_] for name, all_ in texts.items()}
    # Their first byte is the route.
    found["headers"] = [bytes([n]) + text for text in found["headers"] for n in range(12)]
    # Four bytes of sizes (digits, window, period, algorithm), then a line each.
    lines = ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "Example", "ada@example.org", "287 082"]
    found["authenticators"] = [
        ANSWERS + bytes([digits, 1, 30, algorithm]) + "\n".join(lines).encode()
        for digits in (6, 8)
        for algorithm in range(3)
    ]
    forms = [
        b"ada:tall zebra 42 crossing",
        b"YWRhOnRhbGwgemVicmEgNDIgY3Jvc3Npbmc=",
        b"grant_type=password&username=ada&password=tall+zebra&scope=&client_id=&otp=123456",
        b'{"login":"ada","password":"tall zebra 42 crossing","otp":"123456"}',
        b'{"challenge":"ch_T7EkeMI9NDHSRRvREgbk3elENecD5UsA6hCJ0iObJUI","code":"123456"}',
    ]
    found["credentials"] = [
        ANSWERS + bytes([number]) + form for form in forms for number in range(16)
    ]
    found["handle"] = recorded_requests()
    found["jwt_claims"] = [claims_of(token) for token in inputs("jwt", "token")]
    found["jwt_claims"].append(b"\0" + json.dumps(CLAIMS, separators=(",", ":")).encode())
    return found


class Outcome(NamedTuple):
    """What a run of one target came to."""

    target: str
    seconds: int
    executions: int
    kept: int
    edges: int
    sound: bool


def nightly() -> str | None:
    """The name of a nightly toolchain of this machine."""
    listed = subprocess.run(["rustup", "toolchain", "list"], capture_output=True, text=True)
    names = [line.split()[0] for line in listed.stdout.split("\n") if line.strip()]
    return next((name for name in names if name.startswith("nightly")), None)


def cargo_fuzz() -> Path:
    """The installed tool."""
    tools = ["node", "worker/scripts/tools.mjs"]
    subprocess.run([*tools, "install", "cargo-fuzz"], cwd=ROOT, check=True)
    found = subprocess.run(
        [*tools, "path", "cargo-fuzz"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return Path(found.stdout.strip())


def fuzz(tool: Path, toolchain: str, target: str, first: list[bytes], seconds: int) -> Outcome:
    """Runs one target for that long, or until it finds something."""
    corpus = cache() / "fuzz" / target
    findings = cache() / "fuzz" / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in first:
        (corpus / f"seed-{sha256(seed).hexdigest()[:16]}").write_bytes(seed)
    built = Path(os.environ.get("CARGO_TARGET_DIR") or cache() / "target") / "fuzz"
    command = [str(tool), "run", "--fuzz-dir", str(FOLDER), "--target-dir", str(built)]
    limits = [
        f"-max_total_time={seconds}",
        f"-timeout={TIMEOUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-max_len={LONGEST_INPUT}",
        f"-artifact_prefix={findings}/{target}-",
        "-print_final_stats=1",
    ]
    log = cache() / "logs" / f"fuzz-{target}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # Otherwise rust-toolchain.toml names the compiler.
    environment = {**os.environ, "RUSTUP_TOOLCHAIN": toolchain}
    with log.open("wb") as output:
        done = subprocess.run(
            [*command, target, str(corpus), "--", *limits],
            cwd=FOLDER,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    text = log.read_text(errors="replace")
    if done.returncode != 0:
        print(text[-4000:], flush=True)
    executions = re.findall(r"^stat::number_of_executed_units: (\d+)", text, re.MULTILINE)
    edges = re.findall(r" cov: (\d+) ", text)
    ran = re.findall(r"Done \d+ runs in (\d+) second", text)
    return Outcome(
        target,
        int(ran[-1]) if ran else 0,
        int(executions[-1]) if executions else 0,
        len(list(corpus.iterdir())),
        int(edges[-1]) if edges else 0,
        # A target that ran nothing has shown nothing.
        done.returncode == 0 and bool(executions),
    )


def page(outcomes: list[Outcome], toolchain: str, targets: list[str]) -> str:
    """docs/fuzzing.md: these outcomes, and what it says of the targets that did not run."""
    version = subprocess.run(
        ["rustc", f"+{toolchain}", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    rows = dict(re.findall(r"^(\| `(\w+)` .*)$", PAGE.read_text(), re.MULTILINE))
    rows = {name: row for row, name in rows.items()}
    for o in outcomes:
        found = "none" if o.sound else "**yes**"
        counts = f"{o.seconds:,} | {o.executions:,} | {o.edges:,} | {o.kept:,}"
        rows[o.target] = f"| `{o.target}` | {counts} | {found} |"
    introduction = (FOLDER / "introduction.md").read_text()
    made = f"Last written by `make fuzz RECORD=1` on {datetime.now(UTC):%Y-%m-%d} with {version}."
    head = (
        "| Target | Seconds | Inputs run | Edges | Inputs kept | Findings |\n" + "|---" * 6 + "|\n"
    )
    return (
        f"{introduction}\n{made}\n\n{head}"
        + "\n".join(rows[name] for name in targets if name in rows)
        + "\n"
    )


def main() -> int:
    """Runs what is asked for; 1 if anything was found."""
    targets = sorted(path.stem for path in (FOLDER / "targets").glob("*.rs"))
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=int, default=300, help="for each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once")
    parser.add_argument("--record", action="store_true", help="write docs/fuzzing.md")
    parser.add_argument("targets", nargs="*", metavar="target", help=", ".join(targets))
    asked = parser.parse_args()
    if unknown := sorted(set(asked.targets) - set(targets)):
        parser.error(f"no target {', '.join(unknown)}")
    toolchain = nightly()
    if toolchain is None:
        print("fuzz: skipped: no nightly compiler (`rustup toolchain install nightly`)")
        return 0
    tool, first = cargo_fuzz(), seeds()

    def run(target: str) -> Outcome:
        print(f"fuzz: {target} for {asked.seconds} s", flush=True)
        outcome = fuzz(tool, toolchain, target, first[target], asked.seconds)
        print(f"  {outcome}", flush=True)
        return outcome

    with ThreadPoolExecutor(asked.jobs) as pool:
        outcomes = list(pool.map(run, asked.targets or targets))
    if asked.record:
        PAGE.write_text(page(outcomes, toolchain, targets))
    found = sum(not outcome.sound for outcome in outcomes)
    print(f"fuzz: {len(outcomes) - found} passed, {found} failed, 0 skipped")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
