"""Who somebody is comes from the token, what they may set from a list, and from which page."""

from __future__ import annotations

import pytest

from blackbox.client import Client, require_problem, unique
from blackbox.test_bad_input import ROUTES, sends_token

# What an account has that nobody may choose at sign-up.
NOT_CHOSEN = {
    "id": "01990000-0000-7000-8000-000000000000",
    "status": "active",
    "roles": ["superadmin"],
    "role": "admin",
    "email_verified": True,
    "email_verified_at": 1,
    "created_at": 1,
    "last_login_at": 1,
    "password_hash": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
    "phc": "x",
    "admin_properties": {"level": 0},
    "deleted_at": None,
    "__proto__": {"roles": ["superadmin"]},
}


def test_identity_is_taken_from_the_token_only(client: Client) -> None:
    # SECURITY 68
    owner, other = client.sign_up(), client.sign_up()
    token = owner.login()["access_token"]
    identity = other.account["id"]
    query = f"?sub={identity}&user_id={identity}&account_id={identity}&id={identity}"
    named = {
        "x-auth-subject": identity,
        "x-user-id": identity,
        "x-forwarded-user": other.username,
        "cookie": f"sub={identity}; account_id={identity}",
    }
    answer = client.get(f"/v1/me{query}", token, **named)
    assert answer.status == 200
    assert answer.json()["id"] == owner.account["id"]
    require_problem(client.get(f"/v1/me{query}", **named), 401, "token_missing")


@pytest.mark.parametrize("name", ["sub", "user_id", "account_id", "access_token"])
@pytest.mark.parametrize("route", ["/v1/login", "/v1/refresh", "/v1/logout"])
def test_a_body_cannot_name_somebody(client: Client, route: str, name: str) -> None:
    # SECURITY 68, 69
    person = client.sign_up()
    tokens = person.login()
    credentials = {"login": person.username, "password": person.password}
    fitting = {
        "/v1/login": credentials,
        "/v1/refresh": {"refresh_token": tokens["refresh_token"]},
        "/v1/logout": {"refresh_token": tokens["refresh_token"]},
    }
    answer = client.post(route, {**fitting[route], name: client.sign_up().account["id"]})
    require_problem(answer, 422, "invalid_input")
    assert [entry["pointer"] for entry in answer.json()["errors"]] == [f"/{name}"]
    assert client.me(tokens["access_token"]).status == 200


SIGNED_IN = sorted(route for route in ROUTES if sends_token(route[1]))
SHOWN = ["/v1/me", "/v1/sessions", "/v1/mfa", "/v1/devices"]


def test_no_route_of_the_signed_in_takes_an_identity(client: Client) -> None:
    # SECURITY 68
    owner, other = client.sign_up(), client.sign_up()
    token, others = owner.login()["access_token"], other.login()["access_token"]
    identity = other.account["id"]
    query = f"?sub={identity}&user_id={identity}&account_id={identity}&username={other.username}"
    named = {"x-auth-subject": identity, "x-user-id": identity, "cookie": f"sub={identity}"}
    for path in SHOWN:
        plain, answer = client.get(path, token), client.get(path + query, token, **named)
        assert (answer.status, answer.json()) == (200, plain.json())
    before = [client.get(path, others).json() for path in SHOWN]
    # The last one deletes the account.
    for method, path in sorted(SIGNED_IN, key=lambda route: route == ("DELETE", "/v1/me")):
        fitting = ROUTES[method, path]
        for name in ("sub", "user_id", "account_id", "session_id", "username", "login"):
            answer = client.change(method, path, {**fitting, name: identity}, token)
            require_problem(answer, 422, "invalid_input")
            assert [entry["pointer"] for entry in answer.json()["errors"]] == [f"/{name}"]
        answer = client.change(method, path + query, fitting, None, **named)
        require_problem(answer, 401, "token_missing")
        # Where nobody reads it, it does nothing: what is done is done to whoever asks.
        answer = client.change(method, path + query, fitting, token, **named)
        assert answer.code not in {"token_missing", "invalid_input", "session_ended"}
        assert [client.get(shown, others).json() for shown in SHOWN] == before, path
    assert client.me(token).status == 401


@pytest.mark.parametrize("name", sorted(NOT_CHOSEN))
def test_a_sign_up_cannot_choose_what_is_not_its_own(client: Client, name: str) -> None:
    # SECURITY 69
    body = {"username": unique("user"), "password": "correct horse battery staple"}
    answer = client.post("/v1/accounts", {**body, name: NOT_CHOSEN[name]})
    require_problem(answer, 422, "invalid_input")
    assert [entry["pointer"] for entry in answer.json()["errors"]] == [f"/{name}"]


def test_another_origin_may_not_change_anything(client: Client) -> None:
    # SECURITY 31
    person = client.sign_up()
    tokens = person.login()
    requests = {
        "/v1/accounts": {"username": unique("user"), "password": person.password},
        "/v1/login": {"login": person.username, "password": person.password},
        "/v1/refresh": {"refresh_token": tokens["refresh_token"]},
        "/v1/logout": {"refresh_token": tokens["refresh_token"]},
    }
    foreign = [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8787.evil.example"},
        {"origin": "https://localhost:8787"},
        {"origin": "http://localhost:8787, https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ]
    for route, body in requests.items():
        for headers in foreign:
            require_problem(client.post(route, body, **headers), 403, "cross_origin")
    # Whatever the route, and before anything else is asked: there is no session either.
    for route in client.get("/").json()["routes"]:
        for method in set(route["methods"]) - {"GET"}:
            for headers in foreign:
                answer = client.send(method, route["path"], None, headers)
                require_problem(answer, 403, "cross_origin")
    assert client.me(tokens["access_token"]).status == 200
    own = {"origin": "http://localhost:8787", "sec-fetch-site": "same-origin"}
    assert client.post("/v1/refresh", requests["/v1/refresh"], **own).status == 200


def test_no_origin_is_let_in(client: Client) -> None:
    # SECURITY 32
    token = client.sign_up().login()["access_token"]
    asked = {
        "origin": "https://evil.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }
    answers = [
        client.get("/v1/me", token, origin="https://evil.example"),
        client.get("/.well-known/jwks.json", origin="https://evil.example"),
        client.send("OPTIONS", "/v1/me", headers=asked),
        client.send("OPTIONS", "/v1/login", headers=asked),
    ]
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_nobody_is_asked_for_a_password_by_the_browser(client: Client) -> None:
    answer = client.get("/v1/me", authorization="Basic dXNlcjpwYXNzd29yZA==")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
