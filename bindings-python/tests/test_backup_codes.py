"""Backup codes: the vectors, sets that are drawn anew, hashes that belong to one account."""

from __future__ import annotations

import re
from typing import Any

import authcore
import pytest
from conftest import SECRET, cases

SHOWN = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}")
OLDER = "k0:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw="


@pytest.fixture
def ring() -> authcore.Ring:
    return authcore.Ring(SECRET)


def name(case: dict[str, Any]) -> str:
    return case["name"]


def stored_hashes() -> list[dict[str, Any]]:
    return [case for case in cases("backup_codes") if "ring" in case["input"]]


def texts_of_no_code() -> list[dict[str, Any]]:
    return [case for case in cases("backup_codes") if case["error"] is not None]


# SECURITY 19
@pytest.mark.parametrize("case", stored_hashes(), ids=name)
def test_a_typed_code_is_found_under_every_key_of_the_ring(case: dict[str, Any]) -> None:
    given, expected = case["input"], case["expected"]["hashes"]
    ring = authcore.Ring(given["ring"])
    for stored in expected:
        hashes = ["k1.another", stored, "k2.another"]
        found = authcore.BackupCodes.find(given["text"], hashes, ring, given["account"])
        assert found == stored


# SECURITY 19
def test_a_set_is_drawn_shown_and_found(ring: authcore.Ring) -> None:
    made = authcore.BackupCodes()
    assert len(made.codes) == len(set(made.codes)) == 10
    assert all(SHOWN.fullmatch(code) for code in made.codes)
    assert not set(made.codes) & set(authcore.BackupCodes().codes)
    stored = made.hashes(ring, "ann")
    for code, hashed in zip(made.codes, stored):
        variants = [code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')}\n"]
        variants += [code.replace("0", "O").replace("1", "l")]
        for variant in variants:
            assert authcore.BackupCodes.find(variant, stored, ring, "ann") == hashed
        remaining = [other for other in stored if other != hashed]
        with pytest.raises(authcore.OtpInvalid):
            authcore.BackupCodes.find(code, remaining, ring, "ann")
        with pytest.raises(authcore.OtpInvalid):
            authcore.BackupCodes.find(code, stored, ring, "bob")


# SECURITY 19
@pytest.mark.parametrize("case", texts_of_no_code(), ids=name)
def test_a_text_that_is_no_code_is_refused(case: dict[str, Any], ring: authcore.Ring) -> None:
    with pytest.raises(authcore.OtpInvalid):
        authcore.BackupCodes.find(case["input"]["text"], [], ring, "ann")


# SECURITY 19
def test_the_same_code_has_another_hash_for_another_account(ring: authcore.Ring) -> None:
    made = authcore.BackupCodes(5)
    assert not set(made.hashes(ring, "ann")) & set(made.hashes(ring, "bob"))


def test_a_code_outlives_a_new_key(ring: authcore.Ring) -> None:
    made = authcore.BackupCodes(5)
    stored = made.hashes(ring, "ann")
    renewed = authcore.Ring(f"{OLDER},{SECRET}")
    assert authcore.BackupCodes.find(made.codes[2], stored, renewed, "ann") == stored[2]
    with pytest.raises(authcore.OtpInvalid):
        authcore.BackupCodes.find(made.codes[2], stored, authcore.Ring(OLDER), "ann")


@pytest.mark.parametrize("count", [0, 4, 21, 2**32 - 1])
def test_a_set_has_five_to_twenty_codes(count: int) -> None:
    assert [len(authcore.BackupCodes(allowed).codes) for allowed in (5, 20)] == [5, 20]
    with pytest.raises(authcore.InvalidInput) as raised:
        authcore.BackupCodes(count)
    assert raised.value.errors[0].pointer == "/count"


# SECURITY 83, 88
def test_nothing_shows_a_key_or_a_code(ring: authcore.Ring) -> None:
    made = authcore.BackupCodes()
    shown = f"{ring!r} {ring} {made!r} {made}"
    with pytest.raises(authcore.InvalidSettings) as raised:
        authcore.Ring("k1:canary")
    with pytest.raises(authcore.OtpInvalid) as refused:
        authcore.BackupCodes.find("canary", [], ring, "ann")
    shown += f" {raised.value} {refused.value} {vars(refused.value)}"
    assert "k1" in shown
    for needle in ("canary", SECRET[3:11], *made.codes):
        assert needle not in shown
