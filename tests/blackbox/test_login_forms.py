"""POST /login as clients of others send it: curl, Swagger's button, an OAuth2 library."""

from __future__ import annotations

import base64
import json
import subprocess
from urllib.parse import urlencode

import pytest
from oauthlib.oauth2 import LegacyApplicationClient
from requests_oauthlib import OAuth2Session

from blackbox.authenticator import STEP, with_second_factor
from blackbox.client import NOW, Answer, Client, Person, require_problem

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def curl(client: Client, *words: str) -> Answer:
    """What curl gets from POST /login, with these words on its command line."""
    command = ["curl", "--silent", "--write-out", r"\n%{http_code} %{content_type}", *words]
    for name, value in {**client.place(client.address), "x-authcore-test-now": client.now}.items():
        command += ["--header", f"{name}: {value}"]
    done = subprocess.run([*command, f"{client.url}/v1/login"], capture_output=True, check=True)
    body, last = done.stdout.rsplit(b"\n", 1)
    status, media_type = last.decode().split()
    return Answer(int(status), {"content-type": media_type}, body)


def fields(person: Person, **more: str) -> dict[str, str]:
    """The form of FastAPI's docs: what nobody fills in is sent all the same, empty."""
    return {
        "grant_type": "",
        "username": person.username,
        "password": person.password,
        "scope": "",
        "client_id": "",
        "client_secret": "",
        **more,
    }


def form(client: Client, sent: dict[str, str], **headers: str) -> Answer:
    """POST of a form."""
    return client.send("POST", "/v1/login", urlencode(sent).encode(), {**FORM, **headers})


def encoded(credential: bytes) -> str:
    """A header of HTTP Basic with these octets."""
    return f"Basic {base64.b64encode(credential).decode()}"


def basic(user: str, password: str) -> str:
    """A header of HTTP Basic."""
    return encoded(f"{user}:{password}".encode())


def test_the_curl_of_the_docs_of_fastapi_signs_in(client: Client) -> None:
    person = client.sign_up()
    words = ["-X", "POST", "-H", "accept: application/json"]
    words += ["-H", "Content-Type: application/x-www-form-urlencoded"]
    answer = curl(client, *words, "-d", urlencode(fields(person)))
    assert answer.status == 200, answer.body
    assert answer.json()["token_type"] == "Bearer"
    assert client.me(answer.json()["access_token"]).status == 200
    named = fields(person, grant_type="password", client_id="string", client_secret="********")
    assert curl(client, *words, "-d", urlencode(named)).status == 200


def test_the_empty_client_of_swaggers_button_is_ignored(client: Client) -> None:
    person, _, _ = with_second_factor(client)
    button = {"authorization": "Basic Og==", "x-requested-with": "XMLHttpRequest"}
    # As the browser adds to a page of the service's own.
    own = {"origin": "http://localhost:8787", "sec-fetch-site": "same-origin"}
    answer = form(client, fields(person, grant_type="password"), **button, **own)
    assert answer.status == 202, answer.body
    assert answer.json()["reason"] == "second_factor_required"


def test_an_oauth2_library_signs_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # It wants https, which stands before the service where it is deployed.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    real = client.at(None)
    person = real.sign_up()
    for client_id, options in (("", {}), ("an-app", {"include_client_id": True})):
        session = OAuth2Session(client=LegacyApplicationClient(client_id=client_id))
        session.headers.update(client.place(client.address))
        token = session.fetch_token(
            f"{client.url}/v1/login",
            username=person.username,
            password=person.password,
            **options,
        )
        assert token["expires_in"] == 300
        assert session.get(f"{client.url}/v1/me").json()["id"] == person.account["id"]


def test_a_code_may_stand_in_every_form(client: Client) -> None:
    # SECURITY 10, 15
    person, phone, _ = with_second_factor(client)

    def by_json(asked: Client, code: str) -> Answer:
        body = {"login": person.username, "password": person.password, "otp": code}
        return asked.post_settled("/v1/login", body)

    def by_form(asked: Client, code: str) -> Answer:
        return form(asked, fields(person, otp=code))

    def by_basic(asked: Client, code: str) -> Answer:
        user = ["--user", f"{person.username}:{person.password}"]
        body = ["-H", "content-type: application/json", "-d", json.dumps({"otp": code})]
        return curl(asked, *user, *body)

    ways = [by_json, by_form, by_basic]
    for number, way in enumerate(ways, 1):
        asked = client.at(NOW + number * STEP)
        code = phone.code(asked.now)
        answer = way(asked, code)
        assert answer.status == 200, answer.body
        for again in ways:
            refused = again(asked, code)
            assert (refused.status, refused.json()["code"]) == (401, "otp_invalid")


