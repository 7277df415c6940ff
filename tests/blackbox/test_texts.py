"""Passwords and addresses as they are typed: what is the same, what is not, what is too much."""

from __future__ import annotations

import json
import unicodedata

import pytest

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


def varied(first: int, among: int, length: int) -> str:
    """So many characters, of so many from this one on: no pattern that a guesser would try."""
    return "".join(chr(first + number * 37 % among) for number in range(length))


# Each, and what some service would make of it.
PASSWORDS: dict[str, tuple[str, list[str]]] = {
    "64 letters": (letters := varied(0x21, 94, 64), [letters[:63], letters.lower()]),
    "128 letters": (letters := varied(0x21, 94, 128), [letters[:127], letters[:64]]),
    "64 emoji": (emoji := varied(0x1F600, 79, 64), [emoji[:63], emoji[:16]]),
    "128 emoji": (emoji := varied(0x1F600, 79, 128), [emoji[:127], emoji[:64]]),
    "spaces at both ends": (
        spaced := "  two spaces each side  ",
        [spaced.strip(), spaced.lstrip(), spaced.rstrip(), " two spaces each side "],
    ),
    "spaces of other kinds": (
        spaced := "\u3000\u00a0wide and narrow\u2003\t\r\n",
        [spaced.strip(), spaced.lstrip(), spaced.rstrip(), spaced.rstrip("\n")],
    ),
    "right to left": (
        hebrew := "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u05d9\u05e4\u05d4",
        [hebrew[::-1], hebrew.replace(" ", "")],
    ),
    "marks of direction": (
        marked := "\u202eupside\u202c and \u200fback again\u2066\u200e",
        ["upside and back again", marked.lstrip("\u202e"), marked[:-1]],
    ),
    "a NUL inside": (
        ended := "with\0a NUL inside",
        ["with", ended.replace("\0", ""), ended.replace("\0", "\\0"), f"{ended}\0"],
    ),
    "a NUL at its end": (
        ended := "a NUL at the very end\0",
        [ended[:-1], f"{ended}\0", f"{ended} and more"],
    ),
}


@pytest.mark.parametrize("name", PASSWORDS)
def test_a_password_of_any_text_is_taken_as_it_was_typed(client: Client, name: str) -> None:
    # SECURITY 2, 3
    password, others = PASSWORDS[name]
    person = signed_up_with(client, password)
    for other in others:
        assert other != password
        require_problem(person.try_login(other), 401, "invalid_credentials")
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
