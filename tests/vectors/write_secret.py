"""Writes the vectors of core/src/secret, computed apart from core: standard library and RFC text.

usage: write_secret.py     seal.json is written once and never again: it is the released format
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
from pathlib import Path

HERE = Path(__file__).parent
PURPOSES = (
    "seal.signing_key",
    "seal.totp_seed",
    "seal.notice",
    "hash.refresh_family",
    "hash.refresh_token",
    "hash.backup_code",
    "hash.challenge",
    "hash.remembered_device",
    "hash.idempotency",
    "hash.throttle",
    "refresh.successor",
    "kept.document",
    "streams",
)
README_SAMPLE = "k1:c2FtcGxlLXNlY3JldC1mcm9tLXRoZS1yZWFkbWUtMTIzNDU2Nzg="


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(salt: bytes, secret: bytes, info: bytes) -> bytes:
    """RFC 5869 for one hash length."""
    return mac(mac(salt, secret), info + b"\x01")


def derive(key: bytes, purpose: str) -> bytes:
    return hkdf(b"authcore/v1", key, purpose.encode())


def length_prefixed(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


# ChaCha20 and Poly1305 (RFC 8439), HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2).


def chacha_rounds(state: list[int]) -> list[int]:
    x = list(state)

    def step(a: int, b: int, d: int, bits: int) -> None:
        x[a] = (x[a] + x[b]) & 0xFFFFFFFF
        mixed = x[d] ^ x[a]
        x[d] = (mixed << bits | mixed >> 32 - bits) & 0xFFFFFFFF

    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            step(a, b, d, 16)
            step(c, d, b, 12)
            step(a, b, d, 8)
            step(c, d, b, 7)
    return x


def chacha_state(key: bytes, tail: bytes) -> list[int]:
    return list(struct.unpack("<16I", b"expand 32-byte k" + key + tail))


def chacha20(key: bytes, nonce: bytes, length: int, counter: int) -> bytes:
    stream = b""
    while len(stream) < length:
        state = chacha_state(key, struct.pack("<I", counter) + nonce)
        mixed = zip(state, chacha_rounds(state))
        stream += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in mixed))
        counter += 1
    return stream[:length]


def poly1305(key: bytes, message: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        block = int.from_bytes(message[i : i + 16] + b"\x01", "little")
        total = (total + block) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def xchacha20_poly1305(key: bytes, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
    rounds = chacha_rounds(chacha_state(key, nonce[:16]))
    subkey = struct.pack("<8I", *rounds[:4], *rounds[12:])
    nonce = bytes(4) + nonce[16:]
    stream = chacha20(subkey, nonce, len(plaintext), 1)
    ciphertext = bytes(a ^ b for a, b in zip(plaintext, stream))

    def padded(part: bytes) -> bytes:
        return part + bytes(-len(part) % 16)

    lengths = struct.pack("<QQ", len(aad), len(ciphertext))
    tagged = padded(aad) + padded(ciphertext) + lengths
    return ciphertext + poly1305(chacha20(subkey, nonce, 32, 0), tagged)


def case(name: str, given: dict, expected: dict | None, error: str | None = None) -> dict:
    return {"name": name, "input": given, "expected": expected, "error": error}


def write(feature: str, source: str, cases: list[dict]) -> None:
    document = {"source": source, "feature": feature, "cases": cases}
    text = json.dumps(document, indent=1, ensure_ascii=True) + "\n"
    (HERE / f"{feature}.json").write_text(text)


KEYS = {f"k{i}": digest(f"authcore vector key {i}") for i in (1, 2, 3)}


def ring(*ids: str) -> str:
    return ",".join(f"{key_id}:{b64(KEYS[key_id])}" for key_id in ids)


def ring_cases() -> list[dict]:
    def derived(key: bytes) -> dict:
        return {purpose: b64(derive(key, purpose)) for purpose in PURPOSES}

    long_key = b"".join(digest(f"long {i}") for i in range(32))
    good = {
        "one key": (ring("k1"), ["k1"], KEYS["k1"]),
        "the first is the current one": (ring("k2", "k1"), ["k2", "k1"], KEYS["k2"]),
        "url-safe, unpadded, spaces around": (
            f" k1:{b64url(KEYS['k1'])} , k2:{b64(KEYS['k2'])}\n",
            ["k1", "k2"],
            KEYS["k1"],
        ),
        "64 hexadecimal digits": (
            "k1:" + KEYS["k1"].hex(),
            ["k1"],
            base64.b64decode(KEYS["k1"].hex()),
        ),
        "1024 bytes": ("k1:" + b64(long_key), ["k1"], long_key),
        "an id of 16 characters": (
            f"a-b_c-0123456789:{b64(KEYS['k1'])}",
            ["a-b_c-0123456789"],
            KEYS["k1"],
        ),
    }
    cases = [
        case(name, {"text": text}, {"ids": ids, "derived_base64": derived(key)})
        for name, (text, ids, key) in good.items()
    ]
    one = b64(KEYS["k1"])
    many = ",".join(f"k{i}:{b64(digest(f'many {i}'))}" for i in range(17))
    bad = {
        "missing": "",
        "blank": " \n",
        "no id": one,
        "an empty id": ":" + one,
        "an id in upper case": "K1:" + one,
        "an id of 17 characters": "a" * 17 + ":" + one,
        "an id with a dot": "k.1:" + one,
        "an empty key": "k1:",
        "not base64": "k1:" + "!" + one[1:],
        "base64 with bits beyond the end": "k1:" + one[:-2] + "9=",
        "31 bytes": "k1:" + b64(KEYS["k1"][:31]),
        "1025 bytes": "k1:" + b64(long_key + b"x"),
        "17 keys": many,
        "a trailing comma": ring("k1") + ",",
        "a duplicated id": f"{ring('k1')},k1:{b64(KEYS['k2'])}",
        "a duplicated key": f"{ring('k1')},k2:{b64url(KEYS['k1'])}",
        "a weak second key": f"{ring('k1')},k2:{b64(bytes(32))}",
        "the sample of the README": README_SAMPLE,
        "the sample, unpadded, as a second key": f"{ring('k2')},{README_SAMPLE.rstrip('=')}",
        "zeros": "k1:" + b64(bytes(32)),
        "15 different bytes": "k1:" + b64(bytes(range(0, 225, 15)) + KEYS["k1"][:1] * 17),
        "a repeated pattern": "k1:" + b64(KEYS["k1"][:16] * 2),
        "a repeated pattern, cut off": "k1:" + b64((KEYS["k1"][:20] * 3)[:50]),
        "counting up": "k1:" + b64(bytes(range(32))),
        "counting down by three": "k1:" + b64(bytes(range(250, 154, -3))),
        "a passphrase": "k1:" + b64(b"correct horse battery staple, and more of it"),
        "hexadecimal digits, encoded": "k1:" + b64(KEYS["k1"].hex().encode()),
        "changeme as base64": "k1:changeme" + one[8:],
        "words as base64": "k1:thequickbrownfoxjumpsoverthelazydog123456789",
    }
    return cases + [case(name, {"text": t}, None, "invalid_settings") for name, t in bad.items()]


def seal_cases() -> list[dict]:
    def sealed(key_id: str, place: dict, nonce: bytes, plaintext: bytes) -> str:
        fields = ("s1", key_id, *place.values())
        aad = length_prefixed(*(field.encode() for field in fields))
        key = derive(KEYS[key_id], place["purpose"])
        body = xchacha20_poly1305(key, nonce, aad, plaintext)
        return f"s1.{key_id}.{b64url(nonce + body)}"

    place = {
        "table": "signing_keys",
        "row": "0190a4c8-0000-7000-8000-000000000001",
        "account": "",
        "purpose": "seal.signing_key",
    }
    owned = {**place, "account": "0190a4c8-0000-7000-8000-00000000000a"}
    nonce = digest("authcore vector nonce")[:24]
    seed = digest("authcore vector plaintext")
    text = sealed("k1", place, nonce, seed)
    owned_text = sealed("k1", owned, nonce, seed)

    def opens(name: str, ids: tuple, where: dict, value: str, plaintext: bytes) -> dict:
        given = {"ring": ring(*ids), **where, "sealed": value}
        expected = {"plaintext_base64": b64(plaintext), "nonce_base64": b64(nonce)}
        return case(name, given, expected)

    cases = [
        opens("32 bytes", ("k1",), place, text, seed),
        opens("bound to an account", ("k1",), owned, owned_text, seed),
        opens("nothing", ("k1",), place, sealed("k1", place, nonce, b""), b""),
        opens("200 bytes", ("k1",), place, sealed("k1", place, nonce, seed * 7), seed * 7),
        opens("under an older key of the ring", ("k2", "k1"), place, text, seed),
    ]
    version, key_id, body = text.split(".")
    broken = {
        "moved to another row": ({**place, "row": place["row"][:-1] + "2"}, text),
        "moved to another table": ({**place, "table": "authenticators"}, text),
        "given to an account": (owned, text),
        "taken from an account": (place, owned_text),
        "row and account shifted": ({**place, "row": "", "account": place["row"]}, text),
        "opened for another purpose": ({**place, "purpose": "streams"}, text),
        "renamed to another key": (place, f"{version}.k2.{body}"),
        "of another version": (place, f"s2.{key_id}.{body}"),
        "a key that is not in the ring": (place, f"{version}.k3.{body}"),
        "cut off": (place, text[:-2]),
        "too short for a nonce": (place, f"{version}.{key_id}.AAAA"),
        "padded": (place, text + "="),
        "empty": (place, ""),
        "an added field": (place, text + ".x"),
    }
    for name, (where, value) in broken.items():
        given = {"ring": ring("k1", "k2"), **where, "sealed": value}
        cases.append(case(name, given, None, "seal_broken"))
    return cases


def keyed_hash_cases() -> list[dict]:
    def hashed(key_id: str, purpose: str, parts: list[bytes]) -> str:
        return f"{key_id}.{b64url(mac(derive(KEYS[key_id], purpose), length_prefixed(*parts)))}"

    purpose = "hash.refresh_token"
    lists = {
        "one part": [b"a token"],
        "two parts": [b"ab", b"c"],
        "the same bytes, divided elsewhere": [b"a", b"bc"],
        "no part": [],
        "an empty part": [b""],
        "binary and long": [digest("part") * 40, b"\x00"],
    }
    cases = []
    for name, parts in lists.items():
        given = {"ring": ring("k2", "k1"), "purpose": purpose}
        given["parts_base64"] = [b64(part) for part in parts]
        candidates = [hashed(key_id, purpose, parts) for key_id in ("k2", "k1")]
        cases.append(case(name, given, {"candidates": candidates}))
    parts = lists["one part"]
    right = hashed("k1", purpose, parts)
    stored = {
        "found under an older key": (right, True),
        "of another purpose": (hashed("k1", "hash.throttle", parts), False),
        "of other parts": (hashed("k1", purpose, [b"b token"]), False),
        "of a key that is not in the ring": (hashed("k3", purpose, parts), False),
        "under the name of another key": ("k2" + right[2:], False),
        "cut off": (right[:-2], False),
        "padded": (right + "=", False),
        "without a key": (right[3:], False),
        "empty": ("", False),
    }
    for name, (text, matches) in stored.items():
        given = {"ring": ring("k2", "k1"), "purpose": purpose}
        given |= {"parts_base64": [b64(part) for part in parts], "stored": text}
        cases.append(case(name, given, {"matches": matches}))
    return cases


def token_cases() -> list[dict]:
    value = digest("authcore vector token")
    text = "rt_" + b64url(value)
    cases = [
        case(name, {"kind": "refresh", "text": "rt_" + b64url(v)}, {"bytes_base64": b64(v)})
        for name, v in (("random", value), ("zeros", bytes(32)), ("ones", b"\xff" * 32))
    ]
    # 43 characters hold 258 bits: the last two must be zero (RFC 4648 §3.5).
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    next_letter = alphabet[alphabet.index(text[-1]) + 1]
    bad = {
        "empty": "",
        "only the prefix": "rt_",
        "no prefix": text[3:],
        "another prefix": "ch_" + text[3:],
        "a prefix in upper case": "RT_" + text[3:],
        "a doubled prefix": "rt_" + text,
        "one character less": text[:-1],
        "one character more": text + "A",
        "padded": text + "=",
        "standard alphabet": "rt_" + "+/" + text[5:],
        "bits beyond the end": text[:-1] + next_letter,
        "a space before": " " + text,
        "a line break after": text + "\n",
        "not ASCII": "rt_" + "é" + text[5:],
        "a NUL": "rt_" + "\x00" + text[4:],
    }
    for name, value_text in bad.items():
        given = {"kind": "refresh", "text": value_text}
        cases.append(case(name, given, None, "token_invalid"))
    return cases


def stream_cases() -> list[dict]:
    def streams(key_id: str, seed: bytes, request: bytes, now: int, labels: list[str]) -> list:
        prk = mac(seed, derive(KEYS[key_id], "streams"))
        taken: dict[str, int] = {}
        values = []
        for label in labels:
            counter = taken.get(label, 0)
            taken[label] = counter + 1
            info = length_prefixed(
                request, struct.pack(">q", now), label.encode(), struct.pack(">Q", counter)
            )
            # 80 bytes: beyond one block of 64.
            values.append(b64(chacha20(mac(prk, info + b"\x01"), bytes(12), 80, 0)))
        return values

    seed, request = digest("authcore vector seed"), digest("authcore vector request")
    labels = ["session.id", "session.id", "refresh.token", "session.id"]
    variants = {
        "labels and repeats": ("k1", seed, request, 1_700_000_000_000, labels),
        "another request": ("k1", seed, digest("another"), 1_700_000_000_000, labels),
        "a millisecond later": ("k1", seed, request, 1_700_000_000_001, labels),
        "before the epoch": ("k1", seed, request, -1, labels),
        "another seed": ("k1", digest("another"), request, 1_700_000_000_000, labels),
        "another ring": ("k2", seed, request, 1_700_000_000_000, labels),
    }
    cases = []
    for name, (key_id, s, r, now, names) in variants.items():
        given = {"ring": ring(key_id), "seed_base64": b64(s), "request_digest_base64": b64(r)}
        given |= {"now": now, "labels": names}
        expected = {"streams_base64": streams(key_id, s, r, now, names)}
        cases.append(case(name, given, expected))
    return cases


def main() -> None:
    own = "tests/vectors/write_secret.py: "
    write("ring", own + "HKDF-SHA256 (RFC 5869) and AUTHCORE_SECRET as documented", ring_cases())
    write("keyed_hash", own + "HMAC-SHA256 (RFC 2104)", keyed_hash_cases())
    write("token", own + "base64url (RFC 4648 §5)", token_cases())
    write("streams", own + "HKDF-SHA256 (RFC 5869), ChaCha20 (RFC 8439)", stream_cases())
    if not (HERE / "seal.json").exists():
        source = own + "XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03); released format s1"
        write("seal", source, seal_cases())


if __name__ == "__main__":
    main()
