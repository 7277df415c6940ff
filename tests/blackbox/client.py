"""A client that sees every answer as it is, and remembers what must never show up elsewhere."""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import json
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

# A moment like any other; all tests step from here, in milliseconds.
NOW = 1_800_000_000_000
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

TIMEOUT_SECONDS = 120
# Members of answers that must never show up elsewhere, wherever they stand.
SECRET_MEMBERS = {
    "access_token",
    "refresh_token",
    "challenge",
    "device_token",
    "secret",
    "otpauth_uri",
    "backup_codes",
}
# And of requests.
SENT_MEMBERS = {"password", "current_password", "refresh_token", "challenge", "device_token"}
# What is shorter may stand in a text by chance; what is longer is a test of sizes.
SHORTEST_SEARCHED, LARGEST_SEARCHED = 12, 4096
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LIST = base64.b64encode(b'{"typ":"authcore-revocations+jwt"').decode()
# What caches may keep while it stands; nothing else.
CACHEABLE = {
    "/.well-known/jwks.json",
    "/.well-known/revocations",
    "/.well-known/revocations/jwks.json",
}
_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}{next(_numbers)}"


def unique_address() -> str:
    """A client address that no other test uses (RFC 2544's range for tests)."""
    number = next(_numbers)
    return f"198.18.{number // 250 % 250}.{number % 250 + 1}"


