"""People in every state that an operation needs, each made when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp
from blackbox.client import NOW, Answer, Client, unique
from blackbox.hosts import Host

# Each code is of a step of its own.
STEP = 30_000
PASSWORD = "tall zebra 42 crossing"


def require(answer: Answer, *statuses: int) -> dict:
    """The body of an answer that has one of these statuses."""
    assert answer.status in statuses, answer.body
    return answer.json() if answer.body else {}


@dataclass
class Somebody:
    """An account, and what its owner holds."""

    client: Client
    name: str
    tokens: dict = field(default_factory=dict)
    secret: str = ""
    backup_codes: list[str] = field(default_factory=list)
    challenge: str = ""

    def later(self) -> None:
        """Another step of the authenticator begins."""
        self.client = self.client.at(self.client.now + STEP)

    def code(self) -> str:
        """The code of this step."""
        return pyotp.TOTP(self.secret).at(self.client.now // 1000)

    def post(self, path: str, body: object) -> Answer:
        """POST, signed in."""
        return self.client.post(f"/v1{path}", body, self.tokens.get("access_token"))

    def log_in(self) -> None:
        """A login by password: tokens, or a challenge."""
        body = {"login": self.name, "password": PASSWORD}
        told = require(self.client.post("/v1/login", body), 200, 202)
        self.challenge = told.get("challenge", "")
        self.tokens = {} if self.challenge else told


def named(client: Client, **fields: object) -> tuple[Somebody, dict]:
    """Somebody who has signed up, and what was answered."""
    somebody = Somebody(client, unique("somebody"))
    body = {"username": somebody.name, "password": PASSWORD, **fields}
    return somebody, require(client.post("/v1/accounts", body), 201)


def plain(host: Host) -> Somebody:
    """Signed in, without a second factor."""
    somebody, _ = named(host.client().at(NOW))
    somebody.log_in()
    return somebody


def enrolling(host: Host) -> Somebody:
    """Signed in, with an enrolment that waits for its code."""
    somebody = plain(host)
    somebody.secret = require(somebody.post("/mfa/totp", {}), 200)["secret"]
    return somebody


def with_factor(host: Host) -> Somebody:
    """Signed in by a second factor, just now; another code can be made."""
    somebody = enrolling(host)
    body = {"code": somebody.code()}
    told = require(somebody.post("/mfa/totp/confirm", body), 200)
    somebody.backup_codes = told["backup_codes"]
    somebody.later()
    return somebody


def asked(host: Host) -> Somebody:
    """Asked for a second factor."""
    somebody = with_factor(host)
    somebody.log_in()
    return somebody


def asked_first(host: Host) -> Somebody:
    """Asked for the code that confirms the enrolment of the sign-up."""
    somebody, told = named(host.client().at(NOW), second_factor="totp")
    somebody.secret = told["enrolment"]["secret"]
    somebody.log_in()
    return somebody


def remembered(host: Host) -> Somebody:
    """Signed in from a device that is remembered."""
    somebody = asked(host)
    body = {"challenge": somebody.challenge, "code": somebody.code(), "remember_device": True}
    somebody.tokens = require(somebody.post("/login/otp", body), 200)
    somebody.later()
    return somebody
