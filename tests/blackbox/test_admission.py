"""The queue for hashes: bounded, and nobody's own. Whoever floods it shuts out himself."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

from blackbox.client import Answer, Client, in_parallel, require_problem
from blackbox.conftest import Starter

PROBER = Path(__file__).with_name("prober.py")
FLOODERS = 40
# No answer takes so long but from a host that hangs.
HANGS_SECONDS = 60


@contextmanager
def over_and_over(threads: int, act: Callable[[], None]) -> Iterator[None]:
    """Does something in so many threads, again and again, until the block ends."""
    ended = threading.Event()

    def one() -> None:
        while not ended.is_set():
            act()

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(one) for _ in range(threads)]
        try:
            yield
        finally:
            ended.set()
        for each in running:
            each.result()


@contextmanager
def asked_for_health(
    client: Client, during: str, hashed: list[Answer], hashes: int
) -> Iterator[None]:
    """Asks for /healthz all the while; it must be answered. Prints how long it took.

    `hashed` is what was answered meanwhile and took a hash. An answer here takes less, on the same
    machine, however busy that is: there is at least one for so many `hashes`.
    """
    words = [sys.executable, PROBER, client.url]
    with subprocess.Popen(words, stdin=PIPE, stdout=PIPE, text=True) as prober:
        assert prober.stdout.readline()
        yield
        found, _ = prober.communicate("\n")
    seen = json.loads(found)
    took = seen["took"]
    median, longest = (round(spent) for spent in (statistics.median(took), max(took)))
    print(f"healthz during {during}: {len(took)} times, median {median} ms, longest {longest} ms")
    assert set(seen["statuses"]) == {200}
    assert max(took) < 1000 * HANGS_SECONDS
    assert hashed
    assert len(took) * hashes >= len(hashed)


def test_who_floods_with_refused_tries_shuts_nobody_else_out(new_host: Starter) -> None:
    # SECURITY 60, 106
    host = new_host(AUTHCORE_LIMITS="login 20/h, accounts 1000000/h")
    person, flooder = host.client().sign_up(), host.client()
    body = {"login": "nobody", "password": "not the password"}
    while flooder.post("/v1/login", body).code != "rate_limited":
        pass
    seen: Counter[str] = Counter()
    refused = threading.Semaphore(0)

    def flood() -> None:
        seen[flooder.post("/v1/login", body).code] += 1
        refused.release()

    right = {"login": person.username, "password": person.password}
    hashed: list[Answer] = []
    health = asked_for_health(host.client(), "a flood of 429", hashed, hashes=1)
    with over_and_over(FLOODERS, flood), health:
        for _ in range(FLOODERS):
            assert refused.acquire(timeout=HANGS_SECONDS)
        for _ in range(20):
            hashed.append(answer := person.client.post("/v1/login", right))
            assert answer.status == 200, answer.body
    print(f"the flood was answered {dict(seen)}")
    assert set(seen) <= {"rate_limited", "busy"}


def test_who_floods_with_hashes_shuts_nobody_else_out(new_host: Starter) -> None:
    # SECURITY 106
    host = new_host(AUTHCORE_LOGIN_TRIES="1000")
    person, flooder = host.client().sign_up(), host.client()
    body = {"login": "nobody", "password": "not the password"}
    seen: Counter[str] = Counter()
    hashed: list[Answer] = []
    refused = threading.Event()

    def flood() -> None:
        answer = flooder.post("/v1/login", body)
        seen[answer.code] += 1
        if answer.code == "busy":
            refused.set()
        else:
            hashed.append(answer)

    right = {"login": person.username, "password": person.password}
    # The host reads its connections after every hash (docs/decisions/0015): many times as often.
    health = asked_for_health(host.client(), "a flood of hashes", hashed, hashes=5)
    with over_and_over(FLOODERS, flood), health:
        assert refused.wait(HANGS_SECONDS)
        for _ in range(5):
            hashed.append(answer := person.client.post("/v1/login", right))
            assert answer.status == 200, answer.body
    print(f"the flood was answered {dict(seen)}")
    assert set(seen) == {"invalid_credentials", "busy"}


def test_beyond_the_queue_is_a_503_that_says_when_to_come_again(new_host: Starter) -> None:
    # SECURITY 106
    host = new_host(AUTHCORE_LOGIN_TRIES="1000")
    person = host.client().sign_up()
    right = {"login": person.username, "password": person.password}
    elsewhere = [person.client.elsewhere() for _ in range(100)]

    def one(number: int) -> Answer:
        return elsewhere[number % len(elsewhere)].post("/v1/login", right)

    hashed: list[Answer] = []
    # As above, but that a burst is read whole before anything is answered.
    with asked_for_health(host.client(), "200 parallel logins", hashed, hashes=5):
        answers = in_parallel(200, one)
        hashed += [answer for answer in answers if answer.status == 200]
    statuses = Counter(answer.status for answer in answers)
    print(f"200 parallel logins were answered {dict(statuses)}")
    assert set(statuses) == {200, 503}
    for answer in answers:
        if answer.status == 503:
            require_problem(answer, 503, "busy")
            assert answer.headers["retry-after"] == str(answer.json()["retry_after"])
