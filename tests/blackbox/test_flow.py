"""The way of one person through the service, and how others check the tokens by the URL alone."""

from __future__ import annotations

import json
import subprocess

import jwt

from blackbox.client import NOW, Client, require_problem
from blackbox.hosts import ROOT

ACCOUNT_KEYS = {
    "id",
    "email",
    "username",
    "full_name",
    "status",
    "email_verified",
    "second_factor",
    "roles",
    "properties",
    "created_at",
    "last_login_at",
}
TOKEN_KEYS = {
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "refresh_expires_in",
    "session_id",
}
# RFC 9068 §2.2, and the session's own.
CLAIMS = {
    "iss",
    "aud",
    "sub",
    "sid",
    "client_id",
    "iat",
    "nbf",
    "exp",
    "jti",
    "auth_time",
    "amr",
    "roles",
}
KEY_SET = "/.well-known/jwks.json"
MEDIA_TYPES = {"application/json", "application/problem+json", "application/jwt"}
PAGES = {"/docs": "text/html; charset=utf-8"}
# The only answers that anybody may keep.
CACHEABLE = {
    KEY_SET: "public, max-age=300",
    "/.well-known/revocations": "public, max-age=60",
    "/.well-known/revocations/jwks.json": "public, max-age=300",
}


def test_from_sign_up_to_logout(client: Client) -> None:
    person = client.sign_up(email="Flow.One@example.com", full_name="Flow One")
    # SECURITY 69
    assert set(person.account) == ACCOUNT_KEYS
    assert person.account["username"] == person.username
    assert person.account["email"] == "Flow.One@example.com"
    assert person.account["roles"] == ["user"]
    assert person.account["created_at"] == NOW

    tokens = person.login()
    assert set(tokens) == TOKEN_KEYS
    assert tokens["token_type"] == "Bearer"
    me = client.me(tokens["access_token"])
    assert me.status == 200
    assert me.json() == {**person.account, "last_login_at": NOW}

    refreshed = client.refresh(tokens["refresh_token"])
    assert refreshed.status == 200
    successor = refreshed.json()
    assert set(successor) == TOKEN_KEYS
    assert successor["session_id"] == tokens["session_id"]
    assert successor["refresh_token"] != tokens["refresh_token"]
    assert client.me(successor["access_token"]).status == 200

    # SECURITY 28
    logout = client.post("/v1/logout", {}, token=successor["access_token"])
    assert logout.status == 204
    for access_token in (tokens["access_token"], successor["access_token"]):
        require_problem(client.me(access_token), 401, "session_ended")
    require_problem(client.refresh(successor["refresh_token"]), 401, "session_ended")


def test_a_refresh_token_is_enough_to_log_out(client: Client) -> None:
    tokens = client.sign_up().login()
    answer = client.post("/v1/logout", {"refresh_token": tokens["refresh_token"]})
    assert answer.status == 204
    require_problem(client.me(tokens["access_token"]), 401, "session_ended")


def test_an_account_is_found_by_either_name_in_any_case(client: Client) -> None:
    person = client.sign_up(email="Either.Name@Example.com")
    for login in (person.username.upper(), "either.name@example.com", "Either.Name@EXAMPLE.com"):
        body = {"login": login, "password": person.password}
        answer = client.post_settled("/v1/login", body)
        assert answer.status == 200, login


def test_a_taken_name_is_refused(client: Client) -> None:
    person = client.sign_up()
    body = {"username": person.username.upper(), "password": person.password}
    require_problem(client.post_settled("/v1/accounts", body), 409, "taken")


def test_every_login_begins_a_session_of_its_own(client: Client) -> None:
    # SECURITY 29
    person = client.sign_up()
    first, second = person.login(), person.login()
    assert first["session_id"] != second["session_id"]
    client.post("/v1/logout", {}, token=first["access_token"])
    assert client.me(second["access_token"]).status == 200


