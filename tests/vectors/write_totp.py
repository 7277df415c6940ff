"""Writes the vectors of core/src/totp and core/src/backup_codes.rs, computed apart from core.

usage: write_totp.py
"""

from __future__ import annotations

import base64
import hmac
import struct
from urllib.parse import quote

from write_secret import KEYS, b64, b64url, case, derive, digest, length_prefixed, mac, ring, write

OWN = "tests/vectors/write_totp.py: "
SEED = b"12345678901234567890"
# RFC 6238 appendix B, as corrected by erratum 2866: the seed is as long as the hash.
SEEDS = {"SHA1": SEED, "SHA256": (SEED * 2)[:32], "SHA512": (SEED * 4)[:64]}
RFC6238 = {
    59: ("94287082", "46119246", "90693936"),
    1111111109: ("07081804", "68084774", "25091201"),
    1111111111: ("14050471", "67062674", "99943326"),
    1234567890: ("89005924", "91819424", "93441116"),
    2000000000: ("69279037", "90698825", "38618901"),
    20000000000: ("65353130", "77737706", "47863826"),
}
RFC4226 = (
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
)
LATEST = 2**53 - 1


def base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def hotp(secret: bytes, counter: int, algorithm: str = "SHA1", digits: int = 6) -> str:
    """RFC 4226 §5.3."""
    hashed = hmac.digest(secret, struct.pack(">Q", counter), algorithm)
    offset = hashed[-1] & 15
    number = struct.unpack_from(">I", hashed, offset)[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def twins() -> tuple[bytes, int]:
    """A secret and a step whose code is that of the next but one, too."""
    step = 59_000_000
    for number in range(10_000_000):
        secret = digest(f"authcore vector twins {number}")[:20]
        if hotp(secret, step) == hotp(secret, step + 2):
            return secret, step
    raise AssertionError("no twins")


def totp_cases() -> list[dict]:
    def given(secret: bytes, at: int, **other: object) -> dict:
        values = {"secret": base32(secret), "algorithm": "SHA1", "digits": 6, "period": 30}
        return values | {"window": 1, "at": at} | other

    def generates(name: str, secret: bytes, at: int, **other: object) -> dict:
        values = given(secret, at, **other)
        step = max(at // 1000, 0) // values["period"]
        code = hotp(secret, step, values["algorithm"], values["digits"])
        return case(name, values, {"code": code, "step": step})

    cases = []
    for seconds, codes in RFC6238.items():
        for (algorithm, seed), code in zip(SEEDS.items(), codes):
            name = f"RFC 6238 appendix B: {algorithm} at {seconds}"
            values = given(seed, seconds * 1000, algorithm=algorithm, digits=8)
            cases.append(case(name, values, {"code": code, "step": seconds // 30}))
    for name, at in {
        "the first moment": 0,
        "the last millisecond of a step": 29_999,
        "the first millisecond of a step": 30_000,
        "before 1970 counts as 1970": -1,
        "the last moment": LATEST,
    }.items():
        cases.append(generates(name, SEED, at))
    cases.append(generates("7 digits", SEED, 1_111_111_109_000, digits=7))
    cases.append(generates("a period of 60 seconds", SEED, 1_111_111_109_000, period=60))

    def verifies(name: str, code: str, step: int | None, secret: bytes, at: int, **other) -> None:
        values = given(secret, at, **other) | {"code": code}
        expected = None if step is None else {"step": step}
        cases.append(case(name, values, expected, "otp_invalid" if step is None else None))

    now = 59_000_000
    at = now * 30_000 + 15_000
    for window in range(4):
        for offset in range(-4, 5):
            name = f"window {window}, code of step {offset:+}"
            step = now + offset if abs(offset) <= window else None
            verifies(name, hotp(SEED, now + offset), step, SEED, at, window=window)
    for after, offset in ((1, 0), (1, 1), (0, 0), (0, -1), (0, 1), (-1, 0), (-2, -1)):
        name = f"code of step {offset:+} after step {after:+} was accepted"
        step = now + offset if offset > after else None
        verifies(name, hotp(SEED, now + offset), step, SEED, at, after_step=now + after)
    code = hotp(SEED, now)
    for text in (f" {code}", f"{code} ", f"{code[:3]} {code[3:]}", " ".join(code)):
        verifies(f"typed as `{text}`", text, now, SEED, at)
        verifies(f"typed as `{text}`, once more", text, None, SEED, at, after_step=now)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    arabic = "".join(chr(ord(digit) - ord("0") + 0x0660) for digit in code)
    wrong = {
        "empty": "",
        "one digit less": code[1:],
        "one digit more": code + "0",
        "full-width digits": wide,
        "Arabic-Indic digits": arabic,
        "a hyphen": f"{code[:3]}-{code[3:]}",
        "a no-break space": f"{code[:3]}\u00a0{code[3:]}",
        "a tab": f"\t{code}",
        "a line break": f"{code}\n",
        "a sign": f"+{code[1:]}",
        "a NUL": f"{code}\0",
        "far too long": " " * 1000 + code,
        "another code": str((int(code) + 1) % 10**6).zfill(6),
        "the code of another algorithm": hotp(SEED, now, "SHA256"),
        "the code of another secret": hotp(SEED[::-1], now),
        "the code of 8 digits": hotp(SEED, now, digits=8),
    }
    for name, text in wrong.items():
        verifies(name, text, None, SEED, at)
    for moment, steps in ((0, (0, 1)), (-1, (0, 1)), (LATEST, (-1, 0, 1))):
        for offset in steps:
            step = max(moment // 30_000, 0) + offset
            verifies(f"code of step {step} at {moment}", hotp(SEED, step), step, SEED, moment)
    secret, first = twins()
    between = (first + 1) * 30_000
    same = hotp(secret, first)
    verifies("of two steps that match the newest is taken", same, first + 2, secret, between)
    for name, after, step in (
        ("the second of two matches, after the first", first, first + 2),
        ("neither of two matches, after the second", first + 2, None),
    ):
        verifies(name, same, step, secret, between, after_step=after)
    return cases


def hotp_cases() -> list[dict]:
    def given(counter: int, **other: object) -> dict:
        values = {"secret": base32(SEED), "algorithm": "SHA1", "digits": 6, "look_ahead": 10}
        return values | {"counter": counter} | other

    cases = [
        case(f"RFC 4226 appendix D: {counter}", given(counter), {"code": code})
        for counter, code in enumerate(RFC4226)
    ]
    cases.append(case("the last counter", given(LATEST), {"code": hotp(SEED, LATEST)}))
    for name, counter, look_ahead, shown, accepted in (
        ("the expected counter", 5, 0, 5, True),
        ("one ahead without look-ahead", 5, 0, 6, False),
        ("at the end of the look-ahead", 5, 3, 8, True),
        ("beyond the look-ahead", 5, 3, 9, False),
        ("a counter that was used", 5, 3, 4, False),
        ("the last counter of all", LATEST - 1, 10, LATEST, True),
    ):
        values = given(counter, look_ahead=look_ahead) | {"code": hotp(SEED, shown)}
        expected = {"counter": shown} if accepted else None
        cases.append(case(name, values, expected, None if accepted else "otp_invalid"))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in RFC4226[0])
    for name, text in {"empty": "", "full-width digits": wide}.items():
        cases.append(case(name, given(0) | {"code": text}, None, "otp_invalid"))
    return cases


def otpauth_cases() -> list[dict]:
    def uri(kind: str, values: dict, moving: str) -> str:
        issuer, account = (quote(values[name], safe="") for name in ("issuer", "account"))
        query = f"secret={values['secret']}&issuer={issuer}&algorithm={values['algorithm']}"
        query += f"&digits={values['digits']}&{moving}={values[moving]}"
        return f"otpauth://{kind}/{issuer}:{account}?{query}"

    base = {"secret": base32(SEED), "algorithm": "SHA1", "digits": 6, "period": 30}
    base |= {"issuer": "Example", "account": "marie@example.org"}
    totp = {
        "an e-mail address": {},
        "8 digits of SHA512 each minute": {"algorithm": "SHA512", "digits": 8, "period": 60},
        "a secret of 16 bytes": {"secret": base32(SEED[:16])},
        "a secret of 64 bytes": {"secret": base32(SEEDS["SHA512"]), "algorithm": "SHA256"},
        "spaces": {"issuer": "An Example of Names", "account": "Marie Curie"},
        "a colon in the account": {"account": "realm:marie"},
        "signs with a meaning": {"issuer": "A&B=C?D#E/F+G%20", "account": "a&secret=AAAA#?/+%41"},
        "umlauts": {"issuer": "Büro & Söhne", "account": "zoë@bücher.example"},
        "other scripts": {"issuer": "認証", "account": "мария@пример.рф 🔑"},
        "markup": {"issuer": "<b>'\"", "account": "<script>alert(1)</script>"},
        "unreserved signs": {"account": "a-b._~c"},
        "as long as they may be": {"issuer": "i" * 64, "account": "a" * 256},
    }
    cases = [
        case(name, values, {"uri": uri("totp", values, "period")})
        for name, change in totp.items()
        for values in [base | change]
    ]
    counted = {name: value for name, value in base.items() if name != "period"} | {"counter": 7}
    cases.append(case("a counter", counted, {"uri": uri("hotp", counted, "counter")}))
    bad = {
        "a colon in the issuer": {"issuer": "a:b"},
        "no issuer": {"issuer": ""},
        "no account": {"account": ""},
        "an issuer of 65 bytes": {"issuer": "i" * 65},
        "an account of 257 bytes": {"account": "a" * 257},
        "a line break": {"account": "a\r\nBcc: b"},
        "a NUL": {"issuer": "a\0"},
        "a space at the end": {"issuer": "a "},
        "a space at the beginning": {"account": " a"},
        "an override of direction": {"account": "a\u202eb"},
        "a secret of 15 bytes": {"secret": base32(SEED[:15])},
        "a secret of 129 bytes": {"secret": base32(SEED * 7)[:207]},
        "a secret that is no base32": {"secret": "1" * 32},
        "an algorithm that nobody knows": {"algorithm": "MD5"},
        "5 digits": {"digits": 5},
        "9 digits": {"digits": 9},
        "a period of 9 seconds": {"period": 9},
        "a period of 301 seconds": {"period": 301},
    }
    cases += [case(name, base | change, None, "invalid_input") for name, change in bad.items()]
    return cases


def backup_code_cases() -> list[dict]:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    def crockford(value: bytes) -> str:
        number = int.from_bytes(value, "big")
        text = "".join(alphabet[number >> 5 * place & 31] for place in reversed(range(16)))
        return "-".join(text[place : place + 4] for place in range(0, 16, 4))

    values = {
        "random": digest("authcore vector backup code")[:10],
        "zeros": bytes(10),
        "ones": b"\xff" * 10,
        "every digit, first half": bytes.fromhex("00443214c74254b635cf"),
        "every digit, second half": bytes.fromhex("84653a56d7c675be77df"),
    }
    cases = [
        case(name, {"bytes_base64": b64(value)}, {"text": crockford(value)})
        for name, value in values.items()
    ]
    # Its text has each of the digits that are read loosely.
    value = bytes.fromhex("0043200c62108421ce37")
    text = crockford(value)
    typed = {
        "as shown": text,
        "in lower case": text.lower(),
        "without hyphens": text.replace("-", ""),
        "with spaces for hyphens": text.replace("-", " "),
        "O for 0": text.replace("0", "O"),
        "o for 0": text.replace("0", "o"),
        "I for 1": text.replace("1", "I"),
        "l for 1": text.replace("1", "l"),
        "L for 1": text.replace("1", "L"),
        "with spaces and a line break around": f"  {text}\r\n",
        "digit by digit": " ".join(text),
    }
    accounts = [f"0190a4c8-0000-7000-8000-00000000000{digit}" for digit in "ab"]

    def stored(account: str, presented: str, code: bytes) -> tuple[dict, dict]:
        message = length_prefixed(account.encode(), code)
        hashes = [
            f"{key_id}.{b64url(mac(derive(KEYS[key_id], 'hash.backup_code'), message))}"
            for key_id in ("k2", "k1")
        ]
        given = {"ring": ring("k2", "k1"), "account": account, "text": presented}
        return given, {"text": crockford(code), "hashes": hashes}

    for name, presented in typed.items():
        cases.append(case(f"typed {name}", *stored(accounts[0], presented, value)))
    bad = {
        "empty": "",
        "one digit less": text[:-1],
        "one digit more": text + "0",
        "a U": text[:-1] + "U",
        "a sign": text[:-1] + "*",
        "a check digit": text + "=",
        "full-width digits": text.replace("0", "\uff10"),
        "a no-break space": text.replace("-", "\u00a0"),
        "a NUL": text + "\0",
        "far too long": text + " " * 100,
    }
    cases += [case(f"typed with {n}", {"text": t}, None, "otp_invalid") for n, t in bad.items()]
    for account in accounts:
        shown = crockford(values["random"])
        cases.append(case(f"stored for {account}", *stored(account, shown, values["random"])))
    return cases


def main() -> None:
    rfc6238 = "RFC 6238 appendix B with erratum 2866; " + OWN + "RFC 4226 §5.3, RFC 6238 §4"
    write("totp", rfc6238, totp_cases())
    write("hotp", "RFC 4226 appendix D; " + OWN + "RFC 4226 §5.3, §7.4", hotp_cases())
    write("otpauth", OWN + "Key Uri Format of Google Authenticator, RFC 3986", otpauth_cases())
    write("backup_codes", OWN + "Crockford's base32, HMAC-SHA256 (RFC 2104)", backup_code_cases())


if __name__ == "__main__":
    main()
