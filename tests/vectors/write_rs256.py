"""Writes core/examples/vectors_jwt/cases/rs256.json: tokens by RS256, which nothing of ours signs.

usage: write_rs256.py

They are those cases of jwt.json that stand there under ES256, too. The key is new each time, and
gone when they are signed. Afterwards: cargo run --example vectors_jwt > ../tests/vectors/jwt.json.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

VECTORS = Path(__file__).resolve().parent
FILE = VECTORS.parents[1] / "core" / "examples" / "vectors_jwt" / "cases" / "rs256.json"


def b64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def is_signed(token: str, jwk: dict[str, str]) -> bool:
    """Whether this Ed25519 key signed the token."""
    key = ed25519.Ed25519PublicKey.from_public_bytes(decoded(jwk["x"]))
    text, _, signature = token.rpartition(".")
    try:
        key.verify(decoded(signature), text.encode())
    except InvalidSignature:
        return False
    return True


def main() -> None:
    cases = json.loads((VECTORS / "jwt.json").read_text())["cases"]
    inputs = {case["name"]: case["input"] for case in cases}
    ours = inputs["a good token"]["jwks"][0]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = key.public_key().public_numbers()
    members = {"e": "AQAB", "kty": "RSA", "n": b64url(numbers.n.to_bytes(256, "big"))}
    kid = b64url(hashlib.sha256(compact(members).encode()).digest())
    jwk = {**members, "alg": "RS256", "kid": kid, "use": "sig"}
    tokens = {}
    for name in inputs:
        name = name.removeprefix("ES256: ")
        if f"ES256: {name}" not in inputs or not is_signed(inputs[name]["token"], ours):
            continue
        header, payload, _ = inputs[name]["token"].split(".")
        text = decoded(header).decode().replace(compact(ours), compact(jwk))
        text = text.replace(ours["kid"], kid).replace("EdDSA", "RS256")
        signed = f"{b64url(text.encode())}.{payload}"
        signature = key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        tokens[name] = f"{signed}.{b64url(signature)}"
    FILE.write_text(json.dumps({"members": members, "tokens": tokens}, indent=1) + "\n")


if __name__ == "__main__":
    main()