def test_what_a_client_brings_to_a_login_becomes_no_session(client: Client) -> None:
    # SECURITY 29
    person = client.sign_up()
    live, ended = person.login(), person.login()
    assert client.post("/v1/logout", {}, token=ended["access_token"]).status == 204
    body = {"login": person.username, "password": person.password}
    seen = {live["session_id"], ended["session_id"]}
    for old in (live, ended):
        values = (old["access_token"], old["refresh_token"], old["session_id"])
        names = ("access", "refresh", "session")
        for prefix in ("__Host-", "__Secure-", ""):
            pairs = zip(names, values, strict=True)
            cookie = "; ".join(f"{prefix}{name}={value}" for name, value in pairs)
            answer = client.post_settled("/v1/login", body, cookie=cookie)
            assert answer.status == 200, answer.body
            new = answer.json()
            assert new["session_id"] not in seen
            seen.add(new["session_id"])
            assert not {new["access_token"], new["refresh_token"]} & set(values)
            # Nor is it anybody's credential by itself.
            require_problem(client.get("/v1/me", cookie=cookie), 401, "token_missing")
    require_problem(client.me(ended["access_token"]), 401, "session_ended")
    require_problem(client.refresh(ended["refresh_token"]), 401, "session_ended")
    assert client.me(live["access_token"]).status == 200


def test_pyjwt_verifies_an_access_token_by_the_url(client: Client) -> None:
    # SECURITY 42
    person = client.at(None).sign_up()
    tokens = person.login()
    keys = jwt.PyJWKClient(client.url + KEY_SET)
    key = keys.get_signing_key_from_jwt(tokens["access_token"])
    claims = jwt.decode(
        tokens["access_token"],
        key,
        algorithms=["EdDSA"],
        audience="authcore",
        issuer="http://localhost:8787",
        options={"require": ["exp", "iat", "nbf", "iss", "aud", "sub", "jti"]},
    )
    assert set(claims) == CLAIMS
    assert claims["sub"] == person.account["id"]
    assert claims["sid"] == tokens["session_id"]
    assert claims["amr"] == ["pwd"]
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 300
    assert jwt.get_unverified_header(tokens["access_token"])["typ"] == "at+jwt"


def test_jose_verifies_an_access_token_by_the_url(client: Client) -> None:
    # SECURITY 42
    tokens = client.at(None).sign_up().login()
    done = subprocess.run(
        ["node", ROOT / "tests" / "blackbox" / "verify.mjs"],
        input=json.dumps({"url": client.url + KEY_SET, "token": tokens["access_token"]}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    verified = json.loads(done.stdout)
    assert verified["payload"]["sid"] == tokens["session_id"]
    assert verified["protectedHeader"]["typ"] == "at+jwt"


def test_the_key_set_is_public_and_cacheable(client: Client) -> None:
    # SECURITY 47
    answer = client.get(KEY_SET)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    keys = answer.json()["keys"]
    assert keys
    for key in keys:
        assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
        assert (key["kty"], key["alg"], key["use"]) == ("OKP", "EdDSA", "sig")


def test_every_route_says_how_its_answer_may_be_kept(client: Client) -> None:
    # SECURITY 33
    routes = client.get("/").json()["routes"]
    assert len(routes) >= 9
    for route in routes:
        for method in [*route["methods"], "HEAD", "OPTIONS", "DELETE"]:
            answer = client.send(method, route["path"])
            kept = CACHEABLE.get(route["path"]) if answer.status == 200 else None
            expected = kept or "no-store"
            assert answer.headers["cache-control"] == expected, (method, route)
            assert answer.headers["x-content-type-options"] == "nosniff"
            if answer.body:
                page = PAGES.get(route["path"]) if answer.status == 200 else None
                due = {page} if page else MEDIA_TYPES
                assert answer.headers["content-type"] in due


def test_the_service_is_ready(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        # The database's clock is the real one.
        answer = client.at(None).get(path)
        assert (answer.status, answer.json()["status"]) == (200, "ok"), answer.body
