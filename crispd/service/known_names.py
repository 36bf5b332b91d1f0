"""Names that questions may hold: those of the library, and places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.places.gazetteer import gazetteer
from crispd.places.named_place import find_place
from crispd.types import Filters, Near, NearPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.types import Condition

_SHORTEST_PLACE = 3
# Beyond where a city or region ends, this is still near it: half an hour's way.
_NEAR_KM = 20.0


@dataclass(frozen=True, slots=True)
class LibraryNames:
    """``KnownNames``. ``is_visual``: whether the models know a word."""

    metadata_index: MetadataIndex
    is_visual: Callable[[str], bool]

    def has(self, condition: Condition) -> bool:
        """Whether each value of a filter lets a photo of the library through."""
        return self.metadata_index.has(condition)

    def around(self, name: str) -> NearPlace | None:
        """Around a city or region with photos of the library: villages have names of all kinds, and
        where no photo is, the words may mean something else.
        """
        if len(name) < _SHORTEST_PLACE or all(map(self.is_visual, name.casefold().split())):
            return None
        place = find_place(gazetteer(), name)
        if place is None or place.kind == "country":
            return None
        radius = round(place.radius_km + _NEAR_KM)
        near = Near(place.position.latitude, place.position.longitude, radius)
        if not len(self.metadata_index.select(Filters.of(near=near)).rows):
            return None
        names = place.names.city or place.names.region, place.names.country
        return NearPlace(near, ", ".join(filter(None, names)))


def indexed_place_name(word: str, is_visual: Callable[[str], bool]) -> str | None:
    """What the place of a name is called in the word index: in English, as the gazetteer has it."""
    if len(word) < _SHORTEST_PLACE or is_visual(word.casefold()):
        return None  # villages have names of all kinds
    place = find_place(gazetteer(), word)
    if place is None:
        return None
    names = place.names
    return {"city": names.city, "region": names.region, "country": names.country}[place.kind]
