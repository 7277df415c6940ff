"""Secrets stay where they belong, also when what carries them is malformed or refused."""

from __future__ import annotations

import json

from blackbox.client import unique
from blackbox.conftest import Starter

JSON = {"content-type": "application/json"}


def test_no_secret_reaches_the_log_or_the_database(new_host: Starter) -> None:
    # SECURITY 23, 88, 91
    host = new_host()
    client = host.client()
    person = client.sign_up(email="canary@example.com")
    tokens = person.login()
    client.refresh(tokens["refresh_token"])
    canary = "canary-" + unique("password-that-nobody-may-see-")
    host.secrets.add(canary)
    person.try_login(canary)
    client.post("/v1/login", {"login": canary, "password": canary})
    client.post("/v1/login", {"login": person.username, "password": [canary]})
    client.post("/v1/accounts", {"username": canary, "password": canary, canary: canary})
    client.post("/v1/refresh", {"refresh_token": f"rt_{canary}"})
    client.post("/v1/logout", {"refresh_token": canary}, token=canary)
    client.send("POST", "/v1/login", f'{{"password": "{canary}'.encode(), JSON)
    client.send("POST", f"/v1/login?password={canary}", canary.encode())
    client.send(canary.upper()[:8], f"/{canary}")
    client.get(f"/v1/me?access_token={canary}", canary, cookie=f"access={canary}")
    client.get("/v1/me", authorization=f"Basic {canary}", **{"x-api-key": canary})
    client.refresh(tokens["refresh_token"])
    host.stop()
    lines = [json.loads(line) for line in own_lines(host.log())]
    assert len(lines) >= 14
    for line in lines:
        assert set(line) == {"at", "method", "route", "status"}
    assert "canary" not in host.log()


def own_lines(log: str) -> list[str]:
    """The lines that core wrote: one a request."""
    return [line for line in log.split("\n") if line.startswith('{"at":')]


def test_stored_secrets_are_hashed_or_sealed(new_host: Starter) -> None:
    # SECURITY 7, 23, 80
    host = new_host()
    one, other = host.client().sign_up(), host.client().sign_up()
    for person in (one, other):
        person.login()
    stored = host.rows("SELECT phc FROM credentials")
    assert len({phc for (phc,) in stored}) == 2
    for (phc,) in stored:
        assert phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    for sealed, public_key in host.rows("SELECT sealed, public_key FROM signing_keys"):
        assert sealed
        assert public_key not in sealed
