"""The vectors of tokens at a host whose own key signs them: what is wrong in them is refused."""

from __future__ import annotations

import base64
import json
import sqlite3

from vectors.write_secret import b64url, derive, length_prefixed, xchacha20_poly1305

from blackbox.client import NOW
from blackbox.conftest import Starter
from blackbox.hosts import ROOT, Host

# The key pair of RFC 8037 appendix A.1, which signs the vectors.
SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
KEY = {
    "alg": "EdDSA",
    "crv": "Ed25519",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    "kty": "OKP",
    "use": "sig",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
ACCOUNT = "01990000-0000-7000-8000-0000000000aa"
SESSION = "01990000-0000-7000-8000-0000000000bb"
VARIABLES = {
    "AUTHCORE_ISSUER": "https://auth.example",
    "AUTHCORE_PUBLIC_URL": "https://auth.example",
    "AUTHCORE_AUDIENCE": "https://api.example",
    "AUTHCORE_CLIENT_ID": "web",
    "AUTHCORE_ENV": "production",
}


def sealed_seed(host: Host) -> str:
    """The vectors' seed as a row of signing_keys holds it, sealed by the host's ring."""
    key_id, ring_key = host.variables["AUTHCORE_SECRET"].split(":", 1)
    place = ("s1", key_id, "signing_keys", KEY["kid"], "", "seal.signing_key")
    bound = length_prefixed(*(field.encode() for field in place))
    sealing = derive(base64.b64decode(ring_key), "seal.signing_key")
    nonce = bytes(range(24))
    seed = base64.urlsafe_b64decode(f"{SEED}=")
    body = xchacha20_poly1305(sealing, nonce, bound, seed)
    return f"s1.{key_id}.{b64url(nonce + body)}"


def adopt_the_vectors(host: Host) -> None:
    """Makes the vectors' key the one that signs, and their account and session the only ones."""
    host.stop()
    with sqlite3.connect(host.database()) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(
            "UPDATE signing_keys SET id = ?, public_key = ?, sealed = ? WHERE state = 'active'",
            (KEY["kid"], KEY["x"], sealed_seed(host)),
        )
        connection.execute("UPDATE accounts SET id = ?", (ACCOUNT,))
        for table in ("credentials", "account_roles", "sessions"):
            connection.execute(f"UPDATE {table} SET account_id = ?", (ACCOUNT,))
        connection.execute("UPDATE sessions SET id = ?", (SESSION,))
    connection.close()
    host.start()


def test_the_very_key_that_signs_here_makes_no_wrong_token_good(new_host: Starter) -> None:
    # SECURITY 35, 36, 37, 38, 40, 41, 44, 45
    host = new_host(**VARIABLES)
    person = host.client().sign_up()
    person.login()
    adopt_the_vectors(host)
    client = host.client()
    vectors = json.loads((ROOT / "tests" / "vectors" / "jwt.json").read_text())
    statuses = {200: 0, 401: 0}
    for case in vectors["cases"]:
        given = case["input"]
        token = given["token"]
        # A header cannot carry the others, and has spaces around a value taken off.
        carried = all("!" <= character <= "~" and character != "," for character in token)
        # Those of other keys and moments are for the verifier of the primitives.
        same = given["jwks"] == [KEY] and given["typ"] == "at+jwt"
        same = same and (given["now"], given["leeway"]) == (NOW // 1000, 0)
        # The service is patient with what begins a second from now.
        if not carried or not same or case["name"].startswith("a second before "):
            continue
        answer = client.me(token)
        if len(token) > 6000 and answer.status == 431:
            continue
        expected = 200 if case["error"] is None else 401
        assert answer.status == expected, case["name"]
        assert expected == 401 or answer.json()["username"] == person.username
        statuses[expected] += 1
    assert statuses[200] > 15, statuses
    assert statuses[401] > 250, statuses
