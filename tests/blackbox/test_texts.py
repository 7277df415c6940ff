"""Passwords and addresses as they are typed: what is the same, what is not, what is too much."""

from __future__ import annotations

import json
import unicodedata

from blackbox.client import Client, Person, require_problem, unique
from blackbox.hosts import ROOT

KIBIBYTE = 1024


def signed_up_with(client: Client, password: str) -> Person:
    """Somebody with this very password."""
    person = Person(client, unique("user"), password)
    client.secrets.add(password)
    body = {"username": person.username, "password": password}
    assert client.post_settled("/v1/accounts", body).status == 201
    return person


def test_a_password_is_its_every_character(client: Client) -> None:
    # SECURITY 2, 3
    # The same character again and again would be no strong password.
    password = "".join(chr(0x21 + number * 37 % 94) for number in range(199)) + " "
    assert len(password) == 200
    person = signed_up_with(client, password)
    for shorter in (password[:199], password[:72]):
        require_problem(person.try_login(shorter), 401, "invalid_credentials")
    assert person.try_login().status == 200


def test_composed_and_decomposed_letters_are_two_passwords(client: Client) -> None:
    # SECURITY 3
    typed = unique("caf\u00e9 cr\u00e8me br\u00fbl\u00e9e ")
    composed, decomposed = (unicodedata.normalize(form, typed) for form in ("NFC", "NFD"))
    assert composed != decomposed
    for own, other in ((composed, decomposed), (decomposed, composed)):
        person = signed_up_with(client, own)
        require_problem(person.try_login(other), 401, "invalid_credentials")
        assert person.try_login().status == 200


def test_what_is_too_long_is_refused(client: Client) -> None:
    # SECURITY 4
    long, password = "p" * 60 * KIBIBYTE, "correct horse battery staple"
    refused = [
        ("/v1/accounts", {"username": unique("user"), "password": long}, "/password"),
        (
            "/v1/accounts",
            {"username": unique("user"), "password": password, "full_name": long},
            "/full_name",
        ),
        ("/v1/login", {"login": client.sign_up().username, "password": long}, None),
        ("/v1/password/strength", {"password": long}, "/password"),
    ]
    for route, body, pointer in refused:
        answer = client.post(route, body)
        assert answer.status in (401, 422), route
        pointers = [entry["pointer"] for entry in answer.json().get("errors", [])]
        assert pointer is None or pointers == [pointer], route


def test_an_address_is_read_as_on_every_host(client: Client) -> None:
    # SECURITY 96
    vectors = json.loads((ROOT / "tests" / "vectors" / "email.json").read_text())
    told = set()
    for case in vectors["cases"]:
        # Without a password, so that a good address costs no account.
        body = {"email": case["input"]["text"]}
        answer = require_problem(client.post("/v1/accounts", body), 422, "invalid_input")
        pointers = {entry["pointer"] for entry in answer.json()["errors"]}
        expected = {"/password"} if case["error"] is None else {"/email", "/password"}
        assert pointers == expected, case["name"]
        told.add(frozenset(pointers))
    assert len(told) == 2


def test_an_address_has_one_account_however_it_is_spelled(client: Client) -> None:
    # SECURITY 96
    name = unique("marie")
    body = {"email": f"{name}@b\u00fccher.example", "password": "correct horse battery staple"}
    assert client.post_settled("/v1/accounts", body).status == 201
    for same in (
        f"{name.upper()}@b\u00fccher.example",
        f"{name}@xn--bcher-kva.example",
        f"{name}@B\u00dcCHER.EXAMPLE",
    ):
        taken = client.post_settled("/v1/accounts", {**body, "email": same})
        require_problem(taken, 409, "taken")
        login = {"login": same, "password": body["password"]}
        assert client.post_settled("/v1/login", login).status == 200
