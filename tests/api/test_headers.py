"""Accept and Range, read by us: against what the RFC says, and against nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.api.accept import picture_type
from crispd.api.ranges import part_of

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
    assert picture_type(accept) == kind


@given(st.text())
def test_nonsense_is_a_jpeg_or_named_webp(accept: str) -> None:
    assert picture_type(accept) == JPEG or WEBP in accept.lower()


@given(st.lists(st.tuples(KINDS, WEIGHTS), max_size=6, unique_by=lambda item: item[0].lower()))
def test_the_heavier_one(items: list[tuple[str, float | None]]) -> None:
    sent = ", ".join(kind if q is None else f"{kind};q={q:.3f}" for kind, q in items)
    weights = {kind.lower(): 1.0 if q is None else q for kind, q in items}
    webp = weights.get(WEBP, 0.0)
    jpeg = weights.get(JPEG, weights.get("image/*", weights.get("*/*", 0.0)))
    assert picture_type(sent) == (WEBP if webp > 0 and webp >= jpeg else JPEG)


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30), st.integers(0, 50))
def test_ranges_are_parts_or_refused(header: str, length: int) -> None:
    data = bytes(range(length))
    try:
        part = part_of(header, length)
    except ValueError:
        return
    if part is not None:
        assert part.start >= 0
        assert part.stop <= length
        assert len(data[part.start : part.stop]) == max(part.stop - part.start, 0)


@given(st.binary(min_size=1, max_size=50), st.integers(0, 60), st.integers(0, 60))
def test_ranges_mean_what_the_rfc_says(data: bytes, first: int, more: int) -> None:
    part = part_of(f"bytes={first}-{first + more}", len(data))
    assert part is not None
    assert data[part.start : part.stop] == data[first : first + more + 1]
    tail = part_of(f"bytes=-{more}", len(data))
    assert tail is not None
    assert data[tail.start : tail.stop] == (data[-more:] if more else b"")
