"""Every recorded answer is in the OpenAPI document: its status, media type, body and code."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from blackbox.hosts import ROOT
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

FOLDER = ROOT / "tests" / "transcripts"
TRANSCRIPTS = sorted(FOLDER.glob("*.json"))


def read(path: Path) -> dict:
    """A transcript."""
    return json.loads(path.read_text())


def body(message: dict) -> bytes:
    """The body of a recorded request or response."""
    return base64.b64decode(message["body_base64"])


DOCUMENT = json.loads(body(read(FOLDER / "openapi.json")["response"]))


def closed(schema: object) -> object:
    """The same schema, for what may have no member but those it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items()}
    # The codes of a problem document stand beside its reference.
    if "properties" in inner and "type" in inner:
        inner["unevaluatedProperties"] = False
    return inner


def operations() -> Iterator[tuple[str, str, dict]]:
    """Method, path and description of each operation."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def operation_of(method: str, target: str) -> dict | None:
    """The operation that a request asks for."""
    for known, path, operation in operations():
        pattern = re.escape(path).replace(r"\{id\}", "[^/]+")
        if known == method and re.fullmatch(pattern, target.split("?")[0]):
            return operation
    return None


def require_valid(schema: dict, value: object) -> None:
    """Asserts that a value is of a schema, and has no member that the schema does not name."""
    schemas = {name: closed(part) for name, part in DOCUMENT["components"]["schemas"].items()}
    # `unevaluatedProperties` sees the members beside a reference only from where both stand.
    problem = {**schemas["Problem"]}
    problem.pop("unevaluatedProperties")
    schemas["Problem"] = problem
    whole = {**schema, "components": {"schemas": schemas}}
    jsonschema_rs.Draft202012Validator(whole).validate(value)


def test_the_document_is_openapi() -> None:
    OPENAPI_31_VALIDATOR.validate(DOCUMENT)
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids) > 20


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_recorded_answer_is_described(path: Path) -> None:
    transcript = read(path)
    request, response = transcript["request"], transcript["response"]
    operation = operation_of(request["method"], request["target"])
    if operation is None:
        # No route, another method, or one that the settings of the document have not.
        assert path.stem in {"not_found", "method_not_allowed", "docs", "docs_off"}
        return
    described = operation["responses"][str(response["status"])]
    headers = {name.lower(): value for name, value in response["headers"]}
    assert "cache-control" in headers
    if "retry-after" in headers:
        assert "Retry-After" in described["headers"]
    if response["status"] == 204:
        assert "content" not in described
        assert body(response) == b""
        return
    media = described["content"][headers["content-type"]]
    if headers["content-type"].endswith("json") and path.stem != "openapi":
        require_valid(media["schema"], json.loads(body(response)))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_request_that_was_answered_is_described(path: Path) -> None:
    transcript = read(path)
    request = transcript["request"]
    operation = operation_of(request["method"], request["target"])
    if operation is None or not body(request):
        return
    media = dict(map(str.lower, pair) for pair in request["headers"])["content-type"]
    schema = operation["requestBody"]["content"][media]["schema"]
    require_valid(schema, json.loads(body(request)))
