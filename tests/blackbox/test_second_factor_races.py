"""Many at once with one code: one wins, whichever route it came to, and who loses gets nothing."""

from __future__ import annotations

import base64
import sqlite3
from collections import Counter
from collections.abc import Callable

import pytest
from vectors.write_secret import b64url, derive, length_prefixed, mac

from blackbox.authenticator import (
    STEP,
    Phone,
    answer_by_backup_code,
    challenge,
    sign_up_with_totp,
    with_second_factor,
)
from blackbox.client import MINUTE, NOW, Answer, Person, in_parallel, require_problem, unique
from blackbox.conftest import Starter
from blackbox.hosts import Host
from blackbox.test_notices import told

AT_ONCE = 100
# As many as are looked at: at the fifth wrong code a wait begins that no setting moves.
LOOKED_AT = 4
OTP, BACKUP_CODE = "/v1/login/otp", "/v1/login/backup-code"
# What a loser may be told.
LOST = {"otp_invalid", "challenge_dead", "locked"}
# A hundred writers at once outwait SQLite's queue on a machine that is busy elsewhere.
COME_AGAIN = {"busy", "unavailable"}


@pytest.fixture
def host(new_host: Starter) -> Host:
    """A host with room for races."""
    return new_host(AUTHCORE_LOGIN_TRIES="1000", AUTHCORE_OTP_TRIES="10")


def address() -> str:
    """Where the owner of an account is told of what happens to it."""
    return f"{unique('raced')}@example.com"


def race(times: int, act: Callable[[int], Answer]) -> list[Answer]:
    """Does something many times at once; who is told to come again does."""

    def one(number: int) -> Answer:
        while (answer := act(number)).code in COME_AGAIN:
            pass
        return answer

    return in_parallel(times, one)


def codes(answers: list[Answer]) -> Counter[str]:
    """How often each status, or code of a problem, was answered."""
    return Counter(answer.code or str(answer.status) for answer in answers)


def require_one_winner(answers: list[Answer]) -> Answer:
    """The one that won; the others were refused as they should."""
    counted = codes(answers)
    assert counted.pop("200") == 1, counted
    assert set(counted) <= LOST, counted
    return next(answer for answer in answers if answer.status == 200)


# The tries of an account are never used up, and what a right code forgets is forgotten.
ROOM = """
CREATE TRIGGER room AFTER UPDATE OF factor_failures ON accounts WHEN NEW.factor_failures > -1000
BEGIN UPDATE accounts SET factor_failures = -1000, factor_until = 0 WHERE id = NEW.id; END
"""
COPY = """
INSERT INTO challenges (id, account_id, authenticator_id, credential_version, token_hash,
    idle_span, attempts, created_at, expires_at, op)
SELECT ?1, account_id, authenticator_id, credential_version, ?2, idle_span, 0, created_at,
    expires_at, 'test' FROM challenges WHERE op <> 'test' AND used_by IS NULL
"""


def make_room(host: Host, challenges: int = 0) -> list[str]:
    """Raises the caps that no setting moves, and copies the one open challenge so many times."""
    key_id, ring_key = host.variables["AUTHCORE_SECRET"].split(":", 1)
    hashing = derive(base64.b64decode(ring_key), "hash.challenge")
    tokens = [bytes([number] * 32) for number in range(1, challenges + 1)]
    host.stop()
    with sqlite3.connect(host.database()) as connection:
        connection.execute(ROOM)
        connection.execute("UPDATE throttles SET failures = -1000 WHERE key LIKE 'confirm.%'")
        for number, token in enumerate(tokens):
            hashed = f"{key_id}.{b64url(mac(hashing, length_prefixed(token)))}"
            row = (f"018f0000-0000-7000-8000-{number:012x}", hashed)
            assert connection.execute(COPY, row).rowcount == 1
    connection.close()
    host.start()
    return [f"ch_{b64url(token)}" for token in tokens]


