"""People with a phone: the scanners and authenticators of others, for real."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from itertools import islice

import pyotp
import resvg_py

from blackbox.client import SECOND, Answer, Client, Person

# How long a code of the default settings is the newest.
STEP = 30 * SECOND


def run(*words: str, given: bytes = b"") -> bytes:
    """The output of a program that must succeed."""
    return subprocess.run(words, input=given, capture_output=True, check=True).stdout


def scanned(picture: bytes) -> str:
    """The text that zbarimg reads from a picture."""
    words = ["zbarimg", "--quiet", "--raw", "--oneshot", "-"]
    return run(*words, given=picture).decode().removesuffix("\n")


def rasterised(svg: str, width: int = 600) -> bytes:
    """An SVG as a PNG of this width."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width))


def shown_uri(answer: Answer) -> str:
    """The otpauth URI that a camera sees in an enrolment, whichever form it was answered in."""
    media_type = answer.headers["content-type"]
    if media_type == "application/json":
        enrolment = answer.json().get("enrolment", answer.json())
        return scanned(rasterised(enrolment["qr_svg"]))
    picture = rasterised(answer.body.decode()) if media_type == "image/svg+xml" else answer.body
    return scanned(picture)


@dataclass
class Phone:
    """An authenticator app that has scanned a QR code."""

    uri: str

    @property
    def secret(self) -> str:
        """What the URI holds, base32."""
        return pyotp.parse_uri(self.uri).secret

    def code(self, now: int) -> str:
        """The code that pyotp shows at this moment."""
        return pyotp.parse_uri(self.uri).at(now // SECOND)

    def oathtool_code(self, now: int) -> str:
        """The code that oathtool shows at this moment."""
        words = ["oathtool", "--totp", f"--now=@{now // SECOND}", "--base32", "-"]
        return run(*words, given=self.secret.encode()).decode().strip()

    def wrong_codes(self, now: int, count: int) -> list[str]:
        """Codes that no clock near this moment shows."""
        shown = {self.code(now + step * STEP) for step in range(-4, 5)}
        numbers = (f"{number:06}" for number in range(10**6))
        return list(islice((code for code in numbers if code not in shown), count))


def sign_up_with_totp(client: Client, **fields: object) -> tuple[Person, Phone]:
    """Signs somebody up who scans the QR code; no code has confirmed it yet."""
    person = client.sign_up(second_factor="totp", **fields)
    assert person.enrolment is not None
    return person, Phone(scanned(rasterised(person.enrolment["qr_svg"])))


def with_second_factor(client: Client, **fields: object) -> tuple[Person, Phone, dict]:
    """Somebody whose first login has confirmed the authenticator, and its tokens."""
    person, phone = sign_up_with_totp(client, **fields)
    return person, phone, log_in(person, phone)


def challenge(person: Person, **fields: object) -> str:
    """What a right password gets where there is a second factor."""
    answer = person.try_login(**fields)
    assert answer.status == 202, answer.body
    return answer.json()["challenge"]


def answer_by_otp(person: Person, code: str, **fields: object) -> Answer:
    """A login with password and code, in two calls."""
    body = {"challenge": challenge(person), "code": code, **fields}
    return person.client.post("/v1/login/otp", body)


def answer_by_backup_code(person: Person, code: str, **fields: object) -> Answer:
    """A login with password and backup code."""
    body = {"challenge": challenge(person), "code": code, **fields}
    return person.client.post("/v1/login/backup-code", body)


def log_in(person: Person, phone: Phone, **fields: object) -> dict:
    """Signs in with the code of this moment and gives the tokens."""
    answer = answer_by_otp(person, phone.code(person.client.now), **fields)
    assert answer.status == 200, answer.body
    return answer.json()
