"""Signing keys: made once, rotated so that a verifier with an old key set never fails."""

from __future__ import annotations

import jwt
import pytest

from blackbox.client import DAY, HOUR, NOW, Client, in_parallel
from blackbox.conftest import Starter

KEY_SET = "/.well-known/jwks.json"


class Verifier:
    """A resource server that fetches the key set only when its copy is twelve hours old."""

    CACHE = 12 * HOUR

    def __init__(self, client: Client) -> None:
        self.client = client
        self.keys: jwt.PyJWKSet | None = None
        self.fetched_at = 0

    def verify(self, token: str, now: int) -> str:
        """Verifies the signature with a key of the copy, and gives the key's id."""
        if self.keys is None or now - self.fetched_at >= self.CACHE:
            fetched = self.client.at(now).get(KEY_SET)
            self.keys, self.fetched_at = jwt.PyJWKSet.from_dict(fetched.json()), now
        key_id = jwt.get_unverified_header(token)["kid"]
        options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        key = self.keys[key_id]
        jwt.decode(token, key, algorithms=["EdDSA"], audience="authcore", options=options)
        return key_id


def test_a_verifier_with_a_cached_key_set_never_fails(new_host: Starter) -> None:
    # SECURITY 84
    host = new_host(AUTHCORE_SESSION_MAX="400 d", AUTHCORE_REFRESH_TTL="30 d")
    client = host.client()
    tokens = client.sign_up().login()
    # They fetch at different hours: their copies are of different ages when a key changes.
    verifiers = [Verifier(client) for _ in range(2)]
    seen: list[str] = []
    for step in range(100 * 24 // 7):
        now = NOW + step * 7 * HOUR
        refreshed = client.at(now).refresh(tokens["refresh_token"])
        assert refreshed.status == 200, step
        tokens = refreshed.json()
        for verifier in verifiers[: step + 1]:
            key_id = verifier.verify(tokens["access_token"], now)
        if key_id not in seen:
            seen.append(key_id)
    assert len(seen) == 4, "three rotations in a hundred days of thirty"


def test_a_retired_key_stays_until_its_last_token_has_ended(new_host: Starter) -> None:
    # SECURITY 84
    client = new_host().client()
    client.sign_up().login()
    first = client.get(KEY_SET).json()["keys"]
    later = client.at(NOW + 30 * DAY)
    later.sign_up().login()
    rotated = later.get(KEY_SET).json()["keys"]
    assert {key["kid"] for key in first} < {key["kid"] for key in rotated}
    gone = client.at(NOW + 30 * DAY + 2 * HOUR).get(KEY_SET).json()["keys"]
    assert len(rotated) == 3
    assert len(gone) == 2


@pytest.mark.parametrize(("after", "rotated"), [(30 * DAY - 1, False), (30 * DAY, True)])
def test_keys_rotate_after_thirty_days(new_host: Starter, after: int, rotated: bool) -> None:
    # SECURITY 84
    host = new_host()
    client = host.client()
    person = client.sign_up()
    signed = jwt.get_unverified_header(person.login()["access_token"])["kid"]
    first = {key["kid"] for key in client.get(KEY_SET).json()["keys"]}
    assert len(first) == 2
    [announced] = first - {signed}

    later = person.at(NOW + after)
    token = later.login()["access_token"]
    # What was announced from the first day on signs, and the next is announced.
    expected = announced if rotated else signed
    assert jwt.get_unverified_header(token)["kid"] == expected
    published = {key["kid"] for key in later.client.get(KEY_SET).json()["keys"]}
    assert first <= published
    assert len(published) == (3 if rotated else 2)


def test_the_first_requests_make_one_key(new_host: Starter) -> None:
    # SECURITY 84
    host = new_host()
    client = host.client()
    answers = in_parallel(50, lambda _: client.get(KEY_SET))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    states = host.rows("SELECT state, count(*) FROM signing_keys GROUP BY state ORDER BY state")
    assert states == [("active", 1), ("next", 1)]


def test_the_key_set_holds_no_private_part(new_host: Starter) -> None:
    # SECURITY 47, 80
    host = new_host()
    body = host.client().get(KEY_SET).body
    for member in (b'"d"', b'"k"', b'"p"', b'"q"'):
        assert member not in body
    for (sealed,) in host.rows("SELECT sealed FROM signing_keys"):
        assert sealed.encode() not in body
