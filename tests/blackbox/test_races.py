"""Many at once: one wins, and nothing is left half done."""

from __future__ import annotations

from blackbox.client import Answer, in_parallel, in_parallel_settled, unique
from blackbox.conftest import Starter
from blackbox.hosts import Host


def test_parallel_sign_ups_of_one_name_make_one_account(host: Host) -> None:
    # SECURITY 86
    client = host.client()
    name = unique("race")
    body = {"username": name, "password": unique("correct horse battery ")}
    answers = in_parallel_settled(100, lambda _: client.post("/v1/accounts", body))
    statuses = [answer.status for answer in answers]
    assert statuses.count(201) == 1
    assert statuses.count(409) == 99
    accounts = host.rows("SELECT id FROM accounts WHERE username_folded = ?1", name)
    assert len(accounts) == 1
    credentials = "SELECT count(*) FROM credentials WHERE account_id = ?1"
    assert host.rows(credentials, accounts[0][0]) == [(1,)]


def test_parallel_sign_ups_with_one_key_are_one_sign_up(host: Host) -> None:
    # SECURITY 107
    client = host.client()
    body = {"username": unique("once"), "password": unique("correct horse battery ")}
    key = unique("a-key-of-the-clients-own-")

    answers = in_parallel_settled(
        20, lambda _: client.post("/v1/accounts", body, **{"idempotency-key": key})
    )
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json()["account"]["id"] for answer in answers}) == 1


def test_parallel_logins_begin_a_session_each(new_host: Starter) -> None:
    # Tries count until their password turns out right: the budget must bear them all.
    host = new_host(AUTHCORE_LOGIN_TRIES="1000")
    client = host.client()
    person = client.sign_up()
    body = {"login": person.username, "password": person.password}
    answers = in_parallel_settled(40, lambda _: client.post("/v1/login", body))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json()["session_id"] for answer in answers}) == 40
    count = "SELECT count(*) FROM sessions WHERE account_id = ?1"
    assert host.rows(count, person.account["id"]) == [(40,)]


def test_a_flood_of_logins_is_answered_in_full(new_host: Starter) -> None:
    # SECURITY 106
    client = new_host(AUTHCORE_LOGIN_TRIES="1000").client()
    person = client.sign_up()
    body = {"login": person.username, "password": person.password}

    def one(number: int) -> Answer:
        return client.get("/healthz") if number % 4 == 0 else client.post("/v1/login", body)

    for answer in in_parallel(200, one):
        if answer.status == 503:
            assert answer.code == "busy"
            assert int(answer.headers["retry-after"]) >= 1
        else:
            assert answer.status == 200