@pytest.mark.parametrize("path", [OTP, BACKUP_CODE])
def test_of_a_hundred_that_are_looked_at_one_wins(host: Host, path: str) -> None:
    # SECURITY 10, 19, 86, 92
    person, phone, tokens = with_second_factor(host.client(), email=address())
    later = person.at(NOW + STEP)
    challenge(later)
    open_ones = make_room(host, AT_ONCE)
    client = host.client().at(NOW + STEP)
    code = phone.code(NOW + STEP) if path == OTP else tokens["backup_codes"][0]

    def answer(number: int) -> Answer:
        return client.elsewhere().post(path, {"challenge": open_ones[number], "code": code})

    # Not one of them was told to wait.
    assert codes(race(AT_ONCE, answer)) == {"200": 1, "otp_invalid": AT_ONCE - 1}
    assert sessions_of(host, person) == 2
    reserved = "SELECT count(*), count(used_by) FROM challenges WHERE id LIKE ?1 AND attempts = 1"
    assert host.rows(reserved, "018f0000-%") == [(AT_ONCE, 1)]
    used = {"backup_code_used": 1} if path == BACKUP_CODE else {}
    assert told(host, person) == {"factor_changed": 1, "second_factor_failed": 1, **used}


def test_of_a_hundred_confirmations_that_are_looked_at_one_wins(host: Host) -> None:
    # SECURITY 10, 16, 86
    person = host.client().sign_up(email=address())
    token = person.login()["access_token"]
    enrolled = person.client.post("/v1/mfa/totp", {}, token)
    phone = Phone(enrolled.json()["otpauth_uri"])
    wrong = {"code": phone.wrong_codes(NOW, 1)[0]}
    confirm = "/v1/mfa/totp/confirm"
    require_problem(person.client.post(confirm, wrong, token), 401, "otp_invalid")
    make_room(host)
    client = host.client()
    code = {"code": phone.code(NOW)}
    counted = codes(race(AT_ONCE, lambda _: client.post(confirm, code, token)))
    assert counted.pop("200") == 1, counted
    assert set(counted) <= {"otp_invalid", "no_enrolment"}, counted
    rows = "SELECT count(*), count(used_by) FROM backup_codes WHERE account_id = ?1"
    assert host.rows(rows, person.account["id"]) == [(10, 0)]
    assert told(host, person)["factor_changed"] == 1


def sessions_of(host: Host, person: Person) -> int:
    """How many sessions the account has ever had."""
    sql = "SELECT count(*) FROM sessions WHERE account_id = ?1"
    return host.rows(sql, person.account["id"])[0][0]


def test_one_code_over_many_challenges_begins_one_session(host: Host) -> None:
    # SECURITY 10, 86
    person, phone, _ = with_second_factor(host.client(), email=address())
    later = person.at(NOW + STEP)
    code = phone.code(NOW + STEP)
    # All that may be open at once.
    open_ones = [challenge(later) for _ in range(3)]

    def answer(number: int) -> Answer:
        body = {"challenge": open_ones[number % 3], "code": code}
        return later.client.elsewhere().post(OTP, body)

    require_one_winner(race(AT_ONCE, answer))
    assert sessions_of(host, person) == 2
    seen = told(host, person)
    assert seen.pop("second_factor_failed", 0) <= 1
    assert seen == {"factor_changed": 1}


def test_a_code_used_at_one_route_is_used_at_all(host: Host) -> None:
    # SECURITY 10, 86
    client = host.client()
    person, phone, tokens = with_second_factor(client)
    token = tokens["access_token"]
    # An access token lives for five minutes: nine steps are four and a half.
    for step in range(1, 10):
        later = person.at(NOW + step * STEP)
        code = phone.code(later.client.now)
        first, second = challenge(later), challenge(later)
        login = {"login": person.username, "password": person.password, "otp": code}
        requests = [
            (OTP, {"challenge": first, "code": code}),
            (OTP, {"challenge": second, "code": code}),
            ("/v1/login", login),
            ("/v1/reauthenticate", {"code": code}),
        ]
        assert len(requests) == LOOKED_AT

        def one(number: int, later: Person = later, requests: list = requests) -> Answer:
            target, body = requests[number]
            bearer = token if target == "/v1/reauthenticate" else None
            return later.client.post_settled(target, body, bearer)

        require_one_winner(race(LOOKED_AT, one))


