"""Content negotiation for pictures, by the ``Accept`` header (RFC 9110, 12.5.1)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.types import PictureType

_JPEG: PictureType = "image/jpeg"
_WEBP: PictureType = "image/webp"
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE = re.compile(rf"\s*({_TOKEN})/({_TOKEN})\s*")
_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)
_LONGEST = 2000  # browsers send 100; nobody means what is longer


def preferred_image_type(accept: str | None) -> PictureType:
    """WebP for whoever names it and does not like JPEG better; else JPEG, whatever is accepted.

    ``image/*`` and ``*/*`` are said by many who cannot show WebP.
    """
    if not accept or len(accept) > _LONGEST:
        return _JPEG
    weights = dict(_weights(accept))
    webp = weights.get(_WEBP, 0.0)
    jpeg = next((weights[kind] for kind in (_JPEG, "image/*", "*/*") if kind in weights), 0.0)
    return _WEBP if webp > 0 and webp >= jpeg else _JPEG


def _weights(accept: str) -> Iterator[tuple[str, float]]:
    """Media ranges with their q; what cannot be read is left out."""
    for item in accept.split(","):
        kind, *parameters = item.split(";")
        found = _RANGE.fullmatch(kind)
        if found is None:
            continue
        given = [_WEIGHT.fullmatch(each) for each in parameters]
        weight = next((float(each[1]) for each in given if each), 1.0)
        if any(each.strip().lower().startswith("q") for each in parameters) and not any(given):
            weight = math.nan
        if 0 <= weight <= 1:
            yield f"{found[1]}/{found[2]}".lower(), weight
