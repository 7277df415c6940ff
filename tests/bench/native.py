"""Measures the Python module beside its peers, each in its best case: parsed keys, warmed up.

usage: native.py <file for the measurements> <folder>, by `make bench-native`, which installs the
peers and builds the estimator of passwords (tests/bench/strength) as a module. The folder holds
argon2-cffi's library as the compiler makes it for this processor.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import io
import json
import secrets
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import argon2
import authcore
import authcore_bench_strength
import authlib.jose
import joserfc.errors
import joserfc.jwk
import joserfc.jwt
import jwt
import nacl.pwhash
import pyotp
import qrcode
import qrcode.image.svg
import segno
import zxcvbn
import zxcvbn_rs_py
from rounds import Elsewhere, Row, Variants, measure

PEERS = [
    *[
        "argon2-cffi",
        "PyNaCl",
        "Authlib",
        "joserfc",
        "PyJWT",
        "cryptography",
        "pyotp",
        "qrcode",
        "pillow",
    ],
    *["segno", "zxcvbn-rs-py", "zxcvbn"],
]

Hashes = dict[str, Callable[[str], object]]

FOLDER = Path(__file__).resolve().parent

PASSWORD = "correct horse battery staple"
# As `make instructions` has it (tests/cost).
LONG = "correct horse battery staple and some more words behind it"
SECRET = b"0123456789abcdef0123456789abcdef"
URI = (
    "otpauth://totp/Example:marie%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    "&issuer=Example&algorithm=SHA1&digits=6&period=30"
)
CLAIMS: dict[str, Any] = {
    "iss": "https://auth.example",
    "aud": "https://api.example",
    "sub": "01990000-0000-7000-8000-0000000000aa",
    "iat": 1_790_000_000,
    "exp": 4_000_000_000,
    "roles": ["user"],
}
ISSUER, AUDIENCE = CLAIMS["iss"], CLAIMS["aud"]


def argon2_with(folder: str) -> ModuleType:
    """argon2-cffi again, with the library that stands in a folder."""

    def taken() -> dict[str, ModuleType]:
        of_argon2 = ("argon2", "_argon2_cffi_bindings")
        names = [name for name in sys.modules if name.partition(".")[0] in of_argon2]
        return {name: sys.modules.pop(name) for name in names}

    stock = taken()
    sys.path.insert(0, folder)
    built = importlib.import_module("argon2")
    sys.path.remove(folder)
    (library,) = Path(folder).glob("_argon2_cffi_bindings/_ffi*.so")
    assert taken()["_argon2_cffi_bindings._ffi"].__file__ == str(library)
    sys.modules |= stock
    return built


def password(folder: str) -> list[Row]:
    """Argon2id at the cost that authcore has by default."""
    cost = {"time_cost": 2, "memory_cost": 19456, "parallelism": 1}
    sodium = {"opslimit": 2, "memlimit": 19456 * 1024}
    peer = argon2.PasswordHasher(**cost)
    built = argon2_with(folder).PasswordHasher(**cost)
    stored = authcore.hash_password(PASSWORD)
    hashing: Variants = {
        "authcore": lambda: authcore.hash_password(PASSWORD),
        "argon2-cffi": lambda: peer.hash(PASSWORD),
        "argon2-cffi, built for this processor": lambda: built.hash(PASSWORD),
        "PyNaCl": lambda: nacl.pwhash.argon2id.str(PASSWORD.encode(), **sodium),
    }
    verifying: Variants = {
        "authcore": lambda: authcore.verify_password(stored, PASSWORD),
        "argon2-cffi": lambda: peer.verify(stored, PASSWORD),
        "argon2-cffi, built for this processor": lambda: built.verify(stored, PASSWORD),
        "PyNaCl": lambda: nacl.pwhash.argon2id.verify(stored.encode(), PASSWORD.encode()),
    }
    name = "argon2id, m=19456 t=2 p=1"
    with Elsewhere("node", FOLDER / "node-argon2.mjs") as node:
        # Its own process: the ratio to it is looser than the others.
        hashing["@node-rs/argon2, in Node"] = node
        rows = [measure(f"{name}: hash", hashing), measure(f"{name}: verify", verifying)]
    with ThreadPoolExecutor(2) as threads:
        rows += together(threads, {"authcore": authcore.hash_password, "argon2-cffi": peer.hash})
    return rows


def together(threads: ThreadPoolExecutor, hashes: Hashes) -> list[Row]:
    """Two hashes side by side, which the interpreter's lock must not prevent, and in turn."""

    def in_two_threads(hash_one: Callable[[str], object]) -> None:
        list(threads.map(hash_one, [PASSWORD] * 2))

    def in_one_thread(hash_one: Callable[[str], object]) -> None:
        list(map(hash_one, [PASSWORD] * 2))

    ways = {"two threads": in_two_threads, "one thread": in_one_thread}
    found = measure(
        "two hashes",
        {
            f"{name} in {way}": partial(act, hash_one)
            for way, act in ways.items()
            for name, hash_one in hashes.items()
        },
    )
    return [
        Row(
            f"argon2id: two hashes in {way}",
            {name: found.medians[f"{name} in {way}"] for name in hashes},
            {name: found.least[f"{name} in {way}"] for name in hashes},
        )
        for way in ways
    ]


