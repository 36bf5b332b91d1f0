"""schemathesis: whatever is asked, a real house answers as its OpenAPI says, and with no 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.documented import document
from tests.e2e.indexed import IndexedAlbum
from tests.e2e.server import Server

pytestmark = pytest.mark.slow  # thousands of questions


def no_fault(_context: object, answer: Any, _case: Case) -> None:
    """No 5xx, but where a house that has enough says when to come back."""
    enough = answer.status_code == 503 and "retry-after" in answer.headers
    assert answer.status_code < 500 or enough, answer.text


CHECKS = [
    no_fault,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# An answer of getEvents has no end; tests/e2e/test_examples.py reads its beginning.
SCHEMA = schemathesis.openapi.from_dict(document()).exclude(operation_id="getEvents")
THOROUGHLY = settings(max_examples=60, suppress_health_check=list(HealthCheck), database=None)


class House:
    """A server that asks for tokens; the headers of three who ask it."""

    def __init__(self, folder: Path, album: IndexedAlbum) -> None:
        photos = folder / "photos"
        album.copy(photos, folder / "data")
        self.server = Server(folder / "data", photos, auth="required")
        local = (self.server.data / "local-token").read_text().strip()
        owner = {"authorization": f"Bearer {local}"}
        self.server.http.headers.update(owner)
        self.server.settle()
        made = self.server.http.post("/devices", json={"name": "narrow", "scopes": ["search"]})
        self.headers = {
            "owner": owner,
            "narrow": {"x-api-key": made.json()["token"]},
            "nobody": {},
        }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, indexed_album: IndexedAlbum) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("house"), indexed_album)
    yield found
    found.server.stop()


@SCHEMA.parametrize()
@THOROUGHLY
def test_the_owner(case: Case, house: House) -> None:
    ask(case, house, "owner")


@SCHEMA.parametrize()
@THOROUGHLY
def test_a_device_that_may_only_search(case: Case, house: House) -> None:
    ask(case, house, "narrow")


@SCHEMA.parametrize()
@THOROUGHLY
def test_nobody(case: Case, house: House) -> None:
    ask(case, house, "nobody")


def ask(case: Case, house: House, who: str) -> None:
    case.call_and_validate(
        base_url=str(house.server.http.base_url), headers=house.headers[who], checks=CHECKS
    )
