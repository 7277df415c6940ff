"""Rotation of refresh tokens: one successor, a short grace, and the end of a stolen session."""

from __future__ import annotations

import base64

from blackbox.client import NOW, SECOND, Client, in_parallel, require_problem, unique
from blackbox.hosts import Host


def test_a_refresh_token_is_opaque_and_has_256_bits(client: Client) -> None:
    # SECURITY 23
    person = client.sign_up()
    found = {person.login()["refresh_token"] for _ in range(3)}
    assert len(found) == 3
    for token in found:
        prefix, text = token[:3], token[3:]
        assert prefix == "rt_"
        assert len(base64.urlsafe_b64decode(text + "=")) == 32


def test_an_old_token_ends_the_session_and_its_access_tokens(client: Client) -> None:
    # SECURITY 24
    first = client.sign_up().login()
    second = client.refresh(first["refresh_token"]).json()
    third = client.refresh(second["refresh_token"]).json()
    require_problem(client.refresh(first["refresh_token"]), 401, "refresh_reused")
    for tokens in (second, third):
        answer = client.refresh(tokens["refresh_token"])
        assert (answer.status, answer.code) == (401, "session_ended")
    for tokens in (first, second, third):
        require_problem(client.me(tokens["access_token"]), 401, "session_ended")


def test_only_the_session_of_a_reused_token_ends(client: Client) -> None:
    # SECURITY 24
    person = client.sign_up()
    stolen, other = person.login(), person.login()
    second = client.refresh(stolen["refresh_token"]).json()
    client.refresh(second["refresh_token"])
    require_problem(client.refresh(stolen["refresh_token"]), 401, "refresh_reused")
    assert client.me(other["access_token"]).status == 200
    assert client.refresh(other["refresh_token"]).status == 200


def test_for_ten_seconds_the_predecessor_gets_the_same_successor(client: Client) -> None:
    # SECURITY 25
    first = client.sign_up().login()
    second = client.refresh(first["refresh_token"]).json()
    for late in (0, 1, 10 * SECOND):
        again = client.at(NOW + late).refresh(first["refresh_token"])
        assert again.status == 200, late
        assert again.json()["refresh_token"] == second["refresh_token"]
    assert client.refresh(second["refresh_token"]).status == 200


def test_a_millisecond_after_ten_seconds_the_predecessor_is_a_thief(client: Client) -> None:
    # SECURITY 25
    first = client.sign_up().login()
    second = client.refresh(first["refresh_token"]).json()
    late = client.at(NOW + 10 * SECOND + 1)
    require_problem(late.refresh(first["refresh_token"]), 401, "refresh_reused")
    require_problem(late.refresh(second["refresh_token"]), 401, "session_ended")


def test_the_grace_ends_when_the_successor_is_used(client: Client) -> None:
    # SECURITY 25
    first = client.sign_up().login()
    second = client.refresh(first["refresh_token"]).json()
    assert client.refresh(second["refresh_token"]).status == 200
    require_problem(client.refresh(first["refresh_token"]), 401, "refresh_reused")


def test_there_is_no_grace_after_logout(client: Client) -> None:
    # SECURITY 25
    first = client.sign_up().login()
    second = client.refresh(first["refresh_token"]).json()
    client.post("/v1/logout", {"refresh_token": second["refresh_token"]})
    require_problem(client.refresh(first["refresh_token"]), 401, "session_ended")


def test_there_is_no_grace_after_the_password_was_changed(client: Client) -> None:
    # SECURITY 24, 25
    person = client.sign_up()
    first = person.login()
    second = client.refresh(first["refresh_token"]).json()
    new = f"{unique('another horse battery ')} staple"
    client.secrets.add(new)
    body = {"current_password": person.password, "password": new}
    assert client.change("PUT", "/v1/me/password", body, second["access_token"]).status == 204
    require_problem(client.refresh(first["refresh_token"]), 401, "refresh_reused")
    require_problem(client.refresh(second["refresh_token"]), 401, "session_ended")


def test_altered_and_foreign_tokens_are_refused_and_harm_nobody(client: Client) -> None:
    person = client.sign_up()
    tokens = person.login()
    good = tokens["refresh_token"]
    family, secret = good[:14], good[14:]
    forged = [
        family + "A" * len(secret),
        "rt_" + "A" * 43,
        good[:-1],
        good + "A",
        good + "=",
        " " + good,
        good.replace("rt_", "ch_"),
        good.replace("rt_", "RT_"),
        good[3:],
        "",
        "rt_",
        "x" * 10_000,
        tokens["access_token"],
    ]
    for token in forged:
        answer = client.refresh(token)
        assert answer.status in (401, 422), token
        assert answer.code
    assert client.me(good).status == 401


def test_parallel_refreshes_have_one_successor(host: Host) -> None:
    # SECURITY 26
    client = host.client()
    first = client.sign_up().login()
    sql = "SELECT generation, revoked_at FROM sessions WHERE id = ?1"
    ((before, _),) = host.rows(sql, first["session_id"])
    answers = in_parallel(100, lambda _: client.refresh(first["refresh_token"]))
    assert {answer.status for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert host.rows(sql, first["session_id"]) == [(before + 1, None)]
    assert client.refresh(successors.pop()).status == 200
