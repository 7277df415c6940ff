"""What the project wants to reach, row by row, and why a row that is not reached is not.

A goal is looked up among the last measurements; what is written of it beside the figures is shown
only while it is not reached, but for what moves from run to run.
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

    def is_of(self, kind: str, row: dict[str, Any]) -> bool:
        """Whether it bounds a row, in which its peer was measured."""
        if kind != self.of or (self.peer and self.peer not in row["medians"]):
            return False
        return re.fullmatch(self.task, row["task"]) is not None

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
        stretch = f"{self.stretch:g}" if self.most is None else self._shown(None, self.stretch)
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
    # What moves from run to run, and by how much: shown also where it is reached.
    moves: str = ""


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


# In the order of the project's own list. The goals come from measurements on a Zen 3.
ROWS = [
    Row(
        "Argon2id, native",
        [
            Goal("native", "argon2id, .*", least=2.4, peer="argon2-cffi", stretch=3),
            Goal("native", "argon2id, .*: hash", least=1, peer="@node-rs/argon2, in Node"),
        ],
        "of the 10 to 15 ms of a hash wiping its memory takes 1 to 1.6, and the kernel waits for "
        "memory in most of the rest ([0024](decisions/0024-argon2id-kernels.md))",
        moves="the bound is near: in four runs on a Zen 3 (2026-11-29) 2.41 to 2.64 times "
        "argon2-cffi's wheel, in three on a Xeon (2026-11-22) 2.6 to 2.7, and under a load of 7.6 "
        "there 2.3 and 2.6. The goal is judged by that wheel, which is built for SSE2: beside the "
        "same C built for this processor it is 1.4 to 1.6 times",
    ),
    Row(
        "Argon2id as WebAssembly, in workerd and Node",
        [
            Goal("worker", "argon2id, .*", least=1.25, peer="@phi-ag/argon2"),
            Goal("worker", "argon2id, .*", least=1.9, peer="RustCrypto argon2"),
            Goal("worker", "argon2id, .*", least=1.9, peer="RustCrypto argon2, +simd128"),
            Goal("wasm", "argon2id.*", least=1.25),
        ],
        "a permutation is a chain of products: what is computed beside it counts for little, and "
        "an interleaving of two is undone by V8 ([0024](decisions/0024-argon2id-kernels.md)). By "
        "published tables a product of vectors takes Intel's processors 5 cycles and a Zen 3 "
        "three, one of 64-bit registers 3 both: likely why the crate is nearer on a Xeon, and not "
        "measured",
        moves="on a Xeon (2026-11-22) 1.1 and 1.2 times @phi-ag/argon2 and 1.2 to 1.5 times the "
        "crate; on a Zen 3 (2026-11-29), where the goals come from, in workerd 1.19 to 1.35 and "
        "1.7 to 2 times, 1.67 to 1.85 beside the crate with vectors, and in Node 1.1 to 1.2",
    ),
    Row(
        "Argon2id, first hash of a process in workerd",
        [
            Goal("worker", "argon2id: first hash of a process", most=45e6),
            Goal("worker", "argon2id: first hash of a process", 1.55, "RustCrypto argon2"),
            Goal(
                "worker", "argon2id: first hash of a process", 1.55, "RustCrypto argon2, +simd128"
            ),
        ],
        "the goal is 45 ms where the crate takes 70, 1.55 times as fast; reached are 1.2 to 1.6, "
        "and 43, 49 and 61 ms on a Xeon, 48 to 53 on a Zen 3, as the machines' speed moved. A "
        "first hash runs what V8 compiles at first until the better code is swapped in, at a call "
        "of the block function, and takes 19 MiB of new pages, which is the same for all and the "
        "larger part: in Node a first hash takes 46 ms at least, 38 with the better code from the "
        "start, later ones 22 ([0024](decisions/0024-argon2id-kernels.md))",
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
        "ES256 verified: nearly all is the curve, for which OpenSSL's assembly needs as long as "
        "core's; the peers lose only what Python adds. Tables of a kept key would save doublings, "
        "and the library has none ([0026](decisions/0026-native-signatures.md))",
        moves="on a Xeon (2026-11-22) HS256 was issued 9.8, 9.9 and 10.2 times as fast and ES256 "
        "verified 1.6 times, on a Zen 3 (2026-11-29) 12 and 13, and 2.06 to 2.4 times",
    ),
    Row(
        "JWT in JavaScript and in a Worker",
        [
            Goal("wasm", "JWT HS256.*", least=1.4),
            Goal("wasm", "JWT (EdDSA|ES256).*", least=1),
            Goal("worker", "JWT HS256 in a Worker.*", least=1.4, peer="fast-jwt"),
            Goal("worker", "JWT (EdDSA|ES256) in a Worker.*", least=1, peer="fast-jwt"),
            Goal("worker", "JWT (EdDSA|ES256) in a Worker.*", least=1, peer="jose"),
        ],
        "EdDSA and ES256 in Node are one OpenSSL in both, so 0.95 to 1.2 "
        "([0027](decisions/0027-signatures-by-the-host.md)). HS256, by `node --cpu-prof` before "
        "SHA-256 had vector instructions: SHA-256 28 % of issuing and 24 % of verifying, strict "
        "reading and canonical writing 21 %, JavaScript's own JSON 15 %, memory 10 %, the "
        "boundary 8 %. HMAC by `node:crypto` would win nothing: `createHmac` alone takes 2.4 µs "
        "for 300 bytes at least; fast-jwt spends a third of its time there. In a "
        "Worker without `nodejs_compat` EdDSA and ES256 are curves in WebAssembly; with it "
        "the library's signature is the runtime's, at 0.85 to 1.1 times bare WebCrypto's, which "
        "stands in the rows and is no peer of the goal: it is no library, and checks less. These "
        "rows are of the npm package: the service as a Worker has the runtime verify, and signs in "
        "WebAssembly, as in the rows without the flag, so that none of its private keys goes to "
        "JavaScript. With tables of the base points, as "
        "native builds have them (tried in Node, without its OpenSSL): ES256 issued in 241 µs for "
        "923 and verified in 868 for 1,067, EdDSA in 60 for 164 and 144 for 199, all still behind "
        "the runtime's own, for 56 KB more of 201 compressed: left out "
        "([0023](decisions/0023-size.md))",
        moves="in a Worker with the flag EdDSA was issued at 1.2, 1.0 and 0.96 times fast-jwt's, "
        "the rest always more quickly. HS256 was verified in Node 1.36 and 1.37 times as fast "
        "while core was built for its size there, and 1.7 and 1.5 times since "
        "([0023](decisions/0023-size.md))",
    ),
    Row(
        "TOTP and backup codes",
        [
            Goal("native", "TOTP.*", least=25),
            Goal("wasm", "TOTP.*", least=4),
            Goal("native", "10 backup codes", least=5),
        ],
        "of a code at the current step pyotp and otpauth search two and one of three; core always "
        "all three, so that time tells nothing: the first measurements' peers (55 and 24 µs) fit "
        "the rows where both do, and the goals fit those. A refusal raises an exception in Python, "
        "which takes as long as the search, and throws one in JavaScript, 13 to 17 µs from run to "
        "run: in the run that took it apart V8 took 10 of 17 to write the stack, which is kept, "
        "since people look for it, and the fields of the error took 4 (tried: without a stack 7 "
        "µs, 1.9 times as fast as the peer's null). "
        "Generating: pyotp takes 9 to 23 µs here, 20 where the "
        "goal comes from, core 0.6 to 1.3; `totp-rs` hashes the secret's pads anew for each code. "
        "Tried (2026-11-29, the least of three runs with other work beside them): the search's own "
        "code for what is given out and confirmed, too, generates in 0.38 to 0.42 µs instead of "
        "0.5 to 0.54, 17 to 19 times as fast as pyotp and not 14; a code at the current step is "
        "verified 16 times as fast and not 13.5, the next step's 23.4 to 24.8 times and not 19 to "
        "22, a refusal 12 as before. No row reaches 25, and `totp-rs` is to have the last word "
        "([0017](decisions/0017-codes-and-pictures.md)): left. Backup codes: the peer's are "
        "hexadecimal, ours of the same 80 bits, in base32, in groups and wiped",
    ),
    Row(
        "QR codes",
        [
            Goal("native", "QR code.*", least=50),
            Goal("wasm", "QR code.*", least=2),
            Goal("bytes", "QR code: PNG", most=1024),
        ],
        "in WebAssembly, which is built for its size, the eight masks are scored more slowly",
    ),
    Row(
        "Strength of a password (zxcvbn)",
        [Goal("native", "strength of a .* password", least=1.1, peer="zxcvbn-rs-py")],
        "the estimator is the project's own, without floats, clock and regular expressions "
        "([0019](decisions/0019-password-strength.md))",
    ),
    Row(
        "Worker: HS256 token check",
        [Goal("worker", "token check HS256.*", most=20e3)],
        "as in Node, SHA-256 without SHA instructions and strict reading of JSON are the larger "
        "parts; the whole Worker built for speed made no difference that could be told",
        moves="one in a request cannot be told to 20 µs: what does nothing took 52 at least and "
        "105 by the median in one run, and one check 17 and 40 in two. Of 50 in a request one "
        "can: on a Xeon (2026-11-22) 12, 13 and 25 in three runs, WebCrypto 12 to 20, as the "
        "machine's speed moved: the goal is reached at its higher speed, and missed by a quarter "
        "at its lower; on a Zen 3 (2026-11-29) 14, 16 and 14",
    ),
    Row(
        "Worker: EdDSA and ES256 token check, no more than WebCrypto's",
        [Goal("worker", "token check (EdDSA|ES256).*", least=1, peer="WebCrypto")],
        "of 50 in a request a check takes from as long as by WebCrypto to 14 % more (one in a "
        "request, by core alone, three and seven to twelve times as long): the bare signature is "
        "as quick, and strict reading, the header and the call out of WebAssembly come on top, "
        "where this WebCrypto reads with JSON.parse what it needs "
        "([0027](decisions/0027-signatures-by-the-host.md))",
        moves="one in a request cannot be told: in three runs within three hours EdDSA came to "
        "1.6, 0.89 and 0.45 times WebCrypto's, ES256 to 0.95, 0.64 and 0.41",
    ),
    Row(
        "Worker: what is loaded, compressed",
        [
            Goal("size", "what every isolate loads", most=450e3, stretch=350e3),
            Goal("size", "all together", most=1300e3, stretch=700e3),
        ],
        "[0023](decisions/0023-size.md) says what was moved out: core's code is 160 KB of what is "
        "left, the tables of IDNA 60; of all together the strength module is half, most of it word "
        "lists",
    ),
    Row(
        "Worker: start, above a Worker in JavaScript",
        [Goal("worker", "start: time above a Worker in JavaScript", most=30e6)],
        "compiling grows with what a bundle holds, and a Worker in Rust that does nothing takes 10 "
        "ms of it. Tried: the strength module left out of the bundle, 5 to 6 ms less, as workerd "
        "compiles it with the rest, though it is instantiated only when it is first asked; a "
        "second Worker for it would take two deployments "
        "([0019](decisions/0019-password-strength.md)). Built for its size, and 31 KB compressed "
        "less than before the work on speed, it starts as it did then "
        "([before and now](performance.md#before-and-after)). The flag "
        "`nodejs_compat` costs a start nothing, and `node:crypto` about 10 ms of CPU, so it is "
        "asked for only once a key has verified a hundred signatures "
        "([0027](decisions/0027-signatures-by-the-host.md)). What Cloudflare's own start does may "
        "differ",
        moves="on a Xeon (2026-11-22) it was 27, 29 and 47 ms in three runs, as the machine's "
        "speed moved, on a Zen 3 (2026-11-29) 28 to 39, where a Worker in JavaScript itself took "
        "up to 38 and not 27; these were differences of lower quartiles; of medians it is 39",
    ),
    Row(
        "Growth: login, refresh and token check, 10^6 accounts to 10^3",
        [
            Goal(
                "growth",
                "(SQLite|PostgreSQL|D1): (login|refresh|token check)(: the database's part)?",
                most=1.25,
            )
        ],
        "an index has a level more, and its pages no longer stay in the smallest caches",
        moves="PostgreSQL's refresh took longest with the fewest accounts, in all runs: there it "
        "reads `accounts` whole, by the plans below; from 100,000 to a million it takes the same. "
        "Its login took the database 0.98 and 1.03 times as long in two runs on a Xeon "
        "(2026-11-22), 1.03 and 1.23 in two on a Zen 3, by the median, where in the second the "
        "least fell, from 3.4 ms to 3.27, and 0.74 in the run below. In a run that did not "
        "read SQLite's files before (2026-11-29, with other work beside it), a token check of a "
        "million took its database 2.5 times as long, and a login 2.2 times: this machine drops "
        "what lies unread for minutes from its memory. D1's rows are whole requests of the Worker, "
        "by CPU time of workerd, with Miniflare's D1",
    ),
]
