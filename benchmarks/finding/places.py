"""How often positions get the right city: ``python -m benchmarks.finding.places [fit]``.

Over the facts of ``places.tsv``, beside the nearest centre, which is what most programs take.
``fit``: the reach of cities on every other fact; the figures that count are those of the rest.
"""

from __future__ import annotations

import csv
import dataclasses
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from crispd.places.gazetteer import Gazetteer, gazetteer, name_key
from crispd.places.nearest_place import place_at
from crispd.types import GeoPosition, PlaceNames

FACTS = Path(__file__).with_name("places.tsv")


class Fact(NamedTuple):
    """A position, the names of its city, its country, and what is there."""

    position: GeoPosition
    cities: tuple[str, ...]
    country: str
    what: str

    def is_city(self, found: PlaceNames | None) -> bool:
        """Whether that is the city."""
        keys = {name_key(city) for city in self.cities}
        return found is not None and name_key(found.city or "") in keys

    def is_country(self, found: PlaceNames | None) -> bool:
        """Whether that is the country."""
        return found is not None and found.country == self.country


def facts() -> list[Fact]:
    """All of them, in the order of the file."""
    with FACTS.open(encoding="utf-8") as file:
        lines = (line for line in file if not line.startswith("#"))
        return [
            Fact(GeoPosition(float(lat), float(lon)), tuple(cities.split("|")), country, what)
            for lat, lon, cities, country, what in csv.reader(lines, delimiter="\t")
        ]


def nearest_centre(places: Gazetteer) -> Gazetteer:
    """The same with every city a point: the nearest wins."""
    return dataclasses.replace(places, radius=np.zeros_like(places.radius))


def share(places: Gazetteer, some: list[Fact]) -> float:
    """Of facts whose city is right."""
    return sum(fact.is_city(place_at(places, fact.position)) for fact in some) / len(some)


def reaching(places: Gazetteer, km: float, growth: float) -> Gazetteer:
    """The same with another reach of a city of a million, and another growth."""
    radius = (km * (places.population / 1e6) ** growth).astype(np.float32)
    return dataclasses.replace(places, radius=radius)


def fit(places: Gazetteer, some: list[Fact]) -> None:
    """Print the shares of a grid."""
    for growth in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55):
        row = [f"{km:g} km {share(reaching(places, km, growth), some):.3f}" for km in range(6, 18)]
        print(f"growth {growth:g}:", "  ".join(row))


def main() -> None:
    """Print what is right."""
    places, every = gazetteer(), facts()
    fitted, held_out = every[::2], every[1::2]
    if "fit" in sys.argv:
        fit(places, fitted)
    for name, some in (("fitted on", fitted), ("held out", held_out), ("all", every)):
        near = share(nearest_centre(places), some)
        print(f"{name}: {len(some)} positions, city right {share(places, some):.3f}, "
              f"by the nearest centre {near:.3f}")  # fmt: skip
    countries = sum(fact.is_country(place_at(places, fact.position)) for fact in every)
    print(f"country right {countries / len(every):.3f}")
    for fact in every:
        found = place_at(places, fact.position)
        if not fact.is_city(found) or not fact.is_country(found):
            print(f"  {fact.what}, {fact.cities[0]}: {found}")
    start = time.perf_counter()
    for fact in every:
        place_at(places, fact.position)
    print(f"{(time.perf_counter() - start) / len(every) * 1e3:.2f} ms a position")


if __name__ == "__main__":
    main()
