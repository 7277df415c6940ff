"""U+0000, which no text of ours holds: refused by name at every route, but in passwords."""

from __future__ import annotations

import json

import pytest

from blackbox.client import Client, require_problem, unique
from blackbox.hosts import Host
from blackbox.test_bad_input import JSON, ROUTES, bearing, require_alive, sends_token

# Members that are text, of routes that take more than the fitting body has.
FURTHER = {
    "/v1/accounts": ["full_name", "second_factor"],
    "/v1/login": ["otp", "device_token"],
    "/v1/reauthenticate": ["backup_code"],
}
TEXTS = [
    (route, text)
    for route, body in ROUTES.items()
    for text in [*body, *FURTHER.get(route[1], [])]
    if "password" not in text
]


@pytest.fixture(scope="module")
def signed_in(host: Host) -> Client:
    """Somebody who is freshly signed in, with an access token in every request."""
    return bearing(host.client())


@pytest.mark.parametrize(("route", "text"), TEXTS, ids=str)
def test_nul_in_a_text_is_named(
    client: Client, signed_in: Client, route: tuple[str, str], text: str
) -> None:
    # SECURITY 94
    sender = signed_in if sends_token(route[1]) else client
    fitting = ROUTES[route]
    for wrong in ("\0", "a\0b", f"{fitting.get(text, '')}\0"):
        body = json.dumps({**fitting, text: wrong}).encode()
        assert b"\\u0000" in body
        answer = require_problem(sender.send(*route, body, JSON), 422, "invalid_input")
        told = [(entry["pointer"], entry["code"]) for entry in answer.json()["errors"]]
        assert told == [(f"/{text}", "nul_character")]
    require_alive(client)


def test_nul_in_a_name_or_in_depth_is_refused(client: Client, signed_in: Client) -> None:
    # SECURITY 94
    for (method, path), fitting in ROUTES.items():
        sender = signed_in if sends_token(path) else client
        answer = sender.change(method, path, {**fitting, "nul\0": "a"})
        require_problem(answer, 422, "invalid_input")
        assert [entry["pointer"] for entry in answer.json()["errors"]] == ["/nul\0"]
    for properties in ({"a": "\0"}, {"\0": "a"}, {"a": {"b": ["\0"]}}):
        body = {**ROUTES["POST", "/v1/accounts"], "properties": properties}
        answer = require_problem(client.post("/v1/accounts", body), 422, "invalid_input")
        assert [entry["code"] for entry in answer.json()["errors"]] == ["nul_character"]


def test_nul_makes_a_password_another(client: Client) -> None:
    # SECURITY 2
    person = client.sign_up()
    token = person.login()["access_token"]
    wrong = f"{person.password}\0"
    change = {"current_password": wrong, "password": f"{unique('another horse battery ')} staple"}
    for answer in (
        person.try_login(wrong),
        client.post_settled("/v1/reauthenticate", {"password": wrong}, token),
        client.change("PUT", "/v1/me/password", change, token),
    ):
        require_problem(answer, 401, "invalid_credentials")
    asked = {"password": wrong, "user_inputs": ["\0", person.username]}
    assert client.post("/v1/password/strength", asked).status == 200
    assert person.try_login().status == 200


def test_nul_is_refused_but_in_passwords(client: Client) -> None:
    # SECURITY 2
    password = f"{unique('with nul ')}\u0000 and more"
    name = unique("nul")
    refused = client.post("/v1/accounts", {"username": f"{name}\u0000", "password": password})
    require_problem(refused, 422, "invalid_input")
    assert client.post("/v1/accounts", {"username": name, "password": password}).status == 201
    body = {"login": name, "password": password}
    assert client.post("/v1/login", body).status == 200
    cut = {"login": name, "password": password.split("\u0000")[0]}
    require_problem(client.post("/v1/login", cut), 401, "invalid_credentials")
