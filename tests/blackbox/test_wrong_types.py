"""Every member that a route's body knows, with every wrong type: told by name, all at once."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from blackbox.client import Answer, Client, require_problem, unique
from blackbox.hosts import Host
from blackbox.test_bad_input import (
    JSON,
    NOBODY,
    PASSWORD,
    ROUTES,
    bearing,
    require_alive,
    sends_token,
)

Route = tuple[str, str]

# No route knows it: its schema takes nothing.
UNKNOWN = "nobody_asked_for"
VALUES: dict[str, object] = {
    "zero": 0,
    "a negative number": -1,
    "a fraction": 1.5,
    "a number beyond what doubles tell apart": 2**53 + 1,
    "a number of 65 bits": 2**64,
    "a huge number": 10**300,
    "a huge fraction": 1.5e300,
    "true": True,
    "false": False,
    "null": None,
    "an empty text": "",
    "a text": "text",
    "an empty list": [],
    "a list of texts": ["a"],
    "a list of numbers": [1],
    "an empty object": {},
    "an object": {"a": "b"},
}
# As deep as a body may be, and deeper; both the member's own, with the body around it.
DEEPEST = 31


def in_depth(levels: int, of: str) -> object:
    """Lists in lists, or objects in objects."""
    value: object = 1
    for _ in range(levels):
        value = [value] if of == "lists" else {"a": value}
    return value


@pytest.fixture(scope="module")
def signed_in(host: Host) -> Client:
    """Somebody who is freshly signed in, with an access token in every request."""
    return bearing(host.client())


@pytest.fixture(scope="module")
def members(host: Host) -> dict[Route, dict[str, object]]:
    """The schema of each member that a route's body knows, by the document that is served."""
    document = host.client().get("/openapi.json").json()
    found = {}
    for method, path in ROUTES:
        operation = document["paths"][path.replace(NOBODY, "{id}")][method.lower()]
        content = operation.get("requestBody", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        # What takes nothing, and an empty object for nothing, is described as no body.
        schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
        parts = [*schema.get("anyOf", []), schema]
        known = {name: one for part in parts for name, one in part.get("properties", {}).items()}
        found[method, path] = {**known, UNKNOWN: False}
    return found


def send(client: Client, signed_in: Client, route: Route, member: str, value: object) -> Answer:
    """Sends a fitting body but for this member; a sign-up with names of its own."""
    fitting = ROUTES[route]
    if route[1] == "/v1/accounts":
        name = unique("typed")
        fitting = {"username": name, "email": f"{name}@b.example", "password": PASSWORD}
    sender = signed_in if sends_token(route[1]) else client
    return sender.send(*route, json.dumps({**fitting, member: value}).encode(), JSON)


def require_told(answer: Answer, member: str) -> None:
    """Asserts that this member is refused, and no other."""
    is_weak = member == "password" and answer.code == "weak_password"
    require_problem(answer, 422, "weak_password" if is_weak else "invalid_input")
    assert [entry["pointer"] for entry in answer.json()["errors"]] == [f"/{member}"]


def test_every_fitting_body_holds_members_that_the_document_describes(
    members: dict[Route, dict[str, object]],
) -> None:
    for route, body in ROUTES.items():
        assert body.keys() <= members[route].keys() - {UNKNOWN}, route
        assert bool(body) == (len(members[route]) > 1), route
    assert sum(len(known) - 1 for known in members.values()) >= 30


@pytest.mark.parametrize("name", VALUES)
def test_a_wrong_type_is_told_at_every_member(
    client: Client, signed_in: Client, members: dict[Route, dict[str, object]], name: str
) -> None:
    # SECURITY 94
    value = VALUES[name]
    told = 0
    for route, known in members.items():
        for member, schema in known.items():
            answer = send(client, signed_in, route, member, value)
            if not jsonschema_rs.is_valid(schema, value):
                require_told(answer, member)
                told += 1
            elif answer.status >= 400:
                # Of the right type, if perhaps no address, no code, no challenge.
                require_problem(answer, answer.status, answer.code)
                assert answer.status < 500
                entries = answer.json().get("errors", [])
                assert (f"/{member}", "wrong_type") not in {
                    (entry["pointer"], entry["code"]) for entry in entries
                }
    # At least the members that nobody knows.
    assert told >= len(ROUTES)
    require_alive(client)


@pytest.mark.parametrize("of", ["lists", "objects"])
def test_what_is_nested_deep_is_told_at_every_member(
    client: Client, signed_in: Client, members: dict[Route, dict[str, object]], of: str
) -> None:
    # SECURITY 94
    deep, deeper = in_depth(DEEPEST, of), in_depth(DEEPEST + 1, of)
    for route, known in members.items():
        for member, schema in known.items():
            answer = send(client, signed_in, route, member, deep)
            if not jsonschema_rs.is_valid(schema, deep):
                require_told(answer, member)
            else:
                # Properties are kept, and flatter than what is read.
                require_problem(answer, 422, "invalid_input")
                [entry] = answer.json()["errors"]
                assert entry["pointer"].startswith(f"/{member}/a/a")
            answer = send(client, signed_in, route, member, deeper)
            require_problem(answer, 400, "malformed_json")
    require_alive(client)


def test_all_wrong_fields_are_told_at_once(client: Client) -> None:
    body = {"username": 1, "email": "no address", "password": None, "more": 1}
    answer = require_problem(client.post("/v1/accounts", body), 422, "invalid_input")
    pointers = {entry["pointer"] for entry in answer.json()["errors"]}
    assert pointers == {"/username", "/email", "/password", "/more"}
    for entry in answer.json()["errors"]:
        assert set(entry) == {"pointer", "code", "detail"}


@pytest.mark.parametrize("route", [route for route, body in ROUTES.items() if body], ids=" ".join)
def test_missing_fields_are_told(client: Client, signed_in: Client, route: Route) -> None:
    sender = signed_in if sends_token(route[1]) else client
    answer = sender.send(*route, b"{}", JSON)
    if route[1] == "/v1/logout":
        require_problem(answer, 401, "token_missing")
    else:
        require_problem(answer, 422, "invalid_input")
