"""A part of Immich's API, over a fake house: asked with what known clients send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from crispd.api.routes.immich import asset, id_of, uuid_of
from crispd.server.application import create_app
from crispd.types import CaptureTime, NameChoice
from tests.api.checks import problem
from tests.api.conftest import HERE
from tests.api.fake_service import ID, FakeService, record

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.fixture
def immich(service: FakeService) -> Iterator[TestClient]:
    app = create_app(service, "0.1.0", lambda *_: None, immich=True)
    with TestClient(app, base_url=HERE, client=("127.0.0.1", 50000)) as client:
        while not service.started:
            pass
        yield client


@given(st.text(ALPHABET, min_size=24, max_size=24))
def test_ids_become_uuids_and_back(photo_id: str) -> None:
    made = UUID(uuid_of(photo_id))
    assert made.version == 4
    assert made.variant == "specified in RFC 4122"
    assert id_of(str(made)) == photo_id


def test_it_is_off_unless_asked_for(http: TestClient) -> None:
    for path in ("/api/server/ping", "/api/search/smart", f"/api/assets/{uuid_of(ID)}"):
        problem(http.get(path), 404, "nothing at this address")


def test_what_programs_ask_first(immich: TestClient) -> None:
    assert immich.get("/api/server/ping").json() == {"res": "pong"}
    assert immich.get("/api/server/version").json()["major"] == 3


def test_filters_are_handed_on(immich: TestClient, service: FakeService) -> None:
    body = {
        "query": "dogs on a beach", "page": 1, "size": 50, "withExif": True, "type": "IMAGE",
        "takenAfter": "2020-01-01T12:00:00.000Z", "takenBefore": "2021-01-01T12:00:00.000Z",
        "make": "Google", "model": "Pixel 8", "isFavorite": False, "personIds": [],
        "language": "en", "visibility": "timeline", "city": None,
    }  # fmt: skip
    assert immich.post("/api/search/smart", json=body).status_code == 200
    (query,) = service.queries
    after = datetime(2020, 1, 1, 12, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert (query.words, query.limit) == ("dogs on a beach", 50)
    assert query.filters.value("after") == after.isoformat()
    (camera,) = query.filters.values("camera")
    assert camera == NameChoice(("Google", "Pixel 8"), every=True)
    immich.post("/api/search/smart", json={"queryAssetId": uuid_of(ID)})
    assert service.queries[1].more == (ID,)


def test_whose_summer_it_is(immich: TestClient, service: FakeService) -> None:
    for half, first in (("north", "2019-06-01T00:00:00"), ("south", "2019-12-01T00:00:00")):
        service.half = half
        immich.post("/api/search/smart", json={"query": "beach summer 2019"})
        assert service.queries[-1].filters.value("after") == first


def test_an_asset(immich: TestClient) -> None:
    (found,) = immich.post("/api/search/smart", json={"query": "dogs", "withExif": True}).json()[
        "assets"
    ]["items"]
    assert found == immich.get(f"/api/assets/{uuid_of(ID)}").json()
    assert id_of(found["id"]) == ID
    assert found["localDateTime"] == "2021-07-03T10:12:00.000Z"
    assert found["originalPath"] == "/srv/photos/2021/IMG_1.jpg"
    assert found["exifInfo"]["model"] == "Pixel 8"
    plain = immich.post("/api/search/smart", json={"query": "dogs"}).json()
    assert "exifInfo" not in plain["assets"]["items"][0]


def test_without_a_time_it_is_that_of_the_file(immich: TestClient, service: FakeService) -> None:
    known = record()
    service.photo_record = replace(known, metadata=replace(known.metadata, capture_time=None))
    found = immich.get(f"/api/assets/{uuid_of(ID)}").json()
    assert found["localDateTime"] == found["fileCreatedAt"] == found["fileModifiedAt"]
    assert found["exifInfo"]["dateTimeOriginal"] is None


@pytest.mark.parametrize("type_", ["VIDEO", "AUDIO", "OTHER"])
def test_there_are_photos_only(immich: TestClient, service: FakeService, type_: str) -> None:
    answer = immich.post("/api/search/smart", json={"query": "dogs", "type": type_}).json()
    nothing = {"items": [], "count": 0, "total": 0, "facets": []}
    nothing |= {"nextPage": None, "nextCursor": None}
    assert answer == {"albums": nothing, "assets": nothing}
    assert not service.queries


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"query": "a", "isFavorite": True}, ("cannot filter by isFavorite",)),
        ({"query": "a", "personIds": [uuid_of(ID)], "city": "Kiel"}, ("city, personIds",)),
        ({"query": "a", "rating": 3}, ("rating",)),
        ({"query": "a", "page": 0}, ("page",)),
        ({"query": "a", "size": 1001}, ("size",)),
        ({"query": "a", "takenAfter": "gestern"}, ("takenAfter",)),
        ({"query": ""}, ("empty",)),
        ({}, ("empty",)),
    ],
)
def test_what_cannot_be_done_is_said(
    immich: TestClient, body: dict[str, Any], said: tuple[str, ...]
) -> None:
    problem(immich.post("/api/search/smart", json=body), 400, *said)


def test_pictures(immich: TestClient, service: FakeService) -> None:
    address = f"/api/assets/{uuid_of(ID)}"
    for size in ("thumbnail", "preview", "fullsize"):
        answer = immich.get(f"{address}/thumbnail", params={"size": size, "c": "abc"})
        assert answer.content[:2] == b"\xff\xd8"
    assert service.sizes == [480, 1440, 4096]
    assert immich.get(f"{address}/original").headers["etag"] == '"original-tag"'


@pytest.mark.parametrize("asset_id", ["abc", ID, "1" * 36, f"{uuid_of('a' * 24)}"])
def test_assets_that_are_none(immich: TestClient, asset_id: str) -> None:
    for path in ("", "/thumbnail", "/original"):
        problem(immich.get(f"/api/assets/{asset_id}{path}"), 404)
    if "-" not in asset_id:
        problem(immich.post("/api/search/smart", json={"queryAssetId": asset_id}), 404)


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59",
        "9999-12-31T23:59:59-12:00", "2021-07-03T10:12:00+23:59", "2021-07-03T10:12:00+25:00",
        "not a date",
    ],
)  # fmt: skip
def test_dates_at_the_ends_of_all_calendars(at: str) -> None:
    """As older versions stored them."""
    known = record()
    odd = replace(known, metadata=replace(known.metadata, capture_time=CaptureTime(at, "exif")))
    found = asset(odd, exif=True)
    assert found["fileCreatedAt"].endswith("Z")
    assert found["localDateTime"].endswith("Z")
