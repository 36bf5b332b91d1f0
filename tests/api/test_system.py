"""Folders, problems, status, health, the start page, and what is at no address."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from crispd.errors import StorageError
from crispd.filters.table import FILTERS
from crispd.types import HealthReport, IngestProgress
from tests.api.checks import problem
from tests.api.fake_service import FakeService
from tests.api.test_openapi import OPERATIONS


def test_folders(http: TestClient) -> None:
    [folder] = http.get("/folders").json()["folders"]
    assert folder == {
        "path": "/srv/caf�",
        "online": True,
        "watch": "events",
        "photos": 3,
        "failed": 1,
        "scanning": False,
        "last_scan": None,
        "lag_seconds": 0.0,
        "hint": "A hint.",
        "hint_code": None,
        "hint_values": {},
        "missing": 0,
    }
    rescan = http.post("/folders/rescan")
    assert (rescan.status_code, rescan.json()) == (202, {"started": 2})


def test_problems(http: TestClient, service: FakeService) -> None:
    answer = http.get("/problems", params={"limit": 5, "offset": 10}).json()
    assert answer["total"] == 7
    assert answer["problems"] == [
        {
            "path": "bad.jpg",
            "folder": "/srv/photos",
            "code": "truncated",
            "reason": "It is cut off.",
            "since": "2024-01-01T00:00:00Z",
        }
    ]
    assert service.pages == [(5, 10)]
    retry = http.post("/problems/retry")
    assert (retry.status_code, retry.json()) == (202, {"started": 7})
    problem(http.get("/problems?limit=0"), 400, "limit", "1 to 1000")
    problem(http.get("/problems?offset=-1"), 400, "offset", "whole number")


def test_status_is_flat(http: TestClient, service: FakeService) -> None:
    service.data_dir = "/caf\udce9"
    status = http.get("/status").json()
    wanted = {"photos", "pending", "failed", "images_per_second", "eta_seconds", "pack", "version"}
    assert wanted <= set(status)
    assert not [value for value in status.values() if isinstance(value, dict | list)]
    assert status["data_dir"] == "/caf�"


def test_health(http: TestClient, service: FakeService) -> None:
    for path in ("/healthz", "/readyz"):
        assert http.get(path).json() == {"ok": True, "reasons": []}
        assert http.head(path).status_code == 200
    service.healthy = HealthReport(False, ("thread writer is dead.",))
    for path in ("/healthz", "/readyz"):
        problem(http.get(path), 503, "thread writer is dead")


@pytest.mark.parametrize("path", ["/folders", "/status", "/healthz", "/readyz", "/problems"])
def test_unknown_parameters_are_refused_everywhere(http: TestClient, path: str) -> None:
    problem(http.get(path, params={"colour": "red"}), 400, "colour")


@pytest.mark.parametrize("path", ["/nope", "/docs", "/redoc", "/photos", "/..%2fetc", "/%00"])
def test_nothing_there(http: TestClient, path: str) -> None:
    problem(http.get(path), 404, "/openapi.json")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/search", "GET, POST"),
        ("POST", "/status", "GET"),
        ("GET", "/folders/rescan", "POST"),
        ("PUT", "/photos/abc/original", "GET, HEAD"),
    ],
)
def test_wrong_methods(http: TestClient, method: str, path: str, allowed: str) -> None:
    answer = http.request(method, path)
    problem(answer, 405, method, allowed)
    assert answer.headers["allow"] == allowed


def test_openapi(http: TestClient) -> None:
    document = http.get("/openapi.json").json()
    operations = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }
    assert set(operations) == OPERATIONS
    known = {parameter["name"] for parameter in operations["search"]["parameters"]}
    assert known == {
        "q", "limit", "rerank", "cursor", "like", "min_relevance", "group", "sort", "spelling",
        "parse", "closest", "language", *FILTERS,
    }  # fmt: skip


def test_the_page_is_whole_by_itself(http: TestClient) -> None:
    answer = http.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    # what is asked for already is data and no script; the style is named by its hash
    scripts = re.findall(r"<script([^>]*)>", answer.text)
    assert all(" src=" in given or 'type="application/json"' in given for given in scripts)
    assert not re.search(r"style=|https?://(?!127.0.0.1/)", answer.text)
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', answer.text):
        assert http.get(address).status_code == 200, address
    assert "3 photos searchable" in answer.text
    assert "curl 'http://127.0.0.1/search?q=" in answer.text


def test_the_page_shows_what_is_found(http: TestClient, service: FakeService) -> None:
    answer = http.get("/", params={"q": '"><script>alert(1)</script>'})
    assert "<script>" not in answer.text
    assert 'value="&#34;&gt;&lt;script&gt;' in answer.text
    assert f"/photos/{service.photo_record.id}/thumbnail" in answer.text
    service.search_error = StorageError("<b>no space</b>")
    answer = http.get("/?q=a")
    assert answer.status_code == 503
    assert "&lt;b&gt;no space" in answer.text


def test_the_page_of_an_empty_house(http: TestClient, service: FakeService) -> None:
    service.photos = 0
    assert "as soon as there are any in the folders" in http.get("/").text
    service.state = IngestProgress(pending=4)
    assert "as they are read" in http.get("/").text


def test_missing_photos_are_confirmed(http: TestClient, service: FakeService) -> None:
    for body in (None, {}, {"path": "/srv/photos"}):
        answer = http.post("/folders/confirm", json=body)
        assert (answer.status_code, answer.json()) == (202, {"started": 1})
    assert service.confirmed == [None, None, "/srv/photos"]
    assert http.post("/folders/confirm", json={"path": "/nowhere"}).status_code == 404
    assert http.post("/folders/confirm", json={"folder": "/srv"}).status_code == 400


def test_pause_and_resume(http: TestClient, service: FakeService) -> None:
    assert http.post("/indexing/pause").json() == {"paused": True}
    assert service.paused
    assert http.post("/indexing/resume").json() == {"paused": False}
    assert not service.paused


def test_photos_are_read_anew(http: TestClient, service: FakeService) -> None:
    for body in ({"path": "/srv/photos"}, {"id": "a" * 24}):
        answer = http.post("/photos/reread", json=body)
        assert (answer.status_code, answer.json()) == (202, {"started": 3})
    assert service.reread_photos == ["/srv/photos", "a" * 24]
    assert http.post("/photos/reread", json={"path": "/nowhere"}).status_code == 404
    assert http.post("/photos/reread", json={"id": "../../etc"}).status_code == 404
    for wrong in ({}, {"path": "/srv", "id": "a" * 24}, {"folder": "/srv"}, {"path": ["/srv"]}):
        assert http.post("/photos/reread", json=wrong).status_code == 400
