"""Claims between Python and core: what is handed over directly means what its JSON means."""

from __future__ import annotations

import base64
import enum
import json
import time
from collections import OrderedDict
from typing import Any

import authcore
import pytest

EXP = 4_000_000_000
AT = 1_700_000_000_000


class Name(str):
    """A text that is a subclass."""


class Level(enum.IntEnum):
    """An integer that is a subclass."""

    HIGH = 3


class Claims(dict[str, Any]):
    """A dict that is a subclass."""


@pytest.fixture(scope="module")
def keys() -> authcore.KeySet:
    return authcore.KeySet.from_secret("HS256", b"0123456789abcdef0123456789abcdef")


def payload(token: str) -> str:
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


SAME: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**53 - 1,
    1 - 2**53,
    Level.HIGH,
    "",
    'é\u20ac\U0001f980 "\\/\b\f\n\r\t\x01\x1f\x7f\u2028',
    Name("text"),
    [],
    [True, 1, "1", None, [], {}],
    (1, (2, "3")),
    {},
    {"b": 1, "a": {"z": [], "y": None}},
    {1: "a number", None: "nothing", 0.5: "a float"},
    {True: "a truth", False: "none"},
    {Name("name"): 1},
    Claims({"b": 1, "a": 2}),
    OrderedDict([("b", 1), ("a", 2)]),
    {"many": {f"n{number:03}": number for number in range(200)}},
    nested(6),
]


@pytest.mark.parametrize("value", SAME, ids=repr)
def test_a_claim_is_what_its_json_is(keys: authcore.KeySet, value: Any) -> None:
    claims = {"exp": EXP, "n": value}
    token = keys.issue(claims)
    text = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), sort_keys=False)
    read = json.loads(text)
    assert json.loads(payload(token)) == read
    assert keys.issue(read) == token
    verified = keys.verify(token, at=AT)
    assert verified == read
    # The same text for the same claims, and the same order: members are sorted at every level.
    assert json.dumps(verified) == json.dumps(json.loads(payload(token)))


def raised(keys: authcore.KeySet, claims: Any) -> tuple[str, list[tuple[str, str]]]:
    with pytest.raises(authcore.Error) as refused:
        keys.issue(claims)
    errors = [(error.pointer, error.code) for error in refused.value.errors]
    return refused.value.code, errors


@pytest.mark.parametrize(
    ("value", "pointer", "code"),
    [
        (0.5, "/n", "not_an_integer"),
        (1.0, "/n", "not_an_integer"),
        (2**53, "/n", "not_an_integer"),
        (-(2**53), "/n", "not_an_integer"),
        (2**63, "/n", "not_an_integer"),
        (2**100, "/n", "not_an_integer"),
        ([1, {"a": 0.5}], "/n/1/a", "not_an_integer"),
        ("\0", "/n", "nul_character"),
        ({"a\0": 1}, "/n/a\0", "nul_character"),
        (nested(8), "/n/0/0/0/0/0/0/0", "too_deep"),
        ("s" * 9_000, "", "too_long"),
    ],
    ids=repr,
)
def test_a_claim_that_core_refuses(
    keys: authcore.KeySet, value: Any, pointer: str, code: str
) -> None:
    for claims in ({"exp": EXP, "n": value}, Claims({"exp": EXP, "n": value})):
        assert raised(keys, claims) == ("invalid_input", [(pointer, code)])


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), float("-inf"), "\ud800", {"\udfff": 1}, nested(40)]
)
def test_a_claim_that_no_json_says(keys: authcore.KeySet, value: Any) -> None:
    for claims in ({"exp": EXP, "n": value}, Claims({"exp": EXP, "n": value})):
        assert raised(keys, claims) == ("malformed_json", [])


def test_a_name_that_stands_twice_once_it_is_text(keys: authcore.KeySet) -> None:
    assert raised(keys, {"exp": EXP, "1": "a text", 1: "a number"}) == ("malformed_json", [])


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, {(1, 2): 3}, 1j])
def test_a_claim_that_json_does_not_take(keys: authcore.KeySet, value: object) -> None:
    with pytest.raises(TypeError):
        keys.issue({"exp": EXP, "n": value})


def test_a_claim_that_holds_itself(keys: authcore.KeySet) -> None:
    claims: dict[str, Any] = {"exp": EXP}
    claims["n"] = [claims]
    with pytest.raises(ValueError, match="Circular"):
        keys.issue(claims)


def test_a_claim_is_not_changed(keys: authcore.KeySet) -> None:
    claims = {"exp": EXP, "b": [1, {"d": 2, "c": 3}], "a": None}
    before = json.dumps(claims)
    keys.issue(claims)
    assert json.dumps(claims) == before


def test_what_is_verified_belongs_to_the_caller(keys: authcore.KeySet) -> None:
    token = keys.issue({"exp": EXP, "roles": ["user"]})
    first = keys.verify(token, at=AT)
    first["roles"].append("admin")
    first["sub"] = "mallory"
    assert keys.verify(token, at=AT) == {"exp": EXP, "roles": ["user"]}


def test_the_clock_is_pythons(keys: authcore.KeySet, monkeypatch: pytest.MonkeyPatch) -> None:
    token = keys.issue({"exp": EXP})
    assert keys.verify(token) == {"exp": EXP}
    for now, code in ((EXP, "token_expired"), (EXP * 1_000, "token_expired"), (2**70, None)):
        monkeypatch.setattr(time, "time_ns", lambda now=now: now * 1_000_000_000)
        with pytest.raises(authcore.Error) as refused:
            keys.verify(token)
        assert code is None or refused.value.code == code
    monkeypatch.setattr(time, "time_ns", lambda: (EXP - 1) * 1_000_000_000)
    assert keys.verify(token) == {"exp": EXP}
