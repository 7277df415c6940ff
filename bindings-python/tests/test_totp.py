"""TOTP and HOTP: the vectors, one acceptance of a code, secrets that are drawn and not shown."""

from __future__ import annotations

import base64
import time
from typing import Any

import authcore
import pytest
from conftest import cases

# Any moment would do: 2026-01-01T00:00:00Z, the beginning of a step.
NOW = 1_767_225_600_000
STEP = NOW // 30_000
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def name(case: dict[str, Any]) -> str:
    return case["name"]


def made(given: dict[str, Any], kind: type) -> Any:
    """The generator of a vector's input; what it does not say is left to core."""
    options = ["algorithm", "digits", "period", "window", "look_ahead", "issuer", "account"]
    return kind(given["secret"], **{key: given[key] for key in options if key in given})


# SECURITY 11, 18, 85
@pytest.mark.parametrize("case", cases("totp"), ids=name)
def test_time_based_codes_equal_the_vectors(case: dict[str, Any]) -> None:
    given, expected = case["input"], case["expected"]
    totp = made(given, authcore.Totp)
    if "code" not in given:
        assert totp.generate(given["at"]) == expected["code"]
        assert totp.verify(expected["code"], given["at"]).step == expected["step"]
    elif case["error"] is None:
        matched = totp.verify(given["code"], given["at"], after_step=given.get("after_step"))
        assert matched.step == expected["step"]
    else:
        with pytest.raises(authcore.OtpInvalid):
            totp.verify(given["code"], given["at"], after_step=given.get("after_step"))


# SECURITY 85
@pytest.mark.parametrize("case", cases("hotp"), ids=name)
def test_counter_based_codes_equal_the_vectors(case: dict[str, Any]) -> None:
    given, expected = case["input"], case["expected"]
    hotp = made(given, authcore.Hotp)
    if "code" not in given:
        assert hotp.generate(given["counter"]) == expected["code"]
    elif case["error"] is None:
        assert hotp.verify(given["code"], given["counter"]).counter == expected["counter"]
    else:
        with pytest.raises(authcore.OtpInvalid):
            hotp.verify(given["code"], given["counter"])


# SECURITY 17, 99
@pytest.mark.parametrize("case", cases("otpauth"), ids=name)
def test_uris_equal_the_vectors(case: dict[str, Any]) -> None:
    given = case["input"]

    def uri() -> str:
        if "counter" in given:
            return made(given, authcore.Hotp).uri(given["counter"])
        return made(given, authcore.Totp).uri()

    if case["error"] is None:
        assert uri() == case["expected"]["uri"]
    else:
        with pytest.raises(authcore.InvalidInput) as raised:
            uri()
        assert len(raised.value.errors) == 1


# SECURITY 10, 11, 18
def test_a_code_is_accepted_once() -> None:
    totp = authcore.Totp(SECRET)
    first = totp.verify(totp.generate(NOW), NOW)
    assert first.step == STEP
    for text in (totp.generate(NOW), f" {totp.generate(NOW)}", totp.generate(NOW - 30_000)):
        with pytest.raises(authcore.OtpInvalid):
            totp.verify(text, NOW + 30_000, after_step=first.step)
    following = totp.verify(totp.generate(NOW + 30_000), NOW, after_step=first.step)
    assert following.step == STEP + 1
    with pytest.raises(authcore.OtpInvalid):
        totp.verify(totp.generate(NOW), NOW, after_step=following.step)


def test_a_counter_is_accepted_once() -> None:
    hotp = authcore.Hotp(SECRET)
    matched = hotp.verify(hotp.generate(5), 3)
    assert (matched.counter, matched.next) == (5, 6)
    with pytest.raises(authcore.OtpInvalid):
        hotp.verify(hotp.generate(5), 6)
    last = 2**53 - 1
    assert hotp.verify(hotp.generate(last), last).next is None
    with pytest.raises(authcore.InvalidInput):
        hotp.generate(last + 1)