def tokens(alg: str) -> list[Row]:
    """One algorithm of tokens, by keys that are parsed before."""
    ours = (
        authcore.KeySet.from_secret(alg, SECRET)
        if alg.startswith("HS")
        else authcore.KeySet.generate(alg)
    )
    private = ours.to_private_jwk()
    parsed = jwt.PyJWK({**private, "alg": alg}).key
    public = parsed if alg.startswith("HS") else parsed.public_key()
    rfc = joserfc.jwk.import_key(private)
    lib = authlib.jose.JsonWebKey.import_key(private)
    # Of a private key Authlib derives the public one for each token.
    symmetric = alg.startswith("HS")
    lib_public = authlib.jose.JsonWebKey.import_key(lib.as_dict(is_private=symmetric))
    lib_jwt = authlib.jose.JsonWebToken([alg])
    header = {"alg": alg, "kid": private.get("kid", "k")}
    registry = joserfc.jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": AUDIENCE}
    )
    options = {"essential": True}
    expected = {"iss": {**options, "value": ISSUER}, "aud": {**options, "value": AUDIENCE}}
    token = ours.issue(CLAIMS)

    def by_joserfc() -> None:
        registry.validate(joserfc.jwt.decode(token, rfc, algorithms=[alg]).claims)

    issuing: Variants = {
        "authcore": lambda: ours.issue(CLAIMS),
        "PyJWT": lambda: jwt.encode(CLAIMS, parsed, algorithm=alg, headers=header),
        "joserfc": lambda: joserfc.jwt.encode(header, CLAIMS, rfc, algorithms=[alg]),
        "Authlib": lambda: lib_jwt.encode(header, CLAIMS, lib),
    }
    verifying: Variants = {
        "authcore": lambda: ours.verify(token, issuer=ISSUER, audience=AUDIENCE),
        "PyJWT": lambda: jwt.decode(token, public, [alg], issuer=ISSUER, audience=AUDIENCE),
        "joserfc": by_joserfc,
        "Authlib": lambda: lib_jwt.decode(token, lib_public, claims_options=expected).validate(),
    }
    return [measure(f"JWT {alg}: issue", issuing), measure(f"JWT {alg}: verify", verifying)]


