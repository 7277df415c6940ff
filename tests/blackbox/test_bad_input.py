"""Bad input at every route: a problem document that names the fault, and the next request works."""

from __future__ import annotations

import base64
import http.client
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import pytest

from blackbox.client import (
    TIMEOUT_SECONDS,
    Answer,
    Client,
    require_guarded,
    require_problem,
    unique,
)
from blackbox.conftest import Starter
from blackbox.hosts import ROOT, Host

Sender = Callable[..., Answer]

JSON = {"content-type": "application/json"}
FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 64 * 1024
NOBODY = "018f0000-0000-7000-8000-000000000001"
PASSWORD = "correct horse battery staple"
CHALLENGE = "ch_" + "A" * 43
REFRESH_TOKEN = "rt_" + "A" * 43
# Every route that takes a body, if only to refuse what is in it: a fitting one.
ROUTES: dict[tuple[str, str], dict] = {
    ("POST", "/v1/accounts"): {"username": "someone", "email": "a@b.example", "password": PASSWORD},
    ("POST", "/v1/login"): {"login": "someone", "password": PASSWORD},
    ("POST", "/v1/login/otp"): {"challenge": CHALLENGE, "code": "123456"},
    ("POST", "/v1/login/backup-code"): {"challenge": CHALLENGE, "code": "0000-0000-0000-0000"},
    ("POST", "/v1/login/enrolment"): {"challenge": CHALLENGE},
    ("POST", "/v1/refresh"): {"refresh_token": REFRESH_TOKEN},
    ("POST", "/v1/logout"): {"refresh_token": REFRESH_TOKEN},
    ("POST", "/v1/password/strength"): {"password": PASSWORD},
    ("POST", "/v1/reauthenticate"): {"code": "123456"},
    ("DELETE", "/v1/me"): {},
    ("PUT", "/v1/me/password"): {"current_password": PASSWORD, "password": "quiet otter 77 ladder"},
    ("DELETE", "/v1/sessions"): {},
    ("DELETE", f"/v1/sessions/{NOBODY}"): {},
    ("DELETE", "/v1/mfa"): {},
    ("POST", "/v1/mfa/totp"): {},
    ("POST", "/v1/mfa/totp/confirm"): {"code": "123456"},
    ("POST", "/v1/mfa/backup-codes"): {},
    ("DELETE", "/v1/devices"): {},
    ("DELETE", f"/v1/devices/{NOBODY}"): {},
}
# A member that is text, of each route that has some.
TEXT = {
    route: next(name for name in ("username", "login", "code", "password", *body) if name in body)
    for route, body in ROUTES.items()
    if body
}
# What a route that takes no member is sent.
UNKNOWN = "nobody_asked_for"
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


@pytest.fixture(scope="module")
def signed_in(host: Host) -> Client:
    """Somebody who is freshly signed in, with an access token in every request."""
    return bearing(host.client())


def bearing(client: Client) -> Client:
    """Signs up and in; the client presents its access token from then on."""
    token = client.sign_up().login()["access_token"]
    place = client.place
    client.place = lambda address: {**place(address), "authorization": f"Bearer {token}"}
    return client


def sends_token(path: str) -> bool:
    """Whether a route is for who is signed in: the others take one credential, in their body."""
    return not path.startswith(("/v1/accounts", "/v1/log", "/v1/refresh", "/v1/password/"))


@pytest.fixture
def send(client: Client, signed_in: Client) -> Sender:
    """Sends a body to a route; signed in, where the route asks for it."""

    def send(route: tuple[str, str], body: object, headers: Mapping[str, str] = JSON) -> Answer:
        sender = signed_in if sends_token(route[1]) else client
        return sender.send(*route, body, headers)

    return send


def require_alive(client: Client) -> None:
    """Asserts that the same isolate answers the next request."""
    assert client.get("/healthz").status == 200


def test_every_route_with_a_body_has_a_row(client: Client) -> None:
    served = client.get("/openapi.json").json()["paths"]
    changing = {
        (method.upper(), path.replace("{id}", NOBODY))
        for path, operations in served.items()
        for method in operations
        if method != "get"
    }
    assert changing == set(ROUTES)


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_malformed_json_is_refused(client: Client, send: Sender, name: str) -> None:
    # SECURITY 94
    for route in ROUTES:
        require_problem(send(route, MALFORMED[name]), 400, "malformed_json")
    require_alive(client)


@pytest.mark.parametrize("body", NOT_OBJECTS)
def test_a_body_that_is_no_object_is_refused(send: Sender, body: bytes) -> None:
    for route in ROUTES:
        require_problem(send(route, body), 400, "malformed_request")


@pytest.mark.parametrize("value", WRONG_TYPES, ids=str)
def test_a_wrong_type_is_named(send: Sender, value: object) -> None:
    # SECURITY 94
    for route, fitting in ROUTES.items():
        wrong = TEXT.get(route, UNKNOWN)
        answer = send(route, json.dumps({**fitting, wrong: value}).encode())
        require_problem(answer, 422, "invalid_input")
        assert [entry["pointer"] for entry in answer.json()["errors"]] == [f"/{wrong}"]


def test_all_wrong_fields_are_told_at_once(client: Client) -> None:
    body = {"username": 1, "email": "no address", "password": None, "more": 1}
    answer = require_problem(client.post("/v1/accounts", body), 422, "invalid_input")
    pointers = {entry["pointer"] for entry in answer.json()["errors"]}
    assert pointers == {"/username", "/email", "/password", "/more"}
    for entry in answer.json()["errors"]:
        assert set(entry) == {"pointer", "code", "detail"}


