"""The key ring over HTTP: exchanged without signing anybody out; its values open in their rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

from blackbox.authenticator import (
    STEP,
    Phone,
    answer_by_backup_code,
    answer_by_otp,
    challenge,
    log_in,
    with_second_factor,
)
from blackbox.client import DAY, NOW, Client, Person, require_problem
from blackbox.conftest import Starter
from blackbox.hosts import Host, fresh_secret
from blackbox.readiness import checks, failed


def restart(host: Host, ring: str) -> Client:
    """Ends the host and starts it with this ring, which nothing may show, now or later."""
    host.secrets |= {entry.split(":", 1)[1] for entry in ring.split(",")}
    return host.restart(AUTHCORE_SECRET=ring)


def at_next_step(person: Person, client: Client) -> Person:
    """The same person elsewhere, when the last code is no longer the newest."""
    return replace(person, client=client.at(person.client.now + STEP))


def ring_keys(host: Host, table: str, column: str) -> set[str]:
    """The ids of the keys that a column's values name."""
    values = (value for (value,) in host.rows(f"SELECT {column} FROM {table}"))
    return {value.removeprefix("s1.").split(".")[0] for value in values}


def test_a_ring_is_exchanged_without_signing_anybody_out(new_host: Starter) -> None:
    # SECURITY 82
    old, new = fresh_secret(), fresh_secret().replace("k1:", "k2:")
    host = new_host(AUTHCORE_SECRET=old)
    person = host.client().sign_up()
    kept, left = person.login(), person.login()
    owner, phone, tokens = with_second_factor(host.client())
    absent, absent_phone, _ = with_second_factor(host.client())

    client = restart(host, f"{new},{old}")
    assert checks(client, 200)["keys"]["status"] == "ok"
    refreshed = client.refresh(kept["refresh_token"])
    assert refreshed.status == 200, refreshed.body
    assert client.me(refreshed.json()["access_token"]).status == 200
    assert replace(person, client=client).login()
    owner = at_next_step(owner, client)
    by_code = log_in(owner, phone)
    assert client.me(by_code["access_token"]).status == 200
    assert answer_by_backup_code(owner, tokens["backup_codes"][0]).status == 200
    # What was used is the new key's, what was not is still the old one's.
    for table, column in (("sessions", "family_hash"), ("authenticators", "sealed")):
        assert ring_keys(host, table, column) == {"k1", "k2"}, table

    # Who takes the old key away too early.
    client = restart(host, new)
    unready = checks(client, 503)
    signing_keys = host.rows("SELECT id FROM signing_keys")
    assert len(signing_keys) == 2
    assert set(failed(client)) == {"keys"}
    assert "AUTHCORE_SECRET does not open signing_keys" in unready["keys"]["detail"]
    for (key,) in signing_keys:
        assert key in unready["keys"]["detail"]
    for table in ("sessions", "authenticators", "backup_codes"):
        told = f"AUTHCORE_SECRET lacks the key of {table}: k1"
        assert (unready[table]["status"], unready[table]["detail"]) == ("warning", told)
    require_problem(replace(person, client=client).try_login(), 500, "seal_broken")
    require_problem(client.refresh(refreshed.json()["refresh_token"]), 500, "seal_broken")
    require_problem(client.refresh(left["refresh_token"]), 401, "token_invalid")

    # Nothing is lost that the key does not bring back.
    client = restart(host, f"{new},{old}")
    assert set(checks(client, 200)) >= {"database", "schema", "keys", "clock"}
    assert client.refresh(left["refresh_token"]).status == 200
    assert log_in(at_next_step(absent, client), absent_phone)


def test_a_key_is_unused_once_sessions_and_signing_keys_have_moved(new_host: Starter) -> None:
    # SECURITY 82
    old, new = fresh_secret(), fresh_secret().replace("k1:", "k2:")
    host = new_host(AUTHCORE_SECRET=old)
    assert host.ring_keys(NOW) == {"k1": {"place": "current", "needed": True, "rows": {}}}
    person = host.client().sign_up()
    tokens, left = person.login(), person.login()
    assert host.client().post("/v1/logout", {}, token=left["access_token"]).status == 204

    client = restart(host, f"{new},{old}")
    needed = {"place": "older", "needed": True, "rows": {"signing_keys": 2, "sessions": 1}}
    unused = {"place": "older", "needed": False, "rows": {}}
    assert host.ring_keys(NOW)["k1"] == needed
    assert client.refresh(tokens["refresh_token"]).status == 200
    assert host.ring_keys(NOW)["k1"]["rows"] == {"signing_keys": 2}
    # Each exchange of the signing keys seals one anew.
    for months in (1, 2):
        assert host.ring_keys(NOW)["k1"]["needed"]
        assert client.at(NOW + months * 30 * DAY).get("/.well-known/jwks.json").status == 200
    current = {"place": "current", "needed": True, "rows": {"signing_keys": 2}}
    assert host.ring_keys(NOW + 60 * DAY) == {"k2": current, "k1": unused}

    # Who drops it then loses nothing; who drops the new one is told which rows need it.
    client = restart(host, new).at(NOW + 60 * DAY)
    assert host.ring_keys(NOW + 60 * DAY) == {"k2": current}
    assert checks(client, 200)["keys"]["status"] == "ok"
    assert client.me(replace(person, client=client).login()["access_token"]).status == 200
    restart(host, old)
    lost = {"place": "lost", "needed": True, "rows": {"signing_keys": 2, "sessions": 1}}
    assert host.ring_keys(NOW + 60 * DAY)["k2"] == lost


def exchange_seeds(host: Host) -> None:
    """Gives each of the two seeds to the account of the other."""
    with closing(sqlite3.connect(host.database())) as connection, connection:
        rows = connection.execute("SELECT id, sealed FROM authenticators ORDER BY id").fetchall()
        (one, first), (other, second) = rows
        assert first != second
        values = [(second, one), (first, other)]
        connection.executemany("UPDATE authenticators SET sealed = ? WHERE id = ?", values)


def require_no_way_in(host: Host, person: Person, phones: list[Phone]) -> None:
    """Asserts that no authenticator signs this person in, and that the answer tells nothing."""
    sessions = host.rows("SELECT count(*) FROM sessions")
    for phone in phones:
        answer = answer_by_otp(person, phone.code(person.client.now))
        require_problem(answer, 500, "seal_broken")
        assert set(answer.json()) == {"type", "title", "status", "code", "detail"}
        # Neither which row nor which key it was.
        for (row,) in host.rows("SELECT id FROM authenticators"):
            assert row.encode() not in answer.body
        for told in (b"k1", b"authenticators", person.account["id"].encode()):
            assert told not in answer.body
    assert host.rows("SELECT count(*) FROM sessions") == sessions


def test_a_seed_in_the_row_of_another_account_signs_nobody_in(new_host: Starter) -> None:
    # SECURITY 80
    host = new_host()
    people = [with_second_factor(host.client())[:2] for _ in range(2)]
    phones = [phone for _, phone in people]
    host.stop()
    exchange_seeds(host)
    host.start()
    for person, _ in people:
        require_no_way_in(host, at_next_step(person, host.client()), phones)
    # Each again in its own row.
    host.stop()
    exchange_seeds(host)
    host.start()
    for person, phone in people:
        back = at_next_step(at_next_step(person, host.client()), host.client())
        assert challenge(back)
        assert log_in(back, phone)
