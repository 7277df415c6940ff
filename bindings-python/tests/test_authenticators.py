"""Authenticators and scanners that others wrote: pyotp, oathtool, zbarimg."""

from __future__ import annotations

import hashlib
import io
import subprocess
from pathlib import Path
from typing import Any

import authcore
import pyotp
import pytest
import resvg_py
from conftest import cases
from PIL import Image

# Any moment would do: 2026-01-01T00:00:00Z, the beginning of a step.
NOW = 1_767_225_600_000
ALGORITHMS = ("SHA1", "SHA256", "SHA512")
VARIANTS = [
    (name, digits, period) for name in ALGORITHMS for digits in (6, 7, 8) for period in (30, 60)
]
URIS = [case for case in cases("otpauth") if case["error"] is None]


def name(case: dict[str, Any]) -> str:
    return case["name"]


def made(given: dict[str, Any]) -> tuple[str, str, bytes]:
    """The URI of a vector's input, and its pictures."""
    options = {key: given[key] for key in given if key not in ("secret", "counter")}
    if "counter" in given:
        hotp, at = authcore.Hotp(given["secret"], **options), given["counter"]
        return hotp.uri(at), hotp.qr_svg(at), hotp.qr_png(at)
    totp = authcore.Totp(given["secret"], **options)
    return totp.uri(), totp.qr_svg(), totp.qr_png()


def run(*words: str, given: bytes = b"") -> bytes:
    """The output of a program that must succeed."""
    return subprocess.run(words, input=given, capture_output=True, check=True).stdout


def scanned(picture: bytes, folder: Path) -> str:
    """The text that zbarimg reads from a PNG."""
    file = folder / "code.png"
    file.write_bytes(picture)
    return run("zbarimg", "--quiet", "--raw", "--oneshot", str(file)).decode().removesuffix("\n")


def rasterised(svg: str, width: int) -> bytes:
    """An SVG as a PNG of this width."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width))


# SECURITY 17, 85
@pytest.mark.parametrize(("algorithm", "digits", "period"), VARIANTS)
def test_pyotp_reads_our_uri_and_makes_the_same_codes(
    algorithm: str, digits: int, period: int
) -> None:
    options = {"algorithm": algorithm, "digits": digits, "period": period}
    totp = authcore.Totp(issuer="Example", account="marie@example.org", **options)
    theirs = pyotp.parse_uri(totp.uri())
    assert isinstance(theirs, pyotp.TOTP)
    assert (theirs.digits, theirs.interval) == (digits, period)
    for moment in range(NOW, NOW + 50 * 7_000, 7_000):
        code = theirs.at(moment // 1000)
        assert totp.generate(moment) == code
        assert totp.verify(code, moment).step == moment // 1000 // period
        assert theirs.verify(totp.generate(moment), for_time=moment // 1000)


# SECURITY 85
def test_the_tutorials_totp_and_ours_accept_each_other() -> None:
    # As tutorials have it: `pyotp.TOTP(pyotp.random_base32())`.
    theirs = pyotp.TOTP(pyotp.random_base32())
    ours = authcore.Totp(theirs.secret)
    assert ours.verify(theirs.at(NOW // 1000), NOW).step == NOW // 30_000
    ours = authcore.Totp()
    assert pyotp.TOTP(ours.secret).verify(ours.generate(NOW), for_time=NOW // 1000)


# SECURITY 99
@pytest.mark.parametrize("case", URIS, ids=name)
def test_pyotp_reads_issuer_and_account_as_they_were_given(case: dict[str, Any]) -> None:
    given = case["input"]
    theirs = pyotp.parse_uri(made(given)[0])
    assert (theirs.issuer, theirs.name) == (given["issuer"], given["account"])
    assert theirs.secret == given["secret"]


# SECURITY 85
@pytest.mark.parametrize(("algorithm", "digits", "period"), VARIANTS)
def test_oathtool_makes_codes_that_are_accepted(algorithm: str, digits: int, period: int) -> None:
    totp = authcore.Totp(algorithm=algorithm, digits=digits, period=period)
    for moment in (NOW, NOW + 29_999, NOW + 365 * 86_400_000):
        words = [f"--totp={algorithm}", f"--digits={digits}", f"--time-step-size={period}s"]
        words += [f"--now=@{moment // 1000}", "--base32", "-"]
        code = run("oathtool", *words, given=totp.secret.encode()).decode().strip()
        assert totp.verify(code, moment).step == moment // 1000 // period
        assert totp.generate(moment) == code


# SECURITY 85
@pytest.mark.parametrize("digits", [6, 7, 8])
def test_oathtool_and_pyotp_count_as_we_do(digits: int) -> None:
    hotp = authcore.Hotp(digits=digits)
    words = ["--hotp", f"--digits={digits}", "--counter=40", "--window=9", "--base32", "-"]
    codes = run("oathtool", *words, given=hotp.secret.encode()).decode().split()
    theirs = pyotp.HOTP(hotp.secret, digits=digits)
    assert len(codes) == 10
    for counter, code in enumerate(codes, 40):
        assert hotp.generate(counter) == code == theirs.at(counter)
        assert hotp.verify(code, 40).counter == counter


# SECURITY 85
@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256", "SHA512"])
@pytest.mark.parametrize("digits", [6, 7, 8])
def test_pyotp_counts_as_we_do_with_every_hash(algorithm: str, digits: int) -> None:
    hotp = authcore.Hotp(algorithm=algorithm, digits=digits)
    theirs = pyotp.HOTP(hotp.secret, digits=digits, digest=getattr(hashlib, algorithm.lower()))
    for counter in (0, 1, 2**31, 2**53 - 1):
        assert hotp.generate(counter) == theirs.at(counter)
        assert hotp.verify(theirs.at(counter), counter).counter == counter


@pytest.mark.parametrize("case", URIS, ids=name)
def test_zbarimg_reads_every_picture(case: dict[str, Any], tmp_path: Path) -> None:
    uri, svg, png = made(case["input"])
    assert scanned(png, tmp_path) == uri
    for width in (400, 777, 1200):
        assert scanned(rasterised(svg, width), tmp_path) == uri


def test_zbarimg_reads_the_pictures_of_new_secrets(tmp_path: Path) -> None:
    for number in range(25):
        account = f"{'a' * (number * 10)}{number}@example.org"
        totp = authcore.Totp(issuer="Büro & Söhne", account=account)
        assert scanned(totp.qr_png(), tmp_path) == totp.uri()
        assert scanned(rasterised(totp.qr_svg(), 1000), tmp_path) == totp.uri()


def test_the_png_and_the_svg_show_the_same_modules() -> None:
    totp = authcore.Totp(issuer="Example", account="marie@example.org")
    png = Image.open(io.BytesIO(totp.qr_png()))
    assert (png.format, png.mode, png.width) == ("PNG", "1", png.height)
    svg = Image.open(io.BytesIO(rasterised(totp.qr_svg(), png.width)))
    assert svg.convert("L").tobytes() == png.convert("L").tobytes()
