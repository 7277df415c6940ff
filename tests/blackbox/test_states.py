"""What a blocked or pending account tells: to who knows the password, and to no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blackbox.client import MINUTE, NOW, Client, Person, require_problem, unique
from blackbox.conftest import Starter
from blackbox.test_throttle import require_wait, wrong

# As they are stored, and what the right password is told.
STATES = {"blocked": "blocked", "pending": "not_activated"}


def people_of(new_host: Starter) -> tuple[Client, dict[str, Person], dict[str, dict]]:
    """Somebody of each state, with tokens from before; and a client that is told nothing yet."""
    host = new_host()
    people = {state: host.client().sign_up() for state in STATES}
    tokens = {state: person.login() for state, person in people.items()}
    rows = [(state, person.account["id"]) for state, person in people.items()]
    host.rewrite("UPDATE accounts SET status = ? WHERE id = ?", rows)
    # It listens at another port now.
    client = host.client()
    people = {state: replace(person, client=client.elsewhere()) for state, person in people.items()}
    return client, people, tokens


def test_a_state_is_told_after_the_right_password_only(new_host: Starter) -> None:
    # SECURITY 56
    client, people, _ = people_of(new_host)
    unknown = wrong(client, unique("nobody"))
    require_problem(unknown, 401, "invalid_credentials")
    for state, person in people.items():
        refused = wrong(person.client, person.username)
        assert (refused.status, refused.body) == (unknown.status, unknown.body), state
        assert refused.headers == unknown.headers, state
        require_problem(person.try_login(), 403, STATES[state])


def test_a_deleted_account_is_as_a_name_that_nobody_has(client: Client) -> None:
    # SECURITY 56
    person = client.sign_up()
    assert client.delete("/v1/me", person.login()["access_token"]).status == 204
    unknown = wrong(client.elsewhere(), unique("nobody"))
    require_problem(unknown, 401, "invalid_credentials")
    for told in (wrong(client, person.username), person.try_login()):
        assert (told.status, told.body, told.headers) == (401, unknown.body, unknown.headers)


@pytest.mark.parametrize("state", STATES)
def test_the_right_password_of_such_an_account_stays_counted(new_host: Starter, state: str) -> None:
    # SECURITY 56, 60
    _, people, _ = people_of(new_host)
    person = people[state]
    for _ in range(5):
        require_problem(person.try_login(), 403, STATES[state])
    require_wait(person.try_login(), "locked", 60)
    require_wait(wrong(person.client, person.username), "locked", 60)
    # Nor is what was counted before forgotten.
    require_problem(person.at(NOW + MINUTE).try_login(), 403, STATES[state])
    require_wait(person.at(NOW + MINUTE).try_login(), "locked", 120)


def test_tokens_from_before_end_with_the_state(new_host: Starter) -> None:
    # SECURITY 28
    client, people, tokens = people_of(new_host)
    for state in people:
        refused = client.me(tokens[state]["access_token"])
        require_problem(refused, 403, STATES[state])
        refused = client.refresh(tokens[state]["refresh_token"])
        require_problem(refused, 401, "session_ended")
