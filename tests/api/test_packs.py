"""The routes of packs."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.api.fake_service import FakeService


def test_what_is_asked_reaches_the_service(http: TestClient, service: FakeService) -> None:
    assert http.get("/packs", params={"language": "de-DE"}).json()["packs"][0]["id"] == "mini@5"
    for method, path, body, status, asked in (
        ("POST", "/packs/pull", {"pack": "house/clip@main"}, 202, "pull house/clip@main"),
        (
            "POST",
            "/packs/pull",
            {"pack": "clip", "precision": "fp16/int8"},
            202,
            "pull clip in fp16/int8",
        ),
        ("POST", "/packs/cancel", None, 200, "cancel"),
        ("POST", "/packs/clip-b32/use", None, 202, "use clip-b32"),
        ("POST", "/packs/back", None, 202, "back"),
        ("DELETE", "/packs/clip-b32", None, 200, "remove clip-b32"),
    ):
        answer = http.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        assert answer.json()["switch"]["state"] == "idle"
        assert service.packs.asked[-1] == asked
    wrong = http.post("/packs/pull", json={"pack": "clip", "precision": "fp8"})
    assert wrong.status_code == 400
    assert http.post("/packs/mini/use").status_code == 409


@pytest.mark.parametrize("name", [".kept", "..", "a%2Fb", "%00", "-x"])
def test_a_name_is_no_path(http: TestClient, service: FakeService, name: str) -> None:
    assert http.delete(f"/packs/{name}").status_code in {400, 404, 405, 422}
    assert service.packs.asked == []