@dataclass(frozen=True)
class Answer:
    """An answer: status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem document; empty for any other answer."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return self.json()["code"] if is_problem else ""


def secrets_of(value: object) -> Iterator[str]:
    """The secrets in the JSON of an answer."""
    if isinstance(value, dict):
        for name, member in value.items():
            # A schema describes such a member, and is no secret.
            if name not in SECRET_MEMBERS or isinstance(member, dict):
                yield from secrets_of(member)
            elif isinstance(member, list):
                # Backup codes, as they are shown and as they are read.
                yield from member
                yield from (code.replace("-", "") for code in member)
            else:
                yield member


def secrets_sent(body: object, headers: Mapping[str, str]) -> Iterator[str]:
    """The secrets of a request: what its JSON or its form calls so, its credentials, and the key
    by which a sign-up is known again.

    None that is too short to be told from other text, or that also says who somebody is.
    """
    fields: dict = {}
    if isinstance(body, bytes) and len(body) <= LARGEST_SEARCHED:
        with contextlib.suppress(ValueError, RecursionError):
            read = json.loads(body)
            fields = read if isinstance(read, dict) else {}
        if headers.get("content-type") == "application/x-www-form-urlencoded":
            fields = dict(parse_qsl(body.decode("latin-1")))
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            login, _, password = base64.b64decode(credential).decode().partition(":")
            fields = {**fields, "login": login, "password": password}
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    public = {value for name, value in texts.items() if name not in SENT_MEMBERS}
    for name in SENT_MEMBERS & texts.keys():
        if len(texts[name]) >= SHORTEST_SEARCHED and texts[name] not in public:
            yield texts[name]
    is_searched = SHORTEST_SEARCHED <= len(credential) <= LARGEST_SEARCHED
    # Ids and the signed list are no secrets, and stored: a test may present one as if it were.
    is_public = ID.fullmatch(credential) or credential.startswith(LIST)
    if scheme.lower() == "bearer" and is_searched and not is_public:
        yield credential
    if len(key := headers.get("idempotency-key", "")) >= SHORTEST_SEARCHED:
        yield key


def require_guarded(target: str, answer: Answer) -> None:
    """Asserts that caches keep only what they may and that no browser guesses a type."""
    # SECURITY 33
    if answer.status == 501 or target.startswith("/__test/"):
        # workerd's own, to a method that it does not know, or the test host's: no service answered.
        return
    is_cacheable = answer.status in (200, 304) and target.partition("?")[0] in CACHEABLE
    age = answer.headers.get("cache-control", "")
    assert age.startswith("public, max-age=") if is_cacheable else age == "no-store", (target, age)
    assert answer.headers.get("x-content-type-options") == "nosniff", target


def require_problem(answer: Answer, status: int, code: str) -> Answer:
    """Asserts that this is the problem document of RFC 9457 with this status and code."""
    assert (answer.status, answer.code) == (status, code), answer.body[:300]
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"tag:authcore,2026:{code}"
    assert problem["title"]
    assert problem["detail"]
    return answer


@dataclass
class Client:
    """Somebody at an address. `now` is the service's clock for all requests, unless told else."""

    url: str
    # The headers by which this host learns the address of a client.
    place: Callable[[str], Mapping[str, str]]
    # Passwords and tokens that were sent or received: neither log nor database may hold them.
    secrets: set[str] = field(default_factory=set)
    address: str = field(default_factory=unique_address)
    now: int | None = NOW

    def at(self, now: int | None) -> Client:
        """The same client at another moment."""
        return Client(self.url, self.place, self.secrets, self.address, now)

    def elsewhere(self, address: str | None = None) -> Client:
        """Another client, at another address."""
        address = address or unique_address()
        return Client(self.url, self.place, self.secrets, address, self.now)

    def send(
        self,
        method: str,
        target: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends a request as it is given."""
        split = urlsplit(self.url)
        connection = http.client.HTTPConnection(split.hostname, split.port, timeout=TIMEOUT_SECONDS)
        sent = self.head(headers or {})
        self.secrets |= set(secrets_sent(body, headers or {}))
        try:
            connection.request(method, target, body=body, headers=sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            read = Answer(answer.status, found, answer.read())
        finally:
            connection.close()
        return self.seen(target, read)

    def send_bare(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends a request over a bare socket; the body of the answer is all that came behind its
        head: http.client reads none where there should be none.
        """
        split = urlsplit(self.url)
        sent = {"host": split.netloc, **self.head(headers or {})}
        self.secrets |= set(secrets_sent(body, headers or {}))
        if body:
            sent["content-length"] = str(len(body))
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {sent[name]}" for name in sent)]
        with socket.create_connection((split.hostname, split.port), TIMEOUT_SECONDS) as connection:
            connection.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode() + body)
            # workerd would wait for five seconds for another request.
            connection.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, behind = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.split(": ", 1) for line in lines]
        found = {name.lower(): value for name, value in pairs}
        assert len(found) == len(pairs), head
        return self.seen(target, Answer(int(status.split()[1]), found, behind))

    def head(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request: these, those of every request, and the moment."""
        sent = {"connection": "close", **self.place(self.address), **headers}
        if self.now is not None:
            sent["x-authcore-test-now"] = str(self.now)
        return sent

    def seen(self, target: str, answer: Answer) -> Answer:
        """What is asked of every answer, and the secrets in it remembered."""
        require_guarded(target, answer)
        if answer.body and answer.headers.get("content-type") == "application/json":
            self.secrets |= set(secrets_of(answer.json()))
        return answer

    def get(self, target: str, token: str | None = None, **headers: str) -> Answer:
        """GET, with an access token if there is one."""
        bearer = {"authorization": f"Bearer {token}"} if token is not None else {}
        return self.send("GET", target, headers={**bearer, **headers})

    def post(self, target: str, body: object, token: str | None = None, **headers: str) -> Answer:
        """POST of JSON."""
        return self.change("POST", target, body, token, **headers)

    def delete(self, target: str, token: str | None = None) -> Answer:
        """DELETE, with an access token if there is one."""
        return self.change("DELETE", target, None, token)

    def change(
        self, method: str, target: str, body: object, token: str | None = None, **headers: str
    ) -> Answer:
        """A request that changes something; no body, or one of JSON."""
        sent = dict(headers)
        if body is not None:
            sent = {"content-type": "application/json", **headers}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        encoded = None if body is None else json.dumps(body).encode()
        return self.send(method, target, encoded, sent)

    def post_settled(
        self, target: str, body: object, token: str | None = None, **headers: str
    ) -> Answer:
        """POST, again and again while the host has no room: nothing was done until then."""
        while (answer := self.post(target, body, token, **headers)).code == "busy":
            pass
        return answer

    def sign_up(self, username: str | None = None, **fields: object) -> Person:
        """Signs somebody up."""
        password = f"{unique('correct horse battery ')} staple"
        person = Person(self, username or unique("user"), password)
        self.secrets.add(password)
        body = {"username": person.username, "password": password, **fields}
        answer = self.post_settled("/v1/accounts", body)
        assert answer.status == 201, answer.body
        person.account = answer.json()["account"]
        person.enrolment = answer.json().get("enrolment")
        return person

    def refresh(self, refresh_token: str) -> Answer:
        """POST /refresh."""
        return self.post("/v1/refresh", {"refresh_token": refresh_token})

    def me(self, access_token: str) -> Answer:
        """GET /me."""
        return self.get("/v1/me", access_token)


@dataclass
class Person:
    """Somebody who has an account."""

    client: Client
    username: str
    password: str
    account: dict = field(default_factory=dict)
    # Of a sign-up that asked for a second factor.
    enrolment: dict | None = None

    def try_login(self, password: str | None = None, **fields: object) -> Answer:
        """POST /login, with the right password unless told else."""
        body = {"login": self.username, "password": password or self.password, **fields}
        return self.client.post_settled("/v1/login", body)

    def login(self, **fields: object) -> dict:
        """Signs in and gives the tokens."""
        answer = self.try_login(**fields)
        assert answer.status == 200, answer.body
        return answer.json()

    def at(self, now: int) -> Person:
        """The same person at another moment."""
        return replace(self, client=self.client.at(now))


def in_parallel(times: int, act: Callable[[int], Answer]) -> list[Answer]:
    """Does something many times at once."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(act, range(times)))


def in_parallel_settled(times: int, act: Callable[[int], Answer]) -> list[Answer]:
    """The same; what the host had no room for, all at once again until nothing is left."""
    settled: list[Answer] = []
    while len(settled) < times:
        answers = in_parallel(times - len(settled), act)
        settled += [answer for answer in answers if answer.code != "busy"]
    return settled
