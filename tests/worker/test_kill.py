"""workerd is killed in the midst of its work, over and over: nothing acknowledged is lost, and
nothing is half done.
"""

from __future__ import annotations

import http.client
import random
import threading
from dataclasses import dataclass, field

from blackbox.authenticator import Phone
from blackbox.client import NOW, Answer, Client, unique
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
    "a session that has not passed the factor": (
        "SELECT count(*) FROM sessions WHERE aal < 2"
        " AND account_id IN (SELECT account_id FROM authenticators)"
    ),
    "a session without its used challenge, or the other way round": (
        "SELECT count(*) FROM authenticators a WHERE (SELECT count(*) FROM sessions s"
        " WHERE s.account_id = a.account_id) <> (SELECT count(*) FROM challenges c"
        " WHERE c.account_id = a.account_id AND c.used_by IS NOT NULL)"
    ),
    "an authenticator that is confirmed without its backup codes": (
        "SELECT count(*) FROM authenticators a WHERE (SELECT count(*) FROM backup_codes b"
        " WHERE b.account_id = a.account_id) <> CASE WHEN a.confirmed_at IS NULL THEN 0 ELSE 10 END"
    ),
    "a used backup code that its owner is not told of": (
        "SELECT count(*) FROM backup_codes WHERE used_by IS NOT NULL"
        " AND used_by NOT IN (SELECT op FROM outbox WHERE template = 'backup_code_used')"
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
    # The backup codes that were used, each with the name of its account.
    backup_codes: dict[str, str] = field(default_factory=dict)
    answers: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


def work(client: Client, seen: Acknowledged) -> None:
    """Signs up, signs in and refreshes until the host is gone; every other time with a factor."""
    with_factor = False
    try:
        while True:
            with_factor = not with_factor
            name, password = unique("user"), unique("correct horse battery ")
            body = {"username": name, "password": password}
            if with_factor:
                body |= {"email": f"{name}@example.com", "second_factor": "totp"}
            answer = client.post_settled("/v1/accounts", body)
            if answer.status != 201:
                continue
            seen.accounts[name] = password
            seen.answers.release()
            body = {"login": name, "password": password}
            if with_factor:
                uri = answer.json()["enrolment"]["otpauth_uri"]
                answer = sign_in_by_factor(client, body, Phone(uri), seen)
            else:
                answer = client.post_settled("/v1/login", body)
            for _ in range(5):
                if answer.status != 200:
                    break
                keep(answer, seen)
                answer = client.refresh(answer.json()["refresh_token"])
    except (OSError, http.client.HTTPException, ValueError):
        return


def keep(answer: Answer, seen: Acknowledged) -> None:
    """Remembers the tokens that were answered."""
    tokens = answer.json()
    seen.sessions[tokens["session_id"]] = tokens["refresh_token"]
    seen.answers.release()


def sign_in_by_factor(client: Client, body: dict, phone: Phone, seen: Acknowledged) -> Answer:
    """The first code, which brings backup codes; then, beside it, a login with one of them."""
    asked = client.post_settled("/v1/login", body)
    if asked.status != 202:
        return asked
    code = {"challenge": asked.json()["challenge"], "code": phone.code(NOW)}
    answer = client.post("/v1/login/otp", code)
    if answer.status != 200:
        return answer
    keep(answer, seen)
    [spent, *_] = answer.json()["backup_codes"]
    asked = client.post_settled("/v1/login", body)
    if asked.status != 202:
        return asked
    code = {"challenge": asked.json()["challenge"], "code": spent}
    answer = client.post("/v1/login/backup-code", code)
    if answer.status == 200:
        seen.backup_codes[spent] = body["login"]
    return answer


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
    for name, password in list(seen.accounts.items())[:10]:
        answer = client.post("/v1/login", {"login": name, "password": password})
        assert answer.status in (200, 202)
    assert seen.backup_codes
    for code, name in list(seen.backup_codes.items())[:10]:
        body = {"login": name, "password": seen.accounts[name]}
        challenge = client.post_settled("/v1/login", body).json()["challenge"]
        answer = client.post("/v1/login/backup-code", {"challenge": challenge, "code": code})
        assert answer.code == "otp_invalid"
