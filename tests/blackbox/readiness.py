"""What GET /readyz says, asked by the host's own clock: by another the check of it fails."""

from __future__ import annotations

from blackbox.client import Client


def checks(client: Client, status: int) -> dict[str, dict]:
    """The checks by their names, of an answer with this status."""
    answer = client.at(None).get("/readyz")
    assert answer.status == status, answer.body
    assert answer.json()["status"] == ("ok" if status == 200 else "unavailable")
    return {check["name"]: check for check in answer.json()["checks"]}


def failed(client: Client) -> dict[str, str]:
    """What fails on a host that is not ready, and how."""
    found = checks(client, 503).values()
    return {check["name"]: check["detail"] for check in found if check["status"] == "failed"}
