"""The service under each algorithm: one way through it, and verifiers that have only its URL."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from types import SimpleNamespace

import joserfc.jwk
import joserfc.jwt
import jwt
import pytest
from authlib.oauth2.rfc6750.errors import InvalidTokenError
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator, token_validator

from blackbox.client import HOUR, MINUTE, NOW, SECOND, Client, require_problem
from blackbox.conftest import Starter
from blackbox.hosts import ROOT

KEY_SET = "/.well-known/jwks.json"
LIST = "/.well-known/revocations"
LIST_KEY_SET = "/.well-known/revocations/jwks.json"
ISSUER, AUDIENCE = "http://localhost:8787", "authcore"


def through(client: Client, algorithm: str) -> dict:
    """From sign-up to logout; gives the tokens of the session that goes on."""
    person = client.sign_up()
    tokens = person.login()
    assert jwt.get_unverified_header(tokens["access_token"])["alg"] == algorithm
    assert client.me(tokens["access_token"]).status == 200
    refreshed = client.refresh(tokens["refresh_token"]).json()
    assert client.me(refreshed["access_token"]).status == 200
    forged = refreshed["access_token"][:-4] + "AAAA"
    assert client.me(forged).status == 401
    ended = person.login()
    assert client.post("/v1/logout", {}, ended["access_token"]).status == 204
    assert client.me(ended["access_token"]).status == 401
    refreshed["ended"] = ended["session_id"]
    return refreshed


def listed(client: Client) -> list[str]:
    """The sessions of the signed list, verified by the list's own key set."""
    token = client.get(LIST).body.decode()
    keys = jwt.PyJWKSet.from_dict(client.get(LIST_KEY_SET).json())
    header = jwt.get_unverified_header(token)
    assert header["typ"] == "authcore-revocations+jwt"
    key = keys[header["kid"]]
    return jwt.decode(token, key, issuer=ISSUER)["sids"]


