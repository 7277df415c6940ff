"""Every route of GET: with a body, which means nothing there, and by HEAD, which gets none."""

from __future__ import annotations

import pytest

from blackbox.authenticator import with_second_factor
from blackbox.client import Client, require_problem
from blackbox.hosts import Host
from blackbox.test_bad_input import FORM, JSON, LARGEST_BODY, MALFORMED, bearing, require_alive

# The only one that looks at its body, as all do that ask for a fresh sign-in: it refuses what is
# in it. To the others a body means nothing (RFC 9110 §9.3.1).
READING = "/v1/mfa/totp/qr"
MALFORMED_JSON = (400, "malformed_json")
UNSUPPORTED = (415, "unsupported_media_type")
# A body, its headers, and how it is refused where it is read.
BODIES: dict[str, tuple[bytes, dict[str, str], tuple[int, str]]] = {
    **{name: (body, JSON, MALFORMED_JSON) for name, body in MALFORMED.items()},
    "no object": (b"[]", JSON, (400, "malformed_request")),
    "a member": (b'{"login": "a"}', JSON, (422, "invalid_input")),
    "text": (b"{}", {"content-type": "text/plain"}, UNSUPPORTED),
    "a form": (b"a=b", {"content-type": FORM}, UNSUPPORTED),
    "octets of no type": (b"\xff\xfe", {}, UNSUPPORTED),
    "octets as JSON in parts": (b"\xff\xfe", {"content-type": "multipart/mixed"}, UNSUPPORTED),
    "encoded": (b"{}", {**JSON, "content-encoding": "br"}, UNSUPPORTED),
}


@pytest.fixture(scope="module")
def enrolled(host: Host) -> Client:
    """Somebody who is freshly signed in and has an authenticator to look at again."""
    person, _, tokens = with_second_factor(host.client())
    return bearing(person.client, tokens["access_token"])


@pytest.fixture(scope="module")
def paths(host: Host) -> list[str]:
    """The paths that GET is for, by the document that is served."""
    served = host.client().get("/openapi.json").json()["paths"]
    found = [path for path, operations in served.items() if "get" in operations]
    assert len(found) >= 13
    assert READING in found
    return found


def asking(client: Client, enrolled: Client, path: str) -> Client:
    """Whom a route serves: it answers 200."""
    if path == "/readyz":
        # The database's clock is the real one.
        return client.at(None)
    return enrolled if path.startswith("/v1/") else client


@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_get_is_refused_or_means_nothing(
    client: Client, enrolled: Client, paths: list[str], name: str
) -> None:
    # SECURITY 94
    body, headers, refusal = BODIES[name]
    for path in paths:
        sender = asking(client, enrolled, path)
        without = sender.send("GET", path)
        assert without.status == 200, path
        answer = sender.send("GET", path, body, headers)
        if path == READING:
            require_problem(answer, *refusal)
        else:
            assert (answer.status, answer.headers) == (200, without.headers), path
    require_alive(client)


def test_what_is_no_media_type_is_refused_at_every_route_of_get(
    client: Client, enrolled: Client, paths: list[str]
) -> None:
    # SECURITY 95
    for path in paths:
        sender = asking(client, enrolled, path)
        answer = sender.send("GET", path, b"{}", {"content-type": "\xff\xfe"})
        require_problem(answer, 400, "malformed_request")
    require_alive(client)


def test_a_body_of_get_is_no_larger_than_others(
    client: Client, enrolled: Client, paths: list[str]
) -> None:
    # SECURITY 95
    fits = b"{}".ljust(LARGEST_BODY)
    for path in paths:
        sender = asking(client, enrolled, path)
        for body in (fits + b" ", iter([fits, b" "])):
            require_problem(sender.send("GET", path, body, JSON), 413, "payload_too_large")
        for body in (fits, iter([fits[1:], b" "])):
            answer = sender.send("GET", path, body, JSON)
            malformed = path == READING and body is not fits
            assert answer.status == (400 if malformed else 200), path
    require_alive(client)


def test_head_answers_as_get_without_an_octet_of_the_body(
    client: Client, enrolled: Client, paths: list[str]
) -> None:
    # SECURITY 98
    # What is not there, what is not for GET, and what is not for strangers.
    others = ["/v1/nothing", "/v1/login", *(path for path in paths if path.startswith("/v1/"))]
    asked = [(asking(client, enrolled, path), path) for path in paths]
    statuses = set()
    for sender, path in [*asked, *((client, path) for path in others)]:
        get, head = sender.send_bare("GET", path), sender.send_bare("HEAD", path)
        length = get.headers.pop("content-length")
        # The helper sees all that comes.
        assert len(get.body) == int(length) > 0, path
        assert head.headers.pop("content-length", length) == length
        assert (head.status, head.headers, head.body) == (get.status, get.headers, b""), path
        statuses.add(get.status)
    assert statuses == {200, 401, 404, 405}
