"""The document for programs: valid, complete, with true examples; its operation ids stay."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from crispd.api.openapi import examples
from crispd.auth.scopes import OPEN_OPERATIONS, REQUIRED_SCOPES
from tests.api.documented import document, undocumented

# Generated clients name their methods after these. A new one is added here on purpose; one that is
# renamed or gone breaks other people's programs.
OPERATIONS = {
    "addDevice", "closeSession", "confirmMissing", "downloadPhotos", "forgetText", "getAuthority",
    "getCompletions", "getDevices", "getDuplicates", "getEvents", "getFolders", "getHealth",
    "getInvitation",
    "getMetrics", "getOriginal", "getPeople", "getPhoto", "getPhotoText", "getPlaces",
    "getPreview",
    "getProblems", "getReadiness", "getSession", "getShared", "getStatus", "getSuggestions",
    "getTextReading", "getThumbnail", "inviteDevice", "openSession", "pairDevice", "pauseIndexing",
    "readText", "removeDevice", "rereadPhotos", "rescanFolders", "resumeIndexing",
    "retryProblems", "revokeShares", "search", "searchWithBody", "sharePhoto",
    "cancelPull", "getEncodeJobs", "getPacks", "giveEncoded", "goBackToPack",
    "keepEncodeLease", "pullPack", "removePack", "usePack",
}  # fmt: skip


CALLS = {
    call["operationId"]: call for ways in document()["paths"].values() for call in ways.values()
}
# Pictures and files have no example that could be read.
PICTURES = {"getThumbnail", "getPreview", "getOriginal", "downloadPhotos", "getShared"}


def test_it_is_valid() -> None:
    validate(document())


def test_operation_ids_stay() -> None:
    assert set(CALLS) == OPERATIONS


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_says_what_it_does_and_takes(name: str) -> None:
    call = CALLS[name]
    assert call["summary"]
    assert call["description"]
    for parameter in call.get("parameters", []):
        assert parameter.get("description") or parameter["schema"].get("description"), parameter
    need = REQUIRED_SCOPES[name]
    assert call["security"] == (
        [] if need == OPEN_OPERATIONS else [{"token": [need]}, {"key": [need]}, {}]
    )


@pytest.mark.parametrize("name", sorted(OPERATIONS - PICTURES))
def test_every_operation_has_a_true_example(name: str) -> None:
    call = CALLS[name]
    asked = call.get("requestBody", {}).get("content", {})
    for kind, body in asked.items():
        if kind == "application/json":
            check(body["schema"], body["example"], grown=False)
    status, answer = min(call["responses"].items())
    if status == "204":
        return
    for kind, body in list(answer["content"].items())[:1]:
        assert body["example"]
        if kind == "application/json":
            check(body["schema"], body["example"], grown=True)


def test_every_problem_has_a_true_example() -> None:
    for name, answer in document()["components"]["responses"].items():
        (kind, body), *_ = answer["content"].items()
        assert kind == "application/problem+json"
        check(body["schema"], body["example"], grown=True)
        status = body["example"]["status"]
        assert name == f"Problem{status}"


def test_no_example_is_left_over() -> None:
    assert set(examples()["calls"]) <= OPERATIONS
    used = {name.removeprefix("Problem") for name in document()["components"]["responses"]}
    assert set(examples()["problems"]) == used


def test_an_answer_that_is_not_told_of_is_found() -> None:
    def answer(method: str, path: str, status: int, kind: str) -> httpx.Response:
        request = httpx.Request(method, f"http://nas{path}")
        return httpx.Response(status, headers={"content-type": kind}, request=request)

    def told(*given: Any) -> str | None:
        return undocumented(document(), answer(*given))

    assert told("GET", "/status", 418, "text/plain") == "getStatus: 418"
    assert told("GET", "/photos/abc", 409, "application/problem+json") == "getPhoto: 409"
    assert told("POST", "/search", 410, "text/html") == "searchWithBody: 410 with text/html"
    assert told("HEAD", "/photos/abc/original", 416, "application/problem+json") is None
    assert told("GET", "/nothing", 404, "application/problem+json") is None


def check(schema: dict[str, Any], example: Any, *, grown: bool) -> None:
    """``grown``: it has every field that the schema knows, and no other."""
    parts = deepcopy(document()["components"])
    for known in parts["schemas"].values() if grown else ():
        if "properties" in known:
            known |= {"additionalProperties": False, "required": list(known["properties"])}
    # references point into the document, of which this becomes one
    OAS31Validator({**schema, "components": parts}).validate(example)


def test_every_text_and_list_that_is_sent_has_an_end() -> None:
    for name, call in CALLS.items():
        for kind, body in call.get("requestBody", {}).get("content", {}).items():
            for place, schema in parts_of(body["schema"], name):
                if schema.get("type") == "string" and not {"enum", "const"} & schema.keys():
                    bounded = "maxLength" in schema or schema.get("format") == "binary"
                    assert bounded, (place, kind)
                if schema.get("type") == "array":
                    assert "maxItems" in schema, (place, kind)
                if schema.get("type") == "object":
                    assert schema.get("additionalProperties") is False, (place, kind)


def parts_of(schema: dict[str, Any], place: str) -> list[tuple[str, dict[str, Any]]]:
    """A schema and all that it is made of."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    inner = [(f"{place}.{name}", each) for name, each in schema.get("properties", {}).items()]
    inner += [(place, each) for each in schema.get("anyOf", [])]
    inner += [(f"{place}[]", schema["items"])] if "items" in schema else []
    return [(place, schema), *(part for name, each in inner for part in parts_of(each, name))]
