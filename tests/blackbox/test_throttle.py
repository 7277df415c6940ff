"""Tries are counted before anything is checked, alike for names that exist and that do not."""

from __future__ import annotations

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

WRONG = "not the password"


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
