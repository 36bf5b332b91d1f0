"""What a picture takes of memory is told by its header, and refused where it is too much."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from crispd.errors import PhotoTooLarge
from crispd.images.decode import decode_photo
from crispd.images.isolation.jpeg_frame import coefficient_bytes
from crispd.types import DecodedPhoto, DecodeLimits, ImageInput
from tests.images.large import encoded, scene

LIMITS = DecodeLimits(max_pixels=100_000_000, max_bytes=2**28)
MB = 2**20


def decode(data: bytes, limits: DecodeLimits = LIMITS) -> DecodedPhoto:
    return decode_photo(data, ImageInput(224), limits, thumbnails=(320, 480, 1280))


def jpeg(width: int, height: int, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG", **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("options", "a_pixel"),
    [
        ({}, 0),
        ({"progressive": True}, 3),
        ({"progressive": True, "subsampling": 1}, 4),
        ({"progressive": True, "subsampling": 0}, 6),
    ],
)
def test_coefficients_are_kept_of_what_comes_in_scans(
    options: dict[str, object], a_pixel: int
) -> None:
    assert coefficient_bytes(jpeg(1600, 1200, **options)) == a_pixel * 1600 * 1200
    # odd sizes are whole blocks
    assert a_pixel * 1599 * 1199 <= coefficient_bytes(jpeg(1599, 1199, **options))


def test_components_one_after_the_other_are_scans_too() -> None:
    data = bytearray(jpeg(1600, 1200))
    at = data.index(b"\xff\xda")
    data[at + 4] = 1  # of three components
    assert coefficient_bytes(bytes(data)) == 3 * 1600 * 1200


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xda", jpeg(64, 64)[:170]])
def test_half_a_header_says_nothing(data: bytes) -> None:
    assert coefficient_bytes(data) >= 0


def test_a_frame_without_sampling_does_no_harm() -> None:
    data = bytearray(jpeg(64, 64, progressive=True))
    at = data.index(b"\xff\xc2")
    for component in range(3):
        data[at + 11 + 3 * component] = 0
    assert coefficient_bytes(bytes(data)) == 0


@pytest.mark.parametrize("kind", ["progressive.jpg", "tiled.heic", "plain.png"])
def test_more_than_the_memory_is_refused_with_what_it_takes(kind: str) -> None:
    data, asked = encoded(scene((1300, 975)), kind), list[int]()
    assert decode(data, replace(LIMITS, take=asked.append)).metadata.width == 1300
    assert decode(data, replace(LIMITS, max_memory=asked[0]))
    with pytest.raises(PhotoTooLarge, match=r"1 megapixels and takes \d+ MB .* memory_limit_mb"):
        decode(data, replace(LIMITS, max_memory=asked[0] - 1))


@pytest.mark.parametrize("kind", ["tiled.heic", "plain.png"])
def test_a_shrunk_picture_looks_as_if_it_were_not(kind: str) -> None:
    picture = scene((5200, 1300))
    data = encoded(picture, kind)
    found = decode(data)
    assert (found.metadata.width, found.metadata.height) == (5200, 1300)
    assert [each.size for each in found.thumbnails] == [320, 480, 1280]
    with Image.open(io.BytesIO(found.thumbnails[-1].jpeg)) as image:
        assert image.size == (1280, 320)
    wanted = np.asarray(picture.resize((224, 224), Image.Resampling.BICUBIC), np.float32)
    assert np.abs(found.pixels - wanted).mean() < 3
