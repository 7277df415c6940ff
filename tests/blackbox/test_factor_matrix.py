"""Every way to a session or to tokens, by every state of a second factor, over HTTP (DESIGN §5).

The routes are those of the OpenAPI document that the host serves: a new one without a row fails.
(A factor by e-mail, which no route makes yet, is in tests/hosts/tests/second_factor/matrix.rs.)
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest

from blackbox.authenticator import STEP, Phone, log_in
from blackbox.client import DAY, Answer, Client, Person
from blackbox.hosts import Host

TOKENS = (200, "")
CHALLENGE = (202, "")
WRONG = (401, "otp_invalid")
# There is no challenge to answer, none of a code to show, or no backup code yet.
DEAD = (401, "challenge_dead")
NO_FACTOR = (409, "no_second_factor")
EXHAUSTED = (401, "backup_codes_exhausted")
# Nobody has a session whose account waits for its first code since the sign-up.
IMPOSSIBLE = None


@dataclass
class Scene:
    """An account in one of the states, and what its owner holds."""

    person: Person
    phone: Phone | None = None
    backup_code: str = "AAAA-AAAA-AAAA-AAAA"
    # What is sent beside a login.
    device: dict = field(default_factory=dict)
    # Of a session from before, where there can be one.
    tokens: dict = field(default_factory=dict)
    challenge: str = f"ch_{'A' * 43}"

    @property
    def client(self) -> Client:
        """Who asks."""
        return self.person.client

    def later(self, milliseconds: int) -> None:
        """Time goes by."""
        self.person = self.person.at(self.client.now + milliseconds)

    def code(self) -> str:
        """What the phone shows."""
        return self.phone.code(self.client.now) if self.phone else "123456"

    def wrong_code(self) -> str:
        """What it does not show."""
        return self.phone.wrong_codes(self.client.now, 1)[0] if self.phone else "123456"


def no_factor(client: Client) -> Scene:
    """Has a password alone."""
    person = client.sign_up()
    return Scene(person, tokens=person.login())


def waits_since_sign_up(client: Client) -> Scene:
    """Asked for a factor at sign-up; no code has confirmed it yet."""
    person = client.sign_up(second_factor="totp")
    return Scene(person, Phone(person.enrolment["otpauth_uri"]))


def never_confirmed(client: Client) -> Scene:
    """The same, a day later."""
    scene = waits_since_sign_up(client)
    scene.later(DAY)
    scene.tokens = scene.person.login()
    return scene


def waits_since_session(client: Client) -> Scene:
    """Asked for a factor when signed in; no code has confirmed it yet."""
    scene = no_factor(client)
    enrolment = client.post("/v1/mfa/totp", {}, scene.tokens["access_token"])
    assert enrolment.status == 200, enrolment.body
    scene.phone = Phone(enrolment.json()["otpauth_uri"])
    return scene


def confirmed(client: Client) -> Scene:
    """Has a factor; the code of its first login is used."""
    scene = waits_since_sign_up(client)
    scene.tokens = log_in(scene.person, scene.phone)
    scene.backup_code = scene.tokens["backup_codes"][0]
    scene.later(STEP)
    return scene


def remembered(client: Client) -> Scene:
    """Has a factor, and asks from a device that is remembered."""
    scene = confirmed(client)
    tokens = log_in(scene.person, scene.phone, remember_device=True)
    scene.device = {"device_token": tokens["device_token"]}
    scene.later(STEP)
    return scene


STATES: list[Callable[[Client], Scene]] = [
    no_factor,
    never_confirmed,
    waits_since_session,
    waits_since_sign_up,
    confirmed,
    remembered,
]


def by_json(scene: Scene, **code: str) -> Answer:
    """Login, in JSON."""
    return scene.person.try_login(**scene.device, **code)


def by_form(scene: Scene, **code: str) -> Answer:
    """Login, by the form of OAuth2, which has no place for the token of a device."""
    sent = {"username": scene.person.username, "password": scene.person.password, **code}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return scene.client.send("POST", "/v1/login", urlencode(sent).encode(), headers)


def by_basic(scene: Scene, **code: str) -> Answer:
    """Login, by HTTP Basic."""
    pair = f"{scene.person.username}:{scene.person.password}".encode()
    headers = {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return scene.client.post("/v1/login", {**scene.device, **code}, **headers)


def answer(route: str, code: str, scene: Scene) -> Answer:
    """The answer to a challenge."""
    return scene.client.post(f"/v1/login/{route}", {"challenge": scene.challenge, "code": code})


def refresh(scene: Scene) -> Answer:
    """The next pair of tokens."""
    return scene.client.refresh(scene.tokens["refresh_token"])


def reauthenticate(scene: Scene, **proof: str) -> Answer:
    """Who is signed in shows again who they are."""
    return scene.client.post("/v1/reauthenticate", proof, scene.tokens["access_token"])


@dataclass(frozen=True)
class Way:
    """A way to tokens, and its answer in each of STATES (DESIGN §5)."""

    go: Callable[[Scene], Answer]
    due: tuple[tuple[int, str] | None, ...]
    # Whether its tokens come of a factor that was shown, where there is one.
    shows: bool = False
    # Whether it says which device asks: on one that is remembered no factor is looked at.
    by_device: bool = False


# What is not confirmed asks for nothing, but for what the sign-up asked for, for a day.
OPEN = (TOKENS, TOKENS, TOKENS)
NONE_OPEN = (DEAD, DEAD, DEAD)
NONE_SHOWN = (NO_FACTOR, NO_FACTOR, NO_FACTOR)
WAYS = {
    "POST /v1/login": {
        "json": Way(by_json, (*OPEN, CHALLENGE, CHALLENGE, TOKENS)),
        "form": Way(by_form, (*OPEN, CHALLENGE, CHALLENGE, CHALLENGE)),
        "basic": Way(by_basic, (*OPEN, CHALLENGE, CHALLENGE, TOKENS)),
        "json with a code": Way(
            lambda scene: by_json(scene, otp=scene.code()),
            (*OPEN, TOKENS, TOKENS, TOKENS),
            shows=True,
            by_device=True,
        ),
        "form with a code": Way(
            lambda scene: by_form(scene, otp=scene.code()),
            (*OPEN, TOKENS, TOKENS, TOKENS),
            shows=True,
        ),
        "basic with a code": Way(
            lambda scene: by_basic(scene, otp=scene.code()),
            (*OPEN, TOKENS, TOKENS, TOKENS),
            shows=True,
            by_device=True,
        ),
        "json with a wrong code": Way(
            lambda scene: by_json(scene, otp=scene.wrong_code()), (*OPEN, WRONG, WRONG, TOKENS)
        ),
        "form with a wrong code": Way(
            lambda scene: by_form(scene, otp=scene.wrong_code()), (*OPEN, WRONG, WRONG, WRONG)
        ),
        "basic with a wrong code": Way(
            lambda scene: by_basic(scene, otp=scene.wrong_code()), (*OPEN, WRONG, WRONG, TOKENS)
        ),
    },
    "POST /v1/login/otp": {
        "code": Way(
            lambda scene: answer("otp", scene.code(), scene),
            (*NONE_OPEN, TOKENS, TOKENS, TOKENS),
            shows=True,
        ),
        "wrong code": Way(
            lambda scene: answer("otp", scene.wrong_code(), scene),
            (*NONE_OPEN, WRONG, WRONG, WRONG),
        ),
    },
    "POST /v1/login/backup-code": {
        "backup code": Way(
            lambda scene: answer("backup-code", scene.backup_code, scene),
            (*NONE_OPEN, EXHAUSTED, TOKENS, TOKENS),
            shows=True,
        ),
        "wrong backup code": Way(
            lambda scene: answer("backup-code", "AAAA-AAAA-AAAA-AAAA", scene),
            (*NONE_OPEN, EXHAUSTED, WRONG, WRONG),
        ),
    },
    # The session itself has shown the factor, as it confirmed it.
    "POST /v1/refresh": {
        "refresh token": Way(refresh, (*OPEN, IMPOSSIBLE, TOKENS, TOKENS), shows=True)
    },
    "POST /v1/reauthenticate": {
        "password": Way(
            lambda scene: reauthenticate(scene, password=scene.person.password),
            (*OPEN, IMPOSSIBLE, TOKENS, TOKENS),
            shows=True,
        ),
        "code": Way(
            lambda scene: reauthenticate(scene, code=scene.code()),
            (*NONE_SHOWN, IMPOSSIBLE, TOKENS, TOKENS),
            shows=True,
        ),
        "wrong code": Way(
            lambda scene: reauthenticate(scene, code=scene.wrong_code()),
            (*NONE_SHOWN, IMPOSSIBLE, WRONG, WRONG),
        ),
        "backup code": Way(
            lambda scene: reauthenticate(scene, backup_code=scene.backup_code),
            (*NONE_SHOWN, IMPOSSIBLE, TOKENS, TOKENS),
            shows=True,
        ),
    },
}
# What never gives any.
NO_TOKENS = {
    "GET /",
    "GET /healthz",
    "GET /readyz",
    "GET /openapi.json",
    "GET /docs",
    "GET /.well-known/jwks.json",
    "GET /.well-known/revocations",
    "GET /.well-known/revocations/jwks.json",
    "POST /v1/accounts",
    "POST /v1/login/enrolment",
    "POST /v1/logout",
    "POST /v1/password/strength",
    "GET /v1/me",
    "DELETE /v1/me",
    "PUT /v1/me/password",
    "GET /v1/sessions",
    "DELETE /v1/sessions",
    "DELETE /v1/sessions/{id}",
    "GET /v1/mfa",
    "DELETE /v1/mfa",
    "POST /v1/mfa/totp",
    "POST /v1/mfa/totp/confirm",
    "GET /v1/mfa/totp/qr",
    "POST /v1/mfa/backup-codes",
    "GET /v1/devices",
    "DELETE /v1/devices",
    "DELETE /v1/devices/{id}",
}
CASES = [
    pytest.param(route, way, state, due, id=f"{route}, {name}, {state.__name__}")
    for route, ways in WAYS.items()
    for name, way in ways.items()
    for state, due in zip(STATES, way.due, strict=True)
    if due is not IMPOSSIBLE
]


def members(schema: object, schemas: dict) -> set[str]:
    """The names of all members, at any depth, of what a schema describes."""
    if isinstance(schema, list):
        return set().union(*(members(part, schemas) for part in schema))
    if not isinstance(schema, dict):
        return set()
    named = str(schema.get("$ref", "")).rpartition("/")[2]
    inner = [*schema.values(), schemas.get(named)]
    return set(schema.get("properties", {})).union(*(members(part, schemas) for part in inner))


def gives_tokens(operation: dict, schemas: dict) -> bool:
    """Whether an answer of an operation is described with a token in it."""
    contents = [response.get("content") for response in operation["responses"].values()]
    return not {"access_token", "refresh_token"}.isdisjoint(members(contents, schemas))


def test_every_route_has_a_row(client: Client) -> None:
    # SECURITY 15
    document = client.get("/openapi.json").json()
    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == {*WAYS, *NO_TOKENS}
    schemas = document["components"]["schemas"]
    # No answer has a member that is not described: tests/openapi/test_transcripts.py.
    given = {name for name, operation in operations.items() if gives_tokens(operation, schemas)}
    assert given == set(WAYS)


@pytest.mark.parametrize(("route", "way", "state", "due"), CASES)
def test_every_way_to_tokens_passes_the_factor(
    host: Host, route: str, way: Way, state: Callable[[Client], Scene], due: tuple[int, str]
) -> None:
    # SECURITY 14, 15
    scene = state(host.client())
    asked = scene.person.try_login()
    if asked.status == 202:
        scene.challenge = asked.json()["challenge"]

    def sessions() -> int:
        of_account = "SELECT count(*) FROM sessions WHERE account_id = ?1"
        return host.rows(of_account, scene.person.account["id"])[0][0]

    before = sessions()
    told = way.go(scene)
    assert (told.status, told.code) == due, told.body
    given = {"access_token", "refresh_token"} & set(told.json())
    assert bool(given) == (due == TOKENS)
    assert "set-cookie" not in told.headers
    begins = due == TOKENS and route.startswith("POST /v1/login")
    assert sessions() - before == begins
    if due == TOKENS:
        shown = way.shows and not (way.by_device and scene.device)
        require_may_change_the_factor(scene, told.json()["access_token"], shown)


def require_may_change_the_factor(scene: Scene, token: str, shown: bool) -> None:
    """Asserts that tokens change something of a factor only if the factor was shown."""
    # SECURITY 21
    has_factor = scene.client.me(token).json()["second_factor"] is not None
    changed = scene.client.post("/v1/mfa/backup-codes", {}, token)
    may = TOKENS if shown else (403, "reauthentication_required")
    assert (changed.status, changed.code) == (may if has_factor else NO_FACTOR)
