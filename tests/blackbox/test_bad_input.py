"""Bad input at every route: a problem document that names the fault, and the next request works."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from blackbox.client import TIMEOUT_SECONDS, Answer, Client, require_problem, unique
from blackbox.hosts import ROOT

JSON = {"content-type": "application/json"}
FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 64 * 1024
ROUTES = {
    "/v1/accounts": {
        "username": "someone",
        "email": "someone@example.com",
        "password": "correct horse battery staple",
    },
    "/v1/login": {"login": "someone", "password": "correct horse battery staple"},
    "/v1/login/otp": {"challenge": "ch_" + "A" * 43, "code": "123456"},
    "/v1/login/backup-code": {"challenge": "ch_" + "A" * 43, "code": "0000-0000-0000-0000"},
    "/v1/login/enrolment": {"challenge": "ch_" + "A" * 43},
    "/v1/refresh": {"refresh_token": "rt_" + "A" * 43},
    "/v1/logout": {"refresh_token": "rt_" + "A" * 43},
    "/v1/password/strength": {"password": "correct horse battery staple"},
}
# Of every route, a member that is text.
TEXT = {
    "/v1/accounts": "username",
    "/v1/login": "login",
    "/v1/login/otp": "code",
    "/v1/login/backup-code": "code",
    "/v1/login/enrolment": "challenge",
    "/v1/refresh": "refresh_token",
    "/v1/logout": "refresh_token",
    "/v1/password/strength": "password",
}
MALFORMED = {
    "empty": b" ",
    "cut short": b'{"login": "a"',
    "trailing comma": b'{"login": "a",}',
    "two values": b"{}{}",
    "single quotes": b"{'login': 'a'}",
    "comment": b"{} // comment",
    "byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"login": "\xff\xfe"}',
    "overlong UTF-8": b'{"login": "\xc0\xaf"}',
    "UTF-16": '{"login": "a"}'.encode("utf-16"),
    "lone surrogate": b'{"login": "\\ud800"}',
    "raw control character": b'{"login": "a\nb"}',
    "raw NUL": b'{"login": "a\x00b"}',
    "duplicate member": b'{"login": "a", "login": "b"}',
    "duplicate member in depth": b'{"properties": {"a": 1, "a": 2}}',
    "too deep": b'{"a":' * 40 + b"1" + b"}" * 40,
    "very deep": b"[" * 30_000,
    "huge number": b'{"login": 1e999}',
    "NaN": b'{"login": NaN}',
    "leading zero": b'{"login": 01}',
}
NOT_OBJECTS = [b"null", b"true", b"1", b'"text"', b"[]", b"[{}]"]
WRONG_TYPES = [1, 1.5, 2**53, 2**64, True, [], ["a"], {}, {"a": "b"}]


def require_alive(client: Client) -> None:
    """Asserts that the same isolate answers the next request."""
    assert client.get("/healthz").status == 200


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_malformed_json_is_refused(client: Client, name: str) -> None:
    # SECURITY 94
    for route in ROUTES:
        require_problem(client.send("POST", route, MALFORMED[name], JSON), 400, "malformed_json")
    require_alive(client)


@pytest.mark.parametrize("body", NOT_OBJECTS)
def test_a_body_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    for route in ROUTES:
        require_problem(client.send("POST", route, body, JSON), 400, "malformed_request")


@pytest.mark.parametrize("value", WRONG_TYPES, ids=str)
def test_a_wrong_type_is_named(client: Client, value: object) -> None:
    # SECURITY 94
    for route, fitting in ROUTES.items():
        answer = client.post(route, {**fitting, TEXT[route]: value})
        require_problem(answer, 422, "invalid_input")
        assert [entry["pointer"] for entry in answer.json()["errors"]] == [f"/{TEXT[route]}"]


def test_all_wrong_fields_are_told_at_once(client: Client) -> None:
    body = {"username": 1, "email": "no address", "password": None, "more": 1}
    answer = require_problem(client.post("/v1/accounts", body), 422, "invalid_input")
    pointers = {entry["pointer"] for entry in answer.json()["errors"]}
    assert pointers == {"/username", "/email", "/password", "/more"}
    for entry in answer.json()["errors"]:
        assert set(entry) == {"pointer", "code", "detail"}


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


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_missing_fields_are_told(client: Client, route: str) -> None:
    answer = client.post(route, {})
    if route == "/v1/logout":
        require_problem(answer, 401, "token_missing")
    else:
        require_problem(answer, 422, "invalid_input")


@pytest.mark.parametrize("content_type", ["text/plain", FORM, "multipart/form-data", ""])
def test_another_media_type_is_refused(client: Client, content_type: str) -> None:
    # SECURITY 31, 95
    for route, body in ROUTES.items():
        if route == "/v1/login" and content_type == FORM:
            # It takes forms too (test_login_forms.py).
            continue
        headers = {"content-type": content_type} if content_type else {}
        answer = client.send("POST", route, json.dumps(body).encode(), headers)
        require_problem(answer, 415, "unsupported_media_type")


def test_an_encoded_body_is_refused(client: Client) -> None:
    headers = {**JSON, "content-encoding": "br"}
    answer = client.send("POST", "/v1/login", b"{}", headers)
    require_problem(answer, 415, "unsupported_media_type")


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(client: Client) -> None:
    # SECURITY 95
    for route in ROUTES:
        fits = b"{}".ljust(LARGEST_BODY)
        assert client.send("POST", route, fits, JSON).code != "payload_too_large"
        require_problem(client.send("POST", route, fits + b" ", JSON), 413, "payload_too_large")
        require_problem(
            client.send("POST", route, iter([fits, b" "]), JSON), 413, "payload_too_large"
        )
    require_alive(client)


def send_without_end(client: Client, route: str) -> Answer:
    """Sends up to a gibibyte in chunks, until the host has had enough, and reads its answer."""
    split = urlsplit(client.url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=TIMEOUT_SECONDS)
    connection.putrequest("POST", route)
    for name, value in {**JSON, "transfer-encoding": "chunked"}.items():
        connection.putheader(name, value)
    connection.endheaders()

    def chunks() -> Iterator[bytes]:
        for _ in range(16 * 1024):
            yield b"10000\r\n" + b" " * 65536 + b"\r\n"

    try:
        for chunk in chunks():
            connection.send(chunk)
    except OSError:
        # It closed the connection; what it said before is still there to be read.
        pass
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    read = Answer(answer.status, found, answer.read())
    connection.close()
    return read


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_a_stream_without_end_is_answered_early(client: Client, route: str) -> None:
    # SECURITY 95
    require_problem(send_without_end(client, route), 413, "payload_too_large")
    require_alive(client)


def test_paths_are_matched_exactly(client: Client) -> None:
    # SECURITY 98
    token = client.sign_up().login()["access_token"]
    for path in ("/v1/me/", "/v1//me", "//v1/me", "/V1/me", "/v1/%6de", "/v1/me;/", "/me", "/v1"):
        require_problem(client.get(path, token), 404, "not_found")
    assert client.get("/v1/me?x=%zz&x=..%2f", token).status == 200


def test_a_wrong_method_is_told_which_are_right(client: Client) -> None:
    # SECURITY 98
    for route in client.get("/").json()["routes"]:
        allowed = set(route["methods"])
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
            answer = client.send(method, route["path"], b"", {"x-http-method-override": "GET"})
            require_problem(answer, 405, "method_not_allowed")
            told = set(answer.headers["allow"].split(", "))
            assert told == allowed | {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())


def test_two_credentials_are_one_too_many(client: Client) -> None:
    # SECURITY 95
    token = client.sign_up().login()["access_token"]
    answer = client.get("/v1/me", authorization=f"Bearer {token}, Bearer {token}")
    require_problem(answer, 400, "conflicting_credentials")
    body = {"login": "someone", "password": "correct horse battery staple"}
    answer = client.post("/v1/login", body, authorization="Basic dXNlcjpwYXNzd29yZA==")
    require_problem(answer, 400, "conflicting_credentials")
    other = client.sign_up().login()
    body = {"refresh_token": other["refresh_token"]}
    answer = client.post("/v1/logout", body, token=token)
    require_problem(answer, 400, "conflicting_credentials")
    assert client.me(token).status == client.me(other["access_token"]).status == 200


def test_odd_header_values_are_refused_or_kept_to_one_line(client: Client) -> None:
    # SECURITY 91
    person = client.sign_up()
    body = {"login": person.username, "password": person.password}
    for agent in ("caf\u00e9", "x" * 10_000, "\x1b[2J", '"}\t{"level":"info"'):
        answer = client.post_settled("/v1/login", body)
        assert answer.status == 200
        answer = client.post("/v1/login", body, **{"user-agent": agent})
        assert answer.status in (200, 400, 431), agent
    require_problem(
        client.get("/v1/me", authorization="Bearer caf\u00e9"), 400, "malformed_request"
    )
    require_alive(client)


def test_long_targets_and_odd_names_are_refused(client: Client) -> None:
    for target in ("/" + "a" * 8000, "/v1/me?" + "a=b&" * 2000, "/%00", "/%ff"):
        assert client.get(target).status in (400, 401, 404, 414)
    for name in ("\u0430dmin", "admin\u200b", "root", "a@b", "a b", "a" * 300, "", "\u202e"):
        body = {"username": name, "password": "correct horse battery staple"}
        assert client.post("/v1/accounts", body).status in (409, 422), name
    require_alive(client)


def test_passwords_outside_their_bounds_are_refused(client: Client) -> None:
    # SECURITY 1, 4
    for password in ("", "seven77", "\U0001f600" * 7, "p" * 1025, "p" * 60_000, "password"):
        body = {"username": unique("user"), "password": password}
        answer = client.post("/v1/accounts", body)
        assert answer.status == 422, password[:20]
        assert {entry["pointer"] for entry in answer.json()["errors"]} == {"/password"}


def test_the_json_test_suite_is_judged_as_on_every_host(client: Client) -> None:
    # SECURITY 94
    suite = json.loads((ROOT / "tests" / "vectors" / "json_test_suite.json").read_text())
    for case in suite["cases"]:
        body = base64.b64decode(case["input"]["body_base64"])
        answer = client.send("POST", "/v1/login", body, JSON)
        expected = {"malformed_json"} if case["error"] else {"malformed_request", "invalid_input"}
        assert answer.code in expected, case["name"]
