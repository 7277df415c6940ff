"""A stored hash that no host of ours wrote: it fits no password, and costs no more than another."""

from __future__ import annotations

from dataclasses import replace

from blackbox.client import require_problem
from blackbox.conftest import Starter

SALT, TAG = "c2FsdHNhbHRzYWx0c2FsdA", "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
HOSTILE = {
    "4 GiB": f"$argon2id$v=19$m=4194304,t=2,p=1${SALT}${TAG}",
    "2^32 - 1 passes": f"$argon2id$v=19$m=19456,t=4294967295,p=1${SALT}${TAG}",
    "more than any number": f"$argon2id$v=19$m=19456,t=99999999999999999999,p=1${SALT}${TAG}",
    "no lane": f"$argon2id$v=19$m=19456,t=2,p=0${SALT}${TAG}",
    "no pass": f"$argon2id$v=19$m=19456,t=0,p=1${SALT}${TAG}",
    "less memory than lanes": f"$argon2id$v=19$m=1,t=2,p=4${SALT}${TAG}",
    "no salt": f"$argon2id$v=19$m=19456,t=2,p=1$${TAG}",
    "no tag": f"$argon2id$v=19$m=19456,t=2,p=1${SALT}$",
    "no base64": f"$argon2id$v=19$m=19456,t=2,p=1$!!!!${TAG}",
    "cut short": "$argon2id$v=19$m=19456",
    "no field": "$argon2id$",
    "too long": f"$argon2id$v=19$m=19456,t=2,p=1${SALT}${'A' * 100_000}",
    "another scheme": "$2b$31$abcdefghijklmnopqrstuu",
    "a NUL": f"$argon2id$v=19$m=19456,t=2,p=1${SALT}\0${TAG}",
    "nothing": "",
}


def test_a_hostile_stored_hash_is_a_wrong_password_and_no_more(new_host: Starter) -> None:
    # SECURITY 9
    host = new_host()
    people = {name: host.client().sign_up() for name in HOSTILE}
    untouched = host.client().sign_up()
    rows = [(hostile, people[name].account["id"]) for name, hostile in HOSTILE.items()]
    host.rewrite("UPDATE credentials SET phc = ?1 WHERE account_id = ?2", rows)
    client = host.client()
    refused = replace(untouched, client=client).try_login("not the password")
    require_problem(refused, 401, "invalid_credentials")
    for name, person in people.items():
        body = {"login": person.username, "password": person.password}
        answer = client.elsewhere().post("/v1/login", body)
        assert (answer.status, answer.body) == (401, refused.body), name
        assert client.get("/healthz").status == 200, name
    assert replace(untouched, client=client).try_login().status == 200
