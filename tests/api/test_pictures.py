"""Thumbnails and previews as a browser, a phone and a download manager ask for them."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from crispd.errors import NotFound, PhotoUnreadable
from tests.api.checks import problem
from tests.api.fake_service import ID, THUMBNAIL_BYTES, FakeService, record

THUMBNAIL = f"/photos/{ID}/thumbnail"
PREVIEW = f"/photos/{ID}/preview"
TAG = "c0ffee" * 5 + "c0"
BOTH = pytest.mark.parametrize("address", [THUMBNAIL, PREVIEW])


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "image/jpeg"),
        ("image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "image/webp"),
        ("image/jpeg,image/webp;q=0.9", "image/jpeg"),
        ("application/json", "image/jpeg"),
    ],
)
def test_the_kind_that_is_accepted(http: TestClient, accept: str, kind: str) -> None:
    answer = http.get(THUMBNAIL, headers={"accept": accept})
    assert answer.headers["content-type"] == kind
    assert answer.headers["vary"] == "Accept"
    assert http.get(PREVIEW, headers={"accept": accept}).headers["content-type"] == "image/jpeg"


def test_each_kind_has_a_tag_of_its_own(http: TestClient) -> None:
    webp = http.get(THUMBNAIL, headers={"accept": "image/webp"}).headers["etag"]
    jpeg = http.get(THUMBNAIL).headers["etag"]
    assert webp != jpeg
    answer = http.get(THUMBNAIL, headers={"accept": "image/webp", "if-none-match": jpeg})
    assert answer.status_code == 200


@BOTH
@pytest.mark.parametrize("sent", ['"TAG"', 'W/"TAG"', '"a", "TAG"', '"TAG.other bytes"', "*"])
def test_what_a_client_has_is_not_even_made(
    http: TestClient, service: FakeService, address: str, sent: str
) -> None:
    tag = f"{TAG}-{320 if address == THUMBNAIL else 2048}"
    answer = http.get(address, headers={"if-none-match": sent.replace("TAG", tag)})
    assert (answer.status_code, answer.content, service.made) == (304, b"", [])
    assert answer.headers["etag"].startswith(f'"{tag}')
    assert "immutable" in answer.headers["cache-control"]
    assert ("vary" in answer.headers) is (address == THUMBNAIL)


@BOTH
@pytest.mark.parametrize("sent", ['"other"', "", f'"{TAG}"', f'"{TAG}-32"', f'"{TAG}-3200"'])
def test_what_it_has_not_is(http: TestClient, address: str, sent: str) -> None:
    assert http.get(address, headers={"if-none-match": sent}).status_code == 200


@BOTH
def test_by_date(http: TestClient, service: FakeService, address: str) -> None:
    service.photo_record = record()
    modified = http.get(address).headers["last-modified"]
    assert modified == "Sat, 03 Jul 2021 08:12:00 GMT"
    assert http.get(address, headers={"if-modified-since": modified}).status_code == 304
    for other in ("Sat, 03 Jul 2021 08:11:59 GMT", "yesterday", "", "\x00", "1e99"):
        assert http.get(address, headers={"if-modified-since": other}).status_code == 200


@BOTH
@pytest.mark.parametrize("mtime_ns", [2**63 - 1, 10**30])
def test_a_file_from_the_future_has_no_date(
    http: TestClient, service: FakeService, address: str, mtime_ns: int
) -> None:
    service.photo_record = record(mtime_ns=mtime_ns)
    answer = http.get(address, headers={"if-modified-since": "Fri, 31 Dec 9999 23:59:59 GMT"})
    assert answer.status_code == 200
    assert "last-modified" not in answer.headers


@BOTH
def test_a_part_of_it(http: TestClient, address: str) -> None:
    tag = http.get(address).headers["etag"]
    answer = http.get(address, headers={"range": "bytes=2-4", "if-range": tag})
    assert (answer.status_code, answer.content) == (206, THUMBNAIL_BYTES[2:5])
    assert answer.headers["content-range"] == f"bytes 2-4/{len(THUMBNAIL_BYTES)}"
    assert answer.headers["content-length"] == "3"
    assert answer.headers["etag"] == tag
    stale = {"range": "bytes=2-4", "if-range": tag.replace("c0de", "ffff")}
    assert http.get(address, headers=stale).content == THUMBNAIL_BYTES
    several = http.get(address, headers={"range": "bytes=0-1,3-4"})
    assert (several.status_code, several.content) == (200, THUMBNAIL_BYTES)
    behind = http.get(address, headers={"range": "bytes=9999-"})
    problem(behind, 416, "end of the file")
    assert behind.headers["content-range"] == f"bytes */{len(THUMBNAIL_BYTES)}"
    problem(http.get(address, headers={"range": "bytes=x"}), 400, "bytes=0-99")
    assert http.head(address, headers={"range": "bytes=0-1"}).status_code == 200


@BOTH
def test_one_that_is_smaller_than_asked_for_is_not_kept_for_ever(
    http: TestClient, service: FakeService, address: str
) -> None:
    service.final = False
    answer = http.get(address)
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["cache-control"]
    assert "last-modified" not in answer.headers
    again = http.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 200  # it may be better by now


@BOTH
def test_none_to_be_had(http: TestClient, service: FakeService, address: str) -> None:
    service.picture_error = NotFound("Its drive is not plugged in.")
    problem(http.get(address), 404, "plugged in")
    service.picture_error = PhotoUnreadable("It is damaged.")
    problem(http.get(address), 422, "damaged")
    assert http.head(address).status_code == 422


@pytest.mark.parametrize("size", ["31", "4097", "abc", "", "-1", "1e9"])
def test_preview_sizes(http: TestClient, size: str) -> None:
    problem(http.get(PREVIEW, params={"size": size}), 400, "size", "32 to 4096")


def test_a_preview_has_the_name_of_the_photo(http: TestClient, service: FakeService) -> None:
    service.photo_record = record("2021/caf\udce9 ü;\r\n.HEIC")
    shown = http.get(PREVIEW).headers["content-disposition"]
    assert shown.startswith("inline; filename*=utf-8''caf")
    assert shown.endswith(".jpg")
    assert shown.isascii()
    assert not {" ", "\r", "\n"} & set(shown.removeprefix("inline; "))
