"""Measures the Python module beside its peers, each in its best case: parsed keys, warmed up.

usage: native.py <file for the measurements>, by `make bench-native`, which installs the peers.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import secrets
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import argon2
import authcore
import authlib.jose
import joserfc.errors
import joserfc.jwk
import joserfc.jwt
import jwt
import pyotp
import qrcode
import qrcode.image.svg
import segno
from rounds import Row, measure

Variants = dict[str, Callable[[], object]]

PASSWORD = "correct horse battery staple"
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


def password() -> list[Row]:
    """Argon2id at the cost that authcore has by default."""
    peer = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    stored = authcore.hash_password(PASSWORD)
    hashing: Variants = {
        "authcore": lambda: authcore.hash_password(PASSWORD),
        "argon2-cffi": lambda: peer.hash(PASSWORD),
    }
    verifying: Variants = {
        "authcore": lambda: authcore.verify_password(stored, PASSWORD),
        "argon2-cffi": lambda: peer.verify(stored, PASSWORD),
    }
    name = "argon2id, m=19456 t=2 p=1"
    return [measure(f"{name}: hash", hashing), measure(f"{name}: verify", verifying)]


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
        "Authlib": lambda: lib_jwt.decode(token, lib, claims_options=expected).validate(),
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
    codes: Variants = {
        "authcore": lambda: authcore.BackupCodes().codes,
        "secrets.token_hex": lambda: [secrets.token_hex(10) for _ in range(10)],
    }
    return [
        measure("TOTP: generate", generating),
        measure("TOTP: verify, one step to either side", verifying),
        measure("10 backup codes", codes),
    ]


def pictures() -> list[Row]:
    """The QR code of an otpauth URI."""
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
    return [measure("QR code: PNG", png, rounds=11), measure("QR code: SVG", svg, rounds=11)]


def main() -> None:
    """Measures everything and writes it."""
    # joserfc says at each call that RFC 9864 renames EdDSA: that is no part of its work.
    warnings.simplefilter("ignore", joserfc.errors.SecurityWarning)
    rows = password()
    for alg in ("HS256", "EdDSA", "ES256"):
        rows += tokens(alg)
    rows += [*one_time_codes(), *pictures()]
    peers = ["argon2-cffi", "Authlib", "joserfc", "PyJWT", "pyotp", "qrcode", "pillow", "segno"]
    versions = {peer: importlib.metadata.version(peer) for peer in [*peers, "cryptography"]}
    found = {
        "runtime": f"Python {sys.version.split()[0]}",
        "versions": versions,
        "rows": [asdict(row) for row in rows],
    }
    Path(sys.argv[1]).write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
