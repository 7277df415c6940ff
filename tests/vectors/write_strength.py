"""Writes the vectors and the words of core/strength with zxcvbn, whose estimates they are.

usage: write_strength.py     needs `pip install zxcvbn==4.5.0`

Two things of it are changed. Years up to 2099 are years, and the fractions that the mean number of
neighbours of a key brings are cut off, as core has no floats.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from zxcvbn import matching, scoring, zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

HERE = Path(__file__).parent
WORDS = HERE.parents[1] / "core" / "strength" / "src" / "words.txt"
LARGEST = 2**53 - 1
YEAR = 2026

NAMES = ["ada", "lovelace", "adalovelace"]

# Passwords; those with a list are judged with user inputs.
CASES: list[str | tuple[str, list[str]]] = [
    "",
    "a",
    "password",
    "Password",
    "PASSWORD",
    "pAsSwOrD",
    "drowssap",
    "p4ssw0rd",
    "P@$$w0rd1",
    "123456789",
    "12345678910",
    "monkey12",
    "trustno1",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "coRrecth0rseba++ery9.23.2007staple$",
    "D0g..................",
    "abcdefghijk987654321",
    "neverforget13/3/1997",
    "1qaz2wsx3edc",
    "temppass22",
    "briansmith",
    "briansmith4mayor",
    "viking",
    "thx1138",
    "ScoRpi0ns",
    "do you know",
    "ryanhunter2000",
    "rianhunter2000",
    "asdfghju7654rewq",
    "AOEUIDHG&*()LS_",
    "defghi6789",
    "rosebud",
    "Rosebud",
    "ROSEBUD",
    "rosebuD",
    "ros3bud99",
    "r0s3bud99",
    "R0$38uD99",
    "verlineVANDERMARK",
    "eheuczkqyq",
    "rWibMFACxAUGZmxhVncy",
    "Ba9ZyWABu99[BK#6MBgbH88Tofv)vs$w",
    "zxcvbnmnbvcxz",
    "qwertzuiop",
    "852456",
    "0.0.0.0.0",
    "pyfgcrl",
    "!QASW@#EDFR$%TGHY^&UJKI*(OL",
    "aaaaaaaaaaaa",
    "aabaabaabaab",
    "abcabcabcabc",
    "password" * 4,
    "13.8.1987",
    "1987-08-13",
    "130887",
    "13081987",
    "2026",
    "1999",
    "2099",
    "1899",
    "01_02_03",
    "jordanabcabcabc6/5/1",
    # The order of the search decides; a hash map gives either of two verdicts.
    ">mrwmoomoomooDimon",
    "552955virginia1670",
    "1234567celin",
    "p4@ssword",
    "1|71|7",
    "4@8({[<3691!|70$5+%2",
    "caf\u00e9caf\u00e9",
    "\u03b1\u03b2\u03b3\u03b4\u03b5",
    "\u043f\u0430\u0440\u043e\u043b\u044c",
    "\u6f22\u5b57\u6f22\u5b57",
    "\U0001f600" * 7,
    " leading and trailing ",
    "tab\tand\0nul",
    ("ada2026", NAMES),
    ("Ada2026!", NAMES),
    ("adalovelace2026", NAMES),
    ("ecalevol1815", NAMES),
    ("4d4l0v3l4c3", NAMES),
    ("lovelaceada", NAMES),
    ("adalovelace", NAMES),
    ("password", NAMES),
    ("difference engine no 2", NAMES),
]

# The texts of zxcvbn and our codes.
WARNINGS = {
    "This is a top-10 common password.": "top_10",
    "This is a top-100 common password.": "top_100",
    "This is a very common password.": "common",
    "This is similar to a commonly used password.": "similar_to_common",
    "A word by itself is easy to guess.": "word",
    "Names and surnames by themselves are easy to guess.": "name",
    "Common names and surnames are easy to guess.": "common_name",
    "Straight rows of keys are easy to guess.": "key_row",
    "Short keyboard patterns are easy to guess.": "key_pattern",
    'Repeats like "aaa" are easy to guess.': "repeated_character",
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': "repeated_pattern",
    'Sequences like "abc" or "6543" are easy to guess.': "sequence",
    "Recent years are easy to guess.": "recent_year",
    "Dates are often easy to guess.": "date",
}
SUGGESTIONS = {
    "Use a few words, avoid common phrases.": "use_words",
    "No need for symbols, digits, or uppercase letters.": "no_need_for_symbols",
    "Add another word or two. Uncommon words are better.": "add_words",
    "Capitalization doesn't help very much.": "capitalization",
    "All-uppercase is almost as easy to guess as all-lowercase.": "all_uppercase",
    "Reversed words aren't much harder to guess.": "reversed_words",
    "Predictable substitutions like '@' instead of 'a' don't help very much.": "substitutions",
    "Use a longer keyboard pattern with more turns.": "longer_key_pattern",
    "Avoid repeated words and characters.": "avoid_repeats",
    "Avoid sequences.": "avoid_sequences",
    "Avoid recent years.": "avoid_recent_years",
    "Avoid years that are associated with you.": "avoid_own_years",
    "Avoid dates and years that are associated with you.": "avoid_own_dates",
}


def whole(exact: object) -> object:
    """The guesses of a spatial match without their fraction."""
    return lambda match: int(exact(match))


def verdict(password: str, user_inputs: list[str]) -> dict:
    """What zxcvbn says, in our words."""
    said = zxcvbn(password, user_inputs, max_length=100) if password else None
    if said is None:
        # zxcvbn fails on an empty password; that it is guessed first is told by both others.
        return {
            "score": 0,
            "guesses": 1,
            "warning": None,
            "suggestions": ["use_words", "no_need_for_symbols"],
        }
    warning = WARNINGS.get(said["feedback"]["warning"])
    longest = max(said["sequence"], key=lambda match: len(match["token"]))
    if said["score"] < 3 and longest.get("dictionary_name") == "user_inputs":
        # It has no words for this.
        warning = "user_input"
    return {
        "score": said["score"],
        "guesses": min(int(said["guesses"]), LARGEST),
        "warning": warning,
        "suggestions": [SUGGESTIONS[text] for text in said["feedback"]["suggestions"]],
    }


def words() -> str:
    """The lists under their licence, which the file holds already."""
    licence = [line for line in WORDS.read_text().splitlines() if line.startswith("# ")]
    listed = [[f"= {name}", *listed] for name, listed in FREQUENCY_LISTS.items()]
    return "\n".join([*licence, *(line for lines in listed for line in lines), ""])


def main() -> None:
    """Writes both files."""
    scoring.REFERENCE_YEAR = YEAR
    scoring.spatial_guesses = whole(scoring.spatial_guesses)
    matching.REGEXEN["recent_year"] = re.compile(r"19[0-9]{2}|20[0-9]{2}")
    cases = []
    for case in CASES:
        password, user_inputs = (case, []) if isinstance(case, str) else case
        given = {"password": password, "user_inputs": user_inputs, "year": YEAR}
        name = " with user inputs" if user_inputs else ""
        expected = verdict(password, user_inputs)
        cases.append(
            {
                "name": f"{password[:40]!r}{name}",
                "input": given,
                "expected": expected,
                "error": None,
            }
        )
    source = "zxcvbn 4.5.0 (PyPI), the year set to 2026; tests/vectors/write_strength.py"
    vectors = {"source": source, "feature": "strength", "cases": cases}
    text = json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"
    (HERE / "strength.json").write_text(text)
    WORDS.write_text(words())


if __name__ == "__main__":
    main()
