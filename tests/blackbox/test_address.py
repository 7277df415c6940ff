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
