"""D1 loses the connection at each batch of each use case, before it did it and after."""

# SECURITY 107

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from blackbox.authenticator import Phone, challenge, with_second_factor
from blackbox.client import DAY, HOUR, NOW, Answer, Client, Person, require_problem, unique
from blackbox.hosts import WorkerHost


class Losing(WorkerHost):
    """The Worker behind a module that has D1 lose its connection."""

    before = Path(__file__).parent / "faults.mjs"

    def lose(self, batch: int, when: str) -> list[str]:
        """Has a batch from now on be lost, or none; says how those before were asked for."""
        with urllib.request.urlopen(f"{self.url}/__fail?batch={batch}&when={when}") as answer:
            return json.load(answer)

    def forget_keys(self) -> None:
        """Has D1 forget all signing keys."""
        told = "DELETE FROM signing_keys"
        with urllib.request.urlopen(f"{self.url}/__run", told.encode()) as answer:
            assert answer.status == 200

    def keys(self) -> list[tuple[str, int]]:
        """How many signing keys there are in each state."""
        return self.rows("SELECT state, count(*) FROM signing_keys GROUP BY state ORDER BY state")


@pytest.fixture(scope="module")
def losing(kind: type[WorkerHost], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Losing]:
    """The Worker, with D1 under the tests' control."""
    Losing.empty = kind.empty
    host = Losing(tmp_path_factory.mktemp("losing"), {})
    # The first login makes the keys, in a batch of its own.
    host.client().sign_up().login()
    yield host
    host.stop()


@dataclass
class Case:
    """A request that is prepared, and what must have been written if it is acknowledged."""

    send: Callable[[], Answer]
    is_written: Callable[[], bool]
    # How it is answered once it is written, by status and code.
    done: tuple[int, str] = (200, "")
    # And if it is then sent again; alike, unless told else.
    again: tuple[int, str] | None = None


def signed_up(host: Losing, client: Client) -> Case:
    """A sign-up that can be told from another by its key."""
    body = {"username": unique("user"), "password": f"{unique('correct horse battery ')} staple"}
    key = {"idempotency-key": f"{body['username']}-0123456789abcdef"}
    sql = "SELECT count(*) FROM accounts WHERE username_folded = ?"
    return Case(
        lambda: client.post("/v1/accounts", body, **key),
        lambda: host.rows(sql, body["username"]) == [(1,)],
        done=(201, ""),
    )


def sessions(host: Losing, person: Person, which: str = "1") -> int:
    """How many sessions somebody has, of those of which this is so."""
    sql = f"SELECT count(*) FROM sessions WHERE account_id = ? AND {which}"
    return host.rows(sql, person.account["id"])[0][0]


def logged_in(host: Losing, client: Client) -> Case:
    """A login with a password."""
    person = client.sign_up()
    return Case(person.try_login, lambda: sessions(host, person) >= 1)


def refreshed(host: Losing, client: Client) -> Case:
    """A refresh, whose predecessor is taken again for ten seconds."""
    person = client.sign_up()
    tokens = person.login()
    return Case(
        lambda: client.refresh(tokens["refresh_token"]),
        lambda: sessions(host, person, "generation = 2") == 1,
    )


def reused(host: Losing, client: Client) -> Case:
    """A refresh token that is used although its successor was: its session ends."""
    person = client.sign_up()
    first = person.login()["refresh_token"]
    client.refresh(client.refresh(first).json()["refresh_token"])
    return Case(
        lambda: client.refresh(first),
        lambda: sessions(host, person, "revoked_for = 'refresh_reuse'") == 1,
        done=(401, "refresh_reused"),
        again=(401, "session_ended"),
    )


def logged_out(host: Losing, client: Client) -> Case:
    """A logout."""
    person = client.sign_up()
    tokens = person.login()
    return Case(
        lambda: client.post("/v1/logout", {"refresh_token": tokens["refresh_token"]}),
        lambda: sessions(host, person, "revoked_for = 'logout'") == 1,
        done=(204, ""),
    )


