"""What the installed package must do by itself, in whichever Python runs this: the primitives, and
a service on SQLite. Prints the version of that Python.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import sys
from collections.abc import Callable

import authcore

PASSWORD = "analytical engine"


def thrown(run: Callable[[], object]) -> Exception:
    """What is raised: there is no pytest here."""
    try:
        run()
    except authcore.Error as error:
        return error
    raise AssertionError("nothing was raised")


def primitives() -> None:
    """Hashes and verifies a password, makes and takes a code, issues and verifies a token."""
    hashed = authcore.hash_password(PASSWORD)
    authcore.verify_password(hashed, PASSWORD)
    refused = thrown(lambda: authcore.verify_password(hashed, "another"))
    assert isinstance(refused, authcore.InvalidCredentials)
    totp = authcore.Totp()
    assert totp.verify(totp.generate(59_000), 59_000).step == 1
    keys = authcore.KeySet.generate("ES256")
    assert keys.verify(keys.issue({"sub": "ada", "exp": 4_000_000_000}))["sub"] == "ada"


def service() -> None:
    """Signs up, signs in, is known, refreshes, leaves; and is swept."""
    variables = {
        "AUTHCORE_ENV": "dev",
        "AUTHCORE_SECRET": "k1:" + base64.b64encode(os.urandom(32)).decode(),
    }
    settings = authcore.Settings.from_variables(variables)
    served = authcore.Service(settings, authcore.Sqlite("auth.db"))
    assert served.migrate() == 2

    def post(path: str, body: dict, expected: int) -> dict:
        headers = [("content-type", b"application/json")]
        request = authcore.Request("POST", path, headers, json.dumps(body).encode(), "203.0.113.7")
        response = served.handle(request)
        assert response.status == expected, response.body
        return json.loads(response.body or b"{}")

    post("/v1/accounts", {"username": "ada", "password": PASSWORD}, 201)
    tokens = post("/v1/login", {"login": "ada", "password": PASSWORD}, 200)
    bearer = [("authorization", b"Bearer " + tokens["access_token"].encode())]
    assert served.authenticate(bearer).session_id == tokens["session_id"]
    tokens = post("/v1/refresh", {"refresh_token": tokens["refresh_token"]}, 200)
    post("/v1/logout", {"refresh_token": tokens["refresh_token"]}, 204)
    assert isinstance(thrown(lambda: served.authenticate(bearer)), authcore.SessionEnded)
    served.sweep()
    assert served.ring_keys()
    connection = sqlite3.connect("auth.db")
    assert connection.execute("SELECT count(*) FROM heartbeat").fetchall() == [(1,)]
    connection.close()


if __name__ == "__main__":
    # The one that was installed, and no other that may be about.
    assert authcore.__file__.startswith(sys.prefix), authcore.__file__
    primitives()
    service()
    print("{}.{}".format(*sys.version_info))
