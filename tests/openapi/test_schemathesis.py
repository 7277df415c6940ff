"""Schemathesis against every operation, by strangers and by who is signed in.

Of each operation, as each of both: at least 50 examples of what the document allows, 50 of what it
does not if it has a body or parameters, and where somebody is signed in one request that succeeds;
never a fault of the service, never an answer that is not described. Of those who are signed in at
most half the examples end at 401 or 429, before what they ask is looked at. What it came to is
printed (conftest.py).
"""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import schemathesis
from blackbox.client import Client, unique
from blackbox.hosts import Host
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import APIOperation

from openapi.people import (
    PASSWORD,
    Somebody,
    asked,
    asked_first,
    enrolling,
    plain,
    remembered,
    with_factor,
)

EXAMPLES = 50
# So often may who answers a challenge be wrong; who confirms an enrolment, more often.
TRIES = 3
# Every check of Schemathesis is made but these.
NOT_MADE = {
    # A schema knows no accounts: what it allows may be a wrong password, a dead challenge or a name
    # that is taken or reserved. That each operation succeeds is shown by its right request.
    "positive_data_acceptance",
    # Of methods that the document has not, which no example has: tests/blackbox/test_bad_input.py
    # sends all of them to every path.
    "unsupported_method",
    "allow_header_conformance",
    # No operation has one.
    "missing_required_header",
    # Of what one operation makes and another asks for by a link, of which the document has none.
    # tests/blackbox/test_identity.py asks for what is gone or somebody else's.
    "use_after_free",
    "ensure_resource_availability",
    "object_level_authorization",
    # No clock is judged.
    "max_response_time",
}
load_all_checks()
MADE = [check for check in CHECKS.get_all() if check.__name__ not in NOT_MADE]


@dataclass(frozen=True)
class Right:
    """A request that succeeds: who asks, and with what."""

    who: Callable[[Host], Somebody]
    body: Callable[[Somebody], dict] | None = None
    # What stands at {id}.
    id: Callable[[Somebody], str] | None = None


def listed(path: str) -> Callable[[Somebody], str]:
    """The id of the last thing of a list."""

    def last(who: Somebody) -> str:
        items = who.client.get(f"/v1{path}", who.tokens["access_token"]).json()["items"]
        return items[-1]["id"]

    return last


def answer(code: Callable[[Somebody], str]) -> Callable[[Somebody], dict]:
    """The body that answers a challenge."""
    return lambda who: {"challenge": who.challenge, "code": code(who)}


# An operation without a row here fails.
RIGHT = {
    "GET /": Right(plain),
    "GET /healthz": Right(plain),
    "GET /readyz": Right(plain),
    "GET /openapi.json": Right(plain),
    "GET /docs": Right(plain),
    "GET /.well-known/jwks.json": Right(plain),
    "GET /.well-known/revocations": Right(plain),
    "GET /.well-known/revocations/jwks.json": Right(plain),
    "POST /v1/accounts": Right(
        plain, lambda _: {"username": unique("another"), "password": PASSWORD}
    ),
    "POST /v1/login": Right(plain, lambda who: {"login": who.name, "password": PASSWORD}),
    "POST /v1/login/otp": Right(asked, answer(Somebody.code)),
    "POST /v1/login/backup-code": Right(asked, answer(lambda who: who.backup_codes[0])),
    "POST /v1/login/enrolment": Right(asked_first, lambda who: {"challenge": who.challenge}),
    "POST /v1/refresh": Right(plain, lambda who: {"refresh_token": who.tokens["refresh_token"]}),
    "POST /v1/logout": Right(plain),
    "POST /v1/password/strength": Right(plain, lambda _: {"password": PASSWORD}),
    "POST /v1/reauthenticate": Right(plain, lambda _: {"password": PASSWORD}),
    "GET /v1/me": Right(plain),
    "DELETE /v1/me": Right(plain),
    "PUT /v1/me/password": Right(
        plain, lambda _: {"current_password": PASSWORD, "password": f"{PASSWORD}!"}
    ),
    "GET /v1/sessions": Right(plain),
    "DELETE /v1/sessions": Right(plain),
    "DELETE /v1/sessions/{id}": Right(plain, id=listed("/sessions")),
    "GET /v1/mfa": Right(with_factor),
    "DELETE /v1/mfa": Right(with_factor),
    "POST /v1/mfa/totp": Right(plain),
    "POST /v1/mfa/totp/confirm": Right(enrolling, lambda who: {"code": who.code()}),
    "GET /v1/mfa/totp/qr": Right(with_factor),
    "POST /v1/mfa/backup-codes": Right(with_factor),
    "GET /v1/devices": Right(remembered),
    "DELETE /v1/devices": Right(remembered),
    "DELETE /v1/devices/{id}": Right(remembered, id=listed("/devices")),
}
# What a sound credential in a body stands for; one of two examples holds it.
HELD = {
    "challenge": lambda who: who.challenge,
    "refresh_token": lambda who: who.tokens.get("refresh_token", ""),
    "current_password": lambda _: PASSWORD,
}


