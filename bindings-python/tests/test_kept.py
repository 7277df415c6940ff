"""The public documents are kept in memory: while they last, nothing is asked for them."""

from __future__ import annotations

from typing import Any

import authcore
import pytest
from conftest import START, VARIABLES, Client

KEY_SET = "/.well-known/jwks.json"
REVOCATIONS = "/.well-known/revocations"


class Counting:
    """A database that counts its batches."""

    def __init__(self, database: authcore.Sqlite) -> None:
        self.database = database
        self.batches = 0

    def run(self, batch: Any) -> Any:
        """Counts, then runs."""
        self.batches += 1
        return self.database.run(batch)


@pytest.fixture
def counting(client: Client) -> Counting:
    """The database of the client's service, counted."""
    counting = Counting(authcore.Sqlite(client.database))
    client.service = authcore.Service(authcore.Settings.from_variables(VARIABLES), counting)
    return counting


@pytest.mark.parametrize(("target", "seconds"), [(KEY_SET, 300), (REVOCATIONS, 60)])
def test_a_kept_document_takes_no_batch(
    client: Client, counting: Counting, target: str, seconds: int
) -> None:
    made = client.call("GET", target)
    begun = counting.batches
    for second in range(0, seconds, 10):
        client.now = START + second * 1000
        kept = client.call("GET", target)
        assert kept.body == made.body
        assert kept.headers["cache-control"] == f"public, max-age={seconds - second}"
    assert counting.batches == begun
    client.now = START + seconds * 1000
    client.call("GET", target)
    assert counting.batches == begun + 1


# SECURITY 66
def test_each_service_keeps_its_own(client: Client, counting: Counting) -> None:
    first = client.call("GET", KEY_SET)
    variables = {**VARIABLES, "AUTHCORE_ISSUER": "http://other.localhost"}
    client.service = authcore.Service(authcore.Settings.from_variables(variables), counting)
    begun = counting.batches
    assert client.call("GET", KEY_SET).body == first.body
    assert counting.batches == begun + 1
