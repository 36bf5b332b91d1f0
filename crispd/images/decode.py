"""One decode gives the model's pixels, the metadata and a thumbnail."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from crispd.errors import PhotoError, PhotoUnreadable, PhotoUnsupported
from crispd.images.colours import as_srgb
from crispd.images.formats import TYPES, register_decoders
from crispd.images.limits import check_pixels
from crispd.images.metadata import metadata_of, orientation_of
from crispd.images.modes import as_rgb
from crispd.types import DecodedPhoto

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.types import DecodeLimits, ImageInput, PhotoMetadata

# Our own limit, checked before decoding, replaces Pillow's, which only counts pixels of the full
# picture and warns through a process-wide filter. A half picture is an error, never a grey half.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False

THUMBNAIL_QUALITY = 80
_RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
# Decoders on damaged input raise all of these.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
_TIFF = {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}
_CUT_SHORT = (
    "truncated",
    "premature",
    "unexpected end",
    "end of file",
    "not enough",
    "broken data",
)


def decode_photo(
    data: bytes, wanted: ImageInput, limits: DecodeLimits, *, thumbnail: int
) -> DecodedPhoto:
    """Decode, orient, and make what the rest of the pipeline needs. Raises PhotoError.

    ``thumbnail`` is the long side in pixels; smaller photos keep their size.
    """
    image, metadata = open_oriented(data, limits, max(wanted.size, 1), thumbnail)
    with _translated():
        return DecodedPhoto(_squared(image, wanted), metadata, as_jpeg(image, thumbnail))


def open_oriented(
    data: bytes, limits: DecodeLimits, short_side: int, long_side: int
) -> tuple[Image.Image, PhotoMetadata]:
    """An sRGB image at least so large, or of full size, as a person would see it."""
    register_decoders()
    with _translated():
        image = _opened(data)
        if image.format not in TYPES:
            raise PhotoUnsupported(f"The format {image.format} is not supported.")
        full, orientation = image.size, orientation_of(image)
        draft(image, short_side, long_side)
        check_pixels(image, full, limits)
        metadata = metadata_of(image, full, orientation)
        image.load()
        if image.format == "TIFF":  # Pillow turns TIFF upright by itself when it loads it
            metadata = replace(metadata, width=image.width, height=image.height)
            orientation = 1
        return _upright(_coloured(image, short_side, long_side), orientation), metadata


def _opened(data: bytes) -> Image.Image:
    """The headers read. A TIFF that Pillow does not know is a TIFF all the same."""
    try:
        return Image.open(io.BytesIO(data))
    except UnidentifiedImageError as error:
        if data[:4] not in _TIFF:
            raise
        raise PhotoUnsupported(
            "This kind of TIFF is not supported, or its beginning is damaged. "
            "Save it with 8 or 16 bits a channel."
        ) from error


def read_metadata(data: bytes) -> PhotoMetadata:
    """Only what the headers say; nothing is decoded. Raises PhotoError."""
    register_decoders()
    with _translated():
        image = _opened(data)
        return metadata_of(image, image.size, orientation_of(image))


def draft(image: Image.Image, short_side: int, long_side: int) -> None:
    """Let a JPEG be decoded by DCT scaling (1/2, 1/4, 1/8) to what is just large enough.

    Afterwards the short side is at least ``short_side`` and the long side at least ``long_side``,
    where the photo is that large. Other formats do not offer it and stay as they are.
    """
    width, height = image.size
    scale = max(short_side / min(width, height), long_side / max(width, height))
    if scale < 1:
        # round up, or a size of 224.0001 would pass for 224
        image.draft("RGB", (int(np.ceil(width * scale)), int(np.ceil(height * scale))))


def as_jpeg(image: Image.Image, long_side: int) -> bytes:
    """A JPEG of an RGB image, scaled down to ``long_side``; carries no EXIF."""
    scale = long_side / max(image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return out.getvalue()


def _squared(image: Image.Image, wanted: ImageInput) -> np.ndarray:
    resampling, size = _RESAMPLING[wanted.interpolation], (wanted.size, wanted.size)
    if wanted.fit == "stretch":
        square = image.resize(size, resampling, reducing_gap=3.0)
    else:
        square = ImageOps.fit(image, size, resampling)
    return np.asarray(square)


def _coloured(image: Image.Image, short_side: int, long_side: int) -> Image.Image:
    """RGB by the profile. Inks and grey have profiles of their own kind, all else one of RGB."""
    profile = image.info.get("icc_profile")
    if image.mode not in {"CMYK", "L"}:
        image = as_rgb(image)
    return as_rgb(as_srgb(image, profile, short_side, long_side))


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = _TRANSPOSE.get(orientation)
    return image if method is None else image.transpose(method)


_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextmanager
def _translated() -> Iterator[None]:
    """The one boundary where decoders' errors become ours."""
    try:
        yield
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise PhotoUnsupported(
            "This is no picture, whatever its name says, or its beginning is damaged."
        ) from error
    except MemoryError as error:
        raise PhotoUnreadable(
            "There was not enough memory to decode this picture.", "memory"
        ) from error
    except _DECODER_ERRORS as error:
        raise _damage(error) from error


def _damage(error: BaseException) -> PhotoUnreadable:
    text = str(error).lower()
    if any(sign in text for sign in _CUT_SHORT):
        return PhotoUnreadable(
            "The file is cut short: the picture ends before its last line. "
            "Copy it again from its source.",
            "truncated",
        )
    return PhotoUnreadable(
        "The file is damaged and the picture cannot be decoded. Copy it again from its source.",
        "damaged",
    )