# RFC 9864 would name it Ed25519; verifiers and issuers of today say EdDSA.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_verifier_needs_only_the_url(new_host: Starter, algorithm: str) -> None:
    # SECURITY 35, 42
    host = new_host(AUTHCORE_JWT_ALG=algorithm)
    # Other libraries read the clock.
    client = host.client().at(None)
    tokens = through(client, algorithm)
    url, token = host.url + KEY_SET, tokens["access_token"]

    key = jwt.PyJWKClient(url).get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=[algorithm], audience=AUDIENCE, issuer=ISSUER)
    assert claims["sid"] == tokens["session_id"]

    key_set = joserfc.jwk.KeySet.import_key_set(client.get(KEY_SET).json())
    assert joserfc.jwt.decode(token, key_set, algorithms=[algorithm]).claims == claims

    words = {"url": url, "token": token, "algorithm": algorithm}
    verified = subprocess.run(
        ["node", ROOT / "tests" / "blackbox" / "verify.mjs"],
        input=json.dumps(words),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(verified.stdout)["payload"] == claims
    assert tokens["ended"] in listed(client)


def test_another_algorithm_is_published_for_twelve_hours_before_it_signs(
    new_host: Starter,
) -> None:
    # SECURITY 84
    host = new_host(AUTHCORE_SESSION_MAX="90 d", AUTHCORE_REFRESH_TTL="30 d")
    tokens = host.client().sign_up().login()
    client = host.restart(AUTHCORE_JWT_ALG="ES256")

    def published(now: int) -> dict[str, str]:
        """The ids of the keys of the set, each with its algorithm."""
        return {key["kid"]: key["alg"] for key in client.at(now).get(KEY_SET).json()["keys"]}

    def signed(now: int) -> dict:
        """The header of a new token, which the set and the service verify."""
        nonlocal tokens
        tokens = client.at(now).refresh(tokens["refresh_token"]).json()
        assert client.at(now).me(tokens["access_token"]).status == 200
        return jwt.get_unverified_header(tokens["access_token"])

    # What was to be next has signed nothing, and gives way to a key of the new kind.
    changed = NOW + HOUR
    old = signed(changed)
    assert old["alg"] == "EdDSA"
    assert sorted(published(changed).values()) == ["ES256", "EdDSA"]
    [new] = [key for key, algorithm in published(changed).items() if algorithm == "ES256"]
    # A copy of the set is used for five minutes by hosts and kept for twelve hours by others.
    known = changed + 12 * HOUR + 5 * MINUTE
    last = signed(known - 1)
    assert last["kid"] == old["kid"]
    kept = tokens["access_token"]
    first = signed(known)
    assert (first["alg"], first["kid"]) == ("ES256", new)
    # What the old key signed goes on until it ends.
    assert client.at(known + 5 * MINUTE - 2 * SECOND).me(kept).status == 200

    # An hour beyond its last token. The later first: a host keeps what it was given.
    gone = known + 5 * MINUTE + HOUR
    assert set(published(gone).values()) == {"ES256"}
    assert published(gone - 1)[old["kid"]] == "EdDSA"
    assert new in published(gone - 1)


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_hmac_publishes_nothing_but_the_lists_keys(new_host: Starter, algorithm: str) -> None:
    # SECURITY 47
    client = new_host(AUTHCORE_JWT_ALG=algorithm).client().at(None)
    tokens = through(client, algorithm)
    assert client.get(KEY_SET).body == b'{"keys":[]}'
    keys = client.get(LIST_KEY_SET).json()["keys"]
    assert [key["alg"] for key in keys] == ["EdDSA", "EdDSA"]
    assert all(set(key) == {"kty", "crv", "x", "kid", "alg", "use"} for key in keys)
    assert tokens["ended"] in listed(client)


@pytest.mark.parametrize(
    ("algorithm", "reason"),
    [
        ("RS256", "RS256 is verified only, never signed"),
        ("none", "must be `EdDSA`, `ES256`, `HS256` or `HS512`"),
        ("es256", "must be `EdDSA`, `ES256`, `HS256` or `HS512`"),
        ("HS384", "must be `EdDSA`, `ES256`, `HS256` or `HS512`"),
    ],
)
def test_another_algorithm_is_refused_by_name(
    new_host: Starter, algorithm: str, reason: str
) -> None:
    # SECURITY 35
    assert f"AUTHCORE_JWT_ALG: {reason}" in refusal(new_host, AUTHCORE_JWT_ALG=algorithm)


def refusal(new_host: Starter, **variables: str) -> str:
    """What a host says of settings that it does not serve with."""
    try:
        host = new_host(**variables)
    except AssertionError as refused:
        # The Python host does not start.
        return str(refused)
    # The Worker has no start: it says so at each request.
    require_problem(host.client().get("/v1/me"), 500, "internal_error")
    host.stop()
    return host.log()


class Resource(JWTBearerTokenValidator):
    """A resource server (RFC 9068 section 4), which knows the service by its key set."""

    def __init__(self, client: Client) -> None:
        """One that is meant by the tokens' audience."""
        super().__init__(issuer=ISSUER, resource_server=AUDIENCE)
        self.client = client

    def get_jwks(self) -> joserfc.jwk.KeySet:
        """The key set, as it is served."""
        return joserfc.jwk.KeySet.import_key_set(self.client.get(KEY_SET).json())


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_verifier_of_rfc_9068_takes_an_access_token(
    new_host: Starter, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    # SECURITY 42. Authlib leaves EdDSA out, and has no setting to be told of it.
    told = SimpleNamespace(decode=partial(joserfc.jwt.decode, algorithms=[algorithm]))
    monkeypatch.setattr(token_validator, "jwt", told)
    client = new_host(AUTHCORE_JWT_ALG=algorithm).client().at(None)
    tokens = client.sign_up().login()
    resource = Resource(client)
    claims = resource.authenticate_token(tokens["access_token"])
    resource.validate_token(claims, None, None)
    assert claims["client_id"]
    # It looks at the claims: for another resource the token is none.
    resource.resource_server = "https://elsewhere.example"
    claims = resource.authenticate_token(tokens["access_token"])
    with pytest.raises(InvalidTokenError):
        resource.validate_token(claims, None, None)
