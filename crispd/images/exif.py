"""What EXIF says. Every value is checked: cameras and editors write all kinds of nonsense."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, SupportsFloat

from PIL import ExifTags

from crispd.images.words import clean, keyword_list
from crispd.types import Place, Taken

if TYPE_CHECKING:
    from collections.abc import Mapping

_Base, _Gps = ExifTags.Base, ExifTags.GPS
_OFFSET = re.compile(r"^[+-]\d\d:\d\d$")
_LONGEST_NAME = 100
_LENS_MODEL = 0xA434
_RATING = 0x4746
_KEYWORDS = 0x9C9E  # XPKeywords, as Windows writes them
_FARTHEST_METRES = 100_000.0


def taken(exif: Mapping[int, object], details: Mapping[int, object]) -> Taken | None:
    """Local time, with an offset where the camera recorded one."""
    candidates = (
        (details.get(_Base.DateTimeOriginal), details.get(_Base.OffsetTimeOriginal)),
        (details.get(_Base.DateTimeDigitized), details.get(_Base.OffsetTimeDigitized)),
        (exif.get(_Base.DateTime), details.get(_Base.OffsetTime)),
    )
    for value, offset in candidates:
        try:
            moment = datetime.strptime(clean(value)[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        except ValueError:
            continue
        zone = clean(offset)
        return Taken(moment.isoformat() + (zone if _OFFSET.match(zone) else ""), "exif")
    return None


def camera(exif: Mapping[int, object]) -> str | None:
    """Maker and model."""
    make, model = clean(exif.get(_Base.Make)), clean(exif.get(_Base.Model))
    # "Canon" and "Canon EOS 90D": the maker's name is often in the model's already
    named = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    return named.strip()[:_LONGEST_NAME] or None


def lens(details: Mapping[int, object]) -> str | None:
    """The lens as the camera names it."""
    return clean(details.get(_LENS_MODEL))[:_LONGEST_NAME] or None


def rating(exif: Mapping[int, object]) -> int | None:
    """Stars."""
    value = exif.get(_RATING)
    return value if isinstance(value, int) and (1 <= value <= 5 or value == -1) else None


def keywords(exif: Mapping[int, object]) -> list[str]:
    """Windows keeps them in UTF-16 with semicolons between."""
    value = exif.get(_KEYWORDS)
    if isinstance(value, tuple):
        value = bytes(value)
    text = value.decode("utf-16-le", "replace") if isinstance(value, bytes) else clean(value)
    return keyword_list(text.replace("\0", "").split(";"))


def place(gps: Mapping[int, object]) -> Place | None:
    """Where it was taken; None for 0, 0, which is where cameras without a fix say they are."""
    latitude = _degrees(gps.get(_Gps.GPSLatitude), gps.get(_Gps.GPSLatitudeRef), "S", 90)
    longitude = _degrees(gps.get(_Gps.GPSLongitude), gps.get(_Gps.GPSLongitudeRef), "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return Place(latitude, longitude, _altitude(gps))


def _degrees(value: object, reference: object, negative: str, limit: float) -> float | None:
    """Degrees, minutes and seconds as one number."""
    if not isinstance(value, tuple | list) or not 1 <= len(value) <= 3:
        return None
    parts = [_number(part) for part in value]
    if any(part is None or part < 0 for part in parts):
        return None
    total: float = sum(part / 60**power for power, part in enumerate(parts) if part is not None)
    if total > limit:
        return None
    return round(-total if clean(reference).upper() == negative else total, 7)


def _altitude(gps: Mapping[int, object]) -> float | None:
    metres = _number(gps.get(_Gps.GPSAltitude))
    if metres is None or abs(metres) > _FARTHEST_METRES:
        return None
    below = gps.get(_Gps.GPSAltitudeRef) in {b"\x01", 1}
    return round(-metres if below else metres, 1)


def _number(value: object) -> float | None:
    if not isinstance(value, SupportsFloat):
        return None
    try:
        number = float(value)
    except ArithmeticError:  # a fraction over zero
        return None
    return number if math.isfinite(number) else None
