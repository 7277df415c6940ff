"""Runs `make offline`, a whole flow on each host and by `wrangler dev` without network; counts it.

usage: offline.py

It needs a network namespace of its own, which not every machine lets everybody have: it is left out
there, with the reason.
"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT
from run import pytest_counts

# What `make offline` begins with.
NAMESPACE = ["unshare", "--net", "sh", "-c", "ip link set lo up"]


def refused() -> str:
    """Why there can be no such namespace here; nothing, if there can."""
    try:
        asked = subprocess.run(NAMESPACE, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return f"no {error.filename}"
    return "" if asked.returncode == 0 else asked.stderr.strip() or "unshare was refused"


def main() -> int:
    """Runs it and prints the closing count."""
    if why := refused():
        print(f"offline: not run: {why}")
        print("offline: 0 passed, 0 failed, 1 skipped")
        return 0
    words = ["make", "--no-print-directory", "offline"]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        lines = []
        for line in running.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    # One summary of pytest for each host, and one for `wrangler dev`.
    counts = [pytest_counts(line) for line in lines]
    hosts = [count for count in counts if count.passed + count.failed]
    passed = sum(count.passed for count in hosts)
    failed = sum(count.failed for count in hosts)
    failed += running.returncode != 0 and not failed
    # All of them, or it was not a whole run.
    failed += len(hosts) != 3 and not failed
    print(f"offline: {passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