def reauthenticated(host: Losing, client: Client) -> Case:
    """Somebody who is signed in proves it again, an hour later."""
    person = client.sign_up()
    tokens = person.login()
    later = client.at(NOW + HOUR)
    token = later.refresh(tokens["refresh_token"]).json()["access_token"]
    return Case(
        lambda: later.post("/v1/reauthenticate", {"password": person.password}, token),
        lambda: sessions(host, person, f"auth_time = {NOW + HOUR}") == 1,
    )


def changed(host: Losing, client: Client) -> Case:
    """A password that is changed: the old one is good for nothing then, and ends no session."""
    person = client.sign_up()
    person.login()
    token = person.login()["access_token"]
    body = {"current_password": person.password, "password": f"{unique('quiet otter ')} ladder"}
    client.secrets.add(body["password"])
    sql = "SELECT version FROM credentials WHERE account_id = ?"
    return Case(
        lambda: client.change("PUT", "/v1/me/password", body, token),
        # With it end the other sessions.
        lambda: (
            (host.rows(sql, person.account["id"]), sessions(host, person, "revoked_at > 0"))
            == ([(2,)], 1)
        ),
        done=(204, ""),
        again=(401, "invalid_credentials"),
    )


def deleted(host: Losing, client: Client) -> Case:
    """An account whose owner leaves."""
    person = client.sign_up()
    token = person.login()["access_token"]
    sql = "SELECT status FROM accounts WHERE id = ?"
    return Case(
        lambda: client.delete("/v1/me", token),
        lambda: (
            (host.rows(sql, person.account["id"]), sessions(host, person, "revoked_at > 0"))
            == ([("deleted",)], 1)
        ),
        done=(204, ""),
        again=(401, "session_ended"),
    )


def answered(host: Losing, client: Client) -> Case:
    """A challenge that is answered with a code."""
    # SECURITY 10
    person, phone, _ = with_second_factor(client)
    later = person.at(NOW + DAY)
    body = {"challenge": challenge(later), "code": phone.code(NOW + DAY)}
    return Case(
        lambda: later.client.post("/v1/login/otp", body),
        lambda: sessions(host, person) == 2,
        again=(401, "challenge_dead"),
    )


def confirmed(host: Losing, client: Client) -> Case:
    """A factor that its first code confirms."""
    # SECURITY 10
    person = client.sign_up()
    token = person.login()["access_token"]
    phone = Phone(client.post("/v1/mfa/totp", {}, token).json()["otpauth_uri"])
    sql = """
        SELECT count(*) FROM authenticators WHERE account_id = ? AND confirmed_at IS NOT NULL
    """
    return Case(
        lambda: client.post("/v1/mfa/totp/confirm", {"code": phone.code(NOW)}, token),
        lambda: host.rows(sql, person.account["id"]) == [(1,)],
        again=(409, "no_enrolment"),
    )


# How many batches each takes (docs/effects.md). The last one writes; one before only counts or
# reads, and where it is lost nothing else is done.
BATCHES = {
    signed_up: 2,
    logged_in: 2,
    refreshed: 2,
    reused: 2,
    logged_out: 2,
    reauthenticated: 3,
    changed: 3,
    deleted: 2,
    answered: 2,
    confirmed: 3,
}


def told(answer: Answer) -> tuple[int, str]:
    """An answer by its status and its code."""
    return answer.status, answer.code


