"""What a question asks for besides its words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the earth: degrees, north and east positive, and kilometres."""

    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Filters:
    """Which photos may be found at all; None and () leave them all.

    ``after`` (inclusive) and ``before`` (exclusive) are local wall-clock times as
    ``YYYY-MM-DDTHH:MM:SS``; ``folder`` a path below a root or an absolute path in one, its subtree
    counts. Of ``types`` any has to match, of ``cameras`` (parts of maker and model, whatever their
    case), ``keywords`` (whatever their case) and ``has`` (gps, keywords, rating) all. ``rating``
    and the sizes are at least. A photo is left out where any of the ``not_`` fields holds.
    """

    after: str | None = None
    before: str | None = None
    folder: str | None = None
    types: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    near: Near | None = None
    has: tuple[str, ...] = ()
    orientation: str | None = None
    min_width: int | None = None
    min_height: int | None = None
    min_megapixels: float | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    not_folders: tuple[str, ...] = ()
    not_types: tuple[str, ...] = ()
    not_cameras: tuple[str, ...] = ()
    not_keywords: tuple[str, ...] = ()
    not_has: tuple[str, ...] = ()
