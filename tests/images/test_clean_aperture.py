"""What of an AVIF is to be seen."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.images.clean_aperture import clean_aperture


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def avif(*numbers: int, item: int = 1, large: int = 0) -> bytes:
    """The boxes that say it: a property of item 1, after one of another kind."""
    clap = box(b"clap", struct.pack(">IIIIiIiI", *numbers))
    link = struct.pack(">H", 2) if large else b"\x02"
    ipma = struct.pack(">III", large, 1, 0)[:8] + struct.pack(">HB", item, 1) + link
    properties = box(b"ipco", box(b"ispe", bytes(12)) + clap) + box(b"ipma", ipma)
    meta = bytes(4) + box(b"pitm", bytes(4) + struct.pack(">H", 1)) + box(b"iprp", properties)
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + box(b"meta", meta)


@pytest.mark.parametrize("large", [0, 1])
def test_the_middle(large: int) -> None:
    data = avif(64, 1, 48, 1, 0, 1, 0, 1, large=large)
    assert clean_aperture(data, (128, 96)) == (32, 24, 96, 72)


def test_off_the_middle() -> None:
    data = avif(64, 1, 48, 1, -32, 1, 48, 2)
    assert clean_aperture(data, (128, 96)) == (0, 48, 64, 96)


@pytest.mark.parametrize(
    "numbers",
    [
        (128, 1, 96, 1, 0, 1, 0, 1), (0, 1, 48, 1, 0, 1, 0, 1), (64, 0, 48, 1, 0, 1, 0, 1),
        (64, 1, 48, 1, 99, 1, 0, 1), (640, 1, 480, 1, 0, 1, 0, 1),
    ],
)  # fmt: skip
def test_what_makes_no_sense_leaves_all(numbers: tuple[int, ...]) -> None:
    assert clean_aperture(avif(*numbers), (128, 96)) is None


def test_of_another_item() -> None:
    assert clean_aperture(avif(64, 1, 48, 1, 0, 1, 0, 1, item=2), (128, 96)) is None


@given(st.integers(0, 150), st.binary(max_size=20))
def test_any_bytes(at: int, noise: bytes) -> None:
    whole = avif(64, 1, 48, 1, 0, 1, 0, 1)
    area = clean_aperture(whole[:at] + noise + whole[at + len(noise) :], (128, 96))
    assert area is None or (0 <= area[0] < area[2] <= 128 and 0 <= area[1] < area[3] <= 96)
