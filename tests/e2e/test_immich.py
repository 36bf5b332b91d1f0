"""Immich's API on a real process, as its mobile app and its SDK ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server

# As the SDK and the app ask: what is not set is null, empty or left out.
BODY = {
    "query": "a photo of an animal", "page": 1, "size": 5, "withExif": True, "type": "IMAGE",
    "isFavorite": None, "isMotion": None, "personIds": [], "tagIds": None, "make": None,
    "model": None, "takenAfter": "2001-01-01T00:00:00.000Z", "visibility": "timeline",
    "language": "en-US",
}  # fmt: skip


@pytest.mark.usefixtures("indexed")
def test_search_pages_and_pictures(photos: Path, serve: Callable[..., Server]) -> None:
    server = serve(photos, auth="required", immich_api="true")
    http = server.http
    http.headers["authorization"] = f"Bearer {(server.data / 'local-token').read_text().strip()}"
    server.settle()

    def key(*scopes: str) -> dict[str, str]:
        device = {"name": "-".join(scopes), "scopes": list(scopes)}
        return {"x-api-key": http.post("/devices", json=device).json()["token"]}

    narrow, full = key("search"), key("search", "originals")
    del http.headers["authorization"]
    assert http.get("/api/server/ping").json() == {"res": "pong"}
    assert http.post("/api/search/smart", json=BODY).status_code == 401

    found: list[dict[str, Any]] = []
    page: str | None = "1"
    while page is not None:
        asked = BODY | {"page": int(page)}
        answer = http.post("/api/search/smart", json=asked, headers=narrow).json()["assets"]
        assert answer["count"] == len(answer["items"]) <= 5
        found += answer["items"]
        page = answer["nextPage"]
    expected = http.get("/search", params={"q": BODY["query"], "limit": 200}, headers=narrow)
    names = [hit["filename"] for hit in expected.json()["results"]]
    assert len(names) > 5
    assert [asset["originalFileName"] for asset in found] == names

    address = f"/api/assets/{found[0]['id']}"
    shown = http.get(f"{address}/thumbnail?size=preview", headers=narrow)
    assert shown.headers["content-type"] == "image/jpeg"
    assert http.get(f"{address}/original", headers=narrow).status_code == 403
    original = http.get(f"{address}/original", headers=full).content
    assert original == (photos / names[0]).read_bytes()
