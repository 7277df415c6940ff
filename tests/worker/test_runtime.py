"""What the runtime brings with it: cron, variables, bodies without end, unknown addresses."""

from __future__ import annotations

import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from blackbox.client import DAY, NOW, SECOND, Client, in_parallel, require_problem, unique
from blackbox.conftest import Starter
from blackbox.hosts import Host, fresh_secret
from blackbox.test_bad_input import send_without_end

MEBIBYTE = 1024 * 1024


def trigger_cron(host: Host) -> None:
    """Has workerd call the scheduled handler, as Cloudflare does by cron."""
    control = urlsplit(host.control)
    connection = http.client.HTTPConnection(control.hostname, control.port, timeout=60)
    connection.request("GET", "/cdn-cgi/handler/scheduled")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"ok")
    connection.close()


def resident(process: int) -> int:
    """The memory of a process, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def test_cron_deletes_what_has_expired(new_host: Starter) -> None:
    # SECURITY 110
    host = new_host()
    client = host.client()
    past = client.at(NOW - 900 * DAY)
    body = {"login": unique("nobody"), "password": "not the password"}
    past.post("/v1/login", body)
    past.sign_up().login()
    assert host.rows("SELECT count(*) FROM sessions") == [(1,)]
    assert host.rows("SELECT count(*) FROM throttles") != [(0,)]
    trigger_cron(host)
    assert host.rows("SELECT count(*) FROM sessions") == [(0,)]
    assert host.rows("SELECT count(*) FROM throttles") == [(0,)]
    assert len(host.rows("SELECT at FROM heartbeat")) == 1
    assert host.rows("SELECT count(*) FROM accounts") == [(1,)]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AUTHCORE_SECRET", ""),
        ("AUTHCORE_SECRET", "k1:short-and-secret"),
        ("AUTHCORE_ISSUER", "https://auth.example"),
        ("AUTHCORE_ACCESS_TTL", "five minutes"),
        ("AUTHCORE_LOGIN_TRIES", "0"),
        ("AUTHCORE_ARGON2", "m=1024,t=1,p=1"),
        ("AUTHCORE_LOGIN_TRYS", "5"),
    ],
)
def test_a_wrong_setting_is_named_on_every_request(
    new_host: Starter, variable: str, value: str
) -> None:
    # SECURITY 7, 83
    host = new_host(**{variable: value})
    for _ in range(3):
        require_problem(host.client().get("/healthz"), 500, "internal_error")
    # Of an issuer over https the culprit is the environment.
    named = "AUTHCORE_ENV" if variable == "AUTHCORE_ISSUER" else variable
    host.stop()
    assert host.log().count(f"{named}: ") >= 3
    assert "short-and-secret" not in host.log()


def test_numbers_may_stand_without_quotes(new_host: Starter) -> None:
    host = new_host(AUTHCORE_LOGIN_TRIES=2)
    client = host.client()
    body = {"login": unique("nobody"), "password": "not the password"}
    codes = [client.post("/v1/login", body).code for _ in range(3)]
    assert codes == ["invalid_credentials", "invalid_credentials", "locked"]


def test_a_stream_without_end_costs_no_memory(new_host: Starter) -> None:
    # SECURITY 95
    host = new_host()
    client = host.client()
    person = client.sign_up()
    person.login()
    before = resident(host.workerd)
    for _ in range(4):
        require_problem(send_without_end(client, "/v1/login"), 413, "payload_too_large")
    assert resident(host.workerd) - before < 64 * MEBIBYTE


def test_hashing_stays_within_the_memory_of_an_isolate(new_host: Starter) -> None:
    # SECURITY 106
    host = new_host(AUTHCORE_LOGIN_TRIES="1000")
    client = host.client()
    person = client.sign_up()
    body = {"login": person.username, "password": person.password}
    before = resident(host.workerd)
    answers = in_parallel(200, lambda _: client.post("/v1/login", body))
    assert {answer.status for answer in answers} <= {200, 503}
    assert {answer.code for answer in answers} <= {"", "busy"}
    assert person.login()
    assert resident(host.workerd) - before < 110 * MEBIBYTE


def nowhere(client: Client) -> Client:
    """A client of whom the edge says nothing that can be read."""
    client.place = lambda _: {"cf-connecting-ip": "unknown"}
    return client


def test_without_an_address_all_share_a_limit_that_slows(new_host: Starter) -> None:
    # SECURITY 65
    host = new_host()
    client = nowhere(host.client())
    person = nowhere(host.client().at(NOW - DAY)).sign_up()
    owner = nowhere(host.client().at(NOW + SECOND))
    statuses = [
        client.post("/v1/login", {"login": unique("nobody"), "password": "not it"}).status
        for _ in range(30)
    ]
    assert statuses == [401] * 20 + [429] * 10
    body = {"login": person.username, "password": person.password}
    assert owner.post("/v1/login", body).status == 200
    checks = {check["name"]: check["status"] for check in client.get("/readyz").json()["checks"]}
    assert checks["address"] == "warning"


def test_dot_segments_are_gone_before_they_arrive(client: Client) -> None:
    # SECURITY 98: the runtime's URL has none; what it leaves is matched exactly.
    for path in ("/v1/x/../me", "/v1/./me", "/v1/%2e%2e/v1/me", "/v1/me/.."):
        assert client.get(path).status in (401, 404)


def test_a_database_without_its_schema_is_not_ready(new_host: Starter, tmp_path: Path) -> None:
    host = new_host()
    assert host.client().at(None).get("/readyz").status == 200
    other = new_host(AUTHCORE_SECRET=fresh_secret())
    other.stop()
    other.database().unlink()
    other.start()
    answer = other.client().get("/readyz")
    assert (answer.status, answer.json()["status"]) == (503, "unavailable")
    login = {"login": "somebody", "password": "correct horse battery staple"}
    require_problem(other.client().post("/v1/login", login), 503, "unavailable")
    assert "no such table" in other.log()
