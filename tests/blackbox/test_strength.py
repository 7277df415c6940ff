"""New passwords are judged: the vectors over HTTP, common and personal passwords, the bounds."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from blackbox.client import MINUTE, Client, require_problem, unique
from blackbox.conftest import Starter
from blackbox.hosts import ROOT

VECTORS = json.loads((ROOT / "tests" / "vectors" / "strength.json").read_text())["cases"]
# The list that core holds, and one that was drawn from other leaks by somebody else.
COMMON = (
    ROOT / "core" / "src" / "password" / "common.txt",
    ROOT / "tests" / "vectors" / "common_passwords.txt",
)
LEAST_SCORE = 3


def codes(advice: list[dict]) -> list[str]:
    """The codes of what is said."""
    return [each["code"] for each in advice]


def test_the_vectors_hold(client: Client) -> None:
    for case in VECTORS:
        given, expected = case["input"], case["expected"]
        now = datetime(given["year"], 7, 1, tzinfo=UTC).timestamp()
        body = {"password": given["password"], "user_inputs": given["user_inputs"]}
        answer = client.at(int(now * 1000)).post("/v1/password/strength", body)
        assert answer.status == 200, answer.body
        verdict = answer.json()
        warning = verdict["feedback"]["warning"]
        said = {
            "score": verdict["score"],
            "guesses": verdict["guesses"],
            "warning": warning and warning["code"],
            "suggestions": codes(verdict["feedback"]["suggestions"]),
        }
        assert said == expected, case["name"]


def test_no_common_password_is_accepted(client: Client) -> None:
    # SECURITY 5
    lines = [line for file in COMMON for line in file.read_text().splitlines()]
    common = sorted({line for line in lines if not line.startswith("# ")})
    assert len(common) > 5_000
    assert all(len(password) >= 8 for password in common)
    for number, password in enumerate(common):
        # 500 a minute: each hundred from the next minute on.
        asking = client.at(client.now + number // 100 * MINUTE)
        answer = asking.post("/v1/password/strength", {"password": password})
        assert answer.json()["score"] < LEAST_SCORE, password


def test_a_password_of_ones_own_name_is_refused(client: Client) -> None:
    # SECURITY 5
    local_part = unique("kowalewskaja")
    body = {"email": f"{local_part}@example.com", "password": f"{local_part}2026"}
    answer = require_problem(client.post("/v1/accounts", body), 422, "weak_password")
    problem = answer.json()
    assert problem["errors"][0]["pointer"] == "/password"
    assert problem["score"] < LEAST_SCORE
    assert problem["guesses"] > 0
    assert "user_input" in problem["feedback"]["warning"]["code"]


def test_another_password_is_judged_as_the_first(client: Client) -> None:
    # SECURITY 1, 5
    name = unique("lovelace")
    person = client.sign_up(username=name)
    token = person.login()["access_token"]
    for weak in ("7 chars", "password1", f"{name}2026"):
        body = {"current_password": person.password, "password": weak}
        refused = client.change("PUT", "/v1/me/password", body, token)
        require_problem(refused, 422, "weak_password")
        assert refused.json()["errors"][0]["pointer"] == "/password"
    assert person.try_login().status == 200


def test_much_too_long_a_password_costs_nothing(client: Client) -> None:
    # SECURITY 4
    long = "Aa1!" * (15 * 1024)
    for target, body in {
        "/v1/password/strength": {"password": long},
        "/v1/accounts": {"username": unique("user"), "password": long},
    }.items():
        answer = require_problem(client.post(target, body), 422, "invalid_input")
        assert answer.json()["errors"][0]["pointer"] == "/password"
    inputs = {"password": "wombat2026", "user_inputs": ["name " * 12_000]}
    assert client.post("/v1/password/strength", inputs).status == 200


def test_questions_are_limited_by_address(new_host: Starter) -> None:
    host = new_host(AUTHCORE_LIMITS="other 2/min")
    client = host.client()
    question = {"password": "correct horse battery staple"}
    statuses = [client.post("/v1/password/strength", question).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert client.elsewhere().post("/v1/password/strength", question).status == 200


@pytest.mark.parametrize("body", [{}, {"password": 1}, {"password": "x", "user_inputs": "x"}])
def test_a_question_that_does_not_fit_is_refused(client: Client, body: dict) -> None:
    require_problem(client.post("/v1/password/strength", body), 422, "invalid_input")
