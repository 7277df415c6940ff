"""How long who failed or asked too often waits, and when that is forgotten: to the millisecond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from blackbox.client import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    Answer,
    Client,
    Person,
    require_problem,
    unique,
)
from blackbox.conftest import Starter
from blackbox.test_throttle import WRONG, require_wait, wrong


@dataclass
class Session:
    """Somebody who is signed in, and stays so whatever the moment."""

    person: Person
    refresh_token: str

    def access_token(self, now: int) -> str:
        """An access token of this moment."""
        answer = self.person.client.at(now).refresh(self.refresh_token)
        assert answer.status == 200, answer.body
        self.refresh_token = answer.json()["refresh_token"]
        return answer.json()["access_token"]

    def prove(self, now: int, password: str = WRONG) -> Answer:
        """POST /v1/reauthenticate at this moment."""
        client, token = self.person.client.at(now), self.access_token(now)
        return client.post_settled("/v1/reauthenticate", {"password": password}, token)

    def change_password(self, now: int) -> Answer:
        """PUT /v1/me/password with a wrong one."""
        client, token = self.person.client.at(now), self.access_token(now)
        body = {"current_password": WRONG, "password": f"{self.person.password} of today"}
        while (answer := client.change("PUT", "/v1/me/password", body, token)).code == "busy":
            pass
        return answer


def begin(client: Client) -> Session:
    """A session of somebody new, which lies idle for weeks without an end."""
    person = client.sign_up()
    return Session(person, person.login(long=True)["refresh_token"])


def test_who_is_signed_in_waits_longer_and_longer_for_the_next_try(client: Client) -> None:
    # SECURITY 60, 64
    session = begin(client)
    own = session.person.password
    for _ in range(4):
        require_problem(session.prove(NOW), 401, "invalid_credentials")
    # One count, whichever route takes the password.
    require_problem(session.change_password(NOW), 401, "invalid_credentials")
    require_wait(session.change_password(NOW), "locked", 60)
    now = NOW
    for minutes in (1, 2, 4, 8, 15, 15):
        end = now + minutes * MINUTE
        # The right password too is not looked at, and neither try counts.
        require_wait(session.prove(now, own), "locked", minutes * 60)
        require_wait(session.prove(end - 1, own), "locked", 1)
        require_problem(session.prove(end), 401, "invalid_credentials")
        now = end
    assert session.prove(now + 15 * MINUTE, own).status == 200
    # A right one forgets them all.
    for _ in range(5):
        require_problem(session.prove(now + 15 * MINUTE), 401, "invalid_credentials")
    require_wait(session.prove(now + 15 * MINUTE), "locked", 60)


def of_an_account(client: Client) -> Callable[[int], Answer]:
    """Tries for an account, each from an address of its own."""
    name = client.sign_up().username
    return lambda now: wrong(client.at(now).elsewhere(), name)


def of_a_name(client: Client) -> Callable[[int], Answer]:
    """The same for a name that nobody has."""
    name = unique("nobody")
    return lambda now: wrong(client.at(now).elsewhere(), name)


def of_an_address(client: Client) -> Callable[[int], Answer]:
    """Tries from an address, each for a name of its own."""
    return lambda now: wrong(client.at(now), unique("nobody"))


def of_a_session(client: Client) -> Callable[[int], Answer]:
    """Tries of somebody who is signed in."""
    return begin(client).prove


@pytest.mark.parametrize(
    ("begun", "free"), [(of_an_account, 5), (of_a_name, 5), (of_an_address, 20), (of_a_session, 5)]
)
def test_failures_count_until_a_day_after_the_last(
    client: Client, begun: Callable[[Client], Callable[[int], Answer]], free: int
) -> None:
    # SECURITY 60
    last = NOW + HOUR
    # Up to its end they count: one more begins the second wait. Then all are free again.
    for now, tries, wait in ((last + DAY - 1, 1, 120), (last + DAY, free, 60)):
        attempt = begun(client.elsewhere())
        for _ in range(free - 1):
            require_problem(attempt(NOW), 401, "invalid_credentials")
        require_problem(attempt(last), 401, "invalid_credentials")
        for _ in range(tries):
            require_problem(attempt(now), 401, "invalid_credentials")
        require_wait(attempt(now), "locked", wait)


def test_a_limit_of_an_hour_ends_an_hour_after_the_first_request(new_host: Starter) -> None:
    # SECURITY 64
    client = new_host(AUTHCORE_LIMITS="login 3/h, accounts 2/h, other 3/min").client()

    def signed_up(now: int) -> Answer:
        body = {"username": unique("user"), "password": f"{unique('correct horse battery ')} x"}
        return client.at(now).post_settled("/v1/accounts", body)

    person = client.elsewhere().sign_up()

    def signed_in(now: int) -> Answer:
        body = {"login": person.username, "password": person.password}
        return client.at(now).post_settled("/v1/login", body)

    for ask, status, heard in ((signed_up, 201, 2), (signed_in, 200, 3)):
        for number in range(heard):
            assert ask(NOW + number * 20 * MINUTE).status == status
        require_wait(ask(NOW + 40 * MINUTE), "rate_limited", 20 * 60)
        require_wait(ask(NOW + HOUR - 1), "rate_limited", 1)
        for _ in range(heard):
            assert ask(NOW + HOUR).status == status
        require_wait(ask(NOW + HOUR), "rate_limited", 3600)


def test_a_limit_of_a_minute_ends_a_minute_after_the_first_request(new_host: Starter) -> None:
    # SECURITY 64
    client = new_host(AUTHCORE_LIMITS="other 3/min").client()
    token = client.sign_up().login()["refresh_token"]

    def refresh(now: int) -> Answer:
        nonlocal token
        answer = client.at(now).refresh(token)
        token = answer.json().get("refresh_token", token)
        return answer

    for number in range(3):
        assert refresh(NOW + number * 20 * SECOND).status == 200
    require_wait(refresh(NOW + 40 * SECOND), "rate_limited", 20)
    require_wait(refresh(NOW + MINUTE - 1), "rate_limited", 1)
    for _ in range(3):
        assert refresh(NOW + MINUTE).status == 200
    require_wait(refresh(NOW + MINUTE), "rate_limited", 60)
