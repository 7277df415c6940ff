"""Transcripts recorded on another host give the same bytes here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from authcore import _authcore

TRANSCRIPTS = sorted((Path(__file__).resolve().parents[2] / "tests" / "transcripts").glob("*.json"))


def test_there_are_transcripts() -> None:
    assert TRANSCRIPTS


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_replays_to_the_same_bytes(transcript: Path) -> None:
    _authcore.replay(transcript.read_text())


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_an_altered_transcript_is_told(transcript: Path) -> None:
    altered = json.loads(transcript.read_text())
    altered["response"]["status"] += 1
    with pytest.raises(AssertionError, match="differs"):
        _authcore.replay(json.dumps(altered))
