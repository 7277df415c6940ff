"""Writes the vectors of core/src/password with argon2-cffi, which wraps the C reference code.

usage: write_password.py     needs `pip install argon2-cffi`
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from argon2.low_level import Type, hash_secret

HERE = Path(__file__).parent

# test.c of the reference implementation (P-H-C/phc-winner-argon2), argon2id, version 19.
REFERENCE = {
    "t=2 m=2^16 p=1": (
        "password",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ),
    "t=2 m=2^8 p=1": (
        "password",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ),
    "t=2 m=2^8 p=2": (
        "password",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    ),
    "t=1 m=2^16 p=1": (
        "password",
        "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg",
    ),
    "t=4 m=2^16 p=1": (
        "password",
        "$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHQ$kCXUjmjvc5XMqQedpMTsOv+zyJEf5PhtGiUghW9jFyw",
    ),
    "different password": (
        "differentpassword",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94",
    ),
    "different salt": (
        "password",
        "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw",
    ),
}


def case(name: str, text: str, password: str, expected: dict | None, error: str | None) -> dict:
    given = {"hash": text, "password": password}
    return {"name": name, "input": given, "expected": expected, "error": error}


def right(name: str, text: str, password: str, needs_rehash: int) -> dict:
    return case(name, text, password, {"verified": True, "needs_rehash": bool(needs_rehash)}, None)


def wrong(name: str, text: str, password: str) -> dict:
    return case(name, text, password, None, "invalid_credentials")


def hashed(
    password: str, m: int = 256, t: int = 1, p: int = 1, salt_length: int = 16, tag_length: int = 32
) -> str:
    salt = hashlib.sha512(f"salt of {password}".encode()).digest()[:salt_length]
    return hash_secret(password.encode(), salt, t, m, p, tag_length, Type.ID).decode()


def argon2id_cases() -> list[dict]:
    cases = [right(f"reference: {n}", text, pw, 1) for n, (pw, text) in REFERENCE.items()]
    _, reference = REFERENCE["t=2 m=2^8 p=1"]
    cases.append(wrong("reference: wrong password", reference, "sassword"))
    costs = {
        "the default cost": (19456, 2, 1, 16, 32, 0),
        "less memory": (19455, 2, 1, 16, 32, 1),
        "more memory": (19464, 2, 1, 16, 32, 1),
        "fewer passes": (19456, 1, 1, 16, 32, 1),
        "more lanes": (19456, 2, 4, 16, 32, 1),
        "a shorter tag": (19456, 2, 1, 16, 16, 1),
        "a shorter salt": (19456, 2, 1, 8, 32, 1),
        "a longer tag and salt": (19456, 2, 1, 64, 64, 0),
    }
    for name, (m, t, p, salt, tag, again) in costs.items():
        text = hashed("correct horse", m, t, p, salt, tag)
        cases.append(right(name, text, "correct horse", again))
    at_limits = hashed("x" * 1024, 32, 8, 4)
    cases.append(
        right("1,024 bytes, least memory for four lanes, eight passes", at_limits, "x" * 1024, 1)
    )
    # Exactly as received: nothing trimmed, folded, normalised or cut off.
    two_hundred = "".join(chr(33 + i * 7 % 90) for i in range(200))
    exact = {
        "": [" ", "\x00"],
        " a b ": ["a b", " a b", "a b "],
        "Passwort": ["passwort", "PASSWORT"],
        "\u00e9t\u00e9": ["e\u0301te\u0301", "ete"],
        "e\u0301te\u0301": ["\u00e9t\u00e9"],
        "\u5bc6\u7801\U0001f511": ["\u5bc6\u7801", "\u5bc6\u7801\U0001f510"],
        "before\x00after": ["before", "before\x00"],
        two_hundred: [two_hundred[:72], two_hundred[:199], two_hundred + "!"],
    }
    for password, others in exact.items():
        text = hashed(password)
        label = ascii(password[:12])
        cases.append(right(f"exact: {label}", text, password, 1))
        cases += [wrong(f"exact: {label} is not {o[-12:]!a} of {len(o)}", text, o) for o in others]
    return cases


def hostile() -> dict[str, list[tuple[str, str]]]:
    salt, tag = "c29tZXNhbHRzb21lc2FsdA", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

    def phc(params: str = "m=256,t=2,p=1", salt: str = salt, tag: str = tag) -> str:
        return f"$argon2id$v=19${params}${salt}${tag}"

    head, rest = "$argon2id$", f"$m=256,t=2,p=1${salt}${tag}"
    costly = ("m=4194304,t=2,p=1", "m=65537,t=2,p=1", "m=4294967295,t=1,p=1", "m=256,t=9,p=1")
    costly += ("m=256,t=4294967295,p=1", "m=256,t=1,p=5", "m=4294967295,t=4294967295,p=16777215")
    numbers = ("m=256,t=2,p=0", "m=256,t=0,p=1", "m=0,t=2,p=1", "m=7,t=2,p=1", "m=31,t=1,p=4")
    numbers += ("m=4294967296,t=2,p=1", "m=256,t=4294967296,p=1", "m=256,t=2,p=4294967296")
    numbers += (
        "m=18446744073709551872,t=2,p=1",
        "m=256,t=2,p=16777216",
        "m=" + "9" * 60 + ",t=2,p=1",
    )
    numbers += (
        "m=+256,t=2,p=1",
        "m=-256,t=2,p=1",
        "m=0256,t=2,p=1",
        "m= 256,t=2,p=1",
        "m=,t=2,p=1",
    )
    numbers += ("m=256,t=02,p=1", "m=256,t=2,p=01", "m=0x100,t=2,p=1", "m=2.5e2,t=2,p=1")
    numbers += ("m=\u0662\u0665\u0666,t=2,p=1", "M=256,t=2,p=1")
    fields = ("m=256,t=2", "m=256,p=1", "t=2,p=1", "", "t=2,m=256,p=1", "m=256,m=256,t=2,p=1")
    fields += ("m=256,t=2,p=1,p=1", "m=256,t=2,p=1,keyid=8PDw8A", "m=256,t=2,p=1,data=Dw8PDw8P")
    fields += ("m=256,t=2,p=1,", ",m=256,t=2,p=1", "m=256;t=2;p=1", "m=256,,t=2,p=1")
    salts = ("", "AA", "c29tZXNhbA", "A" * 87, salt + "==", salt[:-1] + "B", "c29tZXNhbHQ\n")
    salts += ("c29tZXNhbHQ-_-_-", "c29tZXNhbHQ!", "\u00e9" * 11)
    tags = ("", "AAAA", "AAAAAAAAAAAAAAAAAAAA", "A" * 87, tag + "=", tag[:-1] + "5", tag + "\n")
    malformed = {
        "empty": "",
        "not a hash": "password",
        "only a dollar": "$",
        "only the algorithm": "$argon2id",
        "the algorithm and nothing": "$argon2id$",
        "no algorithm": "$" + rest,
        "upper case": "$ARGON2ID" + phc()[9:],
        "a space before": " " + phc(),
        "no leading dollar": phc()[2:],
        "no tag": phc()[: -len(tag) - 1],
        "a further field": phc() + "$AAAA",
        "a trailing dollar": phc() + "$",
        "version not a number": head + "v=x" + rest,
        "an empty version": head + "v=" + rest,
        "a signed version": head + "v=+19" + rest,
        "a doubled version": head + "v=19$v=19" + rest,
        "a NUL": phc() + "\x00",
        "10,000 characters": phc(salt="A" * 10_000),
    }
    bcrypt = "MTIzNDU2Nzg5MDEyMzQ1Nuq7qLtYS4SzGQkLVFd4SLkWdpV8Rbrm2"
    unsupported = {
        "argon2i": "$argon2i$v=19" + rest,
        "argon2d": "$argon2d$v=19" + rest,
        "argon2d, beyond any memory": f"$argon2d$v=19$m=4294967295,t=4294967295,p=1${salt}${tag}",
        "version 16": head + "v=16" + rest,
        "version 16, as it was written then": head + rest[1:],
        "version 20": head + "v=20" + rest,
        "version 019": head + "v=019" + rest,
        "bcrypt at cost 31": "$2b$31$" + bcrypt,
        "bcrypt at cost 12": "$2y$12$" + bcrypt,
        "scrypt with N=2^30": "$scrypt$ln=30,r=8,p=1$c29tZXNhbHQ$" + tag,
        "scrypt of crypt(3)": "$7$zzzzz....$" + tag,
        "scrypt of werkzeug": f"scrypt:1073741824:8:1${salt}${'ab' * 64}",
        "pbkdf2 with 10^10 iterations": f"$pbkdf2-sha256$10000000000${salt}${tag}",
        "pbkdf2 of werkzeug": f"pbkdf2:sha256:10000000000${salt}${'ab' * 32}",
        "pbkdf2 of Django": f"pbkdf2_sha256$10000000000${salt}${tag}=",
        "argon2 of Django": "argon2" + phc(),
        "md5 of crypt(3)": "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "sha512 of crypt(3)": "$6$rounds=999999999$salt$" + "a" * 86,
        "salted SHA-1 of LDAP": "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0",
    }

    def quoted(kind: str, values: tuple[str, ...]) -> dict[str, str]:
        return {f"{kind} {value[:24]!a} of {len(value)}": value for value in values}

    wrong_fields = {n: phc(v) for n, v in quoted("params", numbers + fields).items()}
    wrong_fields |= {n: phc(salt=v) for n, v in quoted("salt", salts).items()}
    wrong_fields |= {n: phc(tag=v) for n, v in quoted("tag", tags).items()}
    return {
        "hash_malformed": list((malformed | wrong_fields).items()),
        "hash_unsupported": list(unsupported.items()),
        "hash_too_costly": [(n, phc(v)) for n, v in quoted("params", costly).items()]
        + [("the reference's t=2 m=2^18", phc("m=262144,t=2,p=1", "c29tZXNhbHQ"))],
    }


def write(feature: str, source: str, cases: list[dict]) -> None:
    names = [c["name"] for c in cases]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise SystemExit(f"two cases have one name: {repeated}")
    document = {"source": source, "feature": feature, "cases": cases}
    text = json.dumps(document, indent=1, ensure_ascii=True) + "\n"
    (HERE / f"{feature}.json").write_text(text)


def main() -> None:
    argon2 = "test.c of the Argon2 reference implementation; argon2-cffi 25.1 over it (RFC 9106)"
    write("argon2id", argon2, argon2id_cases())
    phc = "PHC string format; test.c of the Argon2 reference implementation; our own ceilings"
    refused = [
        case(name, text, "password", None, code)
        for code, entries in hostile().items()
        for name, text in entries
    ]
    write("password_hash", phc, refused)


if __name__ == "__main__":
    main()
