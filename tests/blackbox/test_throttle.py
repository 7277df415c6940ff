"""Tries are counted before anything is checked, alike for names that exist and that do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from blackbox.authenticator import log_in, sign_up_with_totp
from blackbox.client import (
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    Answer,
    Client,
    in_parallel_settled,
    require_problem,
    unique,
)
from blackbox.conftest import Starter
from blackbox.hosts import Host
from blackbox.test_bad_input import ROUTES, bearing, sends_token

WRONG = "not the password"
# How many requests of an address the limited host hears in a window.
HEARD = 3
# In seconds, of the routes that `other` does not count.
WINDOWS = {("POST", "/v1/login"): 3600, ("POST", "/v1/accounts"): 3600}


@pytest.fixture(scope="module")
def limited(kind: type[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that hears few requests of an address."""
    rates = f"login {HEARD}/h, accounts {HEARD}/h, other {HEARD}/min"
    host = kind(tmp_path_factory.mktemp("limited"), {"AUTHCORE_LIMITS": rates})
    yield host
    host.stop()


def wrong(client: Client, login: str) -> Answer:
    """One try with a wrong password."""
    return client.post_settled("/v1/login", {"login": login, "password": WRONG})


def require_wait(answer: Answer, code: str, seconds: int) -> None:
    """Asserts 429 with this wait, told twice."""
    require_problem(answer, 429, code)
    assert answer.json()["retry_after"] == seconds
    assert answer.headers["retry-after"] == str(seconds)


def test_five_tries_are_free_and_then_the_wait_doubles(client: Client) -> None:
    # SECURITY 60
    person = client.sign_up()
    for _ in range(5):
        require_problem(wrong(client, person.username), 401, "invalid_credentials")
    now = NOW
    for minutes in (1, 2, 4, 8, 15, 15):
        end = now + minutes * MINUTE
        # From elsewhere: the address counts these tries too.
        early, late, then = (client.at(at).elsewhere() for at in (now, end - 1, end))
        require_wait(wrong(early, person.username), "locked", minutes * 60)
        require_wait(wrong(late, person.username), "locked", 1)
        require_problem(wrong(then, person.username), 401, "invalid_credentials")
        now = end


def test_no_wait_is_longer_than_the_lock_that_is_set(new_host: Starter) -> None:
    # SECURITY 60
    client = new_host(AUTHCORE_LOGIN_TRIES="3", AUTHCORE_LOCK="3 min").client()
    person = client.sign_up()
    for _ in range(3):
        require_problem(wrong(client, person.username), 401, "invalid_credentials")
    now = NOW
    for minutes in (1, 2, 3, 3, 3):
        early, late = (client.at(at).elsewhere() for at in (now, now + minutes * MINUTE - 1))
        require_wait(wrong(early, person.username), "locked", minutes * 60)
        require_wait(wrong(late, person.username), "locked", 1)
        now += minutes * MINUTE
        then = client.at(now).elsewhere()
        require_problem(wrong(then, person.username), 401, "invalid_credentials")


def test_a_lock_until_an_administrator_does_not_end_by_itself(new_host: Starter) -> None:
    # SECURITY 62
    host = new_host(AUTHCORE_LOCK="until-admin")
    person, neighbour = host.client().sign_up(), host.client().sign_up()
    for _ in range(5):
        require_problem(wrong(person.client, person.username), 401, "invalid_credentials")
    for days in (0, 1, 400):
        later = person.at(NOW + days * 24 * HOUR)
        # No longer than a day is told.
        require_wait(later.try_login(), "locked", 24 * 3600)
    # Who shares the address is not locked out with them.
    assert replace(neighbour, client=person.client).try_login().status == 200
    # What an administrator's release will do.
    host.rewrite("DELETE FROM throttles WHERE key LIKE 'account.%'")
    assert replace(person, client=host.client()).try_login().status == 200


def test_while_locked_the_right_password_is_not_looked_at(client: Client) -> None:
    person = client.sign_up()
    for _ in range(5):
        wrong(client, person.username)
    require_wait(person.try_login(), "locked", 60)
    assert person.at(NOW + MINUTE).try_login().status == 200


def test_a_right_password_forgets_the_failures(client: Client) -> None:
    person = client.sign_up()
    for _ in range(2):
        for _ in range(4):
            require_problem(wrong(client, person.username), 401, "invalid_credentials")
        assert person.try_login().status == 200


def test_failures_are_forgotten_after_a_day(client: Client) -> None:
    person = client.sign_up()
    for _ in range(5):
        wrong(client, person.username)
    later = client.at(NOW + 24 * HOUR + MINUTE)
    for _ in range(5):
        require_problem(wrong(later, person.username), 401, "invalid_credentials")


def test_known_and_unknown_names_are_told_apart_by_nothing(client: Client) -> None:
    # SECURITY 56, 59
    known = client.sign_up().username
    unknown = unique("nobody")
    known_client, unknown_client = client.elsewhere(), client.elsewhere()
    for late in (0, 0, 0, 0, 0, 0, 30 * SECOND, MINUTE, MINUTE, 3 * MINUTE):
        one = wrong(known_client.at(NOW + late), known)
        other = wrong(unknown_client.at(NOW + late), unknown)
        assert (one.status, one.body) == (other.status, other.body)
        assert one.headers == other.headers


