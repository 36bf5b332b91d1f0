"""Thumbnails: the stored sizes, and pictures of any size made from them or the original."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from crispd.images.decoder_errors import translated_errors
from crispd.images.encode_image import image_bytes, scaled
from crispd.images.opening import open_oriented
from crispd.types import Thumbnail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import DecodeLimits

MEDIUM, LARGE, SCREEN = 480, 1280, 2048
# Up to so much larger than what is kept, a decoded picture is kept as it came: an eighth of what
# telephones take is 504 pixels long, and making 480 of them would take longer than encoding them.
_NEAR = 4 / 3


def stored_sizes(small: int) -> tuple[int, ...]:
    """Long sides that are kept, the smallest first; the last only when somebody asks for it."""
    return (small, *(size for size in (MEDIUM, LARGE, SCREEN) if size > small))


def indexed_sizes(small: int) -> tuple[int, ...]:
    """Those that indexing makes, as far as the decode for the model reaches."""
    return stored_sizes(small)[:-1]


def thumbnails_of(
    image: Image.Image, full: tuple[int, int], sizes: tuple[int, ...]
) -> tuple[Thumbnail, ...]:
    """Those of ``sizes`` (rising) that a decoded ``image`` of a photo of ``full`` size gives.

    A size is left out where the picture was decoded smaller, and where a smaller one holds all of
    the photo already. The smallest is always there. Each is made of the next larger one.
    """
    made = []
    whole = max(image.size) >= max(full)
    for size in reversed(_reached(image, full, sizes)):
        if whole or size == sizes[0] or max(image.size) > size * _NEAR:
            image = scaled(image, size)
        made.append(Thumbnail(size, image_bytes(image)))
    return tuple(reversed(made))


def useful_sizes(whole: int, sizes: Sequence[int]) -> list[int]:
    """Of ``sizes`` (rising) those in which a photo of so long a side has something to show."""
    return [size for number, size in enumerate(sizes) if not number or sizes[number - 1] < whole]


def _reached(image: Image.Image, full: tuple[int, int], sizes: tuple[int, ...]) -> list[int]:
    whole, there = max(full), max(image.size)
    useful = useful_sizes(whole, sizes)
    return [size for size in useful if size == sizes[0] or there >= min(size, whole)]


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a picture of ours. Raises PhotoError where it is damaged."""
    with translated_errors(), Image.open(io.BytesIO(picture)) as image:
        return image.size


def convert(picture: bytes, long_side: int, media_type: str) -> bytes:
    """A picture of ours, no larger than ``long_side``, as ``media_type``. Raises PhotoError."""
    with translated_errors(), Image.open(io.BytesIO(picture)) as image:
        if max(image.size) <= long_side and media_type == "image/jpeg":
            return picture
        return image_bytes(scaled(image.convert("RGB"), long_side), media_type)


def resize_jpeg(jpeg: bytes, long_side: int) -> bytes:
    """A JPEG of ours, smaller."""
    return convert(jpeg, long_side, "image/jpeg")


def make_thumbnail(data: bytes, long_side: int, limits: DecodeLimits) -> bytes:
    """A JPEG of any size from the bytes of an original. Raises PhotoError."""
    image, _ = open_oriented(data, limits, 1, long_side)
    with translated_errors():
        return image_bytes(scaled(image, long_side))
