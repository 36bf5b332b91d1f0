"""``POST /search`` with a picture: its limits, its fields, and that nothing of it stays."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crispd.errors import PhotoTooLarge, PhotoUnreadable, PhotoUnsupported
from crispd.server.application import create_app
from tests.api.checks import problem
from tests.api.conftest import HERE
from tests.api.fake_service import ID, FakeService

MOST_PICTURE_BYTES = 20 * 2**20  # where the settings say nothing
BIG = b"\xff\xd8" + bytes(3 * 2**20)


def send(http: TestClient, data: bytes = b"picture", **fields: Any) -> Any:
    return http.post("/search", files={"image": ("secret name.jpg", data)}, data=fields)


def test_a_picture_with_parameters(http: TestClient, service: FakeService) -> None:
    answer = send(http, q="at night", limit="7", rerank="false", min_megapixels="1.5", after="2020")
    assert answer.status_code == 200
    assert answer.json()["results"][0]["id"] == ID
    assert service.sent == [b"picture"]
    query = service.queries[0]
    assert query.picture is not None
    assert (query.words, query.limit, query.rerank) == ("at night", 7, False)
    assert query.filters.value("min_megapixels") == 1.5
    assert query.filters.value("after") == "2020-01-01T00:00:00"


def test_json_is_as_it_was(http: TestClient, service: FakeService) -> None:
    assert http.post("/search", json={"q": "dog"}).status_code == 200
    assert service.queries[0].picture is None
    problem(http.post("/search", content=b"image=1"), 400, "JSON")
    assert http.get("/search?q=a").status_code == 200


def test_nothing_is_written_and_no_name_is_logged(
    http: TestClient,
    service: FakeService,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with caplog.at_level(logging.DEBUG):
        assert send(http, BIG).status_code == 200
    assert service.sent == [BIG]
    assert "secret name" not in caplog.text


def test_the_largest_and_one_more(http: TestClient, service: FakeService) -> None:
    assert send(http, bytes(MOST_PICTURE_BYTES)).status_code == 200
    problem(send(http, bytes(MOST_PICTURE_BYTES + 1)), 413, "20 MB")
    problem(send(http, bytes(MOST_PICTURE_BYTES + 2**19)), 413, "20 MB")
    assert len(service.sent) == 1
    # only a picture may be so long
    problem(http.post("/search", content=bytes(2**20 + 1)), 413)
    problem(http.post("/folders/confirm", files={"image": BIG}), 413)


@pytest.mark.parametrize(
    ("files", "fields", "words"),
    [
        ({"image": (None, b"a text")}, {"q": "dog"}, ("picture", "missing", "image")),
        ({"other": b"x"}, {}, ("missing", "image")),
        ({"image": b""}, {}, ("empty",)),
        ({"image": b"x"}, {"limit": "0"}, ("limit", "1 to 200")),
        ({"image": b"x"}, {"limit": "many"}, ("limit", "many", "1 to 200")),
        ({"image": b"x"}, {"rerank": "perhaps"}, ("rerank", "true or false")),
        ({"image": b"x"}, {"colour": "red"}, ("colour", "Known are", "min_relevance")),
        ({"image": b"x"}, {"after": "gestern-ish"}, ("after", "gestern-ish")),
        ({"image": b"x"}, {"q": ["a", "b"]}, ("q", "more than once")),
    ],
)
def test_wrong_forms(
    http: TestClient, files: dict[str, Any], fields: dict[str, Any], words: tuple[str, ...]
) -> None:
    problem(http.post("/search", data=fields, files=files), 400, *words)


@pytest.mark.parametrize(
    "content", [b"", b"no form", b"--b\r\n\r\n", b"--b\r\nContent-Disposition: form-data\r\n\r\nx"]
)
def test_what_is_no_form(http: TestClient, content: bytes) -> None:
    for kind in ("multipart/form-data; boundary=b", "multipart/form-data"):
        problem(http.post("/search", content=content, headers={"content-type": kind}), 400)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PhotoUnsupported("This is no picture."), 415),
        (PhotoTooLarge("The picture has 900 megapixels."), 413),
        (PhotoUnreadable("The picture is cut off."), 422),
    ],
)
def test_pictures_that_cannot_be_read(
    http: TestClient, service: FakeService, error: Any, status: int
) -> None:
    service.picture_error = error
    problem(send(http), status, str(error))


def test_a_few_at_a_time(http: TestClient, service: FakeService) -> None:
    service.search_gate = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(send, http) for _ in range(4)]
        while len(service.sent) < 4:
            pass
        answer = send(http)
        service.search_gate.set()
        assert all(each.result().status_code == 200 for each in waiting)
    problem(answer, 503, "Too many pictures")
    assert answer.headers["retry-after"]
    service.search_gate = None
    assert send(http).status_code == 200


def test_the_settings_say_how_large_a_picture_may_be(service: FakeService) -> None:
    app = create_app(service, "0", lambda *_: None, max_upload_mb=0.5)
    with TestClient(app, base_url=HERE, client=("127.0.0.1", 50000)) as client:
        while not service.started:
            time.sleep(0.001)
        assert send(client, bytes(2**19)).status_code == 200
        problem(send(client, bytes(2**19 + 1)), 413, "0.5 MB")
        problem(send(client, bytes(2**21)), 413, "0.5 MB")
