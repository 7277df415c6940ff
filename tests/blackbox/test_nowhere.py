"""Clients whose address is not known: they share a limit that slows, and shuts nobody out."""

from __future__ import annotations

from collections import Counter

from blackbox.client import NOW, SECOND, Answer, Client, require_problem, unique
from blackbox.conftest import Starter
from blackbox.readiness import checks
from blackbox.test_bad_input import REFRESH_TOKEN
from blackbox.test_throttle import require_wait, wrong

# How many requests they have in a second (docs/decisions/0006-counting-tries.md).
SHARED = 20
LONGEST_LOCK = 15 * 60


def nowhere(client: Client) -> Client:
    """A client of whom the proxy, or the edge, says nothing that can be read."""
    return client.elsewhere("unknown")


def test_without_an_address_all_share_twenty_logins_a_second(new_host: Starter) -> None:
    # SECURITY 65
    client = new_host().client()
    person, lost = client.sign_up(), nowhere(client)
    body = {"login": person.username, "password": person.password}

    def right(asked: Client, now: int) -> Answer:
        return asked.at(now).post_settled("/v1/login", body)

    for _ in range(SHARED):
        require_problem(wrong(lost, unique("nobody")), 401, "invalid_credentials")
    for _ in range(5):
        require_wait(wrong(lost, unique("nobody")), "rate_limited", 1)
    require_wait(right(lost, NOW), "rate_limited", 1)
    require_wait(right(lost, NOW + SECOND - 1), "rate_limited", 1)
    # Who has an address does not share it.
    assert right(client, NOW).status == 200
    assert right(lost, NOW + SECOND).status == 200


def test_without_an_address_other_requests_have_a_second_of_their_own(new_host: Starter) -> None:
    # SECURITY 65
    lost = nowhere(new_host().client())
    for _ in range(SHARED):
        require_problem(lost.refresh(REFRESH_TOKEN), 401, "token_invalid")
    require_wait(lost.refresh(REFRESH_TOKEN), "rate_limited", 1)
    require_wait(lost.at(NOW + SECOND - 1).refresh(REFRESH_TOKEN), "rate_limited", 1)
    require_problem(lost.at(NOW + SECOND).refresh(REFRESH_TOKEN), 401, "token_invalid")
    require_problem(wrong(lost, unique("nobody")), 401, "invalid_credentials")


def test_a_thousand_failures_from_nowhere_delay_others_by_a_second(new_host: Starter) -> None:
    # SECURITY 62, 65
    client = new_host().client()
    victim, other = client.sign_up(), client.sign_up()
    codes: Counter[str] = Counter()
    for number in range(1000):
        now = NOW + number // 100 * SECOND
        name = victim.username if number % 2 else unique("nobody")
        codes[wrong(nowhere(client).at(now), name).code] += 1
    assert set(codes) == {"invalid_credentials", "locked", "rate_limited"}
    assert codes.total() == 1000

    body = {"login": other.username, "password": other.password}
    early = nowhere(client).at(now).post_settled("/v1/login", body)
    require_wait(early, "rate_limited", 1)
    later = nowhere(client).at(now + SECOND)
    assert later.post_settled("/v1/login", body).status == 200
    # Whom they aimed at waits as after any failures, and no longer.
    body = {"login": victim.username, "password": victim.password}
    locked = require_problem(later.post_settled("/v1/login", body), 429, "locked")
    wait = locked.json()["retry_after"]
    assert 1 <= wait <= LONGEST_LOCK
    assert later.at(later.now + wait * SECOND).post_settled("/v1/login", body).status == 200


def test_readyz_says_that_addresses_are_not_known(new_host: Starter) -> None:
    # SECURITY 65
    client = new_host().client()
    assert "address" not in checks(client, 200)
    found = checks(nowhere(client), 200)["address"]
    assert found["status"] == "warning"
    assert "share one limit" in found["detail"]
