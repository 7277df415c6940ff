"""What ends sessions: they are refused at once, and listed for who verifies tokens alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from blackbox.client import HOUR, NOW, Client, Person, require_problem
from blackbox.conftest import Starter
from blackbox.test_kept import REVOCATIONS, claims

Tokens = dict
# What somebody with two sessions does with the first one's tokens, at a moment.
Act = Callable[[Client, Person, Tokens, Tokens], int]


def log_out(client: Client, _: Person, own: Tokens, __: Tokens) -> int:
    """By the access token."""
    return client.post("/v1/logout", {}, own["access_token"]).status


def log_out_by_refresh_token(client: Client, _: Person, own: Tokens, __: Tokens) -> int:
    """By the refresh token alone."""
    return client.post("/v1/logout", {"refresh_token": own["refresh_token"]}).status


def log_out_late(client: Client, _: Person, own: Tokens, __: Tokens) -> int:
    """By both, when the access token has expired: it keeps nobody in."""
    token = own["access_token"]
    require_problem(client.me(token), 401, "token_expired")
    require_problem(client.post("/v1/logout", {}, token), 401, "token_expired")
    return client.post("/v1/logout", {"refresh_token": own["refresh_token"]}, token).status


def delete_account(client: Client, _: Person, own: Tokens, __: Tokens) -> int:
    """With all that it has."""
    return client.delete("/v1/me", own["access_token"]).status


def change_password(client: Client, person: Person, own: Tokens, _: Tokens) -> int:
    """To another one."""
    body = {"current_password": person.password, "password": f"{person.password} of today"}
    while True:
        answer = client.change("PUT", "/v1/me/password", body, own["access_token"])
        if answer.code != "busy":
            return answer.status


def end_others(client: Client, _: Person, own: Tokens, __: Tokens) -> int:
    """All but this one."""
    return client.delete("/v1/sessions", own["access_token"]).status


def end_one(client: Client, _: Person, own: Tokens, other: Tokens) -> int:
    """The other one, by its name."""
    return client.delete(f"/v1/sessions/{other['session_id']}", own["access_token"]).status


# Each, how long after the sign-in it is done, and whether it ends the own session and the other.
ACTS: dict[Act, tuple[int, bool, bool]] = {
    log_out: (0, True, False),
    log_out_by_refresh_token: (0, True, False),
    log_out_late: (HOUR, True, False),
    delete_account: (0, True, True),
    change_password: (0, False, True),
    end_others: (0, False, True),
    end_one: (0, False, True),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_ends_a_session_ends_it_at_once_and_lists_it(new_host: Starter, act: Act) -> None:
    # SECURITY 28
    after, ends_own, ends_other = ACTS[act]
    person = new_host().client().sign_up()
    own, other = person.login(), person.login()
    # Of the same moment, so that the other one's access token is still good.
    later = person.at(NOW + after).client
    if after:
        other = later.refresh(other["refresh_token"]).json()
    assert act(later, person, own, other) == 204

    ended = {
        tokens["session_id"] for tokens, ends in ((own, ends_own), (other, ends_other)) if ends
    }
    assert set(claims(later.get(REVOCATIONS))["sids"]) == ended
    for tokens, ends in ((own, ends_own), (other, ends_other)):
        if not ends:
            assert later.me(tokens["access_token"]).status == 200
            assert later.refresh(tokens["refresh_token"]).status == 200
            continue
        # Of an access token that has expired nothing else is told.
        code = "token_expired" if after and tokens is own else "session_ended"
        require_problem(later.me(tokens["access_token"]), 401, code)
        require_problem(later.refresh(tokens["refresh_token"]), 401, "session_ended")
