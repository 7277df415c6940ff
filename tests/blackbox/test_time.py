"""Every rule about time, to the millisecond; the clock is stepped, never slept for."""

from __future__ import annotations

from blackbox.client import DAY, HOUR, MINUTE, NOW, SECOND, Client, require_problem


def test_an_access_token_ends_after_its_five_minutes(client: Client) -> None:
    # SECURITY 39
    token = client.sign_up().login()["access_token"]
    assert client.at(NOW + 5 * MINUTE - 1).me(token).status == 200
    require_problem(client.at(NOW + 5 * MINUTE).me(token), 401, "token_expired")


def test_an_idle_session_ends_after_a_day(client: Client) -> None:
    # SECURITY 27
    person = client.sign_up()
    last, late = person.login(), person.login()
    assert client.at(NOW + DAY - 1).refresh(last["refresh_token"]).status == 200
    require_problem(client.at(NOW + DAY).refresh(late["refresh_token"]), 401, "session_ended")


def test_a_long_session_lies_idle_for_thirty_days(client: Client) -> None:
    # SECURITY 27
    person = client.sign_up()
    last, late = person.login(long=True), person.login(long=True)
    assert last["refresh_expires_in"] == 30 * 24 * 3600
    assert client.at(NOW + 30 * DAY - 1).refresh(last["refresh_token"]).status == 200
    require_problem(client.at(NOW + 30 * DAY).refresh(late["refresh_token"]), 401, "session_ended")


def test_refreshing_moves_the_idle_end_and_not_the_absolute_end(client: Client) -> None:
    # SECURITY 27
    tokens = client.sign_up().login()
    step, now = 12 * HOUR, NOW
    while now + step < NOW + 90 * DAY:
        now += step
        answer = client.at(now).refresh(tokens["refresh_token"])
        assert answer.status == 200, (now - NOW) / DAY
        tokens = answer.json()
    left = (NOW + 90 * DAY - now) // SECOND
    assert tokens["refresh_expires_in"] == left
    assert client.at(NOW + 90 * DAY - 1).refresh(tokens["refresh_token"]).status == 200


def test_the_absolute_end_is_an_end(client: Client) -> None:
    # SECURITY 27
    tokens = client.sign_up().login(long=True)
    for days in (29, 58, 87):
        answer = client.at(NOW + days * DAY).refresh(tokens["refresh_token"])
        assert answer.status == 200
        tokens = answer.json()
    late = client.at(NOW + 90 * DAY)
    require_problem(late.refresh(tokens["refresh_token"]), 401, "session_ended")


def test_no_access_token_outlives_its_session(client: Client) -> None:
    # SECURITY 27
    tokens = client.sign_up().login(long=True)
    for days in (29, 58, 87):
        tokens = client.at(NOW + days * DAY).refresh(tokens["refresh_token"]).json()
    last = client.at(NOW + 90 * DAY - MINUTE).refresh(tokens["refresh_token"]).json()
    assert client.at(NOW + 90 * DAY - 1).me(last["access_token"]).status == 200
    assert client.at(NOW + 90 * DAY).me(last["access_token"]).status == 401
