"""Pictures of photos, from the cache or from the original, and what may go wrong between."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crispd.errors import NotFound, PhotoUnreadable
from crispd.images.decode import decode_photo
from crispd.images.read import content_hash
from crispd.images.thumbnails import indexed_sizes, stored_sizes
from crispd.memory_budgets import MemoryBudget, MemoryBudgets
from crispd.thumbnails.cache import ThumbnailCache
from crispd.thumbnails.rendering import PhotoRenderer
from crispd.types import DecodeLimits, FileStamp, ImageInput, PhotoRecord

LIMITS = DecodeLimits(100_000_000, 2**29)


@cache
def large(format_: str = "JPEG") -> bytes:
    """Of 12 megapixels, encoded once."""
    return picture(4032, 3024, format_)


def picture(width: int, height: int, format_: str = "JPEG", **options: object) -> bytes:
    rows = np.linspace(0, 255, height).astype(np.uint8)[:, None, None]
    out = io.BytesIO()
    Image.fromarray(np.tile(rows, (1, width, 3))).save(out, format_, **options)
    return out.getvalue()


class House:
    """One photo, with the cache that indexing filled."""

    def __init__(self, folder: Path, data: bytes) -> None:
        self.path = folder / "photo"
        self.path.write_bytes(data)
        self.guarded: list[str] = []
        self.cache = ThumbnailCache(folder / "thumbnails", stored_sizes(320))
        self.media = PhotoRenderer(
            self.cache, LIMITS, MemoryBudgets(MemoryBudget(2**29), MemoryBudget(10**9)), self._guard
        )
        made = decode_photo(data, ImageInput(224), LIMITS, thumbnails=indexed_sizes(320))
        self.hash = content_hash(data)
        for thumbnail in made.thumbnails:
            self.cache.put(self.hash, thumbnail.size, thumbnail.jpeg)
        self.indexed = [thumbnail.size for thumbnail in made.thumbnails]
        stamp = FileStamp.of(self.path.stat())
        self.photo = PhotoRecord("a", 1, str(folder), "photo", self.hash, stamp, made.metadata)

    @contextmanager
    def _guard(self, path: str) -> Iterator[None]:
        self.guarded.append(path)
        yield

    def thumbnail(self, size: int | None, kind: str = "image/jpeg") -> Image.Image:
        wanted = self.media.thumbnail(self.photo, size, kind)  # type: ignore[arg-type]
        return Image.open(io.BytesIO(self.media.picture(wanted).data))


@pytest.mark.parametrize(
    ("size", "format_", "sizes"),
    [
        ((4032, 3024), "JPEG", [320, 480]),  # decoded to an eighth, of 504
        ((3024, 4032), "JPEG", [320, 480]),
        ((3264, 2448), "JPEG", [320]),  # to an eighth as well, of 408
        ((11600, 870), "JPEG", [320, 480, 1280]),
        ((2000, 1500), "PNG", [320, 480, 1280]),
        ((2000, 1500), "AVIF", [320, 480, 1280]),
        ((700, 500), "PNG", [320, 480, 1280]),
        ((400, 300), "PNG", [320, 480]),
        ((300, 200), "PNG", [320]),
    ],
)
def test_what_indexing_keeps(
    tmp_path: Path, size: tuple[int, int], format_: str, sizes: list[int]
) -> None:
    house = House(tmp_path, picture(*size, format_))
    assert house.indexed == sizes
    whole = max(house.photo.metadata.width, house.photo.metadata.height)
    for wanted in (32, 320, 321, 480, 500, 1024, 1280):
        assert max(house.thumbnail(wanted).size) == min(wanted, whole)


def test_originals_are_not_read_for_what_is_kept(tmp_path: Path) -> None:
    house = House(tmp_path, picture(2000, 1500, "PNG"))
    house.path.unlink()
    for size in (None, 32, 320, 480, 1000, 1280):
        assert house.thumbnail(size).format == "JPEG"
        assert house.thumbnail(size, "image/webp").format == "WEBP"
    assert house.guarded == []
    assert house.media.kept(house.media.thumbnail(house.photo, None, "image/jpeg")) is not None
    assert house.media.kept(house.media.thumbnail(house.photo, 400, "image/jpeg")) is None


def test_what_is_made_later_is_kept_as_well(tmp_path: Path) -> None:
    house = House(tmp_path, large())
    assert house.thumbnail(1280).size == (1280, 960)
    assert house.guarded == [str(house.path)]
    house.path.unlink()
    assert house.thumbnail(1000).size == (1000, 750)
    assert len(house.guarded) == 1


def test_a_drive_that_is_away(tmp_path: Path) -> None:
    house = House(tmp_path, large())
    house.photo = replace(house.photo, online=False)
    wanted = house.media.preview(house.photo, None)
    image = house.media.picture(wanted)
    assert image.final is False
    assert not image.etag.startswith(wanted.tag)
    assert Image.open(io.BytesIO(image.data)).size == (480, 360)
    for path in tmp_path.rglob("*.jpg"):
        path.unlink()
    with pytest.raises(NotFound, match=r"not plugged in.*not kept"):
        house.media.picture(wanted)
    assert house.guarded == []


def test_another_file_in_its_place_is_not_looked_at(tmp_path: Path) -> None:
    """What is made of it would be kept under the hash of the old one, and sent for ever."""
    house = House(tmp_path, large())
    for other in (picture(4032, 3000), bytes(house.photo.stamp.size), bytes(10**7)):
        house.path.write_bytes(other)
        image = house.media.picture(house.media.preview(house.photo, None))
        assert image.final is False
    house.path.unlink()
    secret = tmp_path / "secret.png"
    secret.write_bytes(large("PNG"))
    house.path.symlink_to(secret)
    assert house.media.picture(house.media.preview(house.photo, None)).final is False
    assert house.guarded == []
    for path in tmp_path.rglob("*.jpg"):
        path.unlink()
    with pytest.raises(NotFound, match="has changed"):
        house.media.picture(house.media.preview(house.photo, None))


def test_a_file_that_crashes_its_decoder(tmp_path: Path) -> None:
    house = House(tmp_path, large())

    @contextmanager
    def refuse(path: str) -> Iterator[None]:
        raise PhotoUnreadable("This file makes the decoder crash.", "crash")
        yield

    media = replace(house.media, guarded=refuse)
    assert media.picture(media.preview(house.photo, None)).final is False
    for path in tmp_path.rglob("*.jpg"):
        path.unlink()
    with pytest.raises(PhotoUnreadable, match="crash"):
        media.picture(media.preview(house.photo, None))


def test_a_kept_picture_that_is_damaged_inside(tmp_path: Path) -> None:
    house = House(tmp_path, large())
    for path in tmp_path.rglob("*.jpg"):
        path.write_bytes(b"\xff\xd8" + bytes(500) + b"\xff\xd9")
    wanted = house.media.thumbnail(house.photo, None, "image/jpeg")
    assert house.media.kept(wanted) is None
    assert house.thumbnail(None).size == (320, 240)
    assert house.media.kept(wanted) is not None


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF", "PNG", "JPEG"])
def test_previews(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    house = House(tmp_path, picture(3000, 2000, kind, exif=exif))
    shown = house.media.picture(house.media.preview(house.photo, None))
    image = Image.open(io.BytesIO(shown.data))
    # pillow-heif forgets the orientation when it writes HEIC
    upright = (2048, 1365) if kind == "HEIF" else (1365, 2048)
    assert (image.format, image.size) == ("JPEG", upright)
    assert not {"exif", "icc_profile", "comment"} & set(image.info)
    full = house.media.picture(house.media.preview(house.photo, 4096))
    assert max(Image.open(io.BytesIO(full.data)).size) == 3000


@pytest.mark.parametrize("kind", ["image/jpeg", "image/webp"])
def test_nothing_of_the_original_is_said(tmp_path: Path, kind: str) -> None:
    data = picture(600, 400, "JPEG", comment=b"by Lena", xmp=b"<x/>", dpi=(72, 72))
    image = House(tmp_path, data).thumbnail(None, kind)
    assert not {"exif", "icc_profile", "comment", "xmp"} & set(image.info)
