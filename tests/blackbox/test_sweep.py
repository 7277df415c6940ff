"""What a sweep deletes and when, to the millisecond, and what GET /readyz says of the clocks."""

from __future__ import annotations

import time

import pytest

from blackbox.authenticator import log_in, sign_up_with_totp, with_second_factor
from blackbox.client import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    Client,
    require_problem,
    unique,
)
from blackbox.conftest import Starter
from blackbox.hosts import Host

# More than a request to a busy host takes.
SLOW = 30 * SECOND


def clock() -> int:
    """The clock of this machine, and so of the databases on it."""
    return time.time_ns() // 1_000_000


def check(client: Client, name: str, now: int) -> dict:
    """A check of GET /readyz at a moment."""
    checks = client.at(now).get("/readyz").json()["checks"]
    return next((check for check in checks if check["name"] == name), {})


@pytest.mark.parametrize(
    ("off", "status", "detail"),
    [
        (-5 * MINUTE - SLOW, 503, "behind"),
        (-5 * MINUTE + SLOW, 200, None),
        (0, 200, None),
        (5 * MINUTE - SLOW, 200, None),
        (5 * MINUTE + SLOW, 503, "ahead"),
    ],
)
def test_a_clock_may_be_five_minutes_from_the_databases(
    new_host: Starter, off: int, status: int, detail: str | None
) -> None:
    # SECURITY 108. To the millisecond by the database's own clock: tests/hosts/tests/time.rs.
    client = new_host().client()
    answer = client.at(clock() + off).get("/readyz")
    assert answer.status == status, answer.body
    found = next(check for check in answer.json()["checks"] if check["name"] == "clock")
    assert found["status"] == ("ok" if status == 200 else "failed")
    assert detail is None or detail in found["detail"]


def test_readyz_warns_a_day_after_the_last_sweep(new_host: Starter) -> None:
    # SECURITY 110
    host = new_host()
    client, now = host.client(), clock()
    host.sweep(now - DAY)
    assert check(client, "sweep", now).get("status", "ok") == "ok"
    warned = check(client, "sweep", now + 1)
    assert warned["status"] == "warning"
    assert client.at(now + 1).get("/readyz").status == 200
    host.sweep(now + 1)
    assert check(client, "sweep", now + 1).get("status", "ok") == "ok"


def test_a_dead_session_is_kept_for_a_week(new_host: Starter) -> None:
    # SECURITY 110
    host = new_host()
    client = host.client()
    person = client.sign_up()
    idle, ended = person.login(), person.login()
    assert client.post("/v1/logout", {}, ended["access_token"]).status == 204
    alive = person.at(NOW + 7 * DAY).login(long=True)

    def told(tokens: dict, code: str) -> None:
        answer = client.at(NOW + 8 * DAY).refresh(tokens["refresh_token"])
        require_problem(answer, 401, code)

    host.sweep(NOW + 8 * DAY - 1)
    told(idle, "session_ended")
    host.sweep(NOW + 8 * DAY)
    told(idle, "token_invalid")
    told(ended, "token_invalid")
    assert client.at(NOW + 8 * DAY).refresh(alive["refresh_token"]).status == 200


def kept(host: Host, rows: str, last: int) -> None:
    """Asserts that such rows are there until a sweep after their last moment."""
    sql = f"SELECT 1 FROM {rows} LIMIT 1"
    host.sweep(last)
    assert host.rows(sql) == [(1,)], f"{rows} too early"
    host.sweep(last + 1)
    assert host.rows(sql) == [], f"{rows} too late"


def test_a_notice_that_nobody_delivered_is_kept_for_a_week(new_host: Starter) -> None:
    host = new_host()
    with_second_factor(host.client(), email=f"{unique('ada')}@example.com")
    kept(host, "outbox", NOW + 7 * DAY - 1)


def test_a_throttle_is_kept_until_it_says_nothing(new_host: Starter) -> None:
    # SECURITY 59, 110
    host = new_host()
    body = {"login": unique("nobody"), "password": "not the password"}
    require_problem(host.client().post("/v1/login", body), 401, "invalid_credentials")
    # How many requests there were, and how many failures.
    kept(host, f"throttles WHERE expires_at < {NOW + DAY}", NOW + HOUR - 1)
    kept(host, "throttles", NOW + DAY - 1)


def test_challenges_enrolments_and_devices_are_kept_until_they_end(new_host: Starter) -> None:
    # SECURITY 110
    host = new_host()
    person, phone = sign_up_with_totp(host.client())
    log_in(person, phone, remember_device=True)
    sign_up_with_totp(host.client())
    assert person.try_login().status == 202
    used = host.rows("SELECT count(*) FROM challenges WHERE used_by IS NOT NULL")
    assert used == [(1,)], "a used one is kept as long as it lives"
    host.sweep(NOW + 5 * MINUTE - 1)
    assert host.rows("SELECT count(*) FROM challenges") == [(2,)]
    host.sweep(NOW + 5 * MINUTE)
    assert host.rows("SELECT count(*) FROM challenges") == [(0,)]
    kept(host, "authenticators WHERE confirmed_at IS NULL", NOW + DAY - 1)
    kept(host, "remembered_devices", NOW + 30 * DAY - 1)
    assert host.rows("SELECT count(*) FROM authenticators") == [(1,)]


def test_a_retired_key_is_published_until_its_last_token_has_ended(new_host: Starter) -> None:
    # SECURITY 84
    host = new_host(AUTHCORE_KEY_ROTATION="1 d")
    client = host.client()
    assert client.get("/.well-known/jwks.json").status == 200
    rotated = NOW + DAY
    listed = client.at(rotated).get("/.well-known/jwks.json").json()["keys"]
    assert len(listed) == 3
    ends = rotated + HOUR + 5 * MINUTE
    # A copy of the set is served for five minutes.
    for swept, left, asked in ((ends - 1, 3, ends - 1), (ends, 2, ends - 1 + 5 * MINUTE)):
        host.sweep(swept)
        assert host.rows("SELECT count(*) FROM signing_keys") == [(left,)]
        assert len(client.at(asked).get("/.well-known/jwks.json").json()["keys"]) == left
