"""What another host recorded happens here in the same way, to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from blackbox.client import Client
from blackbox.hosts import ROOT

TRANSCRIPTS = sorted((ROOT / "tests" / "transcripts").glob("*.json"))


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_is_replayed_to_the_same_bytes(client: Client, transcript: Path) -> None:
    answer = client.send("POST", "/__test/replay", transcript.read_bytes())
    assert (answer.status, answer.body) == (200, b"")


def test_a_changed_transcript_is_told_from_what_happens(client: Client) -> None:
    transcript = json.loads(TRANSCRIPTS[0].read_text())
    transcript["response"]["status"] += 1
    answer = client.send("POST", "/__test/replay", json.dumps(transcript).encode())
    assert answer.status == 409
    assert b"differs" in answer.body
