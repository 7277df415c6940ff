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
def asked_for_health(client: Client, during: str, logins: int = 1) -> Iterator[list[Answer]]:
    """Asks for /healthz all the while; it must be answered. Prints how long it took.

    The block notes the logins that were right meanwhile. Each takes more than /healthz does, and
    both wait for the same machine: no fewer questions were answered than one for so many `logins`.
    """
    right: list[Answer] = []
    words = [sys.executable, PROBER, client.url]
    with subprocess.Popen(words, stdin=PIPE, stdout=PIPE, text=True) as prober:
        assert prober.stdout.readline()
        yield right
        found, _ = prober.communicate("\n")
    seen = json.loads(found)
    took = seen["took"]
    median, longest = (round(spent) for spent in (statistics.median(took), max(took)))
    print(f"healthz during {during}: {len(took)} times, median {median} ms, longest {longest} ms")
    assert set(seen["statuses"]) == {200}
    assert max(took) < 1000 * HANGS_SECONDS
    assert right
    assert len(took) * logins >= len(right)


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
    health = asked_for_health(host.client(), "a flood of 429")
    with over_and_over(FLOODERS, flood), health as answered:
        for _ in range(FLOODERS):
            assert refused.acquire(timeout=HANGS_SECONDS)
        for _ in range(20):
            answered.append(person.client.post("/v1/login", right))
            assert answered[-1].status == 200, answered[-1].body
    print(f"the flood was answered {dict(seen)}")
    assert set(seen) <= {"rate_limited", "busy"}


def test_who_floods_with_hashes_shuts_nobody_else_out(new_host: Starter) -> None:
    # SECURITY 106
    host = new_host(AUTHCORE_LOGIN_TRIES="1000")
    person, flooder = host.client().sign_up(), host.client()
    body = {"login": "nobody", "password": "not the password"}
    seen: Counter[str] = Counter()
    refused = threading.Event()

    def flood() -> None:
        answer = flooder.post("/v1/login", body)
        seen[answer.code] += 1
        if answer.code == "busy":
            refused.set()

    right = {"login": person.username, "password": person.password}
    health = asked_for_health(host.client(), "a flood of hashes")
    with over_and_over(FLOODERS, flood), health as answered:
        assert refused.wait(HANGS_SECONDS)
        for _ in range(5):
            answered.append(person.client.post("/v1/login", right))
            assert answered[-1].status == 200, answered[-1].body
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

    # A burst is read before anything is answered: then at least one between five hashes.
    with asked_for_health(host.client(), "200 parallel logins", logins=5) as answered:
        answers = in_parallel(200, one)
        answered += [answer for answer in answers if answer.status == 200]
    statuses = Counter(answer.status for answer in answers)
    print(f"200 parallel logins were answered {dict(statuses)}")
    assert set(statuses) == {200, 503}
    for answer in answers:
        if answer.status == 503:
            require_problem(answer, 503, "busy")
            assert answer.headers["retry-after"] == str(answer.json()["retry_after"])
