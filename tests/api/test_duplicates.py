"""``/duplicates``."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.api.checks import problem
from tests.api.fake_service import ID


def test_the_shape(http: TestClient) -> None:
    answer = http.get("/duplicates", params={"limit": 5}).json()
    group = answer.pop("groups")[0]
    assert answer == {"complete": False, "checked": 5, "total": 1000, "next": "7"}
    assert group["wasted_bytes"] == 3145728
    first = group["photos"][0]
    assert (first["id"], first["exact"]) == (ID, True)
    assert first["bytes"] > 0
    assert first["thumbnail"].endswith("/thumbnail")


def test_wrong_calls(http: TestClient) -> None:
    problem(http.get("/duplicates?limit=0"), 400, "limit", "1 to 200")
    problem(http.get("/duplicates?cursor=bad"), 400, "cursor")
    problem(http.get("/duplicates?page=2"), 400, "page", "Known are")
