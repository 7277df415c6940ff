"""workerd is killed in the midst of its work, over and over: nothing acknowledged is lost, and
nothing is half done.
"""

from __future__ import annotations

import http.client
import random
import threading
from dataclasses import dataclass, field

from blackbox.client import Client, unique
from blackbox.conftest import Starter
from blackbox.hosts import Host

KILLS = 30
AT_ONCE = 4
# Each must be zero. SECURITY 109
VIOLATIONS = {
    "an account without a credential": (
        "SELECT count(*) FROM accounts WHERE id NOT IN (SELECT account_id FROM credentials)"
    ),
    "a credential without an account": (
        "SELECT count(*) FROM credentials WHERE account_id NOT IN (SELECT id FROM accounts)"
    ),
    "an account without a role": (
        "SELECT count(*) FROM accounts WHERE id NOT IN (SELECT account_id FROM account_roles)"
    ),
    "a session without an account": (
        "SELECT count(*) FROM sessions WHERE account_id NOT IN (SELECT id FROM accounts)"
    ),
    "a session of somebody who never signed in": (
        "SELECT count(*) FROM sessions JOIN accounts ON accounts.id = account_id"
        " WHERE last_login_at IS NULL"
    ),
    "a sign-in without a session": (
        "SELECT count(*) FROM accounts WHERE last_login_at IS NOT NULL"
        " AND id NOT IN (SELECT account_id FROM sessions)"
    ),
    "a session that ended by itself": (
        "SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL"
    ),
    "two active keys, or none": ("SELECT count(*) <> 1 FROM signing_keys WHERE state = 'active'"),
    "a broken page": "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
}


@dataclass
class Acknowledged:
    """What the host has answered with success."""

    accounts: dict[str, str] = field(default_factory=dict)
    # The last refresh token of each session.
    sessions: dict[str, str] = field(default_factory=dict)
    answers: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


def work(client: Client, seen: Acknowledged) -> None:
    """Signs up, signs in and refreshes until the host is gone."""
    try:
        while True:
            name, password = unique("user"), unique("correct horse battery ")
            body = {"username": name, "password": password}
            if client.post_settled("/v1/accounts", body).status != 201:
                continue
            seen.accounts[name] = password
            seen.answers.release()
            body = {"login": name, "password": password}
            answer = client.post_settled("/v1/login", body)
            for _ in range(5):
                if answer.status != 200:
                    break
                tokens = answer.json()
                seen.sessions[tokens["session_id"]] = tokens["refresh_token"]
                seen.answers.release()
                answer = client.refresh(tokens["refresh_token"])
    except (OSError, http.client.HTTPException, ValueError):
        return


def one_life(host: Host, seen: Acknowledged, until: int) -> None:
    """Lets the host answer this often, then kills it while all are waiting for it."""
    clients = [host.client() for _ in range(AT_ONCE)]
    threads = [threading.Thread(target=work, args=(client, seen)) for client in clients]
    for thread in threads:
        thread.start()
    for _ in range(until):
        assert seen.answers.acquire(timeout=120), "the host answers no more"
    host.kill()
    for thread in threads:
        thread.join()


def test_killed_thirty_times_it_loses_nothing_and_leaves_nothing_half_done(
    new_host: Starter,
) -> None:
    # SECURITY 109
    host = new_host()
    seen = Acknowledged()
    chance = random.Random(109)
    for _ in range(KILLS):
        one_life(host, seen, chance.randint(1, 24))
        host.start()
    for violation, sql in VIOLATIONS.items():
        assert host.rows(sql) == [(0,)], violation

    stored = {name for (name,) in host.rows("SELECT username_folded FROM accounts")}
    assert set(seen.accounts) <= stored
    assert len(seen.accounts) >= KILLS
    client = host.client()
    for session, token in seen.sessions.items():
        # The successor of the last one may have been stored without an answer: within its grace
        # the token that was answered gets it.
        answer = client.refresh(token)
        assert (answer.status, answer.json().get("session_id")) == (200, session)
    name, password = next(iter(seen.accounts.items()))
    answer = client.post("/v1/login", {"login": name, "password": password})
    assert answer.status == 200
