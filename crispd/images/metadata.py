"""What a photo says of itself. Nothing in here can fail a photo."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from PIL import ExifTags

from crispd.images.formats import TYPES
from crispd.types import PhotoMetadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image

_Base, _Ifd = ExifTags.Base, ExifTags.IFD
# What a damaged EXIF block makes Pillow raise.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    IndexError,
    ArithmeticError,
)
# Orientations 5 to 8 lie on their side: width and height change places.
SIDEWAYS = frozenset({5, 6, 7, 8})
_OFFSET = re.compile(r"^[+-]\d\d:\d\d$")
_LONGEST_CAMERA = 100


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation 1 to 8; 1 where there is none or nonsense."""
    try:
        value = image.getexif().get(_Base.Orientation, 1)
    except _BROKEN:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def metadata_of(image: Image.Image, size: tuple[int, int], orientation: int) -> PhotoMetadata:
    """Metadata of an opened image of ``size`` as it lies in the file (before orientation)."""
    width, height = size[::-1] if orientation in SIDEWAYS else size
    taken_at, camera = _from_exif(image)
    return PhotoMetadata(width, height, TYPES.get(image.format or "", "unknown"), taken_at, camera)


def _from_exif(image: Image.Image) -> tuple[str | None, str | None]:
    try:
        exif = image.getexif()
        details = exif.get_ifd(_Ifd.Exif)
        return _taken_at(exif, details), _camera(exif)
    except _BROKEN:
        return None, None


def _taken_at(exif: Mapping[int, object], details: Mapping[int, object]) -> str | None:
    """RFC 3339: local time, with an offset where the camera recorded one."""
    candidates = (
        (details.get(_Base.DateTimeOriginal), details.get(_Base.OffsetTimeOriginal)),
        (details.get(_Base.DateTimeDigitized), details.get(_Base.OffsetTimeDigitized)),
        (exif.get(_Base.DateTime), details.get(_Base.OffsetTime)),
    )
    for value, offset in candidates:
        try:
            moment = datetime.strptime(_text(value)[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        except ValueError:
            continue
        zone = _text(offset)
        return moment.isoformat() + (zone if _OFFSET.match(zone) else "")
    return None


def _camera(exif: Mapping[int, object]) -> str | None:
    make, model = _text(exif.get(_Base.Make)), _text(exif.get(_Base.Model))
    # "Canon" and "Canon EOS 90D": the maker's name is often in the model's already
    named = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    return named.strip()[:_LONGEST_CAMERA] or None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return "".join(ch for ch in value if ch.isprintable()).strip()
