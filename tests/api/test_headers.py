"""Accept and Range, read by us: against what the RFC says, and against nonsense."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.types import Message

from crispd.http.byte_ranges import BytesResponse
from crispd.http.content_negotiation import preferred_image_type

JPEG, WEBP = "image/jpeg", "image/webp"
KINDS = st.sampled_from([JPEG, WEBP, "image/*", "*/*", "image/avif", "text/html", "IMAGE/WEBP"])
WEIGHTS = st.one_of(st.none(), st.integers(0, 1000).map(lambda thousandths: thousandths / 1000))


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, JPEG),
        ("", JPEG),
        ("image/*", JPEG),
        ("image/webp", WEBP),
        (" Image/WebP ; Q=0.5 , */*;q=0.4", WEBP),
        ("image/webp;q=0", JPEG),
        ("image/webp;q=0.000,image/jpeg;q=0", JPEG),
        ("image/webp;q=0.5,image/jpeg", JPEG),
        ("image/webp;q=0.5,image/*", JPEG),
        ("image/webp;q=0.5,image/jpeg;q=0.5", WEBP),
        ("image/webp;q=2", JPEG),
        ("image/webp;q=x", JPEG),
        ("image/webp;level=1;q=0.1,*/*;q=0.2", JPEG),
        ("image/webp," + "a/b," * 1000, JPEG),
    ],
)
def test_the_kind_of_picture(accept: str | None, kind: str) -> None:
    assert preferred_image_type(accept) == kind


@given(st.text())
def test_nonsense_is_a_jpeg_or_named_webp(accept: str) -> None:
    assert preferred_image_type(accept) == JPEG or WEBP in accept.lower()


@given(st.lists(st.tuples(KINDS, WEIGHTS), max_size=6, unique_by=lambda item: item[0].lower()))
def test_the_heavier_one(items: list[tuple[str, float | None]]) -> None:
    sent = ", ".join(kind if q is None else f"{kind};q={q:.3f}" for kind, q in items)
    weights = {kind.lower(): 1.0 if q is None else q for kind, q in items}
    webp = weights.get(WEBP, 0.0)
    jpeg = weights.get(JPEG, weights.get("image/*", weights.get("*/*", 0.0)))
    assert preferred_image_type(sent) == (WEBP if webp > 0 and webp >= jpeg else JPEG)


def part_of(data: bytes, asked: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body of what is answered to ``Range: asked``."""
    sent: list[Message] = []

    async def answer() -> None:
        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        headers = [(b"range", asked.encode())]
        scope = {"type": "http", "method": "GET", "headers": headers, "asgi": {}}
        await BytesResponse(data, JPEG, {"ETag": '"tag"'})(scope, receive, send)

    asyncio.run(answer())
    body = b"".join(message["body"] for message in sent[1:])
    return sent[0]["status"], Headers(raw=sent[0]["headers"]), body


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30), st.integers(0, 50))
def test_ranges_are_parts_or_refused(header: str, length: int) -> None:
    data = bytes(range(length))
    status, headers, body = part_of(data, header)
    assert status in (200, 206, 400, 416)
    assert headers["content-length"] == str(len(body))
    if status == 200:
        assert body == data
    elif status == 206:
        where = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers["content-range"])
        assert where is not None
        first, last, of = map(int, where.groups())
        assert of == length
        assert 0 <= first <= last < length
        assert body == data[first : last + 1]
    else:
        assert headers["content-type"] == "application/problem+json"
        assert ("content-range" in headers) is (status == 416)


@given(st.binary(min_size=1, max_size=50), st.integers(0, 60), st.integers(0, 60))
def test_ranges_mean_what_the_rfc_says(data: bytes, first: int, more: int) -> None:
    status, headers, body = part_of(data, f"bytes={first}-{first + more}")
    if first < len(data):
        assert (status, body) == (206, data[first : first + more + 1])
    else:
        assert (status, headers["content-range"]) == (416, f"bytes */{len(data)}")
    status, headers, body = part_of(data, f"bytes=-{more}")
    if more:
        assert (status, body) == (206, data[-more:])
    else:
        assert (status, headers["content-range"]) == (416, f"bytes */{len(data)}")
