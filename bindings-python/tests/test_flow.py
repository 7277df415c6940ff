"""The service over SQLite: sign-up, login, refresh, logout, keys, readiness, time stepped."""

from __future__ import annotations

import base64
import json
import os
import sqlite3

import authcore
import jwt
import pytest
from conftest import SECRET, START, VARIABLES, Client


def test_a_person_signs_up_logs_in_and_is_known(client: Client) -> None:
    created = client.sign_up()
    assert created.status == 201
    tokens = client.log_in().json
    assert tokens["token_type"] == "Bearer"
    me = client.call("GET", "/v1/me", token=tokens["access_token"])
    assert me.status == 200
    assert me.json["id"] == created.json["account"]["id"]


def test_a_request_to_another_route_is_authenticated(client: Client) -> None:
    client.now = None
    account = client.sign_up().json["account"]
    tokens = client.log_in().json
    signed_in = client.service.authenticate(client.headers(tokens["access_token"]))
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert signed_in.account_id == account["id"] == claims["sub"]
    assert signed_in.session_id == tokens["session_id"] == claims["sid"]
    assert signed_in.auth_time // 1000 == claims["auth_time"]
    assert signed_in.roles == ("user",)


# SECURITY 35
def test_the_key_set_verifies_an_access_token(client: Client) -> None:
    client.sign_up()
    token = client.log_in().json["access_token"]
    document = client.call("GET", "/.well-known/jwks.json")
    assert document.headers["cache-control"].startswith("public")
    keys = jwt.PyJWKSet.from_dict(document.json)
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        audience="authcore",
        issuer="http://localhost:8787",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert claims["iat"] == START // 1000
    assert claims["exp"] == START // 1000 + 300


# SECURITY 24, 25
def test_refresh_tokens_rotate_with_grace_and_die_of_reuse(client: Client) -> None:
    client.sign_up()
    first = client.log_in().json["refresh_token"]
    second = client.refresh(first).json["refresh_token"]
    client.now += 10_000
    assert client.refresh(first).json["refresh_token"] == second
    third = client.refresh(second).json
    reused = client.refresh(first)
    assert (reused.status, reused.json["code"]) == (401, "refresh_reused")
    assert client.refresh(third["refresh_token"]).json["code"] == "session_ended"
    me = client.call("GET", "/v1/me", token=third["access_token"])
    assert (me.status, me.json["code"]) == (401, "session_ended")


# SECURITY 25
def test_grace_ends_after_ten_seconds(client: Client) -> None:
    client.sign_up()
    first = client.log_in().json["refresh_token"]
    assert client.refresh(first).status == 200
    client.now += 10_001
    assert client.refresh(first).json["code"] == "refresh_reused"


# SECURITY 28
def test_logout_ends_the_session_at_once(client: Client) -> None:
    client.sign_up()
    tokens = client.log_in().json
    left = client.call("POST", "/v1/logout", token=tokens["access_token"])
    assert (left.status, left.body) == (204, b"")
    assert client.call("GET", "/v1/me", token=tokens["access_token"]).status == 401
    assert client.refresh(tokens["refresh_token"]).status == 401


# SECURITY 39
def test_an_access_token_expires(client: Client) -> None:
    client.sign_up()
    token = client.log_in().json["access_token"]
    client.now += 299_999
    assert client.call("GET", "/v1/me", token=token).status == 200
    client.now += 1
    me = client.call("GET", "/v1/me", token=token)
    assert (me.status, me.json["code"]) == (401, "token_expired")


def test_a_token_that_is_none_of_ours_raises(client: Client) -> None:
    with pytest.raises(authcore.TokenInvalid) as raised:
        client.service.authenticate([("authorization", b"Bearer canary.canary.canary")])
    assert "canary" not in f"{raised.value!r} {vars(raised.value)}"
    with pytest.raises(authcore.TokenMissing):
        client.service.authenticate([])
    with pytest.raises(authcore.ConflictingCredentials):
        client.service.authenticate([("authorization", b"Bearer a"), ("Authorization", b"b")])


