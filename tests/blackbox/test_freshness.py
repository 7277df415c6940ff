"""For how long a sign-in may change the account: five minutes, to the millisecond."""

from __future__ import annotations

import jwt
import pytest

from blackbox.authenticator import Phone, with_second_factor
from blackbox.client import MINUTE, NOW, SECOND, Answer, Client, Person, require_problem
from blackbox.test_access_matrix import operations

FRESH = 5 * MINUTE
# What asks for a fresh sign-in, and what it answers one, without a second factor and with one.
DUE = {
    "DELETE /v1/me": (204, 204),
    "PUT /v1/me/password": (204, 204),
    "DELETE /v1/mfa": (204, 204),
    "POST /v1/mfa/totp": (200, 200),
    "GET /v1/mfa/totp/qr": (404, 200),
    "POST /v1/mfa/backup-codes": (409, 200),
}
# It says so of who has never confirmed an authenticator, and has to sign in for it.
NOT_OF_THE_SIGNED_IN = "POST /v1/login/enrolment"


def signed_in(client: Client, has_factor: bool) -> tuple[Person, Phone | None, dict]:
    """Somebody who signs in now, by the second factor where there is one, and the tokens."""
    if has_factor:
        return with_second_factor(client)
    person = client.sign_up()
    return person, None, person.login()


def act(client: Client, person: Person, operation: str, token: str) -> Answer:
    """Asks for an operation, with what it takes."""
    method, path = operation.split()
    change = {"current_password": person.password, "password": f"{person.password} of today"}
    return client.change(method, path, change if method == "PUT" else None, token)


def claims(token: str) -> dict:
    """The claims of an access token."""
    return jwt.decode(token, options={"verify_signature": False})


def test_every_operation_that_asks_for_a_fresh_sign_in_is_asked(client: Client) -> None:
    # SECURITY 43
    served = operations(client)
    told = {name for name in served if "reauthentication_required" in str(served[name])}
    assert told == {*DUE, NOT_OF_THE_SIGNED_IN}


@pytest.mark.parametrize("has_factor", [False, True], ids=["password", "factor"])
@pytest.mark.parametrize("operation", DUE)
def test_a_sign_in_is_fresh_for_five_minutes_whatever_is_refreshed(
    client: Client, operation: str, has_factor: bool
) -> None:
    # SECURITY 16, 43
    person, _, tokens = signed_in(client, has_factor)
    last, late = client.at(NOW + FRESH), client.at(NOW + FRESH + 1)
    # A token of the last moment, which says when its owner signed in.
    token = last.refresh(tokens["refresh_token"]).json()["access_token"]
    told = claims(token)
    assert (told["auth_time"], told["iat"]) == (NOW // SECOND, (NOW + FRESH) // SECOND)
    stale = act(late, person, operation, token)
    require_problem(stale, 403, "reauthentication_required")
    fresh = act(last, person, operation, token)
    assert fresh.status == DUE[operation][has_factor], fresh.body


@pytest.mark.parametrize("has_factor", [False, True], ids=["password", "factor"])
def test_a_new_proof_is_fresh_for_five_minutes_from_then_on(
    client: Client, has_factor: bool
) -> None:
    # SECURITY 43
    person, phone, tokens = signed_in(client, has_factor)
    proved = NOW + FRESH + 1
    later = client.at(proved)
    tokens = later.refresh(tokens["refresh_token"]).json()
    proof = {"code": phone.code(proved)} if phone else {"password": person.password}
    answer = later.post_settled("/v1/reauthenticate", proof, tokens["access_token"])
    assert answer.status == 200, answer.body

    last, late = client.at(proved + FRESH), client.at(proved + FRESH + 1)
    token = last.refresh(tokens["refresh_token"]).json()["access_token"]
    stale = act(late, person, "DELETE /v1/mfa", token)
    require_problem(stale, 403, "reauthentication_required")
    assert act(last, person, "DELETE /v1/mfa", token).status == 204
