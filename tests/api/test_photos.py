"""``/photos/{id}``, its thumbnail and its original."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.checks import problem
from tests.api.fake_service import CONTENT, ID, OTHER, THUMBNAIL_BYTES, FakeService, record

THUMBNAIL = f"/photos/{ID}/thumbnail"
ORIGINAL = f"/photos/{ID}/original"
TAG = "c0ffee" * 5 + "c0"


def test_metadata(http: TestClient, service: FakeService) -> None:
    service.photo_record = record()
    assert http.get(f"/photos/{ID}").json() == {
        "id": ID,
        "path": "2021/IMG_1.jpg",
        "folder": "/srv/photos",
        "filename": "IMG_1.jpg",
        "taken_at": "2021-07-03T10:12:00",
        "taken_from": "exif",
        "taken_precision": "second",
        "width": 4032,
        "height": 3024,
        "type": "jpeg",
        "online": True,
        "thumbnail": THUMBNAIL,
        "original": ORIGINAL,
        "camera": "Pixel 8",
        "lens": "24 mm",
        "latitude": 54.32,
        "longitude": 10.13,
        "altitude": None,
        "rating": 4,
        "keywords": ["beach"],
        "title": "First swim",
        "description": "Before breakfast",
        "people": ["Lena"],
        "place": {"name": "Kiel", "region": "Schleswig-Holstein", "country": "Germany"},
        "raws": [],
        "text_lines": [{"text": "OPEN", "confidence": 0.98, "corners": [0.5] * 8}],
        "bytes": 3145728,
        "modified": "2021-07-03T08:12:00+00:00",
        "content_hash": "c0ffee" * 8,
    }


def test_text(http: TestClient, service: FakeService) -> None:
    line = {"text": "OPEN", "confidence": 0.98, "corners": [0.5] * 8}
    found = http.get(f"/photos/{ID}/text?words=OPEN").json()
    assert found == {"read": True, "text": "OPEN", "lines": [{**line, "marks": [[0, 4]]}]}
    assert http.get(f"/photos/{ID}/text").json()["lines"][0]["marks"] == []
    assert http.get(f"/photos/{OTHER}/text").status_code == 404
    assert http.get(f"/photos/{ID}/text", params={"words": "w" * 2001}).status_code == 400


def test_text_is_forgotten_and_read_again(http: TestClient) -> None:
    assert http.get("/text").json() == {"state": "on", "photos": 1, "pending": 0}
    assert http.post("/text/forget").json() == {"started": 1}
    assert http.get("/text").json()["state"] == "forgotten"
    assert http.post("/text/read").json()["state"] == "on"


@pytest.mark.parametrize("mtime_ns", [-(2**62), -1, 0, 2**63 - 1, 10**30])
def test_clocks_that_stood_wrong(http: TestClient, service: FakeService, mtime_ns: int) -> None:
    service.photo_record = record(mtime_ns=mtime_ns)
    assert http.get(f"/photos/{ID}").status_code == 200
    assert http.get(ORIGINAL).content == CONTENT


@pytest.mark.parametrize(
    "photo_id", ["x", OTHER, ID.upper(), ID + "a", "1" * 24, "%00", "..%2f..%2fetc%2fpasswd",
                 "%2e%2e%2f%2e%2e%2fetc", "../../etc/passwd", "%ff", "-1", "' OR 1=1", "ü" * 24]
)  # fmt: skip
def test_only_ids_are_ids(http: TestClient, photo_id: str) -> None:
    for rest in ("", "/thumbnail", "/preview", "/original"):
        problem(http.get(f"/photos/{photo_id}{rest}"), 404)


def test_thumbnail(http: TestClient, service: FakeService) -> None:
    answer = http.get(THUMBNAIL)
    assert answer.content == b"\xff\xd8thumbnail"
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["etag"] == f'"{TAG}-320.c0de"'
    assert "private" in answer.headers["cache-control"]
    assert "max-age" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    for size in (32, 1024, 1280):
        assert http.get(THUMBNAIL, params={"size": size}).status_code == 200
    assert service.sizes == [None, 32, 1024, 1280]


@pytest.mark.parametrize("size", ["31", "1281", "abc", "", "-1", "1e9"])
def test_thumbnail_sizes(http: TestClient, size: str) -> None:
    problem(http.get(THUMBNAIL, params={"size": size}), 400, "size", "32 to 1280")


@pytest.mark.parametrize("sent", ['"tag"', 'W/"tag"', '"a", "tag"'])
def test_unchanged(http: TestClient, sent: str) -> None:
    sent = sent.replace("tag", "original-tag")
    assert http.get(ORIGINAL, headers={"if-none-match": sent}).status_code == 304


def test_not_modified_since(http: TestClient) -> None:
    modified = http.get(ORIGINAL).headers["last-modified"]
    answer = http.get(ORIGINAL, headers={"if-modified-since": modified})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["last-modified"] == modified
    earlier = {"if-modified-since": "Thu, 01 Jan 1970 00:00:01 GMT"}
    assert http.get(ORIGINAL, headers=earlier).status_code == 200
    # the tag is exact and goes before the date
    both = {"if-modified-since": modified, "if-none-match": '"other"'}
    assert http.get(ORIGINAL, headers=both).status_code == 200


def test_original(http: TestClient) -> None:
    answer = http.get(ORIGINAL)
    assert answer.content == CONTENT
    headers = answer.headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-disposition"] == "inline; filename*=utf-8''IMG%201%C3%BC.jpg"
    assert headers["etag"] == '"original-tag"'
    assert headers["accept-ranges"] == "bytes"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["last-modified"].endswith("GMT")
    assert "immutable" in headers["cache-control"]


@pytest.mark.parametrize(
    "name", ['a"b.jpg', "a\r\nSet-Cookie: x=1.jpg", "caf\udce9.jpg", "../x.jpg"]
)
def test_names_stay_in_their_header(http: TestClient, service: FakeService, name: str) -> None:
    service.filename = name
    answer = http.get(ORIGINAL)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-disposition"].startswith("inline; filename")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-99", 0, 100), ("100-", 100, None), ("-10", -10, None), ("0-99999999", 0, None)],
)
def test_ranges(http: TestClient, asked: str, start: int, end: int | None) -> None:
    answer = http.get(ORIGINAL, headers={"range": f"bytes={asked}"})
    assert answer.status_code == 206
    assert answer.content == CONTENT[start:end]
    assert answer.headers["content-range"].endswith(f"/{len(CONTENT)}")
    assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize(("start", "stop"), [(0, 300_000), (131_071, 262_145), (299_999, 300_000)])
def test_ranges_of_many_pieces(
    http: TestClient, service: FakeService, start: int, stop: int
) -> None:
    assert service.original_file is not None
    content = random.Random(0).randbytes(300_000)
    service.original_file.write_bytes(content)
    assert http.get(ORIGINAL).content == content
    answer = http.get(ORIGINAL, headers={"range": f"bytes={start}-{stop - 1}"})
    assert (answer.status_code, answer.content) == (206, content[start:stop])


def test_several_ranges(http: TestClient) -> None:
    answer = http.get(ORIGINAL, headers={"range": "bytes=0-9,20-29"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert CONTENT[20:30] in answer.content


def test_a_range_of_what_is_no_more(http: TestClient) -> None:
    stale = {"range": "bytes=0-9", "if-range": '"other"'}
    assert http.get(ORIGINAL, headers=stale).status_code == 200
    fresh = {"range": "bytes=0-9", "if-range": '"original-tag"'}
    assert http.get(ORIGINAL, headers=fresh).status_code == 206


def test_ranges_that_cannot_be(http: TestClient) -> None:
    answer = http.get(ORIGINAL, headers={"range": f"bytes={len(CONTENT)}-"})
    problem(answer, 416, "end of the file")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    for wrong in ("bytes", "bytes=9-0", "bytes=x"):
        problem(http.get(ORIGINAL, headers={"range": wrong}), 400, "bytes=0-99")


@pytest.mark.parametrize("asked", ["lines=0-9", "items=1", "seconds=1-2,3-4", "x=", "bytes2=0-1"])
def test_ranges_of_other_units_are_ignored(http: TestClient, asked: str) -> None:
    for address, whole in ((ORIGINAL, CONTENT), (THUMBNAIL, THUMBNAIL_BYTES)):
        answer = http.get(address, headers={"range": asked})
        assert (answer.status_code, answer.content) == (200, whole)
        assert "content-range" not in answer.headers
    same = http.get(ORIGINAL, headers={"range": "BYTES = 0-9"})
    assert (same.status_code, same.content) == (206, CONTENT[:10])


def test_a_range_is_for_get(http: TestClient) -> None:
    answer = http.head(ORIGINAL, headers={"range": "bytes=0-9"})
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(CONTENT))


def test_a_file_written_since_is_not_sent_as_the_old_one(
    http: TestClient, service: FakeService
) -> None:
    assert service.original_file is not None
    service.original_file.write_bytes(b"new")
    answer = http.get(ORIGINAL)
    assert answer.content == b"new"
    assert answer.headers["etag"] != '"original-tag"'
    assert "no-cache" in answer.headers["cache-control"]
    assert http.get(ORIGINAL, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_a_file_that_is_gone(http: TestClient, service: FakeService) -> None:
    assert service.original_file is not None
    service.original_file.unlink()  # after the service looked
    problem(http.get(ORIGINAL), 404, "gone")
    service.original_file = None
    problem(http.get(ORIGINAL), 404, "gone")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(http: TestClient, service: FakeService) -> None:
    assert service.original_file is not None
    service.original_file.chmod(0)
    problem(http.get(ORIGINAL), 422, "cannot be read")


def test_a_folder_in_place_of_the_file(
    http: TestClient, service: FakeService, tmp_path: Path
) -> None:
    service.original_file = tmp_path
    problem(http.get(ORIGINAL), 422, "cannot be read")


@pytest.mark.parametrize("rest", ["", "/thumbnail", "/preview", "/original"])
def test_head(http: TestClient, rest: str) -> None:
    head, get = http.head(f"/photos/{ID}{rest}"), http.get(f"/photos/{ID}{rest}")
    assert head.status_code == 200
    for name in ("content-length", "content-type", "etag"):
        assert head.headers.get(name) == get.headers.get(name)
    assert http.head(f"/photos/{OTHER}{rest}").status_code == 404
