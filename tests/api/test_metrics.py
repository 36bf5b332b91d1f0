"""Numbers for Prometheus."""

from __future__ import annotations

import threading

from fastapi.testclient import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from crispd.server.application import create_app
from tests.api.checks import problem
from tests.api.fake_service import ID, FakeService

HERE = "http://127.0.0.1"
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def numbers(http: TestClient) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels' values in the labels' order."""
    answer = http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in plain(answer.text)
        for sample in family.samples
    }


def test_searches_by_stage(http: TestClient) -> None:
    http.get("/search?q=dog")
    http.post("/search", json={"q": "dog"})
    found = numbers(http)
    # the fake says how long each stage took; what is before them is the service's own
    read = sum(found["crispd_search_duration_seconds_sum", own] for own in ("wait", "parse"))
    for stage, seconds in (("text", 0.0082), ("coarse", 0.0016), ("total", 0.0344 + read)):
        assert found["crispd_search_duration_seconds_count", stage] == 2
        assert abs(found["crispd_search_duration_seconds_sum", stage] - seconds) < 1e-5
    assert found["crispd_search_duration_seconds_bucket", "0.005", "text"] == 2
    assert found["crispd_search_duration_seconds_bucket", "0.01", "total"] == 0
    # the fake's questions have no filter, and a stage that did not run is not a fast one
    assert ("crispd_search_duration_seconds_count", "filter") not in found


def test_the_page_s_searches_count(http: TestClient) -> None:
    http.get("/?q=dog")
    assert numbers(http)["crispd_search_duration_seconds_count", "total"] == 1


def test_requests_by_route_and_status(http: TestClient) -> None:
    for path in (
        f"/photos/{ID}",
        f"/photos/{'b' * 24}",
        "/no/secret-wedding.jpg",
        "/search?limit=0",
    ):
        http.get(path)
    http.request("BREW", "/no/coffee")
    found = numbers(http)
    name = "crispd_http_requests_total"
    assert found[name, "GET", "/photos/{photo_id}", "200"] == 1
    assert found[name, "GET", "/photos/{photo_id}", "404"] == 1
    assert found[name, "GET", "none", "404"] == 1
    assert found[name, "GET", "/search", "400"] == 1
    assert [key for key in found if key[0] == name and key[1] == "other"]
    written = http.get("/metrics").text
    assert not [word for word in ("secret", "wedding", "coffee", "BREW", ID) if word in written]


def test_the_house(http: TestClient, service: FakeService) -> None:
    found = numbers(http)
    assert found["crispd_ready",] == 1
    assert found["crispd_photos",] == 3
    assert found["crispd_state", "ready"] == 1
    assert found["crispd_state", "paused"] == 0
    assert found["crispd_info", "mini-1", "0.1.0"] == 1
    assert found["crispd_cache_hits_total", "texts"] == 5
    assert found["crispd_cache_misses_total", "thumbnails"] == 3
    assert found["process_resident_memory_bytes",] > 1e6
    assert ("crispd_eta_seconds",) not in found  # nobody knows


def test_openmetrics_for_whoever_accepts_it(http: TestClient) -> None:
    http.get("/search?q=dog")
    answer = http.get("/metrics", headers={"accept": OPENMETRICS})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in openmetrics(answer.text)}
    assert {"crispd_search_duration_seconds", "crispd_encoded", "crispd_ready"} <= names


def test_while_it_starts() -> None:
    service = FakeService(start_gate=threading.Event())
    assert service.start_gate is not None
    with TestClient(
        create_app(service, "0", lambda *_: None), base_url=HERE, client=("127.0.0.1", 50000)
    ) as http:
        found = numbers(http)
        service.start_gate.set()
    assert found["crispd_ready",] == 0
    assert ("crispd_photos",) not in found


def test_two_applications_have_two_registries(http: TestClient) -> None:
    http.get("/search?q=dog")
    other = create_app(FakeService(), "0", lambda *_: None)
    with TestClient(other, base_url=HERE, client=("127.0.0.1", 50000)) as second:
        found = numbers(second)
    assert ("crispd_search_duration_seconds_count", "total") not in found


def test_parameters_are_refused(http: TestClient) -> None:
    problem(http.get("/metrics?name=a"), 400, "name")
