"""Text that would break a line: where it is kept, and in the log, one request stays one line."""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import urlencode

import pytest

from blackbox.client import Client, require_problem, unique
from blackbox.conftest import Starter
from blackbox.hosts import Host, WorkerHost
from blackbox.test_bad_input import FORM, JSON, get_with_lines, require_alive
from blackbox.test_secrets import own_lines

# The one that a server may refuse: workerd does (RFC 9110 §5.5), and the Worker is never asked.
WITH_NUL = b"a\0b"
# Each agent, and what is kept of it. Both servers take longer heads and hand on every octet.
AGENTS: dict[bytes, str] = {
    b"curl\xe2\x80\xa8level=info": "curl\ufffdlevel=info",
    b"curl\xe2\x80\xa9\xc2\x85level=info": "curl\ufffd\ufffdlevel=info",
    b"curl\x0b\x0c\x1c\x1d\x1elevel=info": "curl\ufffd\ufffd\ufffd\ufffd\ufffdlevel=info",
    b"\x1b[2J\x1b]0;owned\x07": "\ufffd[2J\ufffd]0;owned\ufffd",
    b"\xe2\x80\xae\xe2\x81\xa6gnp.exe": "\ufffd\ufffdgnp.exe",
    b'"}\t{"at":0,"status":200}': '"}\ufffd{"at":0,"status":200}',
    b"caf\xe9": "caf\ufffd",
    b"\xff\xfe" * 300: "\ufffd" * 255 + "\u2026",
    b"x" * 8000: "x" * 255 + "\u2026",
    b"x" * 10 * 1024: "x" * 255 + "\u2026",
    b"x" * 60_000: "x" * 255 + "\u2026",
    WITH_NUL: "a\ufffdb",
}
# What would end a line in one reader of logs or another, with a line of its own behind it.
BREAKS = ["\n", "\r\n", "\r", "\u2028", "\u2029", "\u0085", "\v", "\f", "\x1b[1A\x1b[2K"]
FORGED = '{"at":0,"method":"GET","route":"/forged","status":200}'


def require_lines(host: Host, requests: int) -> None:
    """Asserts that an ended host has logged a line a request, and nothing of what was sent."""
    log = host.log()
    lines = own_lines(log)
    assert len(lines) == requests
    for line in lines:
        assert set(json.loads(line)) == {"at", "method", "route", "status"}
    assert [line for line in log.splitlines() if line.startswith('{"at":')] == lines
    assert "level=info" not in log
    assert "/forged" not in log


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: repr(agent[:24])[2:-1])
def test_a_header_that_is_kept_stays_on_one_line(new_host: Starter, agent: bytes) -> None:
    # SECURITY 91
    host = new_host()
    client = host.client()
    if agent == WITH_NUL and isinstance(host, WorkerHost):
        refused = get_with_lines(client, "/healthz", "user-agent", [agent])
        assert (refused.status, refused.headers["content-type"]) == (400, "text/plain")
        require_alive(client)
        host.stop()
        require_lines(host, 1)
        return
    person = client.sign_up()
    body = json.dumps({"login": person.username, "password": person.password}).encode()
    answer = client.send("POST", "/v1/login", body, {**JSON, "user-agent": agent})
    assert answer.status == 200
    listed = client.get("/v1/sessions", answer.json()["access_token"])
    [kept] = [each["user_agent"] for each in listed.json()["items"]]
    assert kept == AGENTS[agent]
    assert len(kept) <= 256
    assert len(kept.splitlines()) == 1
    assert not any(unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"} for each in kept)
    host.stop()
    require_lines(host, 3)


def test_an_agent_in_other_letters_is_kept_as_it_was_sent(client: Client) -> None:
    person = client.sign_up()
    body = json.dumps({"login": person.username, "password": person.password}).encode()
    agents = ["caf\u00e9", "\u65e5\u672c", "ma\u00f1ana \u65e5\u672c", "\u00c3\u00a9"]
    for agent in agents:
        headers = {**JSON, "user-agent": agent.encode()}
        token = client.send("POST", "/v1/login", body, headers).json()["access_token"]
        listed = client.get("/v1/sessions", token).json()["items"]
        assert [each["user_agent"] for each in listed if each["current"]] == [agent]


def test_a_login_that_breaks_lines_is_one_line_of_the_log(new_host: Starter) -> None:
    # SECURITY 91
    host = new_host()
    client, password, requests = host.client(), unique("correct horse battery "), 0
    for broken in BREAKS:
        login = f"{unique('user')}{broken}{FORGED}"
        fields = {"login": login, "password": password}
        form = {"username": login, "password": password}
        for body, headers in (
            (json.dumps(fields), JSON),
            # As it is, where JSON lets it be.
            (json.dumps(fields, ensure_ascii=False), JSON),
            (urlencode(form), {"content-type": FORM}),
        ):
            # Each from an address of its own: none tries too often.
            answer = client.elsewhere().send("POST", "/v1/login", body.encode(), headers)
            require_problem(answer, 401, "invalid_credentials")
            requests += 1
    host.stop()
    require_lines(host, requests)


def test_a_credential_of_unusual_characters_is_refused(client: Client) -> None:
    # SECURITY 91
    for credential in ("caf\u00e9", "a\u0085b", "a\vb"):
        answer = client.get("/v1/me", authorization=f"Bearer {credential}")
        require_problem(answer, 400, "malformed_request")
    require_alive(client)