@pytest.mark.parametrize("prepare", BATCHES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_acknowledged_was_written_and_what_was_written_is_acknowledged(
    losing: Losing, prepare: Callable[[Losing, Client], Case], when: str
) -> None:
    last = BATCHES[prepare]
    whole = prepare(losing, losing.client())
    losing.lose(0, when)
    assert told(whole.send()) == whole.done
    assert len(losing.lose(0, when)) == last
    assert whole.is_written()
    assert told(whole.send()) == (whole.again or whole.done)
    for batch in range(1, last + 1):
        case = prepare(losing, losing.client())
        assert not case.is_written()
        losing.lose(batch, when)
        answer = case.send()
        assert len(losing.lose(0, when)) >= batch, "the batch came"
        if batch == last and when == "after":
            # Core reads again, and finds what it wrote.
            assert told(answer) == case.done
            assert case.is_written()
            assert told(case.send()) == (case.again or case.done)
        else:
            require_problem(answer, 503, "unavailable")
            assert not case.is_written()
            assert told(case.send()) == case.done
        assert case.is_written()


def token_of(answer: Answer) -> str:
    """The access token of a login, which must be good."""
    assert answer.status == 200, answer.body
    return answer.json()["access_token"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_first_login_has_keys_or_there_is_none(losing: Losing, when: str) -> None:
    # SECURITY 84
    both = [("active", 1), ("next", 1)]
    # Where the keys are made, and then the session.
    for batch, keys in ((1, []), (2, [] if when == "before" else both), (3, both)):
        person = losing.client().sign_up()
        losing.forget_keys()
        losing.lose(batch, when)
        answer = person.try_login()
        asked = len(losing.lose(0, when))
        assert losing.keys() == keys
        if when == "after" and batch > 1:
            # One batch more, which finds what was written.
            assert asked == 4
            assert person.client.me(token_of(answer)).status == 200
            assert sessions(losing, person) == 1
        else:
            assert asked == batch + (batch > 1)
            require_problem(answer, 503, "unavailable")
            assert sessions(losing, person) == 0
        assert person.client.me(token_of(person.try_login())).status == 200
        assert losing.keys() == both


@pytest.mark.parametrize("when", ["before", "after"])
def test_keys_are_exchanged_once_and_the_old_one_serves_until_they_are(
    kind: type[WorkerHost], tmp_path: Path, when: str
) -> None:
    # SECURITY 84
    Losing.empty = kind.empty
    losing = Losing(tmp_path, {"AUTHCORE_KEY_ROTATION": "1 d"})
    old, new = [("active", 1), ("next", 1)], [("active", 1), ("next", 1), ("retired", 1)]
    try:
        # Where the keys are exchanged, and then the session begins.
        for batch, keys in ((1, old), (2, old if when == "before" else new), (3, new)):
            losing.forget_keys()
            person = losing.client().sign_up()
            person.login()
            later = person.at(NOW + DAY)
            losing.lose(batch, when)
            answer = later.try_login()
            assert len(losing.lose(0, when)) >= batch
            assert losing.keys() == keys
            if batch == 2 or (batch == 3 and when == "after"):
                # What was exchanged, or, where nothing was, what is still stored.
                assert later.client.me(token_of(answer)).status == 200
                assert sessions(losing, person) == 2
            else:
                require_problem(answer, 503, "unavailable")
                assert sessions(losing, person) == 1
            assert later.client.me(token_of(later.try_login())).status == 200
            assert losing.keys() == new
    finally:
        losing.stop()


def test_a_sweep_that_is_lost_says_so_and_the_next_one_sweeps(
    kind: type[WorkerHost], tmp_path: Path
) -> None:
    # SECURITY 110
    Losing.empty = kind.empty
    losing = Losing(tmp_path, {})
    try:
        for number, (when, left) in enumerate((("before", 1), ("after", 0))):
            now = NOW + number
            person = losing.client().at(NOW - 900 * DAY).sign_up()
            person.login()
            losing.lose(1, when)
            losing.sweep(now)
            assert len(losing.lose(0, when)) == 1
            assert sessions(losing, person) == left
            beaten = [] if left and not number else [(now,)]
            assert losing.rows("SELECT at FROM heartbeat") == beaten
            losing.sweep(now)
            assert sessions(losing, person) == 0
            assert losing.rows("SELECT at FROM heartbeat") == [(now,)]
        losing.stop()
        # Swept or not: one that was lost is acknowledged to nobody.
        assert losing.log().count("sweep: unavailable") == 2
    finally:
        losing.stop()