def test_one_counter_whatever_the_form_of_the_name(client: Client) -> None:
    # SECURITY 61
    email = f"{unique('forms')}@example.com"
    person = client.sign_up(email=email)
    forms = [person.username, person.username.upper(), email, email.upper(), email.title()]
    for form in forms:
        require_problem(wrong(client, form), 401, "invalid_credentials")
    for form in forms:
        require_wait(wrong(client, form), "locked", 60)


def test_parallel_tries_cannot_pass_the_limit(host: Host) -> None:
    # SECURITY 60
    client = host.client()
    person = client.sign_up()
    elsewhere = [client.elsewhere() for _ in range(20)]

    def one(number: int) -> Answer:
        body = {"login": person.username, "password": WRONG}
        return elsewhere[number % len(elsewhere)].post("/v1/login", body)

    answers = in_parallel_settled(200, one)
    codes = [answer.code for answer in answers]
    assert codes.count("invalid_credentials") == 5
    assert codes.count("locked") == 195
    key = "SELECT failures FROM throttles WHERE key LIKE '%' || ?1"
    assert host.rows(key, person.account["id"]) == [(5,)]


def test_a_network_has_one_budget(client: Client) -> None:
    # SECURITY 63
    number = unique("")
    network = f"2001:db8:{int(number):x}:1"
    for host_part in range(20):
        one = client.elsewhere(f"{network}::{host_part + 1:x}")
        require_problem(wrong(one, unique("nobody")), 401, "invalid_credentials")
    same = client.elsewhere(f"{network}:ffff:ffff:ffff:ffff")
    require_wait(wrong(same, unique("nobody")), "locked", 60)
    neighbour = client.elsewhere(f"2001:db8:{int(number):x}:2::1")
    require_problem(wrong(neighbour, unique("nobody")), 401, "invalid_credentials")


def test_an_ipv4_address_is_the_same_in_ipv6(client: Client) -> None:
    # SECURITY 63
    for _ in range(20):
        wrong(client, unique("nobody"))
    mapped = client.elsewhere(f"::ffff:{client.address}")
    require_wait(wrong(mapped, unique("nobody")), "locked", 60)


def test_requests_of_an_address_are_limited(new_host: Starter) -> None:
    # SECURITY 64
    host = new_host(AUTHCORE_LIMITS="login 3/h, accounts 2/h")
    client = host.client()
    people = [client.sign_up() for _ in range(2)]
    body = {"username": unique("third"), "password": people[0].password}
    require_wait(client.post_settled("/v1/accounts", body), "rate_limited", 3600)
    assert client.elsewhere().post_settled("/v1/accounts", body).status == 201
    for person in (*people, people[0]):
        assert person.try_login().status == 200
    require_wait(people[1].try_login(), "rate_limited", 3600)
    assert people[1].at(NOW + HOUR).try_login().status == 200


@pytest.mark.parametrize("route", sorted(ROUTES), ids=" ".join)
def test_a_flood_of_any_unsafe_route_is_stopped(limited: Host, route: tuple[str, str]) -> None:
    # SECURITY 64
    method, path = route
    client = limited.client()
    if sends_token(path):
        bearing(client)

    def ask(asked: Client) -> Answer:
        while (answer := asked.change(method, path, ROUTES[route])).code == "busy":
            pass
        return answer

    codes = [ask(client).code for _ in range(HEARD)]
    assert "rate_limited" not in codes
    stopped = ask(client)
    if path == "/v1/logout":
        # Nobody is kept from signing out (docs/decisions/0021).
        assert stopped.code == codes[0] == "token_invalid"
        return
    require_problem(stopped, 429, "rate_limited")
    wait = stopped.json()["retry_after"]
    assert 1 <= wait <= WINDOWS.get(route, 60)
    assert stopped.headers["retry-after"] == str(wait)
    assert ask(client.at(NOW + wait * SECOND)).code != "rate_limited"


def test_strangers_cannot_lock_the_owner_out(client: Client) -> None:
    # SECURITY 62
    person, phone = sign_up_with_totp(client)
    tokens = log_in(person, phone, remember_device=True)
    device = tokens["device_token"]
    for _ in range(5):
        refused = wrong(client.elsewhere(), person.username)
        require_problem(refused, 401, "invalid_credentials")
    require_wait(wrong(client.elsewhere(), person.username), "locked", 60)
    require_wait(person.try_login(), "locked", 60)
    require_wait(person.try_login(device_token=f"{device[:-4]}AAAA"), "locked", 60)
    assert person.try_login(device_token=device).status == 200
    renewed = client.refresh(tokens["refresh_token"])
    assert renewed.status == 200
    assert client.me(renewed.json()["access_token"]).status == 200
    # It opened the door to the device alone.
    require_wait(person.try_login(), "locked", 60)


def test_counts_survive_a_new_process(new_host: Starter) -> None:
    # SECURITY 66
    host = new_host()
    person = host.client().sign_up()
    address = person.client.address
    for _ in range(5):
        wrong(person.client, person.username)
    host.kill()
    host.start()
    client = host.client().elsewhere(address)
    require_wait(wrong(client, person.username), "locked", 60)
