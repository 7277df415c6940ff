"""Every batch of every route is asked of D1's primary, and so are those of cron."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from blackbox.authenticator import Phone, challenge
from blackbox.client import DAY, NOW, Answer, Client, Person, unique
from blackbox.hosts import WorkerHost

from worker.test_faults import Losing

# As a path may name a session or a device.
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Whose answers hold nothing of the database.
WITHOUT = {"/", "/healthz", "/openapi.json", "/docs"}


@pytest.fixture
def losing(kind: type[WorkerHost], tmp_path: Path) -> Iterator[Losing]:
    """A new Worker, in front of whose D1 batches are counted."""
    Losing.empty = kind.empty
    host = Losing(tmp_path, {})
    yield host
    host.stop()


class Asked(Client):
    """A client whose every request must succeed; it remembers the batches of each route."""

    host: Losing
    batches: dict[tuple[str, str], list[str]]

    def send(self, method: str, target: str, *given: object, **named: object) -> Answer:
        """Sends a request, and asks what batches it took."""
        self.host.lose(0, "never")
        answer = super().send(method, target, *given, **named)
        assert answer.status < 300, (method, target, answer.body)
        route = method, ID.sub("{id}", target)
        self.batches.setdefault(route, []).extend(self.host.lose(0, "never"))
        return answer

    def at(self, now: int | None) -> Asked:
        """The same client at another moment."""
        other = Asked(self.url, self.place, self.secrets, self.address, now)
        other.host, other.batches = self.host, self.batches
        return other


def documents(client: Client) -> None:
    """Asks for what anybody may see."""
    for path in (*WITHOUT, "/.well-known/jwks.json", "/.well-known/revocations"):
        client.get(path)
    client.get("/.well-known/revocations/jwks.json")
    # By the database's own clock.
    client.at(None).get("/readyz")
    client.post("/v1/password/strength", {"password": "correct horse battery staple"})


def factor(person: Person) -> Person:
    """Enrols an app, signs in with it in each way, and gives somebody with a remembered device."""
    client = person.client
    token = person.login()["access_token"]
    phone = Phone(client.post("/v1/mfa/totp", {}, token).json()["otpauth_uri"])
    confirmed = client.post("/v1/mfa/totp/confirm", {"code": phone.code(NOW)}, token).json()
    client.get("/v1/mfa/totp/qr", token)
    client.get("/v1/mfa", token)
    [code, *_] = confirmed["backup_codes"]
    client.post("/v1/login/backup-code", {"challenge": challenge(person), "code": code})
    for number in (1, 2):
        later = person.at(NOW + number * DAY)
        body = {"challenge": challenge(later), "code": phone.code(later.client.now)}
        tokens = later.client.post("/v1/login/otp", {**body, "remember_device": True}).json()
    token = tokens["access_token"]
    later.client.post("/v1/mfa/backup-codes", {}, token)
    [device, *_] = later.client.get("/v1/devices", token).json()["items"]
    later.client.delete(f"/v1/devices/{device['id']}", token)
    later.client.delete("/v1/devices", token)
    later.client.delete("/v1/mfa", token)
    return later


def leaves(person: Person) -> None:
    """Ends sessions one by one and all together, changes the password and deletes the account."""
    client = person.client
    tokens = person.login()
    tokens = client.refresh(tokens["refresh_token"]).json()
    token = tokens["access_token"]
    client.me(token)
    client.post("/v1/reauthenticate", {"password": person.password}, token)
    other = person.login()
    client.get("/v1/sessions", token)
    client.delete(f"/v1/sessions/{other['session_id']}", token)
    client.delete("/v1/sessions", token)
    new = f"{unique('quiet otter ')} ladder"
    body = {"current_password": person.password, "password": new}
    client.change("PUT", "/v1/me/password", body, token)
    client.post("/v1/logout", {}, person.login(password=new)["access_token"])
    client.delete("/v1/me", token)


def test_every_batch_is_asked_of_the_primary(losing: Losing) -> None:
    # SECURITY 108
    own = losing.client()
    client = Asked(own.url, own.place, own.secrets, own.address, own.now)
    client.host, client.batches = losing, {}
    documents(client)
    # An enrolment that a sign-up began and a challenge is traded for.
    waiting = client.sign_up(second_factor="totp")
    client.post("/v1/login/enrolment", {"challenge": challenge(waiting)})
    leaves(factor(client.sign_up()))
    served = client.get("/openapi.json").json()["paths"]
    routes = {(method.upper(), path) for path, methods in served.items() for method in methods}
    assert set(client.batches) == routes, "every route was asked"
    for (method, path), batches in client.batches.items():
        assert set(batches) == (set() if path in WITHOUT else {"first-primary"}), (method, path)
    losing.sweep(NOW)
    assert losing.lose(0, "never") == ["first-primary"]
    assert losing.ring_keys(NOW)
    assert losing.lose(0, "never") == ["first-primary"]
