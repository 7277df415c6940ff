"""Settings that no host serves with: it names the variable, and never shows a secret."""

from __future__ import annotations

import json

import pytest

from blackbox.client import require_problem
from blackbox.conftest import Starter
from blackbox.hosts import ROOT, Host, PythonHost

# Of the refused rings in tests/vectors/ring.json, and why.
RINGS = {
    "missing": "is missing",
    "blank": "is missing",
    "no id": "is refused: key 1 of the ring is not `id:base64`",
    "31 bytes": "is refused: key 1 of the ring is shorter than 32 bytes",
    "zeros": "is refused: key 1 of the ring has too few different bytes to be random",
    "a weak second key": "is refused: key 2 of the ring has too few different bytes to be random",
    "a repeated pattern": "is refused: key 1 of the ring repeats a pattern",
    "counting up": "is refused: key 1 of the ring counts up or down",
    "a passphrase": "is refused: key 1 of the ring is text, not random bytes",
    "a duplicated id": "is refused: key 2 of the ring has the id of an earlier one",
    "a duplicated key": "is refused: key 2 of the ring has the bytes of an earlier one",
    "the sample of the README": "is refused: key 1 of the ring is a sample from the documentation",
}


def refusal(host: Host, **variables: str | None) -> str:
    """What a host says that is started again with these settings, or without those of None."""
    host.stop()
    said, served = len(host.log()), host.variables
    changed = {**served, **variables}
    host.variables = {name: value for name, value in changed.items() if value is not None}
    if isinstance(host, PythonHost):
        with pytest.raises(AssertionError, match="did not start"):
            host.start()
        assert host.process.wait() != 0
    else:
        # The Worker has no start: it refuses each request.
        host.start()
        for path in ("/healthz", "/v1/me"):
            require_problem(host.client().get(path), 500, "internal_error")
    host.variables = served
    host.stop()
    return host.log()[said:]


def test_a_secret_that_is_none_is_refused_and_not_shown(new_host: Starter) -> None:
    # SECURITY 83
    vectors = json.loads((ROOT / "tests" / "vectors" / "ring.json").read_text())
    rings = {case["name"]: case["input"]["text"] for case in vectors["cases"]}
    host = new_host()
    assert "AUTHCORE_SECRET: is missing; " in refusal(host, AUTHCORE_SECRET=None)
    for name, reason in RINGS.items():
        told = refusal(host, AUTHCORE_SECRET=rings[name])
        assert f"AUTHCORE_SECRET: {reason}" in told, name
        for entry in rings[name].split(","):
            key = entry.rpartition(":")[2].strip().rstrip("=")
            assert not key or key not in told, name
    # By its own it still serves.
    assert host.restart().sign_up().login()


@pytest.mark.parametrize(
    "cost", ["m=1024,t=1", "m=1024,t=1,p=1", "m=19455,t=2,p=1", "m=47103,t=1,p=1"]
)
def test_a_hash_below_the_floor_is_refused_by_name(new_host: Starter, cost: str) -> None:
    # SECURITY 7
    assert "AUTHCORE_ARGON2: " in refusal(new_host(), AUTHCORE_ARGON2=cost)


@pytest.mark.parametrize("cost", ["m=19456,t=2,p=1", "m=47104,t=1,p=1"])
def test_a_hash_at_the_floor_is_what_is_stored(new_host: Starter, cost: str) -> None:
    # SECURITY 7
    host = new_host(AUTHCORE_ARGON2=cost)
    assert host.client().sign_up().login()
    [(phc,)] = host.rows("SELECT phc FROM credentials")
    assert phc.startswith(f"$argon2id$v=19${cost}$")
