"""Asks for /healthz over and over in a process of its own, until standard input ends.

usage: prober.py <URL of the host>

A process, since the threads of a flood would hold it up and the host be blamed. Prints one line of
JSON: the status of each answer, and the milliseconds that each took.
"""

from __future__ import annotations

import http.client
import json
import select
import sys
import time
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60


def main(url: str) -> None:
    """Asks until nobody wants to know any more."""
    address = urlsplit(url)
    statuses: list[int] = []
    took: list[float] = []
    print("asking", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        begun = time.monotonic()
        # A new connection each time: a host may keep the old ones well and read no new one.
        connection = http.client.HTTPConnection(
            address.hostname, address.port, timeout=TIMEOUT_SECONDS
        )
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        connection.close()
        took.append(1000 * (time.monotonic() - begun))
    print(json.dumps({"statuses": statuses, "took": took}))


main(sys.argv[1])
