"""The public documents, which hosts keep: never older than they say, whoever kept them."""

from __future__ import annotations

import jwt
import pytest

from blackbox.client import NOW, SECOND, Answer, Client, require_problem
from blackbox.conftest import Starter

KEY_SET = "/.well-known/jwks.json"
REVOCATIONS = "/.well-known/revocations"


def claims(answer: Answer) -> dict:
    """The claims of a revocation list."""
    assert answer.status == 200
    return jwt.decode(answer.body, options={"verify_signature": False})


def test_a_revoked_session_is_listed_a_minute_later_at_the_latest(new_host: Starter) -> None:
    # SECURITY 28: the age of a list and the time that anybody keeps it are a minute together.
    client = new_host().client()
    tokens = client.sign_up().login()
    before = client.get(REVOCATIONS)
    assert before.headers["cache-control"] == "public, max-age=60"
    client.at(NOW + 1).post("/v1/logout", {}, token=tokens["access_token"])
    # The service itself refuses the session at once.
    require_problem(client.at(NOW + 1).me(tokens["access_token"]), 401, "session_ended")

    last = client.at(NOW + 59 * SECOND).get(REVOCATIONS)
    assert (last.body, last.headers["cache-control"]) == (before.body, "public, max-age=1")
    first = claims(client.at(NOW + 60 * SECOND).get(REVOCATIONS))
    assert first["sids"] == [tokens["session_id"]]
    assert first["exp"] - first["iat"] == 60


@pytest.mark.parametrize(("target", "lifetime"), [(KEY_SET, 300), (REVOCATIONS, 60)])
def test_what_is_kept_is_served_for_what_is_left(
    new_host: Starter, target: str, lifetime: int
) -> None:
    client = new_host().client()
    # The first request of all makes the keys.
    made = client.get(target)
    for second in (0, 1, lifetime - 1):
        kept = client.at(NOW + second * SECOND).get(target)
        assert (kept.status, kept.body) == (200, made.body)
        assert kept.headers["cache-control"] == f"public, max-age={lifetime - second}"
        head = client.at(NOW + second * SECOND).send_bare("HEAD", target)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["cache-control"] == kept.headers["cache-control"]
    anew = client.at(NOW + lifetime * SECOND).get(target)
    assert anew.headers["cache-control"] == f"public, max-age={lifetime}"
    # A clock that runs backwards is served nothing of the future.
    back = client.at(NOW - SECOND).get(target)
    assert back.headers["cache-control"] == f"public, max-age={lifetime}"


def test_a_kept_document_does_not_answer_what_would_be_refused(client: Client) -> None:
    assert client.get(KEY_SET).status == 200
    answer = client.get(KEY_SET, authorization="Bearer a, Bearer b")
    require_problem(answer, 400, "conflicting_credentials")
    require_problem(client.post(KEY_SET, {}), 405, "method_not_allowed")
