"""What is said of files that cannot be shown is true of them."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from crispd.errors import PhotoError
from crispd.images.opening import open_oriented
from crispd.types import DecodeLimits
from tests.images.test_decode import encoded, scene

LIMITS = DecodeLimits(10**7, 10**7)


def reason(data: bytes) -> tuple[str, str]:
    with pytest.raises(PhotoError) as caught:
        open_oriented(data, LIMITS, 10, 10)
    return caught.value.code, str(caught.value)


def with_frame(change: bytes, at: int) -> bytes:
    data = encoded(scene(), "JPEG")
    frame = data.index(b"\xff\xc0")
    return data[: frame + at] + change + data[frame + at + len(change) :]


@pytest.mark.parametrize("data", [with_frame(b"\xc3", 1), with_frame(b"\x0c", 4)])
def test_a_rare_jpeg_is_not_called_damaged_or_cut(data: bytes) -> None:
    code, sentence = reason(data)
    assert code == "unsupported"
    assert "JPEG" in sentence
    assert "damaged" not in sentence


def test_a_whole_jpeg_with_damage_inside_is_not_called_cut() -> None:
    data = encoded(scene(), "JPEG")
    table = data.index(b"\xff\xc4")
    broken = data[: table + 5] + b"\xee" * 10 + data[table + 15 :]
    assert reason(broken)[0] == "damaged"
    assert reason(data[: len(data) // 2])[0] == "truncated"


def test_a_tiff_of_a_rare_kind() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "TIFF")
    data = out.getvalue()
    at = data.index(struct.pack("<HHI", 259, 3, 1)) + 8
    code, sentence = reason(data[:at] + struct.pack("<H", 34712) + data[at + 2 :])
    assert code == "unsupported"
    assert "damaged and" not in sentence


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\xff\x0a" + bytes(99), "JPEG XL"),
        (b"8BPS\0\1" + bytes(99), "Photoshop"),
        (b"\0\0\0\x14ftypisom\0\0\2\0isom" + bytes(99), "video"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + bytes(99), "AVIF"),
        (b"%PDF-1.4" + bytes(99), "PDF"),
        (b"nothing that anybody knows" + bytes(99), "no picture"),
    ],
)
def test_files_of_other_formats_are_called_by_their_names(data: bytes, word: str) -> None:
    assert word in reason(data)[1]


def test_an_avif_with_a_general_first_brand_is_read() -> None:
    data = encoded(scene(), "AVIF")
    assert data[8:12] == b"avif"
    image, metadata = open_oriented(data[:8] + b"miaf" + data[12:], LIMITS, 10, 10)
    assert (metadata.type, image.size) == ("avif", scene().size)
