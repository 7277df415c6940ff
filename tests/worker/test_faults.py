"""D1 loses the connection at each batch of each use case, before it did it and after."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from blackbox.authenticator import Phone, challenge, with_second_factor
from blackbox.client import DAY, NOW, Answer, Client, unique
from blackbox.hosts import WorkerHost


class Losing(WorkerHost):
    """The Worker behind a module that has D1 lose its connection."""

    before = Path(__file__).parent / "faults.mjs"

    def lose(self, batch: int, when: str) -> int:
        """Has a batch from now on be lost, or none; says how many there were before."""
        with urllib.request.urlopen(f"{self.url}/__fail?batch={batch}&when={when}") as answer:
            return json.load(answer)


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


def signed_up(host: Losing, client: Client) -> Case:
    """A sign-up that can be told from another by its key."""
    body = {"username": unique("user"), "password": f"{unique('correct horse battery ')} staple"}
    key = {"idempotency-key": f"{body['username']}-0123456789abcdef"}
    sql = "SELECT count(*) FROM accounts WHERE username_folded = ?"
    return Case(
        lambda: client.post("/v1/accounts", body, **key),
        lambda: host.rows(sql, body["username"]) == [(1,)],
    )


def sessions(host: Losing, account: str) -> int:
    """How many sessions an account has."""
    return host.rows("SELECT count(*) FROM sessions WHERE account_id = ?", account)[0][0]


def logged_in(host: Losing, client: Client) -> Case:
    """A login with a password."""
    person = client.sign_up()
    return Case(person.try_login, lambda: sessions(host, person.account["id"]) >= 1)


def refreshed(host: Losing, client: Client) -> Case:
    """A refresh, whose predecessor is taken again for ten seconds."""
    person = client.sign_up()
    tokens = person.login()
    sql = "SELECT generation FROM sessions WHERE account_id = ?"
    return Case(
        lambda: client.refresh(tokens["refresh_token"]),
        lambda: host.rows(sql, person.account["id"]) == [(2,)],
    )


def logged_out(host: Losing, client: Client) -> Case:
    """A logout."""
    person = client.sign_up()
    tokens = person.login()
    sql = "SELECT count(*) FROM sessions WHERE account_id = ? AND revoked_at IS NOT NULL"
    return Case(
        lambda: client.post("/v1/logout", {"refresh_token": tokens["refresh_token"]}),
        lambda: host.rows(sql, person.account["id"]) == [(1,)],
    )


def answered(host: Losing, client: Client) -> Case:
    """A challenge that is answered with a code."""
    person, phone, _ = with_second_factor(client)
    later = person.at(NOW + DAY)
    body = {"challenge": challenge(later), "code": phone.code(NOW + DAY)}
    return Case(
        lambda: later.client.post("/v1/login/otp", body),
        lambda: sessions(host, person.account["id"]) == 2,
    )


def confirmed(host: Losing, client: Client) -> Case:
    """A factor that its first code confirms."""
    person = client.sign_up()
    token = person.login()["access_token"]
    phone = Phone(client.post("/v1/mfa/totp", {}, token).json()["otpauth_uri"])
    sql = """
        SELECT count(*) FROM authenticators WHERE account_id = ? AND confirmed_at IS NOT NULL
    """
    return Case(
        lambda: client.post("/v1/mfa/totp/confirm", {"code": phone.code(NOW)}, token),
        lambda: host.rows(sql, person.account["id"]) == [(1,)],
    )


@pytest.mark.parametrize("prepare", [signed_up, logged_in, refreshed, logged_out])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_acknowledged_was_written_and_a_retry_succeeds(
    losing: Losing, prepare: Callable[[Losing, Client], Case], when: str
) -> None:
    # SECURITY 107
    whole = prepare(losing, losing.client())
    losing.lose(0, when)
    assert whole.send().status < 300
    batches = losing.lose(0, when)
    assert whole.is_written()
    assert batches >= 1
    for batch in range(1, batches + 1):
        case = prepare(losing, losing.client())
        losing.lose(batch, when)
        answer = case.send()
        assert losing.lose(0, when) >= batch, "the batch came"
        if answer.status < 300:
            assert case.is_written()
        else:
            assert (answer.status, answer.code) == (503, "unavailable"), answer.body
        again = case.send()
        assert again.status < 300, (batch, again.body)
        assert case.is_written()


@pytest.mark.parametrize("prepare", [answered, confirmed])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_code_is_taken_with_what_it_brings_or_not_at_all(
    losing: Losing, prepare: Callable[[Losing, Client], Case], when: str
) -> None:
    # SECURITY 10, 107
    whole = prepare(losing, losing.client())
    losing.lose(0, when)
    assert whole.send().status < 300
    batches = losing.lose(0, when)
    for batch in range(1, batches + 1):
        case = prepare(losing, losing.client())
        losing.lose(batch, when)
        answer = case.send()
        losing.lose(0, when)
        written = case.is_written()
        if answer.status < 300:
            assert written
        else:
            assert answer.status == 503, answer.body
            # A code that was taken is not taken again; one that was not is.
            assert (case.send().status < 300) == (not written)
            assert case.is_written()
