"""Every route of the signed in, by every credential that is not good, over HTTP.

The routes are those of the OpenAPI document that the host serves: a new one that is not said to be
open must refuse them all. Who is let in, and what then: tests/hosts/tests/access.rs.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from blackbox.client import MINUTE, NOW, Client, Person, require_problem
from blackbox.test_bad_input import NOBODY, ROUTES

# What asks for no access token.
OPEN = {
    "GET /",
    "GET /healthz",
    "GET /readyz",
    "GET /openapi.json",
    "GET /docs",
    "GET /.well-known/jwks.json",
    "GET /.well-known/revocations",
    "GET /.well-known/revocations/jwks.json",
    "POST /v1/accounts",
    "POST /v1/password/strength",
    # A password, a challenge, a refresh token.
    "POST /v1/login",
    "POST /v1/login/otp",
    "POST /v1/login/backup-code",
    "POST /v1/login/enrolment",
    "POST /v1/refresh",
}
# A refresh token in the body will do; without one it refuses as the others.
EITHER = "POST /v1/logout"


def foreign(person: Person) -> str:
    """Of this service's words, signed by another key."""
    signed, _, _ = person.login()["access_token"].rpartition(".")
    return f"{signed}.{'A' * 86}"


def ended(person: Person) -> str:
    """Of a session that was logged out."""
    token = person.login()["access_token"]
    assert person.client.post("/v1/logout", None, token).status == 204
    return token


# Each, and the code that it is refused with.
CREDENTIALS: dict[str, tuple[Callable[[Person], str | None], str]] = {
    "none": (lambda _: None, "token_missing"),
    "garbage": (lambda _: "garbage", "token_invalid"),
    "foreign": (foreign, "token_invalid"),
    "expired": (
        lambda person: person.at(NOW - 5 * MINUTE).login()["access_token"],
        "token_expired",
    ),
    "ended": (ended, "session_ended"),
    "a refresh token": (lambda person: person.login()["refresh_token"], "token_invalid"),
}


def operations(client: Client) -> dict[str, dict]:
    """The operations of the document, by method and path."""
    paths = client.get("/openapi.json").json()["paths"]
    return {
        f"{method.upper()} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


def test_every_route_that_is_not_open_asks_for_a_token(client: Client) -> None:
    # SECURITY 67
    served = operations(client)
    security = {name: operation.get("security", [{}]) for name, operation in served.items()}
    assert {name for name, ways in security.items() if {} in ways} == {*OPEN, EITHER}
    assert len(served) - len(OPEN) > 15


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_who_is_not_signed_in_is_refused(client: Client, credential: str) -> None:
    # SECURITY 67
    person = client.at(NOW - 5 * MINUTE).sign_up().at(NOW)
    make, code = CREDENTIALS[credential]
    for name in set(operations(client)) - OPEN:
        method, path = name.replace("{id}", NOBODY).split()
        # A body that does not fit is told of first.
        fitting = None if name == EITHER else ROUTES.get((method, path))
        refused = person.client.change(method, path, fitting, make(person))
        require_problem(refused, 401, code)
        assert "www-authenticate" in refused.headers, name
    assert person.client.me(person.login()["access_token"]).status == 200
