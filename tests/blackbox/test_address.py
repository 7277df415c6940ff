"""Whose budget a try is charged to: what a client says of its own address counts for nothing."""

from __future__ import annotations

from blackbox.client import Client, require_problem, unique, unique_address
from blackbox.conftest import Starter
from blackbox.hosts import Host, WorkerHost

# As many tries of an address are free (docs/decisions/0006-counting-tries.md).
FREE = 20
# By which proxies and networks name a client.
HEADERS = (
    "x-forwarded-for",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "true-client-ip",
    "x-real-ip",
    "x-client-ip",
)


def spoofed(host: Host) -> dict[str, str]:
    """Headers that name another address, but for the one that Cloudflare's edge writes over."""
    own = {"cf-connecting-ip"} if isinstance(host, WorkerHost) else set()
    address = unique_address()
    named = {name: address for name in HEADERS if name not in own}
    return {**named, "forwarded": f"for={address}"}


def try_wrongly(client: Client, headers: dict[str, str]) -> tuple[int, str]:
    """A try for a name of its own, which only the address's count can stop."""
    body = {"login": unique("nobody"), "password": "not the password"}
    answer = client.post_settled("/v1/login", body, **headers)
    return answer.status, answer.code


REFUSED = [(401, "invalid_credentials")] * FREE + [(429, "locked")] * 5


def test_without_proxies_no_header_names_a_client(new_host: Starter) -> None:
    # SECURITY 63
    host = new_host(AUTHCORE_TRUSTED_PROXIES="0")
    client = host.client()
    answers = [try_wrongly(client, spoofed(host)) for _ in REFUSED]
    assert answers == REFUSED
    # Nor does it help to claim the address of nobody at all.
    for said in ("", "unknown", "127.0.0.2", "::1, ::2"):
        assert try_wrongly(client, {"x-forwarded-for": said}) == REFUSED[-1], said


def test_behind_a_proxy_only_what_the_proxy_wrote_counts(new_host: Starter) -> None:
    # SECURITY 63: of a list the last entry is the proxy's; a Worker looks at no list.
    client = new_host().client()
    answers = []
    for _ in REFUSED:
        said = {**client.place(client.address)}
        said["x-forwarded-for"] = f"{unique_address()}, {unique_address()}, {client.address}"
        answers.append(try_wrongly(client, said))
    assert answers == REFUSED
    require_problem(client.elsewhere().sign_up().try_login("not it"), 401, "invalid_credentials")


def behind_two(host: Host, *before: str) -> Client:
    """Somebody behind two proxies, of whom the outer one wrote the address, and the inner one its.

    What they claim to be stands before. On the way nobody else is seen than the inner proxy.
    """
    client = host.client()
    proxy = host.place(unique_address())

    def place(address: str) -> dict[str, str]:
        return {**proxy, "x-forwarded-for": ", ".join([*before, address, unique_address()])}

    client.place = place
    return client


def test_behind_two_proxies_the_second_from_the_right_is_the_client(new_host: Starter) -> None:
    # SECURITY 63
    host = new_host(AUTHCORE_TRUSTED_PROXIES="2")
    address = unique_address()
    answers = []
    for _ in REFUSED:
        client = behind_two(host, unique_address(), unique_address()).elsewhere(address)
        answers.append(try_wrongly(client, {}))
    assert answers == REFUSED
    # Another client of the same proxies, who claims to be the first.
    other = behind_two(host, address, address)
    assert try_wrongly(other, {}) == REFUSED[0]


def test_who_comes_past_the_proxies_names_nobody(new_host: Starter) -> None:
    # SECURITY 63: a list that is too short for two proxies is a client's own.
    host = new_host(AUTHCORE_TRUSTED_PROXIES="2")
    seen = host.place(unique_address())
    client = host.client()
    client.place = lambda _: {**seen, "x-forwarded-for": unique_address()}
    assert [try_wrongly(client, {}) for _ in REFUSED] == REFUSED


def test_behind_proxies_a_network_is_one_client(new_host: Starter) -> None:
    # SECURITY 63
    client = behind_two(new_host(AUTHCORE_TRUSTED_PROXIES="2"))
    network = "2001:db8:7:1"
    answers = [try_wrongly(client.elsewhere(f"{network}::{each:x}"), {}) for each in range(100)]
    assert answers == REFUSED[:FREE] + [REFUSED[-1]] * 80
    for same in (f"{network.upper()}:ffff:0:0:1", f"[{network}::7]", f"[{network}::7]:443"):
        assert try_wrongly(client.elsewhere(same), {}) == REFUSED[-1], same
    assert try_wrongly(client.elsewhere("2001:db8:7:2::1"), {}) == REFUSED[0]


def test_behind_proxies_an_ipv4_address_is_one_client_however_it_is_written(
    new_host: Starter,
) -> None:
    # SECURITY 63
    client = behind_two(new_host(AUTHCORE_TRUSTED_PROXIES="2"))
    forms = [
        "198.51.100.7",
        "198.51.100.7:4711",
        "::ffff:198.51.100.7",
        "::FFFF:c633:6407",
        "0:0:0:0:0:ffff:c633:6407",
        "[::ffff:198.51.100.7]:4711",
    ]
    answers = [try_wrongly(client.elsewhere(forms[each % 6]), {}) for each in range(len(REFUSED))]
    assert answers == REFUSED
    for form in forms:
        assert try_wrongly(client.elsewhere(form), {}) == REFUSED[-1], form
    assert try_wrongly(client.elsewhere("::ffff:198.51.100.8"), {}) == REFUSED[0]
