"""Places of photos with their number and middle, for a map."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from crispd.types import GeoPosition, NameChoice, PlaceCount, PlaceNames, ValueCount, folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crispd.search.metadata_index.matching import Mask, Photos
    from crispd.types import Bounds, PlaceLookup


def place_counts(photos: Photos, chosen: Mask) -> list[PlaceCount]:
    """Those of the ``chosen`` photos [n], the ones of most photos first. A city is one place
    whatever it holds; a place without a position of any photo lies where its city does.
    """
    column, codes = photos.column("place")[chosen], photos.columns.codes["place"]
    # unit vectors: a mean of degrees is wrong where longitudes jump
    north, east = (np.radians(photos.column(name)[chosen]) for name in ("latitude", "longitude"))
    vectors = (np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north))
    weights = (np.ones(len(column)), *map(np.nan_to_num, vectors))
    sums = np.stack([np.bincount(column, each, len(codes)) for each in weights], axis=1)
    found: defaultdict[PlaceNames, np.ndarray] = defaultdict(lambda: np.zeros(4))
    own = {}
    for place, each in zip(codes, sums, strict=True):
        if place is not None and each[0]:
            own[_city(place)] = place
            found[_city(place)] += each
    counts = [
        PlaceCount(city, _middle(each[1:]) or _known(photos.lookup, own[city]), int(each[0]))
        for city, each in found.items()
    ]
    return sorted(counts, key=lambda one: (-one.count, *(name or "" for name in one.names.all())))


def people_counts(photos: Photos, chosen: Mask) -> list[ValueCount]:
    """Those on the ``chosen`` photos [n], who is on most of them first."""
    codes = photos.columns.codes["people"]
    counts = np.bincount(photos.column("people")[chosen], minlength=len(codes))
    sums: Counter[str] = Counter()
    for names, count in zip(codes, counts.tolist(), strict=True):
        if count:
            sums.update(dict.fromkeys(names, count))
    return [ValueCount(*each) for each in sorted(sums.items(), key=lambda one: (-one[1], one[0]))]


def named_so(
    found: Iterable[PlaceCount], part: str, lookup: PlaceLookup | None
) -> list[PlaceCount]:
    """Places that have ``part`` in a name, whatever its case and accents, or are called so."""
    wanted = folded(part.strip())
    meant = lookup.matcher(NameChoice((part,))) if lookup else lambda _: False
    return [
        place
        for place in found
        if any(wanted in folded(name) for name in place.names.all()) or meant(place.names)
    ]


def within(found: Iterable[PlaceCount], bounds: Bounds) -> list[PlaceCount]:
    """Places whose middle lies in a part of a map."""
    return [
        place
        for place in found
        if place.position and bounds.holds(place.position.latitude, place.position.longitude)
    ]


def _city(place: PlaceNames) -> PlaceNames:
    return PlaceNames(place.city or place.sublocation, place.region, place.country)


def _middle(vector: np.ndarray) -> GeoPosition | None:
    """Degrees of a sum of unit vectors; None for none."""
    x, y, z = vector.tolist()
    if not any((x, y, z)):
        return None
    latitude, longitude = np.degrees((np.arctan2(z, np.hypot(x, y)), np.arctan2(y, x))).tolist()
    return GeoPosition(round(latitude, 4), round(longitude, 4))


def _known(lookup: PlaceLookup | None, place: PlaceNames) -> GeoPosition | None:
    return lookup.position_of(place) if lookup else None
