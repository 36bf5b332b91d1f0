"""Camera RAW through the JPEG that the camera put into it."""

from __future__ import annotations

import contextlib
import io
import struct
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from crispd.errors import PhotoError, PhotoUnsupported
from crispd.images.formats import is_candidate, media_type
from crispd.images.opening import read_metadata
from crispd.images.raw.detection import find_raw
from crispd.images.thumbnails import make_thumbnail
from crispd.types import CaptureTime, GeoPosition
from tests.images import raws
from tests.images.test_decode import EXPECTED, LIMITS, corners, decode, encoded, scene
from tests.properties import examples

CAMERAS = {
    "cr2": "Canon EOS 90D", "cr3": "Canon EOS R6", "nef": "NIKON CORPORATION NIKON Z 6",
    "arw": "SONY ILCE-7M3", "dng": "Google Pixel 6", "orf": "OLYMPUS CORPORATION E-M5",
    "raf": "FUJIFILM X-T4", "rw2": "Panasonic DC-G9",
}  # fmt: skip
FILES = {name: make() for name, make in raws.EVERY.items()}


@pytest.mark.parametrize("type_", sorted(FILES))
def test_every_maker(type_: str) -> None:
    photo = decode(FILES[type_])
    told = photo.metadata
    assert corners(photo) == EXPECTED[raws.SIDEWAYS]
    assert told.type == type_
    assert told.camera == CAMERAS[type_]
    assert told.capture_time == CaptureTime("2021-07-03T10:12:00+02:00", "exif")
    assert told.lens == "24-105mm F4"
    assert told.place == GeoPosition(52.52, 13.41)
    assert read_metadata(FILES[type_]) == told
    assert is_candidate(f"IMG_1.{type_.upper()}")
    assert media_type(type_).startswith("image/x-")
    with Image.open(io.BytesIO(make_thumbnail(FILES[type_], 600, LIMITS))) as thumbnail:
        assert thumbnail.size == (400, 600)


@pytest.mark.parametrize(
    ("type_", "size"),
    [("cr2", (2000, 3000)), ("cr3", (2000, 3000)), ("dng", (2000, 3000)), ("raf", (1000, 1500))],
)
def test_the_size_is_that_of_the_developed_picture(type_: str, size: tuple[int, int]) -> None:
    told = read_metadata(FILES[type_])
    assert (told.width, told.height) == size


def test_the_largest_preview_is_shown_and_never_raw_pixels() -> None:
    for type_, largest in [("cr2", 1500), ("cr3", 3000), ("dng", 1500), ("nef", 1500)]:
        found = find_raw(FILES[type_])
        assert found is not None
        assert found.previews[0].width == largest, type_
    assert decode(raws.cr3()).metadata.rating == 4


@pytest.mark.parametrize(
    "data",
    [
        raws.nef("<"),
        raws.nef_with_its_preview_in_the_notes(),
        raws.orf(b"OM SYSTEM\0\0\0II\x04\0"),
        raws.cr3(full=False),
    ],
)
def test_other_places_of_previews(data: bytes) -> None:
    assert corners(decode(data)) == EXPECTED[raws.SIDEWAYS]


def test_a_preview_that_no_directory_tells_of_is_found() -> None:
    hidden = raws.noise(5000, 1) + raws.jpeg(1500, 1000) + raws.noise(5000, 2)
    first = raws.main("PENTAX", "K-1", t014A=raws.Sub([raws.sensor()]), tC7A1=raws.Place(hidden))
    photo = decode(raws.tiff([first]))
    assert corners(photo) == EXPECTED[raws.SIDEWAYS]
    assert photo.metadata.type == "raw"


def test_a_damaged_preview_gives_way_to_the_next() -> None:
    data = bytearray(raws.cr3())
    found = find_raw(bytes(data))
    assert found is not None
    large = found.previews[0]
    middle = (large.start + large.stop) // 2
    data[middle : large.stop] = bytes(large.stop - middle)
    assert corners(decode(bytes(data))) == EXPECTED[raws.SIDEWAYS]


