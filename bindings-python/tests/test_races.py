"""Races on one SQLite file: two processes of 50 threads each, and one winner."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from conftest import START, VARIABLES, Client

RACER = Path(__file__).with_name("racer.py")
# Each request has an address of its own, and all of them find room to hash.
ROOM = {**VARIABLES, "AUTHCORE_HASHES_AT_ONCE": "4"}


def race(client: Client, target: str, body: Any, times: int) -> list[tuple[int, Any]]:
    """The answers to `times` equal requests, half of them from each process."""
    requests = [
        {"target": target, "body": body, "now": START, "peer": f"198.18.{n // 250}.{n % 250}"}
        for n in range(times)
    ]
    racers = [
        subprocess.Popen(
            [sys.executable, RACER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        for number, racer in enumerate(racers):
            start = {"database": str(client.database), "variables": ROOM}
            start["requests"] = requests[number::2]
            racer.stdin.write(json.dumps(start) + "\n")
            racer.stdin.flush()
        for racer in racers:
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        answers = [json.loads(racer.stdout.readline()) for racer in racers]
        assert [racer.wait() for racer in racers] == [0, 0]
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()
    return [(status, json.loads(body)) for some in answers for status, body in some]


def rows(client: Client, sql: str) -> list[tuple[Any, ...]]:
    """What a query finds."""
    connection = sqlite3.connect(client.database)
    found = connection.execute(sql).fetchall()
    connection.close()
    return found


# SECURITY 26
def test_a_hundred_refreshes_of_one_token_step_one_generation(client: Client) -> None:
    client.sign_up()
    token = client.log_in().json["refresh_token"]
    [[before]] = rows(client, "SELECT generation FROM sessions")
    answers = race(client, "/v1/refresh", {"refresh_token": token}, 100)
    assert Counter(status for status, _ in answers) == {200: 100}
    [successor] = {answer["refresh_token"] for _, answer in answers}
    assert rows(client, "SELECT generation, revoked_at FROM sessions") == [(before + 1, None)]
    assert client.refresh(successor).status == 200


# SECURITY 86
def test_a_hundred_sign_ups_of_one_name_make_one_account(client: Client) -> None:
    body = {"username": "ada", "password": "analytical engine"}
    answers = race(client, "/v1/accounts", body, 100)
    assert Counter(status for status, _ in answers) == {201: 1, 409: 99}
    [created] = [answer["account"] for status, answer in answers if status == 201]
    assert rows(client, "SELECT id FROM accounts") == [(created["id"],)]
    assert rows(client, "SELECT account_id FROM credentials") == [(created["id"],)]


# SECURITY 60
def test_two_hundred_wrong_logins_get_five_answers(client: Client) -> None:
    client.sign_up()
    answers = race(client, "/v1/login", {"login": "ada", "password": "a wrong one"}, 200)
    counts = Counter(answer["code"] for _, answer in answers)
    assert 1 <= counts["invalid_credentials"] <= 5
    assert counts["invalid_credentials"] + counts["locked"] == 200
