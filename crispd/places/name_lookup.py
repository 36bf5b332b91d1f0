"""Which photos' places a name means, in any language."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from crispd.places.gazetteer import gazetteer, name_key
from crispd.places.named_place import find_areas, find_entries, find_place, is_nested

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.types import GeoPosition, NameChoice, PlaceNames

_CITY, _REGION, _COUNTRY = range(3)


class GazetteerLookup:
    """A ``PlaceLookup``. Thread-safe. The gazetteer is read when it is first needed."""

    def matcher(self, wanted: NameChoice) -> Callable[[PlaceNames | None], bool]:
        """Whether a place is one of those, or lies in one."""
        every = [wanted.names] if wanted.every else _nested(wanted.names)
        groups = [[_test(name) for name in names] for names in every]

        def holds(place: PlaceNames | None) -> bool:
            if place is None:
                return False
            return any(all(test(place) for test in tests) for tests in groups)

        return holds

    def position_of(self, place: PlaceNames) -> GeoPosition | None:
        """Where its city lies, else its region or country; a city alone may be any of its name."""
        names = [each.replace(",", " ") for each in replace(place, sublocation=None).all()]
        if place.city and len(names) == 1:
            return None
        for name in names:
            around = "" if name is names[-1] else names[-1]
            if found := find_place(gazetteer(), f"{name}, {around}"):
                return found.position
        return None


def _nested(names: Sequence[str]) -> list[list[str]]:
    """Names that lie in the next one together with it."""
    groups = [[names[0]]]
    for inner, outer in pairwise(names):
        if is_nested(gazetteer(), inner, outer):
            groups[-1].append(outer)
        else:
            groups.append([outer])
    return groups


def _test(name: str) -> Callable[[PlaceNames], bool]:
    """A place of that name, or one that the gazetteer knows by it, too."""
    key, meant = name_key(name), _meant(name)

    def holds(place: PlaceNames) -> bool:
        keys, entries = _known(place)
        return key in keys or not meant.isdisjoint(entries)

    return holds


def _meant(name: str) -> set[tuple[int, int]]:
    """What the gazetteer has by a name; with a city the region that is called like it, which has
    fewer names in other languages.
    """
    places = gazetteer()
    found = {*find_entries(places, name), *find_areas(places, name)}
    for number in [number for kind, number in found if kind == _CITY]:
        region = int(places.region[number])
        if name_key(places.region_names[region]) == name_key(places.city_names[number]):
            found.add((_REGION, region))
    return found


@lru_cache(maxsize=4096)
def _known(place: PlaceNames) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Keys of a place's names, and what those are in the gazetteer."""
    keys = frozenset(key for key in map(name_key, place.all()) if key)
    country = _entries(_COUNTRY, place.country)
    # of many cities of a name the one in that country, where that is known
    around = place.country if country else None
    return keys, country | _entries(_REGION, place.region, around) | _entries(
        _CITY, place.city, around
    )


def _entries(kind: int, name: str | None, around: str | None = None) -> frozenset[tuple[int, int]]:
    if not name:
        return frozenset()
    text = f"{name.replace(',', ' ')}, {around}" if around else name.replace(",", " ")
    return frozenset(entry for entry in find_entries(gazetteer(), text) if entry[0] == kind)
