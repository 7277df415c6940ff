"""Every rule about time, to the millisecond; the clock is stepped, never slept for."""

from __future__ import annotations

from dataclasses import replace

import jwt
import pytest

from blackbox.authenticator import (
    STEP,
    Phone,
    answer_by_otp,
    challenge,
    log_in,
    sign_up_with_totp,
    with_second_factor,
)
from blackbox.client import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    Answer,
    Client,
    require_problem,
    unique,
)
from blackbox.conftest import Starter


def test_an_access_token_ends_after_its_five_minutes(client: Client) -> None:
    # SECURITY 39
    token = client.sign_up().login()["access_token"]
    assert client.at(NOW + 5 * MINUTE - 1).me(token).status == 200
    require_problem(client.at(NOW + 5 * MINUTE).me(token), 401, "token_expired")


def test_a_token_of_a_clock_that_is_ahead_is_taken_for_a_minute(client: Client) -> None:
    # SECURITY 39
    token = client.sign_up().login()["access_token"]
    assert client.at(NOW - MINUTE).me(token).status == 200
    require_problem(client.at(NOW - MINUTE - 1).me(token), 401, "token_invalid")


@pytest.mark.parametrize("minutes", [5, 20])
def test_a_revoked_session_is_listed_for_five_minutes_beyond_its_last_token(
    new_host: Starter, minutes: int
) -> None:
    # SECURITY 28
    client = new_host(AUTHCORE_ACCESS_TTL=f"{minutes} min").client()
    tokens = client.sign_up().login()
    assert client.post("/v1/logout", {}, tokens["access_token"]).status == 204

    def listed(now: int) -> list[str]:
        answer = client.at(now).get("/.well-known/revocations")
        return jwt.decode(answer.body, options={"verify_signature": False})["sids"]

    end = NOW + minutes * MINUTE + 5 * MINUTE
    # The later first: what is kept of the one would be served for the other.
    assert listed(end) == []
    assert listed(end - 1) == [tokens["session_id"]]


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


def test_the_lifetimes_are_those_that_are_set(new_host: Starter) -> None:
    # SECURITY 27
    names = ("ACCESS_TTL", "REFRESH_TTL", "REFRESH_LONG_TTL", "SESSION_MAX")
    values = ("10 min", "1 h", "2 h", "150 min")
    settings = {f"AUTHCORE_{name}": value for name, value in zip(names, values, strict=True)}
    client = new_host(**settings).client()
    person = client.sign_up()
    last, late, long, longest = (person.login(long=number > 1) for number in range(4))
    assert client.at(NOW + 10 * MINUTE - 1).me(late["access_token"]).status == 200
    late_answer = client.at(NOW + 10 * MINUTE).me(late["access_token"])
    require_problem(late_answer, 401, "token_expired")
    for tokens, end in ((last, HOUR - 1), (long, 2 * HOUR - 1)):
        assert client.at(NOW + end).refresh(tokens["refresh_token"]).status == 200
    for tokens, end in ((late, HOUR), (longest, 2 * HOUR)):
        ended = client.at(NOW + end).refresh(tokens["refresh_token"])
        require_problem(ended, 401, "session_ended")
    again = person.at(NOW).login(long=True)["refresh_token"]
    again = client.at(NOW + HOUR).refresh(again).json()["refresh_token"]
    again = client.at(NOW + 150 * MINUTE - 1).refresh(again).json()["refresh_token"]
    require_problem(client.at(NOW + 150 * MINUTE).refresh(again), 401, "session_ended")


def test_the_oldest_session_ends_beyond_the_cap_that_is_set(new_host: Starter) -> None:
    # SECURITY 34
    client = new_host(AUTHCORE_SESSIONS_PER_ACCOUNT="2").client()
    person, other = client.sign_up(), client.sign_up().login()
    begun = [person.at(NOW + number).login() for number in range(4)]
    for tokens in begun[:2]:
        require_problem(client.me(tokens["access_token"]), 401, "session_ended")
        require_problem(client.refresh(tokens["refresh_token"]), 401, "session_ended")
    for tokens in (*begun[2:], other):
        assert client.me(tokens["access_token"]).status == 200
    assert client.get("/v1/sessions", begun[3]["access_token"]).json()["total"] == 2


def test_a_device_is_remembered_as_long_as_is_set(new_host: Starter) -> None:
    # SECURITY 22
    host = new_host(AUTHCORE_REMEMBER_DEVICE="10 d")
    person, phone = sign_up_with_totp(host.client())
    device = log_in(person, phone, remember_device=True)["device_token"]
    assert person.at(NOW + 10 * DAY - 1).try_login(device_token=device).status == 200
    assert person.at(NOW + 10 * DAY).try_login(device_token=device).status == 202

    person = replace(person, client=host.restart(AUTHCORE_REMEMBER_DEVICE="off"))
    assert person.try_login(device_token=device).status == 202
    later = person.at(NOW + STEP)
    assert "device_token" not in log_in(later, phone, remember_device=True)


