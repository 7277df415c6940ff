"""Access tokens at GET /me: forged, altered, in another form, at another place.

What no signature here could make good says nothing of the rules on `alg`, `kid`, `typ`, `crit` and
`zip`: test_access_token_vectors.py shows these, with the very key that signs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blackbox.client import NOW, Client, require_problem
from blackbox.conftest import Starter

KEY_SET = "/.well-known/jwks.json"


def encoded(value: object) -> str:
    """A part of a token: JSON in unpadded base64url."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decoded(part: str) -> dict:
    """A part of a token, read."""
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def require_refused(client: Client, token: str) -> None:
    """Asserts 401 with the challenge of RFC 6750."""
    answer = require_problem(client.me(token), 401, "token_invalid")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.fixture
def token(client: Client) -> str:
    """A good access token."""
    token = client.sign_up().login()["access_token"]
    assert client.me(token).status == 200
    return token


def test_every_altered_character_counts(client: Client, token: str) -> None:
    # SECURITY 36
    for place in range(0, len(token), 7):
        if token[place] != ".":
            other = "A" if token[place] != "A" else "B"
            require_refused(client, token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_what_nobody_signed_is_no_token(client: Client, token: str, algorithm: str) -> None:
    # SECURITY 35
    header, payload, _ = token.split(".")
    changed = encoded({**decoded(header), "alg": algorithm})
    for unsigned in (f"{changed}.{payload}.", f"{changed}.{payload}"):
        require_refused(client, unsigned)


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_a_public_key_is_no_shared_secret(client: Client, token: str, digest: str) -> None:
    # SECURITY 35
    header, payload, _ = token.split(".")
    key_id = decoded(header)["kid"]
    key_set = client.get(KEY_SET)
    published = next(key for key in key_set.json()["keys"] if key["kid"] == key_id)
    key = jwt.PyJWK(published).key
    form, encoding = serialization.PublicFormat, serialization.Encoding
    secrets = [
        key.public_bytes(encoding.Raw, form.Raw),
        key.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo),
        key.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo).strip(),
        key.public_bytes(encoding.DER, form.SubjectPublicKeyInfo),
        key.public_bytes(encoding.OpenSSH, form.OpenSSH),
        json.dumps(published).encode(),
        published["x"].encode(),
        key_set.body,
    ]
    algorithm = {"sha256": "HS256", "sha512": "HS512"}[digest]
    changed = encoded({**decoded(header), "alg": algorithm})
    for secret in secrets:
        mac = hmac.new(secret, f"{changed}.{payload}".encode(), digest).digest()
        require_refused(client, f"{changed}.{payload}.{encoded(mac)}")


def test_keys_come_from_nowhere_but_the_service(client: Client, token: str) -> None:
    # SECURITY 36
    header, payload, _ = token.split(".")
    own = Ed25519PrivateKey.generate()
    public = own.public_key().public_bytes_raw()
    key = {"kty": "OKP", "crv": "Ed25519", "x": encoded(public), "alg": "EdDSA"}
    thumbprint = json.dumps(
        {"crv": "Ed25519", "kty": "OKP", "x": key["x"]}, separators=(",", ":")
    ).encode()
    digest = encoded(hashlib.sha256(thumbprint).digest())
    # Its signature fits the key that it brings.
    for brought in ({"jwk": key}, {"jwk": key, "kid": digest}):
        signed = f"{encoded({**decoded(header), **brought})}.{payload}"
        require_refused(client, f"{signed}.{encoded(own.sign(signed.encode()))}")


def test_odd_headers_are_refused_without_a_fault(client: Client, token: str) -> None:
    header, payload, signature = token.split(".")
    for extra in (
        {"alg": "HS256"},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": ["AAAA"]},
        {"kid": "../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": "x" * 10_000},
        {"kid": 1},
        {"kid": None},
        {"kid": ["a"]},
        {"crit": ["exp"]},
        {"crit": "b64"},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
        {"typ": "JWT"},
    ):
        changed = encoded({**decoded(header), **extra})
        require_refused(client, f"{changed}.{payload}.{signature}")
    assert client.me(token).status == 200


def test_only_the_compact_form_is_read(client: Client, token: str) -> None:
    # SECURITY 44
    header, payload, signature = token.split(".")
    flattened = {"protected": header, "payload": payload, "signature": signature}
    # 64 bytes end in a character of two bits; the same bytes, with bits behind them on.
    trailing = signature[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]
    forms = [
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature}==",
        f"{header}=.{payload}.{signature}",
        f"{header}.{payload}.{trailing}",
        f"{header}.{payload}.{signature}.",
        f"{header}.{payload}.{signature}.{signature}",
        f".{header}.{payload}.{signature}",
        f"{header}.{payload}",
        f"{header}..{signature}",
        f"{header} .{payload}.{signature}",
        f"{header}.{payload}\t.{signature}",
        json.dumps(flattened).replace(" ", "").replace(",", ";"),
        "a.b.c",
        "..",
        ".",
        "A" * 8000,
    ]
    for form in forms:
        require_refused(client, form)
    assert client.me(token).status == 200


def test_a_signature_with_another_s_is_not_the_same(client: Client, token: str) -> None:
    # SECURITY 46
    header, payload, signature = token.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(raw[32:], "little") + order
    malleable = raw[:32] + s.to_bytes(32, "little")
    require_refused(client, f"{header}.{payload}.{encoded(malleable)}")
    require_refused(client, f"{header}.{payload}.{encoded(bytes(64))}")


def test_what_is_no_access_token_opens_nothing(client: Client) -> None:
    # SECURITY 41
    tokens = client.sign_up().login()
    revocations = client.get("/.well-known/revocations").body.decode()
    for other in (tokens["refresh_token"], tokens["session_id"], revocations):
        require_refused(client, other)
    require_problem(client.refresh(tokens["access_token"]), 401, "token_invalid")


def test_the_scheme_is_bearer(client: Client, token: str) -> None:
    for scheme in ("bearer", "BEARER", "Bearer"):
        assert client.get("/v1/me", authorization=f"{scheme} {token}").status == 200
    for value in (token, f"Basic {token}", f"Token {token}", f"Bearer{token}", "Bearer"):
        assert client.get("/v1/me", authorization=value).status == 401, value[:12]
    for name in ("x-access-token", "x-authorization", "cookie"):
        require_problem(client.get("/v1/me", **{name: token}), 401, "token_missing")
    require_problem(client.get(f"/v1/me?access_token={token}"), 401, "token_missing")


def test_a_token_of_another_service_is_refused(
    client: Client, token: str, new_host: Starter
) -> None:
    # SECURITY 36, 40
    other = new_host().client()
    assert other.get(KEY_SET).status == 200
    require_refused(other, token)


def test_a_token_is_good_from_its_own_second(client: Client) -> None:
    # SECURITY 39
    token = client.at(NOW + 999).sign_up().login()["access_token"]
    claims = decoded(token.split(".")[1])
    assert claims["iat"] == claims["nbf"] == claims["auth_time"] == NOW // 1000
    assert claims["exp"] == NOW // 1000 + 300
    require_problem(client.at(claims["exp"] * 1000).me(token), 401, "token_expired")