def one_time_codes() -> list[Row]:
    """TOTP with a window of one step, and ten backup codes."""
    base32, at = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1_800_000_000
    ours, peer = authcore.Totp(base32), pyotp.TOTP(base32)
    code = peer.at(at)
    generating: Variants = {
        "authcore": lambda: ours.generate(at=at * 1000),
        "pyotp": lambda: peer.at(at),
    }
    verifying: Variants = {
        "authcore": lambda: ours.verify(code, at=at * 1000),
        "pyotp": lambda: peer.verify(code, for_time=at, valid_window=1),
    }
    # pyotp ends its search at the code that matches; core always makes all three, so that time does
    # not tell which it was. Of the next step's code, and of a wrong one, both make all three.
    following = peer.at(at + 30)
    right = {peer.at(at + 30 * step) for step in (-1, 0, 1)}
    wrong = next(code for code in ("000000", "111111", "222222", "333333") if code not in right)
    searching: Variants = {
        "authcore": lambda: ours.verify(following, at=at * 1000),
        "pyotp": lambda: peer.verify(following, for_time=at, valid_window=1),
    }

    def refuse() -> None:
        with contextlib.suppress(authcore.OtpInvalid):
            ours.verify(wrong, at=at * 1000)

    refusing: Variants = {
        "authcore": refuse,
        "pyotp": lambda: peer.verify(wrong, for_time=at, valid_window=1),
    }
    codes: Variants = {
        "authcore": lambda: authcore.BackupCodes().codes,
        "secrets.token_hex": lambda: [secrets.token_hex(10) for _ in range(10)],
    }
    return [
        measure("TOTP: generate", generating),
        measure("TOTP: verify, one step to either side", verifying),
        measure("TOTP: verify the next step's code, one step to either side", searching),
        measure("TOTP: refuse a wrong code, one step to either side", refusing),
        measure("10 backup codes", codes),
    ]


def strength() -> list[Row]:
    """How many guesses a password takes: the estimator alone, as a module built for this."""
    rows = []
    for kind, password in (("weak", "password1"), ("long", LONG)):
        variants: Variants = {
            "authcore": partial(authcore_bench_strength.estimate, password),
            "zxcvbn-rs-py": partial(zxcvbn_rs_py.zxcvbn, password),
            "zxcvbn": partial(zxcvbn.zxcvbn, password),
        }
        rows.append(measure(f"strength of a {kind} password", variants))
    return rows


def pictures() -> tuple[list[Row], dict[str, int]]:
    """The QR code of an otpauth URI: what it takes, and how many bytes a PNG has."""
    ours = authcore.Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

    def segno_as(kind: str) -> bytes:
        out = io.BytesIO()
        segno.make(URI, error="m", micro=False).save(out, kind=kind, scale=4)
        return out.getvalue()

    def qrcode_as(factory: type | None) -> bytes:
        out = io.BytesIO()
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=4)
        code.add_data(URI)
        code.make_image(image_factory=factory).save(out)
        return out.getvalue()

    png: Variants = {
        "authcore": lambda: ours.qr_png("marie@example.org", issuer="Example"),
        "segno": lambda: segno_as("png"),
        "qrcode + Pillow": lambda: qrcode_as(None),
    }
    svg: Variants = {
        "authcore": lambda: ours.qr_svg("marie@example.org", issuer="Example"),
        "segno": lambda: segno_as("svg"),
        "qrcode": lambda: qrcode_as(qrcode.image.svg.SvgPathImage),
    }
    rows = [measure("QR code: PNG", png, rounds=11), measure("QR code: SVG", svg, rounds=11)]
    return rows, {name: len(draw()) for name, draw in png.items()}


def main() -> None:
    """Measures everything and writes it."""
    # joserfc says at each call that RFC 9864 renames EdDSA: that is no part of its work.
    warnings.simplefilter("ignore", joserfc.errors.SecurityWarning)
    rows = password(sys.argv[2])
    for alg in ("HS256", "EdDSA", "ES256"):
        rows += tokens(alg)
    drawn, sizes = pictures()
    rows += [*one_time_codes(), *drawn, *strength()]
    versions = {peer: importlib.metadata.version(peer) for peer in PEERS}
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    versions["@node-rs/argon2"] = lock["packages"]["node_modules/@node-rs/argon2"]["version"]
    found = {
        "runtime": f"Python {sys.version.split()[0]}",
        "versions": versions,
        "rows": [asdict(row) for row in rows],
        "bytes": [{"task": "QR code: PNG", "medians": sizes}],
    }
    Path(sys.argv[1]).write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