def test_curls_basic_alone_gets_tokens_or_a_challenge(client: Client) -> None:
    plain = client.sign_up()
    words = ["--request", "POST", "--user"]
    answer = curl(client, *words, f"{plain.username}:{plain.password}")
    assert answer.status == 200, answer.body
    person, phone, _ = with_second_factor(client)
    asked = curl(client, *words, f"{person.username}:{person.password}")
    assert asked.status == 202
    later = client.at(NOW + STEP)
    body = {"challenge": asked.json()["challenge"], "code": phone.code(later.now)}
    assert later.post("/v1/login/otp", body).status == 200


def test_five_wrong_passwords_lock_whatever_form_they_come_in(client: Client) -> None:
    # SECURITY 61
    person = client.sign_up(email=f"{client.sign_up().username}@example.com")
    for number, name in enumerate((person.username, person.username.upper())):
        wrong = {"login": name, "password": f"wrong {number}"}
        require_problem(client.post_settled("/v1/login", wrong), 401, "invalid_credentials")
    sent = fields(person, username=person.account["email"], password="wrong form")
    require_problem(form(client, sent), 401, "invalid_credentials")
    for name in (person.username, person.account["email"].upper()):
        refused = curl(client, "--request", "POST", "--user", f"{name}:wrong basic")
        assert (refused.status, refused.json()["code"]) == (401, "invalid_credentials")
    require_problem(form(client, fields(person)), 429, "locked")
    require_problem(person.try_login(), 429, "locked")


def test_no_page_of_others_signs_anybody_in(client: Client) -> None:
    # SECURITY 31
    person = client.sign_up()
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ):
        refused = require_problem(form(client, fields(person), **headers), 403, "cross_origin")
        assert "set-cookie" not in refused.headers
    assert client.get("/v1/me").status == 401
    own = form(client, fields(person), **{"sec-fetch-site": "same-origin"})
    assert own.status == 200
    body = json.dumps({"login": person.username, "password": person.password}).encode()
    plain = client.send("POST", "/v1/login", body, {"content-type": "text/plain"})
    require_problem(plain, 415, "unsupported_media_type")


def test_two_credentials_at_once_are_refused(client: Client) -> None:
    # SECURITY 95
    person = client.sign_up()
    pair = basic(person.username, person.password)
    body = {"login": person.username, "password": person.password}
    conflicting = [
        client.post("/v1/login", body, authorization=pair),
        client.post("/v1/login", {"login": person.username}, authorization=pair),
        client.post("/v1/login", {"password": person.password}, authorization=pair),
        form(client, fields(person), authorization=pair),
        form(client, fields(person), authorization=f"{pair}, {pair}"),
        client.post("/v1/login", body, authorization="Basic Og==, Basic Og=="),
    ]
    for answer in conflicting:
        require_problem(answer, 400, "conflicting_credentials")
    # Doubled: one after the other, as no client but an attacker sends them.
    twice = ["-H", f"authorization: {pair}", "-H", f"authorization: {pair}"]
    refused = curl(client, "--request", "POST", *twice)
    assert (refused.status, refused.json()["code"]) == (400, "conflicting_credentials")


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ({"username": "a"}, ["/password"]),
        ({"grant_type": "password"}, ["/username", "/password"]),
        ({"username": "a", "password": "b", "grant_type": "client_credentials"}, ["/grant_type"]),
        ({"username": "a", "password": "b", "login": "a"}, ["/login"]),
    ],
)
def test_what_is_wrong_in_a_form_is_named(
    client: Client, sent: dict[str, str], pointers: list[str]
) -> None:
    refused = require_problem(form(client, sent), 422, "invalid_input")
    assert sorted(entry["pointer"] for entry in refused.json()["errors"]) == sorted(pointers)


@pytest.mark.parametrize("charset", ["charset=UTF-8", ' charset="utf-8"', "Charset=utf-8"])
def test_a_form_may_name_its_charset(client: Client, charset: str) -> None:
    person = client.sign_up()
    headers = {"content-type": f"{FORM['content-type']};{charset}"}
    assert form(client, fields(person), **headers).status == 200


def test_an_empty_basic_beside_json_is_a_second_credential(client: Client) -> None:
    # SECURITY 95
    person = client.sign_up()
    body = {"login": person.username, "password": person.password}
    refused = client.post("/v1/login", body, authorization=encoded(b":"))
    require_problem(refused, 400, "conflicting_credentials")


@pytest.mark.parametrize(
    "authorization",
    [
        encoded(b"no colon"),
        encoded(b"a:\xff\xfe"),
        encoded(b"\xc3:b"),
        "Basic !!!!",
        "Basic YTpi-_",
        "Basic YTpi=",
        "Basic YTpi YTpi",
    ],
)
@pytest.mark.parametrize(
    ("body", "types"),
    [(b"", {}), (b"{}", JSON), (b"username=a&password=b", FORM)],
    ids=["alone", "json", "form"],
)
def test_a_malformed_basic_is_refused(
    client: Client, authorization: str, body: bytes, types: dict[str, str]
) -> None:
    # SECURITY 95
    headers = {**types, "authorization": authorization}
    refused = client.send("POST", "/v1/login", body, headers)
    require_problem(refused, 400, "malformed_request")


