"""Hashing and verifying: the vectors, exceptions that tell nothing, threads that run meanwhile."""

from __future__ import annotations

import sys
import threading
from typing import Any

import authcore
import pytest
from conftest import VECTORS, cases

# The files that this suite runs, and those whose features Python does not expose: they are run by
# cargo, and reach Python through the service.
RUN = {
    *{"argon2id", "jwt", "password_hash"},
    *{"backup_codes", "hotp", "otpauth", "totp"},
}
NOT_EXPOSED = {
    "email",
    "json",
    "json_test_suite",
    "keyed_hash",
    "ring",
    "seal",
    "streams",
    "strength",
    "token",
    "username",
    "uuid",
}


def name(case: dict[str, Any]) -> str:
    return case["name"]


def test_every_file_of_vectors_is_run_or_named_as_not_exposed() -> None:
    files = {path.stem for path in VECTORS.glob("*.json")}
    assert files == RUN | NOT_EXPOSED


# SECURITY 3, 85
@pytest.mark.parametrize("case", cases("argon2id") + cases("password_hash"), ids=name)
def test_vectors_hold(case: dict[str, Any]) -> None:
    stored, password = case["input"]["hash"], case["input"]["password"]
    if case["error"] is not None:
        with pytest.raises(authcore.Error) as raised:
            authcore.verify_password(stored, password)
        assert raised.value.code == case["error"]
        return
    authcore.verify_password(stored, password)
    assert case["expected"]["verified"] is True
    assert authcore.needs_rehash(stored) is case["expected"]["needs_rehash"]


# SECURITY 7
def test_a_new_hash_has_todays_cost_and_a_salt_of_its_own() -> None:
    one, two = (authcore.hash_password("the same") for _ in range(2))
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one.split("$")[4] != two.split("$")[4]
    assert not authcore.needs_rehash(one)
    authcore.verify_password(one, "the same")
    with pytest.raises(authcore.InvalidCredentials):
        authcore.verify_password(two, "the other")


# SECURITY 4
@pytest.mark.parametrize("password", ["x" * 1025, "x" * 60 * 1024])
def test_a_password_beyond_the_bound_is_refused(password: str) -> None:
    with pytest.raises(authcore.InvalidInput) as raised:
        authcore.hash_password(password)
    [entry] = raised.value.errors
    assert (entry.pointer, entry.code) == ("/password", "too_long")


# SECURITY 88
@pytest.mark.parametrize("password", ["canary", "canary\udc80", "canary" * 1000])
def test_no_exception_shows_a_password(password: str) -> None:
    stored = authcore.hash_password("another")
    with pytest.raises(authcore.Error) as raised:
        authcore.verify_password(stored, password)
    error = raised.value
    shown = f"{error} {error!r} {error.args} {vars(error)} {error.errors}"
    assert "canary" not in shown
    assert stored not in shown
    assert error.__cause__ is error.__context__ is None


@pytest.mark.parametrize("wrong", [b"canary", None, 5])
def test_what_is_no_text_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError) as raised:
        authcore.hash_password(wrong)
    assert "canary" not in str(raised.value)


def test_other_threads_run_during_a_hash() -> None:
    interval = sys.getswitchinterval()
    # No thread is interrupted: another one runs only if this one lets it.
    sys.setswitchinterval(3600)
    try:
        go = threading.Lock()
        go.acquire()
        ran: list[bool] = []

        def other() -> None:
            with go:
                ran.append(True)

        thread = threading.Thread(target=other)
        thread.start()
        go.release()
        assert sum(range(1_000_000)) > 0
        assert not ran, "a thread ran that was not let"
        # The system may take its time to wake it, not as long as all of these.
        for _ in range(100):
            authcore.hash_password("the interpreter is free")
            if ran:
                break
        assert ran
        thread.join()
    finally:
        sys.setswitchinterval(interval)