# SECURITY 17
def test_a_thousand_new_secrets_have_160_bits_and_are_all_distinct() -> None:
    secrets = {base64.b32decode(authcore.Totp().secret) for _ in range(500)}
    secrets |= {base64.b32decode(authcore.Hotp().secret) for _ in range(500)}
    assert len(secrets) == 1000
    assert {len(secret) for secret in secrets} == {20}


def test_without_a_moment_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    totp = authcore.Totp(SECRET)
    for moment in (NOW, NOW + 86_400_000, -1):
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment * 1_000_000)
        assert totp.generate() == totp.generate(moment)
        assert totp.verify(totp.generate()).step == max(moment, 0) // 30_000


# SECURITY 18
@pytest.mark.parametrize("at", [-(2**63), -1, 0, 2**53, 2**63 - 1])
@pytest.mark.parametrize("after_step", [None, -(2**63), 0, 2**63 - 1])
def test_no_moment_and_no_step_does_harm(at: int, after_step: int | None) -> None:
    totp = authcore.Totp(SECRET, window=3)
    try:
        assert totp.verify(totp.generate(at), at, after_step=after_step).step >= 0
    except authcore.OtpInvalid:
        assert after_step is not None


def test_the_label_of_a_call_takes_the_place_of_the_constructors() -> None:
    totp = authcore.Totp(SECRET, issuer="Example", account="ann")
    assert totp.uri().startswith("otpauth://totp/Example:ann?")
    assert totp.uri("bob", issuer="Other").startswith("otpauth://totp/Other:bob?")
    assert totp.qr_svg("bob") != totp.qr_svg() == totp.qr_svg("ann", "Example")
    for call in (authcore.Totp(SECRET).uri, authcore.Totp(SECRET).qr_png):
        with pytest.raises(authcore.InvalidInput) as raised:
            call("ann")
        [entry] = raised.value.errors
        assert (entry.pointer, entry.code) == ("/issuer", "empty")


# SECURITY 99
def test_the_picture_holds_no_text_and_is_small() -> None:
    totp = authcore.Totp(SECRET, issuer="<script>alert(1)</script>", account="x\"'><b>")
    svg = totp.qr_svg()
    assert svg.count("<") == 4
    assert "script" not in svg
    assert "alert" not in svg
    png = authcore.Totp(issuer="Example", account="marie@example.org").qr_png()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(png) < 1000


# SECURITY 88
def test_nothing_shows_a_secret_or_a_code() -> None:
    totp, hotp = authcore.Totp(SECRET), authcore.Hotp(SECRET)
    shown = f"{totp!r} {totp} {hotp!r} {totp.verify(totp.generate(NOW), NOW)!r}"
    assert "Sha1" in shown
    errors = []
    for wrong in ("CANARY!" + SECRET, "CANARY", SECRET + "\udc80CANARY"):
        with pytest.raises(authcore.InvalidInput) as raised:
            authcore.Totp(wrong)
        errors.append(raised.value)
    for code in ("canary", totp.generate(NOW), "123456\udc80canary"):
        with pytest.raises(authcore.Error) as refused:
            totp.verify(code, NOW, after_step=STEP)
        errors.append(refused.value)
    for error in errors:
        shown += f" {error} {error!r} {error.args} {vars(error)}"
        shown += "".join(f" {entry.detail}" for entry in error.errors)
        assert error.__cause__ is error.__context__ is None
    for needle in ("canary", SECRET.lower(), totp.generate(NOW), "49, 50, 51"):
        assert needle not in shown.lower()


@pytest.mark.parametrize("wrong", [b"123456", 123456, None])
def test_a_code_is_text(wrong: Any) -> None:
    with pytest.raises(TypeError):
        authcore.Totp(SECRET).verify(wrong, NOW)


def test_a_moment_is_a_whole_number_of_milliseconds() -> None:
    # What `time.time()` gives is seconds, and a float: it is not taken for milliseconds.
    wrong: Any = 1_767_225_600.5
    with pytest.raises(TypeError):
        authcore.Totp(SECRET).generate(wrong)