def test_a_dng_with_nothing_but_rgb() -> None:
    photo = decode(raws.dng_with_nothing_but_a_thumbnail())
    assert corners(photo) == EXPECTED[raws.SIDEWAYS]
    assert photo.metadata.type == "dng"
    assert (photo.metadata.width, photo.metadata.height) == (2000, 3000)


@pytest.mark.parametrize(
    "data",
    [
        raws.tiff([raws.main("SONY", "X", t014A=raws.Sub([raws.sensor()]))]),
        b"FUJIFILMCCD-RAW " + bytes(400),
        raws.box(b"ftyp", b"crx \0\0\0\x01"),
        b"IIU\0\x08\0\0\0",
        FILES["rw2"][:300],
    ],
)
def test_a_raw_without_a_preview_is_a_clear_problem(data: bytes) -> None:
    with pytest.raises(PhotoUnsupported, match="no preview"):
        decode(data)
    with pytest.raises(PhotoError):
        read_metadata(data)


def test_a_tiff_is_no_raw() -> None:
    for compression in (None, "tiff_lzw", "jpeg"):
        assert find_raw(encoded(scene(), "TIFF", compression=compression)) is None
    assert find_raw(encoded(scene(), "JPEG")) is None


def looped() -> bytes:
    """Directories that point at each other and at themselves, by every kind of pointer."""
    entry = struct.pack("<HHII", 0x014A, 4, 1, 8) + struct.pack("<HHII", 0x8769, 4, 1, 8)
    maker = struct.pack("<HHII", 0x0106, 3, 1, 32803)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 3) + maker + entry + struct.pack("<I", 8)


def wide() -> bytes:
    """Each of many directories points at sixteen more."""
    data = bytearray(b"II*\0\x08\0\0\0" + bytes(400_000))
    for number in range(5000):
        at = 8 + 80 * number
        subs = [8 + 80 * ((number * 16 + below) % 5000) for below in range(1, 17)]
        struct.pack_into("<HHHIIHHII", data, at, 2, 0x0106, 3, 1, 32803, 0x014A, 4, 16, at + 16)
        struct.pack_into("<16I", data, at + 16, *subs)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        looped(),
        wide(),
        FILES["cr3"][:24] + b"\0\0\0\x08moov" * 100_000,
        raws.box(b"ftyp", b"crx \0\0\0\x01") + b"\0\0\0\0moov" * 100_000,
        b"IIU\0\x08\0\0\0" + b"\xff\xd8\xff" * 7_000_000,
        b"IIU\0\x08\0\0\0"
        + (b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff\x01\0\0\0\xff\xda\0\x08") * 900_000,
    ],
)
def test_loops_and_crowds_end_soon(data: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(PhotoError):
        decode(data)
    assert time.process_time() - started < 8


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damage_is_never_more_than_a_photo_error(type_: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[type_])
    heads = st.integers(0, min(len(damaged), 3000) - 1) | st.integers(0, len(damaged) - 1)
    for _ in range(data.draw(st.integers(0, 8))):
        damaged[data.draw(heads)] = data.draw(
            st.sampled_from((0, 1, 0x7F, 0xFF)) | st.integers(0, 255)
        )
    end = data.draw(st.sampled_from((len(damaged),)) | st.integers(0, len(damaged)))
    with contextlib.suppress(PhotoError):
        decode(bytes(damaged[:end]))


HEADS = [b"", b"II*\0", b"MM\0*", b"II*\0\x10\0\0\0CR\x02\0", b"IIU\0", b"IIRO", b"MMOR"]
HEADS += [b"FUJIFILMCCD-RAW ", b"\0\0\0\x18ftypcrx ", b"\0\0\0\x18ftypcrx \0\0\0\x01isomisom"]


@settings(max_examples=examples(300))
@given(st.sampled_from(HEADS), st.binary(max_size=600))
@example(b"II*\0", b"\xff" * 600)
@example(b"MM\0*", b"\0" * 600)
def test_any_bytes_are_looked_at_without_harm(head: bytes, rest: bytes) -> None:
    found = find_raw(head + rest)
    if found is not None:
        assert all(preview.stop <= len(head + rest) for preview in found.previews)
    with contextlib.suppress(PhotoError):
        decode(head + rest)
