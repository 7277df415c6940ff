"""One process of a race: 50 threads, let go at once, each with its share of the requests.

Reads one line of JSON (database, variables, requests), says `ready`, waits for another line, and
writes the answers as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import authcore

THREADS = 50


def main() -> None:
    """Runs the race."""
    race = json.loads(sys.stdin.readline())
    settings = authcore.Settings.from_variables(race["variables"])
    service = authcore.Service(settings, authcore.Sqlite(race["database"]))
    barrier = threading.Barrier(THREADS + 1)

    def run(share: list[dict[str, Any]]) -> list[tuple[int, str]]:
        barrier.wait()
        return [answer(service, request) for request in share]

    with ThreadPoolExecutor(THREADS) as pool:
        shares = [race["requests"][number::THREADS] for number in range(THREADS)]
        running = [pool.submit(run, share) for share in shares]
        print("ready", flush=True)
        sys.stdin.readline()
        barrier.wait()
        answers = [answer for future in running for answer in future.result()]
    print(json.dumps(answers), flush=True)


def answer(service: authcore.Service, request: dict[str, Any]) -> tuple[int, str]:
    """Sends one request."""
    headers = [
        ("content-type", b"application/json"),
        ("x-authcore-test-now", str(request["now"]).encode()),
    ]
    body = json.dumps(request["body"]).encode()
    response = service.handle(
        authcore.Request("POST", request["target"], headers, body, request["peer"])
    )
    return response.status, response.body.decode()


if __name__ == "__main__":
    main()
