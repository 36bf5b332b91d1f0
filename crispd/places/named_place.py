"""Where a name lies: a city, a region or a country, in many languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from crispd.places.gazetteer import name_key
from crispd.places.nearest_place import great_circle_km
from crispd.types import GeoPosition, PlaceNames

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.places.gazetteer import Gazetteer

PlaceKind = Literal["city", "region", "country"]
_KINDS: tuple[PlaceKind, ...] = ("city", "region", "country")
# Of places of one name: a city is meant sooner than a region of ten times its people (New York),
# a country sooner than a region of five times (Georgia).
_WEIGHTS = (10.0, 1.0, 5.0)
_MOST_OF_THEM = 0.95
_LEAST_SHARE = 1e-4
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A circle around most of a place. ``weight``: people, times how soon its kind is meant."""

    names: PlaceNames
    kind: PlaceKind
    position: GeoPosition
    radius_km: float
    weight: float


def find_place(gazetteer: Gazetteer, name: str) -> NamedPlace | None:
    """The place that ``Lissabon``, ``Bayern`` or ``Paris, Texas`` means most likely, or None."""
    found = find_places(gazetteer, name, 1)
    return found[0] if found else None


def find_places(gazetteer: Gazetteer, name: str, limit: int = 10) -> list[NamedPlace]:
    """All places of a name, the likeliest first. After a comma stands what they lie in."""
    found = [
        _Entry(kind, number, _weight(gazetteer, kind, number))
        for kind, number in find_entries(gazetteer, name)
    ]
    found.sort(key=lambda entry: -entry.weight)
    return [_placed(gazetteer, entry) for entry in found[:limit]]


def find_entries(gazetteer: Gazetteer, name: str) -> list[tuple[int, int]]:
    """The same as kinds (0 a city, 1 a region, 2 a country) with numbers, in no order."""
    name, _, around = name[:_LONGEST].partition(",")
    found = _entries(gazetteer, name)
    if not around.strip():
        return found
    within = find_areas(gazetteer, around)
    return [entry for entry in found if _lies_in(gazetteer, *entry, within)]


def is_nested(gazetteer: Gazetteer, inner: str, outer: str) -> bool:
    """Whether two names may be one place, as ``Paris`` and ``Texas``; not where that is a place too
    small beside those of the same name (Us lies in France, the US do not).
    """
    inside = find_entries(gazetteer, f"{inner}, {outer}")
    if not inside:
        return False
    every = {*inside, *find_entries(gazetteer, inner), *find_areas(gazetteer, inner)}
    weights = {entry: _weight(gazetteer, *entry) for entry in every}
    return max(weights[entry] for entry in inside) >= _LEAST_SHARE * max(weights.values())


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    number: int
    weight: float


def _entries(gazetteer: Gazetteer, name: str) -> list[tuple[int, int]]:
    key = name_key(name)
    if not key:
        return []
    first, end = (
        int(np.searchsorted(gazetteer.keys, np.uint64(key), side=side))
        for side in ("left", "right")
    )
    kinds, numbers = gazetteer.key_kind[first:end], gazetteer.key_target[first:end]
    return list(zip(kinds.tolist(), numbers.tolist(), strict=True))


def find_areas(gazetteer: Gazetteer, name: str) -> set[tuple[int, int]]:
    """The regions and countries of a name, as entries; a country's code is one, too."""
    found = {entry for part in name.split(",") for entry in _entries(gazetteer, part)}
    code = name.strip().upper()
    for number in range(len(gazetteer.country_codes)):
        if gazetteer.country_codes[number] == code:
            found.add((2, number))
    return {entry for entry in found if entry[0]}


def _lies_in(gazetteer: Gazetteer, kind: int, number: int, areas: set[tuple[int, int]]) -> bool:
    if kind == 2:
        return False
    region = int(gazetteer.region[number]) if kind == 0 else -1
    country = int(gazetteer.region_country[region if kind == 0 else number])
    return (1, region) in areas or (2, country) in areas


def _members(gazetteer: Gazetteer, kind: int, number: int) -> npt.NDArray[np.int64]:
    """The cities of a region or a country."""
    if kind == 1:
        return np.flatnonzero(gazetteer.region == number)
    return np.flatnonzero(gazetteer.region_country[gazetteer.region] == number)


def _weight(gazetteer: Gazetteer, kind: int, number: int) -> float:
    cities = [number] if kind == 0 else _members(gazetteer, kind, number)
    return _WEIGHTS[kind] * float(gazetteer.population[cities].sum())


def _placed(gazetteer: Gazetteer, entry: _Entry) -> NamedPlace:
    if entry.kind == 0:
        at = GeoPosition(*_degrees(gazetteer, entry.number))
        radius = float(gazetteer.radius[entry.number])
        return NamedPlace(gazetteer.city(entry.number), "city", at, radius, entry.weight)
    names = (
        gazetteer.region_of(entry.number)
        if entry.kind == 1
        else PlaceNames(country=gazetteer.country_names[entry.number])
    )
    at, radius = _circle(gazetteer, _members(gazetteer, entry.kind, entry.number))
    return NamedPlace(names, _KINDS[entry.kind], at, radius, entry.weight)


def _degrees(gazetteer: Gazetteer, number: int) -> tuple[float, float]:
    return (
        round(float(gazetteer.latitude[number]), 3),
        round(float(gazetteer.longitude[number]), 3),
    )


def _circle(gazetteer: Gazetteer, cities: npt.NDArray[np.int64]) -> tuple[GeoPosition, float]:
    """Around the middle of the cities, with 95 % of them and what they reach."""
    if not len(cities):
        return GeoPosition(0.0, 0.0), 0.0
    latitudes, longitudes = gazetteer.latitude[cities], gazetteer.longitude[cities]
    north, east = np.radians(latitudes), np.radians(longitudes)
    x, y = np.mean(np.cos(north) * np.cos(east)), np.mean(np.cos(north) * np.sin(east))
    z = np.mean(np.sin(north))
    latitude = float(np.degrees(np.arctan2(z, np.hypot(x, y))))
    longitude = float(np.degrees(np.arctan2(y, x)))
    far = great_circle_km(latitudes, longitudes, latitude, longitude) + gazetteer.radius[cities]
    at = GeoPosition(round(latitude, 3), round(longitude, 3))
    return at, float(np.quantile(far, _MOST_OF_THEM))
