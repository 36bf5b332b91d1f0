"""The document for programs: valid, and its operation ids stay."""

from __future__ import annotations

from typing import Any

from openapi_spec_validator import validate

from crispd.api.app import create_app
from tests.api.fake_house import FakeHouse

# Generated clients name their methods after these. A new one is added here on purpose; one that is
# renamed or gone breaks other people's programs.
OPERATIONS = {
    "addDevice", "closeSession", "confirmMissing", "getAuthority", "getDevices", "getDuplicates",
    "getEvents", "getFolders", "getHealth", "getInvitation", "getMetrics", "getOriginal",
    "getPhoto", "getPreview", "getProblems", "getReadiness", "getSession", "getShared",
    "getStatus", "getSuggestions", "getThumbnail", "inviteDevice", "openSession", "pairDevice",
    "pauseIndexing", "removeDevice", "rescanFolders", "resumeIndexing", "retryProblems", "search",
    "searchWithBody", "sharePhoto",
}  # fmt: skip


def document() -> dict[str, Any]:
    return create_app(FakeHouse(), "0", lambda *_: None).openapi()


def operations() -> list[dict[str, Any]]:
    return [call for methods in document()["paths"].values() for call in methods.values()]


def test_it_is_valid() -> None:
    validate(document())


def test_operation_ids_stay() -> None:
    found = [call["operationId"] for call in operations()]
    assert len(found) == len(set(found))
    assert set(found) == OPERATIONS


def test_every_operation_says_what_it_does() -> None:
    for call in operations():
        assert call.get("summary"), call
        assert call.get("description"), call