def test_readiness_tells_what_is_missing(client: Client, tmp_path) -> None:
    client.now = None
    client.service.sweep()
    ready = client.call("GET", "/readyz")
    assert ready.status == 200, ready.body
    empty = authcore.Service(
        authcore.Settings.from_variables(VARIABLES), authcore.Sqlite(tmp_path / "empty.db")
    )
    unready = empty.handle(authcore.Request("GET", "/readyz"))
    assert unready.status == 503
    assert empty.migrate() == empty.migrate() == 2


# SECURITY 82
def test_the_keys_of_the_ring_say_whether_they_are_needed(client: Client) -> None:
    client.now = None
    client.sign_up()
    client.log_in()
    [key] = client.service.ring_keys()
    assert (key.id, key.place, key.needed) == ("k1", "current", True)
    assert key.rows == {"signing_keys": 2, "sessions": 1}
    ring = f"k2:{base64.b64encode(os.urandom(32)).decode()}"
    settings = authcore.Settings.from_variables({**VARIABLES, "AUTHCORE_SECRET": ring})
    other = authcore.Service(settings, authcore.Sqlite(client.database))
    places = [(key.id, key.place, key.needed) for key in other.ring_keys()]
    assert places == [("k2", "current", True), ("k1", "lost", True)]


def test_the_sweep_deletes_what_has_expired(client: Client) -> None:
    client.log_in("nobody", "whatever it is")

    def throttles() -> int:
        connection = sqlite3.connect(client.database)
        [[count]] = connection.execute("SELECT count(*) FROM throttles").fetchall()
        connection.close()
        return count

    assert throttles() > 0
    # Its rows expired long before the real clock that a sweep runs by.
    client.service.sweep()
    assert throttles() == 0


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PATCH", "/v1/me", 405),
        ("GET", "/v1/me\udc80", 404),
        ("G\udc80T", "/v1/me", 405),
        ("", "", 400),
    ],
)
def test_every_request_gets_an_answer(
    client: Client, method: str, target: str, status: int
) -> None:
    response = client.service.handle(authcore.Request(method, target))
    assert response.status == status
    assert json.loads(response.body)["status"] == status


def test_a_peer_is_an_address() -> None:
    for peer in ["192.0.2.1", "2001:db8::1", "fe80::1%eth0", None]:
        assert "canary" not in repr(authcore.Request("GET", "/canary", peer=peer))
    with pytest.raises(ValueError, match="peer"):
        authcore.Request("GET", "/", peer="localhost")


# SECURITY 83
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AUTHCORE_SECRET", ""),
        ("AUTHCORE_SECRET", "canary"),
        ("AUTHCORE_SECRET", "canary\udc80"),
        ("AUTHCORE_ISSUER", "https://example.org"),
        ("AUTHCORE_HASHES_AT_ONCE", "0"),
        ("AUTHCORE_HASHES_AT_ONCE", "many"),
        ("AUTHCORE_NOT_A_SETTING", "x"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(variable: str, value: str) -> None:
    with pytest.raises(authcore.InvalidSettings) as raised:
        authcore.Settings.from_variables({**VARIABLES, variable: value})
    shown = f"{raised.value!r} {raised.value.detail}"
    assert "AUTHCORE_" in shown
    assert "canary" not in shown
    assert SECRET not in shown


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # The host's own, and the build's, which share the prefix.
    own = {"AUTHCORE_HASHES_AT_ONCE": "2", "AUTHCORE_DATABASE": "a.db", "AUTHCORE_CACHE": "/tmp"}
    for name, value in {**VARIABLES, **own}.items():
        monkeypatch.setenv(name, value)
    settings = authcore.Settings.from_variables(os.environ)
    assert repr(settings) == "Settings(..)"