@pytest.mark.parametrize("name", ["username", "password", "otp", "scope", "grant_type"])
def test_a_doubled_form_field_is_refused(client: Client, name: str) -> None:
    # SECURITY 95
    person = client.sign_up()
    sent = fields(person, otp="")
    doubled = urlencode([*sent.items(), (name, sent[name])])
    refused = client.send("POST", "/v1/login", doubled.encode(), FORM)
    require_problem(refused, 400, "malformed_request")


NOT_UTF8 = {
    "octets": b"username=a&password=\xff\xfe",
    "overlong": b"username=\xc0\xaf&password=b",
    "a surrogate": b"\xed\xa0\x80=a&username=a&password=b",
    "UTF-16": "username=a&password=b".encode("utf-16"),
    "an encoded octet": b"username=%ff&password=b",
    "encoded and cut short": b"username=a&password=%c3%28",
    "an encoded surrogate": b"username=a&password=b&%ed%a0%80=c",
}


@pytest.mark.parametrize("name", sorted(NOT_UTF8))
def test_a_form_that_is_not_utf8_is_refused(client: Client, name: str) -> None:
    # SECURITY 95
    refused = client.send("POST", "/v1/login", NOT_UTF8[name], FORM)
    require_problem(refused, 400, "malformed_request")
    assert client.get("/healthz").status == 200


def test_nul_in_a_form_makes_it_somebody_elses(client: Client) -> None:
    # SECURITY 2
    person, _, _ = with_second_factor(client)
    for name in ("username", "password"):
        for wrong in (f"{fields(person)[name]}\0", f"\0{fields(person)[name]}"):
            sent = urlencode(fields(person, **{name: wrong})).encode()
            # As it is too: the URL Standard takes any octet.
            for body in (sent, sent.replace(b"%00", b"\0")):
                answer = client.elsewhere().send("POST", "/v1/login", body, FORM)
                require_problem(answer, 401, "invalid_credentials")
        assert form(client, fields(person)).status == 202
    require_problem(form(client, fields(person, otp="12345\0")), 401, "otp_invalid")
    named = form(client, fields(person, **{"username\0": "a"}))
    require_problem(named, 422, "invalid_input")
    assert [entry["pointer"] for entry in named.json()["errors"]] == ["/username\0"]
    for user, password in ((f"{person.username}\0", person.password), ("a", "\0"), ("\0", "b")):
        refused = client.send("POST", "/v1/login", b"", {"authorization": basic(user, password)})
        require_problem(refused, 401, "invalid_credentials")


def test_a_form_that_is_too_large_is_refused(client: Client) -> None:
    # SECURITY 4, 95
    person = client.sign_up()
    long = "p" * 60_000
    refused = require_problem(form(client, fields(person, password=long)), 422, "invalid_input")
    assert [entry["pointer"] for entry in refused.json()["errors"]] == ["/password"]
    for name in ("username", "otp"):
        answer = form(client, fields(person, password="wrong", **{name: long}))
        require_problem(answer, 401, "invalid_credentials")
    body = urlencode(fields(person)).encode()
    # Ampersands with nothing between them are no fields.
    fits = body.ljust(64 * 1024, b"&")
    assert client.send("POST", "/v1/login", fits, FORM).status == 200
    refused = client.send("POST", "/v1/login", fits + b"&", FORM)
    require_problem(refused, 413, "payload_too_large")


def test_a_form_of_a_thousand_fields_is_refused(client: Client) -> None:
    # SECURITY 95
    person = client.sign_up()
    thousand = {f"field{number}": "x" for number in range(1000)}
    refused = require_problem(form(client, fields(person, **thousand)), 422, "invalid_input")
    pointers = [entry["pointer"] for entry in refused.json()["errors"]]
    # As many as are told at most.
    assert pointers == [f"/field{number}" for number in range(32)]
    again = urlencode([*fields(person).items(), *[("scope", "")] * 1000]).encode()
    refused = client.send("POST", "/v1/login", again, FORM)
    require_problem(refused, 400, "malformed_request")
    assert person.try_login().status == 200


def test_a_form_carries_any_password(client: Client) -> None:
    # SECURITY 2
    password = "z+ü%41&=\u00e9\u20ac\U0001f600 lang genug"
    client.secrets.add(password)
    person = client.sign_up()
    body = {"username": f"{person.username}-2", "password": password}
    assert client.post_settled("/v1/accounts", body).status == 201
    named = fields(person, username=body["username"], password=password)
    assert form(client, named).status == 200
    words = ["--data-urlencode", f"username={body['username']}"]
    assert curl(client, *words, "--data-urlencode", f"password={password}").status == 200
    by_basic = curl(client, "--request", "POST", "--user", f"{body['username']}:{password}")
    assert by_basic.status == 200