def test_one_backup_code_is_used_once(host: Host) -> None:
    # SECURITY 19, 86
    person, _, tokens = with_second_factor(host.client(), email=address())
    open_ones = [challenge(person) for _ in range(3)]
    raced, *others = tokens["backup_codes"]

    def answer(number: int) -> Answer:
        body = {"challenge": open_ones[number % 3], "code": raced}
        return person.client.elsewhere().post(BACKUP_CODE, body)

    require_one_winner(race(AT_ONCE, answer))
    assert sessions_of(host, person) == 2
    state = person.client.get("/v1/mfa", tokens["access_token"]).json()
    assert state["backup_codes_left"] == 9
    assert told(host, person)["backup_code_used"] == 1

    # And each further one, with no more at once than are looked at.
    for minute, code in enumerate(others[:6], 2):
        later = person.at(NOW + minute * MINUTE)
        open_ones = [challenge(later) for _ in range(3)]

        def few(
            number: int, later: Person = later, code: str = code, open_ones: list = open_ones
        ) -> Answer:
            return later.client.post(
                BACKUP_CODE, {"challenge": open_ones[number % 3], "code": code}
            )

        require_one_winner(race(LOOKED_AT, few))
    used = "SELECT count(*) FROM backup_codes WHERE account_id = ?1 AND used_by IS NOT NULL"
    assert host.rows(used, person.account["id"]) == [(7,)]
    # No more than five in an hour.
    assert told(host, person)["backup_code_used"] == 5


def test_parallel_enrolments_leave_one_that_counts(host: Host) -> None:
    # SECURITY 16, 86
    client = host.client()
    person = client.sign_up(email=address())
    token = person.login()["access_token"]
    answers = race(AT_ONCE, lambda _: client.post("/v1/mfa/totp", {}, token))
    assert codes(answers) == {"200": AT_ONCE}
    stored = "SELECT count(*) FROM authenticators WHERE account_id = ?1"
    assert host.rows(stored, person.account["id"]) == [(1,)]

    # Of as many as may be tried, exactly one is the row that is left.
    few = race(LOOKED_AT, lambda _: client.post("/v1/mfa/totp", {}, token))
    given = [Phone(answer.json()["otpauth_uri"]).code(NOW) for answer in few]
    tried = [client.post("/v1/mfa/totp/confirm", {"code": code}, token).status for code in given]
    assert tried.count(200) == 1, tried
    assert told(host, person)["factor_changed"] == 1


def test_parallel_confirmations_confirm_once(host: Host) -> None:
    # SECURITY 10, 86
    client = host.client()
    person = client.sign_up(email=address())
    token = person.login()["access_token"]
    enrolled = client.post("/v1/mfa/totp", {}, token)
    code = {"code": Phone(enrolled.json()["otpauth_uri"]).code(NOW)}
    confirmed = race(AT_ONCE, lambda _: client.post("/v1/mfa/totp/confirm", code, token))
    counted = codes(confirmed)
    assert counted.pop("200") == 1, counted
    assert set(counted) <= {"otp_invalid", "no_enrolment", "rate_limited"}, counted
    rows = "SELECT count(*) FROM backup_codes WHERE account_id = ?1 AND used_by IS NULL"
    assert host.rows(rows, person.account["id"]) == [(10,)]
    assert told(host, person) == {"factor_changed": 1}
    winner = next(answer for answer in confirmed if answer.status == 200)
    assert answer_by_backup_code(person, winner.json()["backup_codes"][0]).status == 200


