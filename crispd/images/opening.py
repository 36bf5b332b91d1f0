"""Opening of a photo: bytes to an upright sRGB picture, decoded no larger than needed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from crispd.errors import PhotoError, PhotoUnsupported
from crispd.images.clean_aperture import clean_aperture
from crispd.images.colour_profiles import as_srgb
from crispd.images.decoder_errors import translated_errors
from crispd.images.formats import TYPES, register_decoders
from crispd.images.isolation.header_checks import check_header, without_texts
from crispd.images.isolation.pixel_limits import check_pixels
from crispd.images.metadata.photo_metadata import metadata_of, metadata_of_raw, orientation_of
from crispd.images.pixel_modes import as_rgb, spare_factor
from crispd.images.raw.detection import RawFile, find_raw
from crispd.images.shrink import load_shrunk
from crispd.types import DecodeLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.types import PhotoMetadata

# Our own limit, checked before decoding, replaces Pillow's, which only counts pixels of the full
# picture and warns through a process-wide filter. A half picture is an error, never a grey half.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False

_WIDTH, _HEIGHT = 256, 257
_LONGEST_EXIF = 2**20  # cameras write a tenth of it; each number in it becomes an object
_TEXT_LIMIT = "MAX_TEXT"  # in what Pillow says of a PNG with a text that unfolds to a megabyte
_ANY_SIZE = DecodeLimits(max_pixels=2**40, max_bytes=2**40)
_TIFF = {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}
_NO_PREVIEW = (
    "This camera RAW holds no preview that can be shown. "
    "Let the camera, or a program that develops it, write a JPEG beside it."
)


def open_oriented(
    data: bytes, limits: DecodeLimits, short_side: int, long_side: int
) -> tuple[Image.Image, PhotoMetadata]:
    """An sRGB image at least so large, or of full size, as a person would see it.

    Of a camera RAW, the largest of its previews that can be decoded. Raises PhotoError.
    """
    register_decoders()
    raw = find_raw(data)
    if raw is None:
        with translated_errors(data):
            return _decoded(data, limits, short_side, long_side)
    trouble: PhotoError = PhotoUnsupported(_NO_PREVIEW)
    for preview in _previews(raw, data):
        try:
            with translated_errors(preview):
                return _decoded(preview, limits, short_side, long_side, raw)
        except PhotoError as error:
            trouble = error
    raise trouble


def read_metadata(data: bytes) -> PhotoMetadata:
    """Only what the headers say; nothing is decoded. Raises PhotoError."""
    register_decoders()
    raw = find_raw(data)
    if raw is not None:
        data = next(_previews(raw, data), b"")
    with translated_errors(data):
        image = _opened(check_header(data, _ANY_SIZE))
        return _described(image, data, _size(image, data), raw)[0]


def request_draft(image: Image.Image, short_side: int, long_side: int) -> None:
    """Let a JPEG be decoded by DCT scaling (1/2, 1/4, 1/8) to what is just large enough.

    Afterwards the short side is at least ``short_side`` and the long side at least ``long_side``,
    where the photo is that large. Other formats do not offer it and stay as they are.
    """
    width, height = image.size
    scale = max(short_side / min(width, height), long_side / max(width, height))
    if scale < 1:
        # round up, or a size of 224.0001 would pass for 224
        image.draft("RGB", (int(np.ceil(width * scale)), int(np.ceil(height * scale))))


def _decoded(
    data: bytes, limits: DecodeLimits, short_side: int, long_side: int, raw: RawFile | None = None
) -> tuple[Image.Image, PhotoMetadata]:
    data = check_header(data, limits)
    try:
        return _decoded_as_it_is(_opened(data), data, limits, short_side, long_side, raw)
    except ValueError as error:
        if _TEXT_LIMIT not in str(error):
            raise
    image = _opened(without_texts(data))
    return _decoded_as_it_is(image, data, limits, short_side, long_side, raw)


def _decoded_as_it_is(
    image: Image.Image,
    data: bytes,
    limits: DecodeLimits,
    short_side: int,
    long_side: int,
    raw: RawFile | None,
) -> tuple[Image.Image, PhotoMetadata]:
    if image.format not in TYPES:
        raise PhotoUnsupported(f"The format {image.format} is not supported.")
    full = _size(image, data)
    request_draft(image, short_side, long_side)
    area = _area(image, data)
    largest = max(short_side, long_side)
    check_pixels(image, full if area is None else image.size, data, limits, largest)
    metadata, orientation = _described(image, data, full, raw)
    image = load_shrunk(image, data, largest, area)
    if image.format == "TIFF":  # Pillow turns TIFF upright by itself when it loads it
        orientation = 1
    return _upright(_coloured(image, short_side, long_side), orientation), metadata


def _area(image: Image.Image, data: bytes) -> tuple[int, int, int, int] | None:
    """What of it is to be seen, where its decoder leaves that to others; None: all."""
    return clean_aperture(data, image.size) if image.format == "AVIF" else None


def _size(image: Image.Image, data: bytes) -> tuple[int, int]:
    """Width and height as the picture lies in its file; of TIFF, Pillow tells it as it is seen."""
    area = _area(image, data)
    if area is not None:
        return area[2] - area[0], area[3] - area[1]
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(image.tag_v2[_WIDTH]), int(image.tag_v2[_HEIGHT])
    return image.size


def _described(
    image: Image.Image, data: bytes, size: tuple[int, int], raw: RawFile | None
) -> tuple[PhotoMetadata, int]:
    """Metadata and orientation: of a RAW by its own word first, then by its preview's."""
    orientation = orientation_of(image)
    if raw is None:
        return metadata_of(image, data, size, orientation), orientation
    orientation = raw.orientation or orientation
    return metadata_of_raw(raw, image, data, size, orientation), orientation


def _previews(raw: RawFile, data: bytes) -> Iterator[bytes]:
    for preview in raw.previews:
        yield data[preview.start : preview.stop]
    if raw.shown_as_tiff:
        yield data


def _opened(data: bytes) -> Image.Image:
    """The headers read. A TIFF that Pillow does not know is a TIFF all the same."""
    try:
        image = Image.open(io.BytesIO(data))
        if len(image.info.get("exif") or b"") > _LONGEST_EXIF:
            del image.info["exif"]
        return image
    except UnidentifiedImageError as error:
        if data[:4] not in _TIFF:
            raise
        raise PhotoUnsupported(
            "This kind of TIFF is not supported, or its beginning is damaged. "
            "Save it with 8 or 16 bits a channel."
        ) from error


def _coloured(image: Image.Image, short_side: int, long_side: int) -> Image.Image:
    """RGB by the profile. Inks and grey have profiles of their own kind, all else one of RGB."""
    profile = image.info.get("icc_profile")
    if image.mode not in {"CMYK", "L"}:
        image = as_rgb(image, spare_factor(image.size, short_side, long_side))
    image = as_srgb(image, profile, short_side, long_side)
    return as_rgb(image, spare_factor(image.size, short_side, long_side))


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