class Asker:
    """Sends examples of one operation as one identity, and counts the answers."""

    def __init__(self, host: Host, right: Right | None, url: str) -> None:
        """Somebody who is signed in, if there is a right request to make; otherwise a stranger."""
        self.host, self.right, self.url = host, right, url
        self.stranger = host.client()
        self.who = right.who(host) if right else None
        self.is_used = False
        # How often `who` was answered 401.
        self.refused = 0
        self.answers: Counter[int] = Counter()

    def headers(self, path: str) -> dict[str, str]:
        """Where and when a request is made, and by whom."""
        client: Client = self.who.client if self.who else self.stranger
        headers = dict(client.place(client.address))
        # It compares the clock with the database's, which no header moves.
        if path != "/readyz":
            headers["x-authcore-test-now"] = str(client.now)
        if self.who and self.who.tokens:
            headers["authorization"] = f"Bearer {self.who.tokens['access_token']}"
        return headers

    def ask(self, case: Case) -> int:
        """Sends an example and checks the answer against the document."""
        headers = self.headers(case.path)
        response = case.call(base_url=self.url, headers=headers)
        self.answers[response.status_code] += 1
        case.validate_response(response, checks=MADE, headers=headers)
        # The session, the account or the challenge may have ended by what succeeded.
        self.is_used |= response.status_code < 300 and case.method != "GET"
        self.refused += response.status_code == 401
        return response.status_code

    def told(self) -> str:
        """How many examples were sent and how they were answered."""
        kinds = Counter(f"{status // 100}xx" for status in self.answers.elements())
        kinds_told = ", ".join(f"{kinds[kind]} {kind}" for kind in ("2xx", "4xx", "5xx"))
        each = ", ".join(f"{status}: {count}" for status, count in sorted(self.answers.items()))
        return f"{self.answers.total()} examples, {kinds_told} ({each})"

    def renew(self) -> None:
        """Somebody else, once what this one held may be used up."""
        if self.is_used or self.refused == TRIES:
            self.who, self.is_used, self.refused = self.right.who(self.host), False, 0

    def hold(self, case: Case) -> None:
        """Puts what is really held in the place of what was made up."""
        if isinstance(case.body, dict) and case.media_type == "application/json":
            for name, held in HELD.items():
                if name in case.body:
                    case.body[name] = held(self.who)
        if "id" in (case.path_parameters or {}) and self.right.id:
            case.path_parameters["id"] = self.right.id(self.who)


def document(host: Host) -> schemathesis.BaseSchema:
    """The document that the host serves."""
    with urllib.request.urlopen(f"{host.url}/openapi.json") as answer:
        schema = schemathesis.openapi.from_dict(json.load(answer))
    # Who asks is what is given here, not made up.
    schema.config.generation.with_security_parameters = False
    return schema


@pytest.fixture(scope="session")
def api(host: Host) -> dict[str, APIOperation]:
    """The operations by method and path."""
    found = (result.ok() for result in document(host).get_all_operations())
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


def test_every_operation_has_a_right_request(api: dict) -> None:
    assert set(api) == set(RIGHT)


@pytest.mark.parametrize("identity", ["anonymous", "signed in"])
@pytest.mark.parametrize("name", RIGHT)
def test_every_answer_is_described(
    name: str, identity: str, api: dict, host: Host, record_property: Callable
) -> None:
    operation = api[name]
    asker = Asker(host, RIGHT[name] if identity == "signed in" else None, host.url)
    try:
        if asker.right:
            assert asker.ask(right_request(asker, operation)) < 300
        fuzz(asker, operation, GenerationMode.POSITIVE)
        if operation.body or list(operation.iter_parameters()):
            fuzz(asker, operation, GenerationMode.NEGATIVE)
    finally:
        record_property(f"{name}, {identity}", asker.told())
    assert asker.answers.total() >= EXAMPLES
    if not asker.right and {} not in operation.definition.raw.get("security", [{}]):
        assert min(asker.answers) >= 400
    if asker.right:
        # It came past the door: who is signed in, with tries left, is refused for what was asked.
        stopped = asker.answers[401] + asker.answers[429]
        assert stopped * 2 <= asker.answers.total()


def right_request(asker: Asker, operation: APIOperation) -> Case:
    """The request that succeeds."""
    right, who = asker.right, asker.who
    return operation.Case(
        body=right.body(who) if right.body else schemathesis.core.NOT_SET,
        path_parameters={"id": right.id(who)} if right.id else {},
        media_type="application/json" if right.body else None,
    )


def fuzz(asker: Asker, operation: APIOperation, mode: GenerationMode) -> None:
    """Sends many examples. The number beside each makes them many where there is one only."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), st.integers())
    def examples(case: Case, number: int) -> None:
        if asker.who:
            asker.renew()
            if number % 2 and mode is GenerationMode.POSITIVE:
                asker.hold(case)
        asker.ask(case)

    examples()
