"""KV saves the database work and decides nothing, whatever is in it and whether it is there."""

from __future__ import annotations

import base64
from pathlib import Path

from blackbox.client import MINUTE, NOW, SECOND, Client, require_problem
from blackbox.conftest import Starter
from blackbox.hosts import WorkerHost
from blackbox.readiness import failed
from blackbox.test_kept import KEY_SET, REVOCATIONS, claims

# How often KV is asked whether what is written after an answer is there; each is a round trip.
TRIES = 1000


def warm(host: WorkerHost, client: Client) -> dict[str, bytes]:
    """Has both documents kept, and gives the copies by their names."""
    for target in (KEY_SET, REVOCATIONS):
        assert client.get(target).status == 200
    for _ in range(TRIES):
        names = host.ask_kv(list=True)
        if len(names) == 2:
            return {name: base64.b64decode(host.ask_kv(get=name)) for name in names}
    raise AssertionError("nothing is kept")


def put(host: WorkerHost, name: str, copy: bytes) -> None:
    """Writes into KV whatever it is; it stays."""
    host.ask_kv(put=[name, base64.b64encode(copy).decode()])


def test_with_a_warm_kv_a_new_isolate_asks_no_database(new_host: Starter) -> None:
    host = new_host()
    client = host.client()
    copies = warm(host, client)
    made = {target: client.get(target) for target in (KEY_SET, REVOCATIONS)}
    for name, copy in copies.items():
        put(host, name, copy)
    host.stop()
    # An isolate without memory and without a database: any batch would fail.
    host.database().unlink()
    host.start()
    client = host.client()
    for target, answer in made.items():
        assert client.get(target) == answer
        head = client.send_bare("HEAD", target)
        assert (head.status, head.body) == (200, b"")
    assert "D1:" not in host.log()
    # A host that holds them in memory needs KV no more, and serves them no longer for it.
    later = client.at(NOW + 60 * SECOND)
    require_problem(later.get(REVOCATIONS), 503, "unavailable")
    assert later.get(KEY_SET).headers["cache-control"] == "public, max-age=240"
    require_problem(client.at(NOW + 5 * MINUTE).get(KEY_SET), 503, "unavailable")
    assert set(failed(client)) == {"database"}


def test_whatever_is_in_kv_changes_nothing(new_host: Starter) -> None:
    # SECURITY 66, 108
    host, other = new_host(), new_host()
    client = host.client()
    person = client.sign_up()
    tokens = person.login()
    client.post("/v1/logout", {}, token=tokens["access_token"])
    copies = warm(host, client)
    keys = client.get(KEY_SET).body
    others = warm(other, other.client())
    forgeries = [
        b"",
        b"garbage",
        b'{"keys":[]}',
        other.client().get(KEY_SET).body,
        *others.values(),
    ]
    now = NOW
    for name, copy in copies.items():
        for forged in (copy, None, copy[:-1], copy[:41], *forgeries):
            # By now what the isolate has in memory is too old, and so is the copy itself.
            now += 10 * MINUTE
            young = copy[:1] + (now // SECOND).to_bytes(8, "big") + copy[9:]
            put(host, name, young if forged is None else forged)
            assert client.at(now).get(KEY_SET).body == keys
            assert claims(client.at(now).get(REVOCATIONS))["iat"] == now // SECOND
    # Nor does a list that lacks a session keep it alive.
    client = client.at(now)
    again = client.post("/v1/login", {"login": person.username, "password": person.password}).json()
    before = warm(host, client)
    client.post("/v1/logout", {}, token=again["access_token"])
    for name, copy in before.items():
        put(host, name, copy)
    require_problem(client.me(again["access_token"]), 401, "session_ended")


class WithoutKv(WorkerHost):
    """The Worker in a deployment without KV."""

    kv = None


def flow(host: WorkerHost) -> None:
    """Asks for what would be kept, twice, and for what depends on none of it."""
    client = host.client()
    tokens = client.sign_up().login()
    for target in (KEY_SET, REVOCATIONS):
        assert client.get(target) == client.get(target)
        assert client.get(target).status == 200
    client.post("/v1/logout", {}, token=tokens["access_token"])
    require_problem(client.me(tokens["access_token"]), 401, "session_ended")
    later = client.at(NOW + MINUTE).get(REVOCATIONS)
    assert claims(later)["sids"] == [tokens["session_id"]]
    checks = {check["name"]: check["status"] for check in client.get("/readyz").json()["checks"]}
    # The clock of these tests is ahead of D1's own.
    assert checks.pop("clock") == "failed"
    assert set(checks.values()) == {"ok"}, checks


def test_without_kv_everything_works(kind: type[WorkerHost], tmp_path: Path) -> None:
    WithoutKv.empty = kind.empty
    host = WithoutKv(tmp_path, {})
    try:
        flow(host)
        assert "KV:" not in host.log()
    finally:
        host.stop()


def test_with_a_kv_that_fails_everything_works(kind: type[WorkerHost], tmp_path: Path) -> None:
    # SECURITY 108
    WithoutKv.empty = kind.empty
    # Something else under its name: whatever is asked of it throws.
    host = WithoutKv(tmp_path, {"KV": {"is": "no namespace"}})
    try:
        flow(host)
        host.stop()
        assert "KV:" in host.log()
    finally:
        host.stop()
