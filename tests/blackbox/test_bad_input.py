"""Bad input at every route: a problem document that names the fault, and the next request works."""

from __future__ import annotations

import base64
import http.client
import json
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


@pytest.fixture(scope="module")
def signed_in(host: Host) -> Client:
    """Somebody who is freshly signed in, with an access token in every request."""
    return bearing(host.client())


def bearing(client: Client, token: str | None = None) -> Client:
    """Signs up and in, unless a token is given; the client presents it from then on."""
    token = token or client.sign_up().login()["access_token"]
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


def get_with_lines(client: Client, target: str, name: str, values: list[str | bytes]) -> Answer:
    """GET with a header line of this name for each value; a server's own refusal will do."""
    split = urlsplit(client.url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=TIMEOUT_SECONDS)
    connection.putrequest("GET", target)
    for value in values:
        connection.putheader(name, value)
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
        credentials = [f"Bearer {token}", f"Bearer {second}"]
        answer = get_with_lines(client, "/v1/me", "authorization", credentials)
        require_problem(answer, 400, "conflicting_credentials")
    body = {"login": "someone", "password": "correct horse battery staple"}
    answer = client.post("/v1/login", body, authorization="Basic dXNlcjpwYXNzd29yZA==")
    require_problem(answer, 400, "conflicting_credentials")
    other = client.sign_up().login()
    body = {"refresh_token": other["refresh_token"]}
    answer = client.post("/v1/logout", body, token=token)
    require_problem(answer, 400, "conflicting_credentials")
    assert client.me(token).status == client.me(other["access_token"]).status == 200


def test_long_and_odd_targets_reach_no_route_but_their_own(client: Client) -> None:
    # SECURITY 98
    # Lines that both hosts' servers read: what refuses them is core.
    for target in ("/" + "a" * 8000, "/" + "a" * 60_000, "/%00", "/%ff"):
        require_problem(client.get(target), 404, "not_found")
    require_problem(client.get("/v1/me?" + "a=b&" * 2000), 401, "token_missing")
    require_alive(client)


def test_odd_names_are_refused(client: Client) -> None:
    for name in ("\u0430dmin", "admin\u200b", "root", "a@b", "a b", "a" * 300, "", "\u202e"):
        body = {"username": name, "password": "correct horse battery staple"}
        answer = require_problem(client.post("/v1/accounts", body), 422, "invalid_input")
        assert [entry["pointer"] for entry in answer.json()["errors"]] == ["/username"], name
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