def test_parallel_trades_of_a_challenge_leave_one_enrolment(host: Host) -> None:
    # SECURITY 16, 86
    client = host.client()
    person, _ = sign_up_with_totp(client, email=address())
    presented = challenge(person)
    body = {"challenge": presented}
    answers = race(AT_ONCE, lambda _: client.post("/v1/login/enrolment", body))
    counted = codes(answers)
    assert counted.pop("200") >= 1, counted
    assert set(counted) <= {"rate_limited", "challenge_dead"}, counted
    stored = "SELECT count(*) FROM authenticators WHERE account_id = ?1"
    assert host.rows(stored, person.account["id"]) == [(1,)]
    given = [Phone(a.json()["otpauth_uri"]).code(NOW) for a in answers if a.status == 200]
    assert len(given) <= 5
    tried = [client.post(OTP, {"challenge": presented, "code": code}).status for code in given]
    assert tried.count(200) == 1, tried
    assert told(host, person)["factor_changed"] == 1


def test_renewed_backup_codes_race_with_the_use_of_an_old_one(host: Host) -> None:
    # SECURITY 19, 86
    client = host.client()
    person, _, tokens = with_second_factor(client, email=address())
    old, token = tokens["backup_codes"], tokens["access_token"]
    open_ones = [challenge(person) for _ in range(3)]

    def use_or_renew(number: int) -> Answer:
        if number % 2:
            return client.post("/v1/mfa/backup-codes", {}, token)
        return client.post(BACKUP_CODE, {"challenge": open_ones[number % 3], "code": old[0]})

    answers = race(AT_ONCE, use_or_renew)
    renewals = [answer for number, answer in enumerate(answers) if number % 2]
    uses = [answer for number, answer in enumerate(answers) if not number % 2]
    assert codes(renewals) == {"200": AT_ONCE / 2}
    counted = codes(uses)
    won = counted.pop("200", 0)
    assert won <= 1, counted
    assert set(counted) <= LOST, counted
    seen = told(host, person)
    # No more than five in an hour, however many come at once.
    assert (seen["backup_code_used"], seen["backup_codes_renewed"]) == (won, 5)
    rows = "SELECT count(*), count(used_by) FROM backup_codes WHERE account_id = ?1"
    assert host.rows(rows, person.account["id"]) == [(10, 0)]

    # After the longest wait that uses so few can have begun.
    later = person.at(NOW + 2 * MINUTE)
    require_problem(answer_by_backup_code(later, old[1]), 401, "otp_invalid")
    sets = [tuple(answer.json()["backup_codes"]) for answer in renewals]
    assert len(set(sets)) == len(sets)


def test_one_of_few_renewals_is_the_last(host: Host) -> None:
    # SECURITY 19
    client = host.client()
    person, _, tokens = with_second_factor(client)
    token = tokens["access_token"]
    renewals = race(3, lambda _: client.post("/v1/mfa/backup-codes", {}, token))
    first_codes = [answer.json()["backup_codes"][0] for answer in renewals]
    statuses = [answer_by_backup_code(person, code).status for code in first_codes]
    assert sorted(statuses) == [200, 401, 401]


def test_a_burst_of_wrong_codes_gets_no_more_looks_than_one_after_the_other(
    new_host: Starter,
) -> None:
    # SECURITY 13
    host = new_host(AUTHCORE_LOGIN_TRIES="1000")
    person, phone, _ = with_second_factor(host.client())
    later = person.at(NOW + STEP)
    presented = challenge(later)
    wrong = phone.wrong_codes(NOW + STEP, AT_ONCE)

    def answer(number: int) -> Answer:
        body = {"challenge": presented, "code": wrong[number]}
        return later.client.elsewhere().post(OTP, body)

    counted = codes(race(AT_ONCE, answer))
    assert set(counted) == {"otp_invalid", "challenge_dead"}
    # Fewer, where one that was looked at was told to come again.
    assert counted["otp_invalid"] <= 3
    attempts = "SELECT attempts FROM challenges WHERE account_id = ?1 AND used_by IS NULL"
    assert host.rows(attempts, person.account["id"]) == [(3,)]
    refused = later.client.post(OTP, {"challenge": presented, "code": phone.code(NOW + STEP)})
    require_problem(refused, 401, "challenge_dead")