@pytest.mark.parametrize("window", [0, 1, 2, 3])
def test_a_code_counts_in_the_steps_of_the_window(new_host: Starter, window: int) -> None:
    # SECURITY 18
    settings = {} if window == 1 else {"AUTHCORE_OTP_WINDOW": str(window)}
    client = new_host(**settings).client().at(NOW - HOUR)
    person, phone, _ = with_second_factor(client)

    def answered(now: int, step: int) -> Answer:
        """The answer at a moment to the code of the step that begins so many after NOW."""
        return answer_by_otp(person.at(now), phone.code(NOW + step * STEP))

    for beyond in (-window - 1, window + 1):
        require_problem(answered(NOW, beyond), 401, "otp_invalid")
    for step in range(-window, window + 1):
        assert answered(NOW, step).status == 200, step
    # An older one than the newest that was taken, and this one.
    for step in (0, window):
        require_problem(answered(NOW, step), 401, "otp_invalid")

    # To the millisecond, with the code of the step that begins at NOW.
    first, after = NOW - window * STEP, NOW + (window + 1) * STEP
    for outside, inside in ((first - 1, first), (after, after - 1)):
        person, phone, _ = with_second_factor(client)
        require_problem(answered(outside, 0), 401, "otp_invalid")
        assert answered(inside, 0).status == 200


def test_a_challenge_takes_codes_for_five_minutes(client: Client) -> None:
    # SECURITY 14
    for after, status in ((5 * MINUTE - 1, 200), (5 * MINUTE, 401)):
        person, phone = sign_up_with_totp(client)
        presented = challenge(person)
        later = client.at(NOW + after)
        body = {"challenge": presented, "code": phone.code(NOW + after)}
        answer = later.post("/v1/login/otp", body)
        assert answer.status == status
        assert status == 200 or answer.code == "challenge_dead"


def test_an_enrolment_of_a_session_waits_for_half_an_hour(client: Client) -> None:
    # SECURITY 16
    for after, status in ((30 * MINUTE - 1, 200), (30 * MINUTE, 409)):
        tokens = client.sign_up().login()
        enrolled = client.post("/v1/mfa/totp", {}, tokens["access_token"]).json()
        assert enrolled["expires_in"] == 30 * 60
        later = client.at(NOW + after)
        access = later.refresh(tokens["refresh_token"]).json()["access_token"]
        code = {"code": Phone(enrolled["otpauth_uri"]).code(NOW + after)}
        answer = later.post("/v1/mfa/totp/confirm", code, access)
        assert answer.status == status
        assert status == 200 or answer.code == "no_enrolment"


def test_wrong_codes_wait_longer_and_longer_and_stop_at_twenty(client: Client) -> None:
    # SECURITY 12
    person, phone, _ = with_second_factor(client)
    now = NOW + DAY

    def answered(code: str) -> Answer:
        later = replace(person, client=client.at(now).elsewhere())
        return later.client.post("/v1/login/otp", {"challenge": challenge(later), "code": code})

    for _ in range(5):
        require_problem(answered(phone.wrong_codes(now, 1)[0]), 401, "otp_invalid")
    for number, minutes in enumerate((1, 2, 4, 8, *[15] * 11)):
        if number < 6:
            # The right code too is not looked at.
            told = require_problem(answered(phone.code(now)), 429, "locked")
            assert told.json()["retry_after"] == minutes * 60
            now += minutes * MINUTE - 1
            told = require_problem(answered(phone.code(now)), 429, "locked")
            assert told.json()["retry_after"] == 1
            now += 1
        else:
            now += minutes * MINUTE
        require_problem(answered(phone.wrong_codes(now, 1)[0]), 401, "otp_invalid")
    for days in (0, 1, 30):
        now += days * DAY
        told = require_problem(answered(phone.code(now)), 429, "locked")
        assert told.json()["retry_after"] == DAY // SECOND


def test_a_challenge_is_traded_five_times_a_day(client: Client) -> None:
    # SECURITY 64
    person, _ = sign_up_with_totp(client)

    def traded(now: int) -> Answer:
        later = person.at(now)
        return later.client.post("/v1/login/enrolment", {"challenge": challenge(later)})

    assert traded(NOW).status == 200
    for hour in (1, 2, 3, 4):
        assert traded(NOW + hour * HOUR).status == 200
    told = require_problem(traded(NOW + 5 * HOUR), 429, "rate_limited")
    assert told.json()["retry_after"] == 19 * 3600
    require_problem(traded(NOW + DAY - 1), 429, "rate_limited")
    # The last enrolment ends with the first one's day: trades do not prolong it.
    assert person.at(NOW + DAY).try_login().status == 200


def test_an_idempotency_key_finds_its_account_for_a_day(client: Client) -> None:
    body = {"username": unique("user"), "password": f"{unique('correct horse battery ')} staple"}
    client.secrets.add(body["password"])

    def signed_up(now: int) -> Answer:
        key = f"{body['username']}-0123456789abcdef"
        return client.at(now).post_settled("/v1/accounts", body, **{"idempotency-key": key})

    first = signed_up(NOW)
    assert first.status == 201
    again = signed_up(NOW + DAY - 1)
    assert (again.status, again.json()) == (201, first.json())
    require_problem(signed_up(NOW + DAY), 409, "taken")
