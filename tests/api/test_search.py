"""``/search``: its shape, its parameters, and the whole table of wrong calls."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crispd.api.dependencies import SearchPool
from crispd.api.metrics import Metrics
from crispd.errors import NotReady, Overloaded
from crispd.types import Bounds, Filters, NameChoice, Query
from tests.api.checks import problem
from tests.api.fake_service import ID, FakeService, error_named, record

HIT = {
    "id": ID,
    "path": "2021/IMG_1.jpg",
    "folder": "/srv/photos",
    "filename": "IMG_1.jpg",
    "relevance": None,
    "score": 0.876543,
    "coarse_score": 0.31,
    "fine_score": 2.4,
    "duplicates": None,
    "duplicate_ids": [],
    "matched": [],
    "people": ["Lena"],
    "place": {"name": "Kiel", "region": "Schleswig-Holstein", "country": "Germany"},
    "taken_at": "2021-07-03T10:12:00",
    "taken_from": "exif",
    "taken_precision": "second",
    "width": 4032,
    "height": 3024,
    "type": "jpeg",
    "online": True,
    "thumbnail": f"/photos/{ID}/thumbnail",
    "original": f"/photos/{ID}/original",
}


def test_the_answer_is_the_contract(http: TestClient, service: FakeService) -> None:
    answer = http.get("/search", params={"q": " dog on a beach "})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    times = body.pop("timings_ms")
    assert list(times) == ["wait", "parse", "text", "coarse", "fine", "total"]
    assert times["total"] == pytest.approx(17.2 + times["wait"] + times["parse"], abs=0.01)
    assert body == {
        "query": "dog on a beach",
        "searched": "dog on a beach",
        "results": [HIT],
        "closest": [],
        "considered": 10412,
        "exact": False,
        "reranked": 100,
        "next": None,
        "interpreted": [],
        "likely": None,
        "maybe": None,
        "notes": ["A note."],
        "remarks": [{"code": "other", "text": "A note.", "values": {}}],
    }
    assert service.queries == [Query("dog on a beach", words="dog on a beach")]


def test_post_is_the_same(http: TestClient, service: FakeService) -> None:
    body = {"q": "a dog", "limit": 7, "rerank": False, "min_relevance": "all", "sort": "relevance",
            "spelling": False}  # fmt: skip
    by_post = http.post("/search", json=body).json()
    by_get = http.get("/search", params=body).json()
    assert by_post.pop("timings_ms").keys() == by_get.pop("timings_ms").keys()
    assert by_post == by_get
    assert (
        service.queries
        == [Query("a dog", 7, False, False, words="a dog", sort="relevance", min_relevance="all")]
        * 2
    )


@pytest.mark.parametrize("limit", [1, 200])
def test_limits_at_their_ends(http: TestClient, service: FakeService, limit: int) -> None:
    assert http.get("/search", params={"q": "x", "limit": limit}).status_code == 200
    assert service.queries[0].limit == limit


@pytest.mark.parametrize(
    "words", ["a\0b", "犬と海", "🐕‍🦺", "ä" * 10_000, "'; DROP TABLE--", "%", "a\nb"]
)
def test_any_text_is_a_question(http: TestClient, words: str) -> None:
    assert http.get("/search", params={"q": words}).json()["query"] == words
    assert http.post("/search", json={"q": words}).json()["query"] == words


def test_text_that_is_no_unicode_is_mended(http: TestClient) -> None:
    assert http.get("/search?q=a%ff").json()["query"] == "a�"
    sent = http.post("/search", content=r'{"q": "a\ud800"}', headers=_JSON)
    assert sent.json()["query"] == "a�"


_JSON = {"content-type": "application/json"}
WRONG: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ("empty", "q=")),
    ({"q": ""}, ("empty", "q=")),
    ({"q": " \t\u200b\0"}, ("empty", "q=")),
    ({"q": "x" * 10_001}, ("10001", "10000")),
    ({"q": "x", "limit": 0}, ("limit", "0", "1 to 200")),
    ({"q": "x", "limit": 201}, ("limit", "201", "1 to 200")),
    ({"q": "x", "limit": -1}, ("limit", "-1", "1 to 200")),
    ({"q": "x", "limit": "abc"}, ("limit", "abc", "1 to 200")),
    ({"q": "x", "limit": 1.5}, ("limit", "1.5", "1 to 200")),
    ({"q": "x", "limit": "9" * 5000}, ("limit", "1 to 200")),
    ({"q": "x", "rerank": "maybe"}, ("rerank", "maybe", "true or false")),
    ({"q": "x", "spelling": "maybe"}, ("spelling", "maybe", "true or false")),
    ({"q": "x", "colour": "red"}, ("colour", "Known are", "min_relevance")),
    ({"q": "x", "after": "gestern-ish"}, ("after", "gestern-ish", "not a time")),
    ({"q": "x", "before": "2020-13-45"}, ("before", "2020-13-45")),
    ({"q": "x", "folder": " "}, ("folder", "2019/party")),
    ({"q": "x", "type": "xyz"}, ("type", "xyz", "heic")),
    ({"q": "x", "camera": " "}, ("camera", "pixel")),
    ({"q": "x", "near": "here"}, ("near", "here", "48.86,2.35,5km")),
    ({"q": "x", "near": "91,0"}, ("near", "-90 to 90")),
    ({"q": "x", "has": "faces"}, ("has", "faces", "gps")),
    ({"q": "x", "orientation": "round"}, ("orientation", "portrait")),
    ({"q": "x", "min_width": 0}, ("min_width", "1 to 1000000")),
    ({"q": "x", "rating": 6}, ("rating", "1 to 5")),
    ({"q": "x", "keyword": ","}, ("keyword",)),
    ({"q": "x", "like": "dog"}, ("like", "dog", "id")),
    ({"q": "x", "min_relevance": "some"}, ("min_relevance", "likely or maybe or all")),
    ({"q": "x", "sort": "random"}, ("sort", "newest")),
    ({"q": "type:jpeg", "type": "png"}, ("both jpeg and png",)),
    ({"q": "in:a", "folder": "b"}, ("Two folders",)),
]


@pytest.mark.parametrize(("given", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_calls_are_explained(
    http: TestClient, service: FakeService, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    problem(http.get("/search", params=given), 400, *words)
    problem(http.post("/search", json=given), 400, *words)
    assert not service.queries


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", ("JSON object",)),
        ("[]", ("JSON object",)),
        ("null", ("JSON object",)),
        ("{", ("not valid JSON", "character 1")),
        ("[" * 100_000, ("body",)),
        ('{"q": 1}', ("q is 1", "text")),
        ('{"q": null}', ("q is None", "text")),
        ('{"q": "x", "limit": "5"}', ("limit is '5'", "1 to 200")),
        ('{"q": "x", "limit": true}', ("limit", "1 to 200")),
        ('{"q": "x", "limit": NaN}', ("limit", "1 to 200")),
        ('{"q": "x", "limit": 1e400}', ("limit", "1 to 200")),
        ('{"q": "x", "rerank": "no"}', ("rerank", "true or false")),
        (r'{"q": "x", "\ud800": 1}', ("JSON object",)),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_bodies_are_explained(http: TestClient, body: str, words: tuple[str, ...]) -> None:
    problem(http.post("/search", content=body, headers=_JSON), 400, *words)


def test_other_kinds_of_body(http: TestClient) -> None:
    plain = http.post("/search", content='{"q": "x"}', headers={"content-type": "text/plain"})
    problem(plain, 400, "application/json")
    problem(http.post("/search", data={"q": "x"}), 400, "application/json")
    problem(http.post("/search?q=x", json={"q": "x"}), 400, "Unknown parameter q")


def test_a_body_has_an_end(http: TestClient) -> None:
    body = b'{"q": "' + b"x" * (256 * 1024) + b'"}'
    problem(http.post("/search", content=body, headers=_JSON), 413, "262144")
    problem(http.post("/search", content=iter([body[:200_000]] * 2), headers=_JSON), 413)
    longest = json.dumps({"q": "\U0001f415" * 10_000})  # 120,000 bytes
    assert http.post("/search", content=longest, headers=_JSON).status_code == 200


def test_a_parameter_given_twice_is_refused(http: TestClient) -> None:
    problem(http.get("/search?q=a&q=b"), 400, "q is given more than once")


def test_a_great_many_unknown_parameters_make_a_short_answer(http: TestClient) -> None:
    query = "&".join(f"{'n' * 100}{number}=1" for number in range(100))
    assert len(http.get(f"/search?q=a&{query}").content) < 1000


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("QueryError", 400),
        ("NotFound", 404),
        ("NotReady", 503),
        ("Overloaded", 503),
        ("StorageError", 503),
        ("DiskFull", 503),
        ("PackMissing", 503),
        ("PhotoVanished", 404),
        ("Unauthorized", 401),
        ("CrispdError", 500),
    ],
)
def test_errors_become_problems(
    http: TestClient, service: FakeService, name: str, status: int
) -> None:
    service.search_error = error_named(name)
    answer = http.get("/search?q=a")
    assert answer.json()["detail"] == f"a sentence about {name}"
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (name in {"NotReady", "Overloaded"})


def test_what_nobody_foresaw_shows_nothing_of_the_inside(
    http: TestClient, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    service.search_error = ZeroDivisionError("secret path /home/me")
    answer = http.get("/search?q=a")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_scores_are_finite_or_an_error(
    http: TestClient, service: FakeService, score: float
) -> None:
    service.fine_score = score
    assert http.get("/search?q=a").status_code == 500
    service.fine_score = None
    assert http.get("/search?q=a").json()["results"][0]["fine_score"] is None


def test_names_in_any_bytes(http: TestClient, service: FakeService) -> None:
    service.photo_record = record("caf\udce9/\udcff.jpg")
    hit = http.get("/search?q=a").json()["results"][0]
    assert (hit["path"], hit["filename"]) == ("caf�/�.jpg", "�.jpg")


def test_the_log_does_not_tell_what_was_looked_for(
    http: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        http.get("/search?q=birthday")
        http.get("/photos/%0Aforged")
    mine = [record.getMessage() for record in caplog.records if record.name == "crispd.access"]
    assert mine[0].startswith("GET /search 200 ")
    assert mine[1].startswith("GET /photos/%0Aforged 404 ")
    assert "birthday" not in "".join(mine)
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "crispd.access"):
        http.get("/search?q=birthday")
    assert "birthday" in caplog.text


def test_too_many_searches_at_once() -> None:
    gate = threading.Event()

    async def crowd() -> None:
        pool = SearchPool(Metrics(FakeService()), workers=1, waiting=1)
        try:
            tasks = [asyncio.create_task(pool.run(gate.wait, 10)) for _ in range(2)]
            await asyncio.sleep(0.05)
            with pytest.raises(Overloaded):
                await pool.run(gate.wait)
            tasks[0].cancel()  # its caller left; the search itself still runs
            await asyncio.sleep(0.05)
            with pytest.raises(Overloaded):
                await pool.run(gate.wait)
            gate.set()
            assert await tasks[1]
            assert await pool.run(gate.wait)
        finally:
            gate.set()
            pool.close()
        with pytest.raises(NotReady):
            await pool.run(gate.wait)

    asyncio.run(crowd())


def test_places(http: TestClient, service: FakeService) -> None:
    answer = http.get("/places?person=anna&min_width=100&limit=1").json()
    kiel = {
        "name": "Kiel", "region": "Schleswig-Holstein", "country": "Germany",
        "latitude": 54.32, "longitude": 10.13, "count": 3,
    }  # fmt: skip
    assert answer == {"places": [kiel], "total": 2}
    assert service.filtered == [Filters.of(person=NameChoice(("anna",)), min_width=100)]
    (hut,) = http.get("/places?offset=1").json()["places"]
    assert (hut["name"], hut["latitude"]) == ("Hut\ufffd", None)
    assert http.get("/places?offset=7").json() == {"places": [], "total": 2}
    problem(http.get("/places?limit=1001"), 400, "limit", "1 to 1000")
    problem(http.get("/places?rating=9"), 400, "rating")
    problem(http.get("/places?near=home"), 400, "near", "latitude")
    assert service.chosen[0] == ("", None)
    http.get("/places?q=ki&bounds=47.2,5.8,55.1,15.1")
    assert service.chosen[-1] == ("ki", Bounds(47.2, 5.8, 55.1, 15.1))
    problem(http.get("/places?dog=ki"), 400, "Unknown parameter dog")
    for bounds in ("1,2,3", "nan,0,1,1", "5,0,4,1", "0,0,1,181", "-91,0,0,1", "a,b,c,d", ""):
        problem(http.get("/places", params={"bounds": bounds}), 400, "south,west,north,east")


def test_people(http: TestClient, service: FakeService) -> None:
    answer = http.get("/people?q=x&after=2020&limit=1").json()
    assert answer == {"people": [{"name": "Annax\ufffd", "count": 3}], "total": 2}
    assert service.filtered == [Filters.of(after="2020-01-01T00:00:00")]
    assert http.get("/people?offset=1").json()["people"] == [{"name": "Ben", "count": 1}]
    problem(http.get("/people?limit=0"), 400, "limit", "1 to 1000")
    problem(http.get("/people?rating=9"), 400, "rating")
    problem(http.get("/people?bounds=1"), 400, "Unknown parameter bounds")


@pytest.mark.parametrize(
    ("headers", "given", "language"),
    [
        ({"Accept-Language": "de-AT,en;q=0.5"}, {}, "de"),
        ({"Accept-Language": "de"}, {"language": "fr-CA"}, "fr"),
        ({}, {}, ""),
    ],
)
def test_the_language_of_whoever_asks(
    http: TestClient, service: FakeService, headers: dict[str, str], given: dict[str, str],
    language: str,
) -> None:  # fmt: skip
    http.get("/search", params={"q": "boot", **given}, headers=headers)
    http.post("/search", json={"q": "boot", **given}, headers=headers)
    assert [query.language for query in service.queries] == [language, language]
