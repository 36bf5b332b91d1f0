"""EXIF fields. Every value is checked, because cameras and editors write all kinds of nonsense."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, SupportsFloat

from PIL import ExifTags

from crispd.images.metadata.captions import Captions, comment_text, utf16_text
from crispd.images.metadata.coordinates import altitude_of, degrees_of, position_of
from crispd.images.metadata.date_parsing import parse_date
from crispd.images.metadata.text_cleaning import camera_name, clean_text, keyword_list, lens_name
from crispd.images.raw.ifd import block_at, first_offset, read_directory
from crispd.types import CaptureTime, GeoPosition, most_reliable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types import DateKind

    Tags = Mapping[int, object]
    # EXIF's main block, details and position
    Blocks = tuple[Tags, Tags, Tags]

_Base, _Gps = ExifTags.Base, ExifTags.GPS
NO_BLOCKS: Blocks = ({}, {}, {})
_MARK = b"Exif\0\0"
_LENS_MODEL = 0xA434
_RATING = 0x4746
_KEYWORDS = 0x9C9E  # XPKeywords, as Windows writes them
_XP_TITLE, _XP_COMMENT, _XP_SUBJECT, _USER_COMMENT = 0x9C9B, 0x9C9C, 0x9C9F, 0x9286
_DATES: tuple[tuple[int, int, DateKind], ...] = (
    (_Base.DateTimeOriginal, _Base.OffsetTimeOriginal, "original"),
    (_Base.DateTimeDigitized, _Base.OffsetTimeDigitized, "digitized"),
    (_Base.DateTime, _Base.OffsetTime, "modified"),
)


def blocks_of(data: bytes) -> Blocks:
    """The blocks of an EXIF segment, with its mark or without; each empty that cannot be read."""
    block = block_at(data, len(_MARK) if data.startswith(_MARK) else 0)
    if block is None:
        return NO_BLOCKS
    main = read_directory(block, first_offset(block))
    details = read_directory(block, main.number(ExifTags.IFD.Exif))
    gps = read_directory(block, main.number(ExifTags.IFD.GPSInfo))
    return main.values(), details.values(), gps.values()


def capture_time(exif: Tags, details: Tags, gps: Tags | None = None) -> CaptureTime | None:
    """Local time, with an offset where the camera recorded one; of the surest kind.

    TIFF and DNG may have the details of a photo among those of the file.
    """
    found = [_satellite_time(gps or {})]
    for tag, offset, kind in _DATES:
        own = details.get(tag) if tag != _Base.DateTime else None
        date = parse_date(clean_text(own or exif.get(tag)), _text(details, exif, offset))
        if date is not None:
            found.append(CaptureTime(date.at, "exif", date.precision, kind))
    return most_reliable(*found)


def _text(first: Tags, second: Tags, tag: int) -> str:
    return clean_text(first.get(tag) or second.get(tag))


def _satellite_time(gps: Tags) -> CaptureTime | None:
    """When the place was found, in UTC."""
    date = parse_date(clean_text(gps.get(_Gps.GPSDateStamp)))
    parts = gps.get(_Gps.GPSTimeStamp)
    if date is None or date.precision != "day" or not isinstance(parts, tuple | list):
        return None
    clock = [_number(part) for part in parts]
    if len(clock) != 3 or any(part is None or not 0 <= part < 61 for part in clock):
        return None
    hours, minutes, seconds = (int(part or 0) for part in clock)
    timed = parse_date(f"{date.at[:10]} {hours:02}:{minutes:02}:{seconds:02}Z")
    return CaptureTime(timed.at, "gps", timed.precision, "satellite") if timed else None


def camera(exif: Tags) -> str | None:
    """Maker and model."""
    return camera_name(exif.get(_Base.Make), exif.get(_Base.Model))


def lens(details: Tags) -> str | None:
    """The lens as the camera names it."""
    return lens_name(details.get(_LENS_MODEL))


def rating(exif: Tags) -> int | None:
    """Stars."""
    value = exif.get(_RATING)
    return value if isinstance(value, int) and (1 <= value <= 5 or value == -1) else None


def keywords(exif: Tags) -> list[str]:
    """Windows keeps them in UTF-16 with semicolons between."""
    value = exif.get(_KEYWORDS)
    if isinstance(value, tuple):
        value = bytes(part for part in value if isinstance(part, int) and 0 <= part < 256)
    text = value.decode("utf-16-le", "replace") if isinstance(value, bytes) else clean_text(value)
    return keyword_list(text.replace("\0", "").split(";"))


def captions(exif: Tags, details: Tags) -> Captions:
    """What Windows has for a title, and the descriptions and comments of Windows and of cameras."""
    comment = details.get(_USER_COMMENT) or exif.get(_USER_COMMENT)
    return Captions(
        (utf16_text(exif.get(_XP_TITLE)),),
        (
            clean_text(exif.get(_Base.ImageDescription)),
            utf16_text(exif.get(_XP_COMMENT)),
            utf16_text(exif.get(_XP_SUBJECT)),
            comment_text(comment),
        ),
    )


def gps_position(gps: Tags) -> GeoPosition | None:
    """Where it was taken; None for 0, 0, which is where cameras without a fix say they are."""
    latitude = _degrees(gps.get(_Gps.GPSLatitude), gps.get(_Gps.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(gps.get(_Gps.GPSLongitude), gps.get(_Gps.GPSLongitudeRef), "EW", 180)
    return position_of(latitude, longitude, altitude(gps))


def altitude(gps: Tags) -> float | None:
    """Metres above the sea."""
    below = gps.get(_Gps.GPSAltitudeRef) in {b"\x01", 1}
    return altitude_of(_number(gps.get(_Gps.GPSAltitude)), below=below)


def _degrees(value: object, reference: object, directions: str, limit: float) -> float | None:
    """Degrees, minutes and seconds as one number. Some write south and west as a sign."""
    if isinstance(value, str):
        return degrees_of(value, clean_text(reference), directions, limit)
    values = value if isinstance(value, tuple | list) else (value,)
    parts = [_number(part) for part in values]
    if not 1 <= len(parts) <= 3 or any(part is None for part in parts):
        return None
    numbers = [part for part in parts if part is not None]
    if any(number < 0 for number in numbers[1:]):
        return None
    total: float = sum(abs(number) / 60**power for power, number in enumerate(numbers))
    if total > limit:
        return None
    negative = numbers[0] < 0 or clean_text(reference).upper().startswith(directions[1])
    return round(-total if negative else total, 7)


def _number(value: object) -> float | None:
    if not isinstance(value, SupportsFloat):
        return None
    try:
        number = float(value)
    except ArithmeticError:  # a fraction over zero
        return None
    return number if math.isfinite(number) else None