@pytest.mark.parametrize("route", sorted(TEXT))
def test_missing_fields_are_told(send: Sender, route: tuple[str, str]) -> None:
    answer = send(route, b"{}")
    if route[1] == "/v1/logout":
        require_problem(answer, 401, "token_missing")
    else:
        require_problem(answer, 422, "invalid_input")


@pytest.mark.parametrize("content_type", ["text/plain", FORM, "multipart/form-data", ""])
def test_another_media_type_is_refused(send: Sender, content_type: str) -> None:
    # SECURITY 31, 95
    for route, body in ROUTES.items():
        if route[1] == "/v1/login" and content_type == FORM:
            # It takes forms too (test_login_forms.py).
            continue
        headers = {"content-type": content_type} if content_type else {}
        answer = send(route, json.dumps(body).encode(), headers)
        require_problem(answer, 415, "unsupported_media_type")


def test_an_encoded_body_is_refused(client: Client) -> None:
    headers = {**JSON, "content-encoding": "br"}
    answer = client.send("POST", "/v1/login", b"{}", headers)
    require_problem(answer, 415, "unsupported_media_type")


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(host: Host, client: Client) -> None:
    # SECURITY 95
    leaving = bearing(host.client())
    for route in sorted(ROUTES):
        sender = leaving if sends_token(route[1]) else client
        fits = b"{}".ljust(LARGEST_BODY)
        too_large = fits + b" "
        for body in (too_large, iter([fits, b" "])):
            require_problem(sender.send(*route, body, JSON), 413, "payload_too_large")
        assert sender.send(*route, fits, JSON).code != "payload_too_large"
    require_alive(client)


def send_without_end(client: Client, route: str, method: str = "POST") -> Answer:
    """Sends up to a gibibyte in chunks, until the host has had enough, and reads its answer."""
    split = urlsplit(client.url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=TIMEOUT_SECONDS)
    connection.putrequest(method, route)
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
    require_guarded(route, read)
    return read


@pytest.mark.parametrize("route", sorted(ROUTES), ids=" ".join)
def test_a_stream_without_end_is_answered_early(client: Client, route: tuple[str, str]) -> None:
    # SECURITY 95
    method, path = route
    require_problem(send_without_end(client, path, method), 413, "payload_too_large")
    require_alive(client)


def test_paths_are_matched_exactly(client: Client) -> None:
    # SECURITY 98
    token = client.sign_up().login()["access_token"]
    for path in (
        *("/v1/me/", "/v1//me", "//v1/me", "/V1/me", "/v1/%6de", "/v1/me;/", "/me", "/v1"),
        *("/v1/me/..;/", "/v1/x/..;/me", "/v1/..;/v1/me"),
    ):
        require_problem(client.get(path, token), 404, "not_found")
    assert client.get("/v1/me?x=%zz&x=..%2f", token).status == 200


def test_a_wrong_method_is_told_which_are_right(client: Client) -> None:
    # SECURITY 98
    for route in client.get("/").json()["routes"]:
        allowed = set(route["methods"])
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allowed:
            answer = client.send(method, route["path"], b"", {"x-http-method-override": "GET"})
            require_problem(answer, 405, "method_not_allowed")
            told = set(answer.headers["allow"].split(", "))
            assert told == allowed | {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())


def get_with_lines(client: Client, target: str, credentials: list[str]) -> Answer:
    """GET with a header line `authorization` for each credential."""
    split = urlsplit(client.url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=TIMEOUT_SECONDS)
    connection.putrequest("GET", target)
    for credential in credentials:
        connection.putheader("authorization", credential)
    connection.endheaders()
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    read = Answer(answer.status, found, answer.read())
    connection.close()
    return read


def test_two_credentials_are_one_too_many(client: Client) -> None:
    # SECURITY 95
    token = client.sign_up().login()["access_token"]
    answer = client.get("/v1/me", authorization=f"Bearer {token}, Bearer {token}")
    require_problem(answer, 400, "conflicting_credentials")
    for second in (token, client.sign_up().login()["access_token"], ""):
        answer = get_with_lines(client, "/v1/me", [f"Bearer {token}", f"Bearer {second}"])
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


@pytest.mark.parametrize(
    "agent",
    [
        b"curl\xe2\x80\xa8level=info",
        b"curl\xe2\x80\xa9\xc2\x85level=info",
        b"\x1b[2J\x1b]0;owned\x07",
        b"\xe2\x80\xae\xe2\x81\xa6gnp.exe",
        b'"}\t{"at":0,"status":200}',
        b"\xff\xfe" * 300,
        b"x" * 8000,
    ],
)
def test_a_header_that_is_kept_stays_on_one_line(new_host: Starter, agent: bytes) -> None:
    # SECURITY 91
    host = new_host()
    client = host.client()
    person = client.sign_up()
    body = json.dumps({"login": person.username, "password": person.password}).encode()
    answer = client.send("POST", "/v1/login", body, {**JSON, "user-agent": agent})
    # workerd and Python's server may refuse such a line themselves.
    if answer.status == 200:
        sessions = client.get("/v1/sessions", answer.json()["access_token"]).json()["items"]
        kept = next(each["user_agent"] for each in sessions if each["current"])
        assert kept
        assert len(kept) <= 256
        assert len(kept.splitlines()) == 1
        assert not any(unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"} for each in kept)
    else:
        assert answer.status in (400, 431)
    host.stop()
    lines = [line for line in host.log().split("\n") if line.startswith('{"at":')]
    assert lines
    for line in lines:
        assert set(json.loads(line)) == {"at", "method", "route", "status"}
    assert "level=info" not in host.log()


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
