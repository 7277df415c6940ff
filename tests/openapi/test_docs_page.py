"""/docs in a real browser: alone in the world, complete, and good for signing in and for trying."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from blackbox.client import Person
from blackbox.hosts import ROOT, Host

# Long enough for a browser that starts on a busy machine.
LIMIT_SECONDS = 180


@dataclass
class Visit:
    """Who came to the page, and what was to be seen (docs_page.mjs)."""

    person: Person
    document: dict
    seen: dict


@pytest.fixture(scope="module")
def visit(host: Host) -> Visit:
    """A visit of somebody who signs in and asks who they are."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: `make deps` installs it, on Debian"
    # A browser names no moment.
    client = host.client().at(None)
    person = client.sign_up()
    document = client.get("/openapi.json").json()
    words = {
        "chromium": chromium,
        "origin": document["servers"][0]["url"],
        "address": urlsplit(host.url).netloc,
        "username": person.username,
        "password": person.password,
    }
    done = subprocess.run(
        ["node", ROOT / "tests" / "openapi" / "docs_page.mjs"],
        input=json.dumps(words),
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return Visit(person, document, json.loads(done.stdout))


def test_the_page_asks_nobody_else(visit: Visit) -> None:
    assert visit.seen["origins"] == [visit.document["servers"][0]["url"]]


def test_the_page_keeps_its_own_policy(visit: Visit) -> None:
    # The one error that Chromium writes is of the status that a stranger gets.
    unexpected = [text for text in visit.seen["complaints"] if "status of 401" not in text]
    assert unexpected == []


def test_the_page_lists_every_operation(visit: Visit) -> None:
    paths = visit.document["paths"].items()
    due = [f"{method.upper()} {path}" for path, methods in paths for method in methods]
    assert visit.seen["operations"] == due
    assert len(due) > 20


def test_the_form_signs_in_and_a_request_is_tried(visit: Visit) -> None:
    seen = visit.seen
    assert (seen["asStranger"]["status"], json.loads(seen["asStranger"]["body"])["code"]) == (
        "401",
        "token_missing",
    )
    assert seen["form"]["type"] == "application/x-www-form-urlencoded"
    assert parse_qs(seen["form"]["sent"])["grant_type"] == ["password"]
    assert seen["signedIn"]["status"] == "200"
    assert json.loads(seen["signedIn"]["body"])["id"] == visit.person.account["id"]
