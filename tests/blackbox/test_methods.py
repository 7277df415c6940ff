"""OPTIONS: what each path may be asked, told to anybody and to every page alike. And 204, which
it answers as others do: nothing comes behind the head.
"""

from __future__ import annotations

import json

from blackbox.authenticator import log_in, sign_up_with_totp
from blackbox.client import Client, require_problem
from blackbox.test_bad_input import JSON, LARGEST_BODY, NOBODY

FOREIGN = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


def test_options_tells_the_methods_of_every_path(client: Client) -> None:
    # SECURITY 98
    routes = client.get("/").json()["routes"]
    assert len(routes) > 20
    for route in routes:
        due = {*route["methods"], "OPTIONS"} | ({"HEAD"} if "GET" in route["methods"] else set())
        for path in (route["path"], f"{route['path'].replace('{id}', NOBODY)}?a=b"):
            for headers in ({}, FOREIGN, {"authorization": "Bearer garbage"}):
                answer = client.send_bare("OPTIONS", path, b"", headers)
                assert (answer.status, answer.body) == (204, b""), path
                told = answer.headers["allow"].split(", ")
                assert (set(told), len(told)) == (due, len(due)), path
                assert "content-type" not in answer.headers


def test_options_is_asked_of_paths_that_are_there(client: Client) -> None:
    # SECURITY 98
    for path in ("/v1/nothing", "/v1", "/v1/me/", "/v1//me", "/V1/me", "/v1/%6de", "/v1/me;/"):
        answer = require_problem(client.send("OPTIONS", path), 404, "not_found")
        assert "allow" not in answer.headers


def test_options_takes_no_body_that_others_would_not(client: Client) -> None:
    # SECURITY 95, 98
    assert client.send("OPTIONS", "/v1/login", b"{}", JSON).status == 204
    too_large = b" " * (LARGEST_BODY + 1)
    answer = client.send("OPTIONS", "/v1/login", too_large, JSON)
    require_problem(answer, 413, "payload_too_large")


def test_nothing_comes_behind_the_head_of_a_204(client: Client) -> None:
    # SECURITY 98
    served = client.get("/openapi.json").json()["paths"]
    asked = [
        (method.upper(), path)
        for path, operations in served.items()
        for method, operation in operations.items()
        if "204" in operation["responses"]
    ]
    assert len(asked) >= 8
    for method, path in asked:
        person, phone = sign_up_with_totp(client)
        tokens = log_in(person, phone, remember_device=True)
        token = tokens["access_token"]
        [device] = client.get("/v1/devices", token).json()["items"]
        own = device["id"] if "devices" in path else tokens["session_id"]
        change = {"current_password": person.password, "password": f"{person.password}, changed"}
        body = json.dumps(change if path == "/v1/me/password" else {}).encode()
        headers = {**JSON, "authorization": f"Bearer {token}"}
        answer = client.send_bare(method, path.replace("{id}", own), body, headers)
        assert (answer.status, answer.body) == (204, b""), path
        assert not {"content-length", "content-type", "transfer-encoding"} & answer.headers.keys()
