"""What the place of a photo is called: by its own words first, then by its position."""

from __future__ import annotations

from functools import lru_cache

from crispd.places.gazetteer import EDITION, gazetteer, name_key
from crispd.places.named_place import find_place
from crispd.places.nearest_place import place_at
from crispd.types import GeoPosition, PlaceNames


class GazetteerResolver:
    """Thread-safe. The gazetteer is read when it is first needed."""

    @property
    def edition(self) -> str:
        """Another one where the same place may be called otherwise."""
        return EDITION

    def resolve(self, names: PlaceNames | None, position: GeoPosition | None) -> PlaceNames | None:
        """``names`` with what they leave out: by the position, else by a city that is known in the
        region or country they name. None where nothing is known.
        """
        known = _found(names, position)
        if not names:
            return known
        if not known or not _agree(names.country, known.country):
            return names
        return PlaceNames(
            names.city or known.city,
            names.region or known.region,
            names.country or known.country,
            names.sublocation,
        )


def _found(names: PlaceNames | None, position: GeoPosition | None) -> PlaceNames | None:
    if position is not None:
        # to 110 m: most photos are taken where others were
        return _place_around(round(position.latitude, 3), round(position.longitude, 3))
    if not names or not names.city or not (names.country or names.region):
        return None
    place = find_place(gazetteer(), f"{names.city}, {names.country or names.region}")
    return place.names if place and place.kind == "city" else None


@lru_cache(maxsize=4096)
def _place_around(latitude: float, longitude: float) -> PlaceNames | None:
    return place_at(gazetteer(), GeoPosition(latitude, longitude))


def _agree(written: str | None, known: str | None) -> bool:
    """Whether two names are of one country, in whatever language."""
    if not written or not known or name_key(written) == name_key(known):
        return True
    place = find_place(gazetteer(), written)
    return place is not None and place.names.country == known
