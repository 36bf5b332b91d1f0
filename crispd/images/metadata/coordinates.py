"""Coordinates and altitudes, as metadata spells them."""

from __future__ import annotations

import math
import re

from crispd.types import GeoPosition

_FARTHEST_METRES = 100_000.0
_NUMBER = r"\d{1,3}(?:\.\d+)?"
# "52,31.2N", "52,31,12N", "-33.8568", "33.8568 S", "33 deg 51' 24.48\" S"
_ANGLE = re.compile(
    rf"^(?P<sign>[+-]?)(?P<degrees>{_NUMBER})\s*(?:,|deg|°)?\s*"
    rf"(?:(?P<minutes>{_NUMBER})\s*[,']?\s*(?:(?P<seconds>{_NUMBER})\s*\"?\s*)?)?"
    r"(?P<direction>[NSEWnsew]?)[a-z]*$"
)


def degrees_of(text: str, reference: str, directions: str, limit: float) -> float | None:
    """An angle in any spelling; north and east positive.

    ``directions``: the positive letter and the negative one; ``reference``: one of them where it is
    kept apart from the angle.
    """
    match = _ANGLE.match(text.strip())
    if match is None:
        return None
    direction = (match["direction"] or reference[:1]).upper()
    if direction and direction not in directions:
        return None
    parts = [float(match[name] or 0) for name in ("degrees", "minutes", "seconds")]
    total: float = sum(part / 60**power for power, part in enumerate(parts))
    if total > limit:
        return None
    negative = match["sign"] == "-" or direction == directions[1]
    return round(-total if negative else total, 7)


def position_of(
    latitude: float | None, longitude: float | None, altitude: float | None
) -> GeoPosition | None:
    """None for 0, 0 as well, which is where cameras without a fix say they are."""
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return GeoPosition(latitude, longitude, altitude)


def altitude_of(metres: float | None, *, below: bool) -> float | None:
    """Metres above the sea, as far as there is air."""
    if metres is None or not math.isfinite(metres) or abs(metres) > _FARTHEST_METRES:
        return None
    return round(-metres if below and metres > 0 else metres, 1)
