"""What the project wants to reach, row by row, and why a row that is not reached is not.

A goal is looked up among the last measurements; what is written of it beside the figures is shown
only while it is not reached.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Goal:
    """A bound on the rows of one measurement whose task matches as a whole."""

    # The measurement: native, wasm, worker, growth, size (compressed), bytes.
    of: str
    task: str
    # The peer must take so many times as long as authcore: the named one, or else the fastest.
    least: float | None = None
    peer: str | None = None
    # Or authcore takes so much at most: nanoseconds, bytes, or times as long as with few accounts.
    most: float | None = None
    # What would be better still, of the same kind; nothing is said to be missed without it.
    stretch: float | None = None

    def is_of(self, kind: str, task: str) -> bool:
        """Whether it bounds a row."""
        return kind == self.of and re.fullmatch(self.task, task) is not None

    def value(self, row: dict[str, Any]) -> float:
        """What the row has come to."""
        medians = row["medians"]
        if self.of == "growth":
            return growth(medians)
        return medians["authcore"] if self.least is None else ratio(medians, self.peer)

    def is_reached(self, row: dict[str, Any]) -> bool:
        """Whether the row keeps within it."""
        value = self.value(row)
        return value <= self.most if self.least is None else value >= self.least

    def is_stretched(self, row: dict[str, Any]) -> bool:
        """Whether the row reaches what would be better still."""
        value = self.value(row)
        return value <= self.stretch if self.least is None else value >= self.stretch

    def bound(self, row: dict[str, Any]) -> str:
        """As people read it; bold is what the row does not reach."""
        shown = self._shown(self.least, self.most)
        if not self.is_reached(row):
            shown = f"**{shown}**"
        if self.stretch is None:
            return shown
        stretch = self._shown(
            *((self.stretch, None) if self.most is None else (None, self.stretch))
        )
        return f"{shown}, stretch {stretch if self.is_stretched(row) else f'**{stretch}**'}"

    def _shown(self, least: float | None, most: float | None) -> str:
        if most is None:
            return f"{least:g}{f' ({self.peer})' if self.peer else ''}"
        return f"≤ {most:g}" if self.of == "growth" else f"≤ {figure(self.of, most)}"


@dataclass(frozen=True)
class Row:
    """One line of the project's goals."""

    what: str
    goals: list[Goal]
    # Why it is not reached, and what was tried.
    why: str


def ratio(medians: dict[str, float], peer: str | None = None) -> float:
    """How many times as long as authcore the named peer took, or the fastest."""
    others = [name for name in medians if name != "authcore" and peer in (None, name)]
    # Above a floor that moves with the machine, next to nothing may come out as less than that.
    return min(medians[name] for name in others) / max(medians["authcore"], 1)


def growth(medians: dict[str, float]) -> float:
    """How many times as long as with the fewest accounts it takes with the most."""
    fewest, most = min(medians, key=int), max(medians, key=int)
    return medians[most] / medians[fewest]


def figure(kind: str, value: float) -> str:
    """A time, or a size, as people read it."""
    if kind == "size":
        return f"{value / 1000:,.0f} KB"
    if kind == "bytes":
        return f"{value:,.0f} bytes"
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if abs(value) >= size:
            return (
                f"{value / size:.3g} {unit}" if abs(value) < 1e9 else f"{value / size:.0f} {unit}"
            )
    return f"{value:.0f} ns"


def short(value: float) -> str:
    """A number in three digits or more, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


# In the order of the project's own list.
ROWS = [
    Row(
        "Argon2id, native",
        [Goal("native", "argon2id.*", least=2.4, peer="argon2-cffi")],
        "memory takes most of the time, and a neighbour on the machine its bandwidth; the kernels "
        "and what they tried: [0024](decisions/0024-argon2id-kernels.md)",
    ),
    Row(
        "Argon2id as WebAssembly, in workerd and Node",
        [
            Goal("worker", "argon2id, .*", least=1.25, peer="@phi-ag/argon2"),
            Goal("worker", "argon2id, .*", least=1.9, peer="RustCrypto argon2"),
            Goal("wasm", "argon2id.*", least=1.25),
        ],
        "what was tried: [0024](decisions/0024-argon2id-kernels.md); beside other work on the "
        "machine these ratios swing by more than they lack",
    ),
    Row(
        "Argon2id, first hash of a process in workerd",
        [Goal("worker", "argon2id: first hash of a process", most=45e6)],
        "45 ms are those of a machine on which RustCrypto's takes 70: compare the ratio",
    ),
    Row(
        "JWT in Python",
        [
            Goal("native", "JWT HS256: issue", least=10),
            Goal("native", "JWT HS256: verify", least=8),
            Goal("native", "JWT EdDSA: issue", least=2.5),
            Goal("native", "JWT EdDSA: verify", least=3),
            Goal("native", "JWT ES256.*", least=2),
        ],
        "peers call OpenSSL's assembly, core that of [0026](decisions/0026-native-signatures.md); "
        "of HS256 what is left is JSON and the way into Python",
    ),
    Row(
        "JWT in JavaScript",
        [
            Goal("wasm", "JWT HS256.*", least=1.4),
            Goal("wasm", "JWT (EdDSA|ES256).*", least=1),
        ],
        "EdDSA and ES256 are Node's OpenSSL in both "
        "([0027](decisions/0027-signatures-by-the-host.md)); HMAC stays in "
        "WebAssembly, behind a boundary that copies",
    ),
    Row(
        "TOTP and backup codes",
        [
            Goal("native", "TOTP.*", least=25),
            Goal("wasm", "TOTP.*", least=4),
            Goal("native", "10 backup codes", least=5),
        ],
        "totp-rs hashes the secret anew for each code "
        "([0017](decisions/0017-codes-and-pictures.md)), in WebAssembly built for its size; backup "
        "codes have 80 bits each, are written in base32 and grouped",
    ),
    Row(
        "QR codes",
        [Goal("native", "QR code.*", least=50), Goal("wasm", "QR code.*", least=2)],
        "in WebAssembly, which is built for its size, the eight masks are scored more slowly",
    ),
    Row(
        "Worker: HS256 token check",
        [Goal("worker", "token check HS256.*", most=20e3)],
        "tried: the whole Worker built for speed, which made no difference that could be told, "
        "nor does reading the header; beside other work all takes up to twice as long",
    ),
    Row(
        "Worker: EdDSA and ES256 token check, no more than WebCrypto's",
        [Goal("worker", "token check (EdDSA|ES256).*", least=1, peer="WebCrypto")],
        "a `Verify` effect performed by WebCrypto is not built: "
        "[0008](decisions/0008-effects-that-are-not-asked-yet.md)",
    ),
    Row(
        "Worker: what is loaded, compressed",
        [
            Goal("size", "what every isolate loads", most=450e3),
            Goal("size", "all together", most=1300e3),
        ],
        "[0023](decisions/0023-size.md) says what was moved out; what is left is the service",
    ),
    Row(
        "Worker: start, above a Worker in JavaScript",
        [Goal("worker", "start: time above a Worker in JavaScript", most=30e6)],
        "compiling grows with what is loaded; workerd compiles the strength module, too, which a "
        "request imports only later",
    ),
    Row(
        "Growth: login, refresh and token check, 10^6 accounts to 10^3",
        [Goal("growth", "(SQLite|PostgreSQL): (login|refresh|token check)", most=1.25)],
        "each statement is served by an index (`tests/hosts/tests/statements.rs`), whose tree has "
        "a level more, and whose pages no longer stay in the smallest caches",
    ),
]
