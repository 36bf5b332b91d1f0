"""Every call, right and wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from crispd.api.app import create_app
from crispd.errors import DiskFull, NotReady, Overloaded
from tests.api.fake import ID, Broken, FakeHouse


@pytest.fixture
def house(tmp_path: Path) -> FakeHouse:
    (tmp_path / "a.jpg").write_bytes(b"0123456789")
    return FakeHouse(tmp_path)


@pytest.fixture
def client(house: FakeHouse) -> Iterator[TestClient]:
    app = create_app(house, "0", lambda reason, code: None)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_the_shape_of_an_answer(client: TestClient, house: FakeHouse) -> None:
    answer = client.get("/search", params={"q": " dog on a beach ", "limit": 2}).json()
    assert house.asked[0].text == "dog on a beach"
    first = answer["results"][0]
    assert first == {
        "id": ID,
        "path": "2021/caf\ufffd.jpg",
        "folder": str(house.folder),
        "filename": "caf\ufffd.jpg",
        "relevance": None,
        "score": 0.5,
        "coarse_score": 0.31,
        "fine_score": 2.4,
        "taken_at": "2021-07-03T10:12:00",
        "width": 4,
        "height": 3,
        "type": "jpeg",
        "thumbnail": f"/photos/{ID}/thumbnail",
        "original": f"/photos/{ID}/original",
    }
    assert answer["results"][1]["fine_score"] is None
    del answer["results"]
    assert answer == {
        "query": "dog on a beach",
        "considered": 2,
        "exact": True,
        "reranked": 1,
        "next": None,
        "timings_ms": {"text": 1.0, "coarse": 2.0, "fine": 3.0, "total": 7.0},
        "notes": ["A note."],
    }


def test_post_is_the_same(client: TestClient, house: FakeHouse) -> None:
    answer = client.post("/search", json={"q": "dog", "limit": 5, "rerank": False})
    assert answer.status_code == 200
    assert (house.asked[0].limit, house.asked[0].rerank) == (5, False)


WRONG = [
    ("/search", 400, "empty"),
    ("/search?q=", 400, "empty"),
    ("/search?q=%20%00", 400, "empty"),
    ("/search?q=a&limit=0", 400, "greater than or equal to 1"),
    ("/search?q=a&limit=201", 400, "less than or equal to 200"),
    ("/search?q=a&limit=abc", 400, "valid integer"),
    ("/search?q=a&limit=1e99", 400, "limit"),
    ("/search?q=a&rerank=perhaps", 400, "boolean"),
    ("/search?q=a&colour=red", 400, "Unknown parameter colour"),
    ("/search?q=a&after=2020-01-01", 400, "not built yet"),
    ("/search?q=a&like=x", 400, "leave like out"),
    ("/search?q=a&cursor=x", 400, "not built yet"),
    ("/search?q=a&sort=newest", 400, "sort=relevance"),
    ("/search?q=a&min_relevance=likely", 400, "min_relevance=all"),
    ("/photos/" + "a" * 24, 404, "no photo with the id"),
    ("/photos/nonsense", 404, "not the id of a photo"),
    ("/photos/..%2f..%2fetc%2fpasswd", 404, "nothing at this address"),
    ("/photos/../../etc/passwd", 404, "nothing at this address"),
    ("/photos/%2e%2e/original", 404, ""),
    (f"/photos/{ID}%00/original", 404, "not the id"),
    (f"/photos/{ID.upper()}", 404, "not the id"),
    (f"/photos/{ID}/thumbnail?size=5", 400, "size"),
    (f"/photos/{ID}/thumbnail?size=99999", 400, "size"),
    (f"/photos/{ID}/thumbnail?width=5", 400, "Unknown parameter width"),
    ("/problems?limit=-1", 400, "limit"),
    ("/problems?offset=x", 400, "offset"),
    ("/status?verbose=1", 400, "It takes none"),
    ("/nothing", 404, "openapi.json"),
]


@pytest.mark.parametrize(("path", "status", "says"), WRONG)
def test_wrong_calls_say_what_is_wrong(
    client: TestClient, path: str, status: int, says: str
) -> None:
    answer = client.get(path)
    body = answer.json()
    assert answer.status_code == status == body["status"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in body["detail"]
    assert set(body) == {"type", "title", "status", "detail"}


def test_a_wrong_method(client: TestClient) -> None:
    answer = client.delete("/search")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
    assert "DELETE" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"q": "a", "limt": 3}', b'{"q": "a", "limit": 0}', b'"a"']
)
def test_wrong_bodies(client: TestClient, body: bytes) -> None:
    answer = client.post("/search", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_picture_as_a_question_is_not_built_yet(client: TestClient) -> None:
    answer = client.post("/search", files={"image": b"jpeg"})
    assert answer.status_code == 400
    assert "not built yet" in answer.json()["detail"]


@pytest.mark.parametrize("text", ["x" * 10_000, "\U0001f436", "\u05db\u05dc\u05d1", "a\0b", "%"])
def test_any_text_is_answered(client: TestClient, text: str) -> None:
    assert client.get("/search", params={"q": text}).status_code == 200


def test_a_text_beyond_reason(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "x" * 10_001})
    assert answer.status_code == 400
    assert "10001 characters" in answer.json()["detail"]


def test_thumbnails_are_cacheable(client: TestClient) -> None:
    answer = client.get(f"/photos/{ID}/thumbnail", params={"size": 64})
    assert answer.content == b"jpeg" * 10
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    tag = answer.headers["etag"]
    again = client.get(
        f"/photos/{ID}/thumbnail", params={"size": 64}, headers={"If-None-Match": tag}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(f"/photos/{ID}/thumbnail").content == b""


def test_originals_come_in_ranges(client: TestClient) -> None:
    path = f"/photos/{ID}/original"
    whole = client.get(path)
    assert whole.content == b"0123456789"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-disposition"].startswith("inline")
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = client.get(path, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    assert client.get(path, headers={"Range": "bytes=90-"}).status_code == 416
    head = client.head(path)
    assert (head.content, head.headers["content-length"]) == (b"", "10")
    assert client.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304


def test_the_house(client: TestClient) -> None:
    photo = client.get(f"/photos/{ID}").json()
    assert (photo["camera"], photo["bytes"]) == ("Pixel 8", 5)
    assert photo["modified"] == "2001-09-09T01:46:40+00:00"
    assert client.get("/folders").json()["folders"][0]["watch"] == "events"
    assert client.post("/folders/rescan").json() == {"started": 1}
    problems = client.get("/problems").json()
    assert (problems["total"], problems["problems"][0]["code"]) == (1, "empty")
    assert client.get("/problems?offset=1").json()["problems"] == []
    assert client.post("/problems/retry").status_code == 202
    status = client.get("/status").json()
    assert all(not isinstance(value, dict | list) for value in status.values())
    assert {"photos", "pending", "failed", "images_per_second", "eta_seconds"} <= set(status)


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotReady("Soon."), 503), (Overloaded("Full."), 503), (DiskFull("Full."), 503),
     (Broken("Odd."), 500), (ZeroDivisionError("secret"), 500)],
)  # fmt: skip
def test_errors_are_problems_without_internals(
    client: TestClient, house: FakeHouse, error: Exception, status: int
) -> None:
    house.fails = error
    answer = client.get("/search", params={"q": "a"})
    assert answer.status_code == status
    assert "secret" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == isinstance(error, NotReady | Overloaded)


def test_health(client: TestClient, house: FakeHouse) -> None:
    assert client.get("/healthz").json() == {"ok": True, "reasons": []}
    house.well = False
    assert client.get("/healthz").status_code == 503
    assert client.get("/readyz").status_code == 503


def test_the_start_page_needs_no_script_and_no_other_host(client: TestClient) -> None:
    page = client.get("/", params={"q": '"><script>alert(1)</script>'})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert f"/photos/{ID}/thumbnail" in page.text


def test_openapi_is_stable_and_documents_problems(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    assert {"search", "getPhoto", "getThumbnail", "getOriginal", "getStatus"} <= set(operations)
    assert "application/problem+json" in json.dumps(operations["search"]["responses"]["400"])


def test_a_house_that_cannot_start_ends_the_process(house: FakeHouse) -> None:
    died = []
    house.fails = DiskFull("No space.")
    app = create_app(house, "0", lambda reason, code: died.append((reason, code)))
    with TestClient(app) as client:
        assert client.get("/readyz").status_code == 503
    assert died == [("No space.", 1)]
    assert house.stopped
