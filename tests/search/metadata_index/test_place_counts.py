"""Places with their number of photos and their middle, against the same counted one by one."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.places.name_lookup import GazetteerLookup
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.types import (
    Bounds,
    Facets,
    Filters,
    GeoPosition,
    MetadataRow,
    NameChoice,
    PlaceCount,
    PlaceNames,
    folded,
)
from tests.search.fakes import FakeListings, listing
from tests.search.metadata_index.test_catalogue import fits, listings, some_filters


def photo(row: int, *names: str | None, at: tuple[float, float] | None = None) -> MetadataRow:
    """In a place."""
    latitude, longitude = at or (None, None)
    place = json.dumps([*names, *[None] * (4 - len(names))])
    return listing(row, place_names=place, latitude=latitude, longitude=longitude)


@given(st.lists(listings, max_size=25, unique_by=lambda item: item.row), some_filters)
def test_counts_of_any_library(items: list[MetadataRow], wanted: Filters) -> None:
    index = MetadataIndex(FakeListings(list(items)), GazetteerLookup())
    for filters in (Filters(), wanted):
        expected: Counter[PlaceNames] = Counter()
        for item in items:
            if item.place_names and fits(item, filters, items):
                city, region, country, within = json.loads(item.place_names)
                expected[PlaceNames(city or within, region, country)] += 1
        found = index.places(filters)
        assert {place.names: place.count for place in found} == expected
        assert [place.count for place in found] == sorted(expected.values(), reverse=True)


degrees = st.tuples(*(st.floats(-size, size) for size in (90, 180, 90, 180)))


@given(
    st.lists(listings, max_size=25, unique_by=lambda item: item.row),
    some_filters,
    degrees,
    st.sampled_from(["", "li", "PORT", "münchen", "é", "nowhere"]),
)
def test_a_part_of_a_map_and_of_names(
    items: list[MetadataRow],
    wanted: Filters,
    edges: tuple[float, float, float, float],
    part: str,
) -> None:
    index = MetadataIndex(FakeListings(list(items)))  # without names in other languages
    south, west, north, east = edges
    south, north = min(south, north), max(south, north)

    def holds(place: PlaceCount) -> bool:
        at = place.position
        if at is None or not south <= at.latitude <= north:
            return False
        turned = [at.longitude, at.longitude + 360]  # east of west, around the earth if need be
        return any(west <= each <= east + (360 if east < west else 0) for each in turned)

    def called_so(place: PlaceCount) -> bool:
        return any(folded(part) in folded(name) for name in place.names.all())

    every = index.places(wanted)
    bounds = Bounds(south, west, north, east)
    assert index.places(wanted, bounds=bounds) == list(filter(holds, every))
    named = [place for place in every if called_so(place) or not part]
    assert index.places(wanted, part) == named
    assert index.places(wanted, part, bounds) == list(filter(holds, named))


def test_places_are_found_by_their_other_names() -> None:
    items = [photo(1, "Lisbon", "Lisbon", "Portugal"), photo(2, "Sintra", "Lisbon", "Portugal")]
    index = MetadataIndex(FakeListings(items), GazetteerLookup())

    def found(part: str) -> list[str | None]:
        return [place.names.city for place in index.places(Filters(), part)]

    assert found("Sintr") == ["Sintra"]
    assert found("Lissabon") == ["Lisbon", "Sintra"]  # the second lies in its region
    assert found("Nowhere") == []


@given(st.lists(listings, max_size=25, unique_by=lambda item: item.row), some_filters)
def test_people_of_any_library(items: list[MetadataRow], wanted: Filters) -> None:
    index = MetadataIndex(FakeListings(list(items)), GazetteerLookup())
    for filters in (Filters(), wanted):
        expected: Counter[str] = Counter()
        for item in items:
            if item.people and fits(item, filters, items):
                expected.update(set(json.loads(item.people)))
        found = [(each.value, each.count) for each in index.people(filters)]
        assert found == sorted(expected.items(), key=lambda one: (-one[1], one[0]))
        some = [(each.value, each.count) for each in index.people(filters, "AN")]
        assert some == [(name, count) for name, count in found if "an" in folded(name)]


def test_the_middle() -> None:
    source = FakeListings(
        [
            photo(1, "Lisbon", "Lisbon", "Portugal", "Alfama", at=(38.71, -9.13)),
            photo(2, "Lisbon", "Lisbon", "Portugal", at=(38.73, -9.15)),
            photo(3, "Lisbon", "Lisbon", "Portugal"),
            photo(4, "Labasa", None, "Fiji", at=(-16.0, 179.9)),
            photo(5, "Labasa", None, "Fiji", at=(-16.0, -179.7)),
            photo(6, "München", "Bayern", "Deutschland"),
            photo(7, "Grandma's", None, None),
            photo(8, None, None, None, "Hut"),
        ]
    )
    found = {
        place.names.city: place
        for place in MetadataIndex(source, GazetteerLookup()).places(Filters())
    }
    assert found["Lisbon"].count == 3
    assert found["Lisbon"].position == GeoPosition(38.72, -9.14)
    fiji = found["Labasa"].position
    assert fiji is not None
    assert (fiji.latitude, fiji.longitude) == (pytest.approx(-16, abs=0.001), pytest.approx(-179.9))
    munich = found["München"].position
    assert munich is not None
    assert (munich.latitude, munich.longitude) == (
        pytest.approx(48.14, abs=0.05),
        pytest.approx(11.58, abs=0.05),
    )
    assert found["Grandma's"].position is found["Hut"].position is None


def test_facets_of_people_places_and_keywords() -> None:
    source = FakeListings(
        [
            listing(1, people='["Anna", "Ben"]', keywords='["b", "A"]'),
            photo(2, "Lisbon", "Lisbon", "Portugal")._replace(people='["Anna"]'),
            photo(3, "Sintra", "Lisbon", "Portugal"),
        ]
    )
    index = MetadataIndex(source, GazetteerLookup())

    def shown(facets: Facets) -> list[list[tuple[str, int]]]:
        sides = (facets.people, facets.places, facets.keywords)
        return [[(each.value, each.count) for each in side] for side in sides]

    assert shown(index.facets()) == [
        [("Anna", 2), ("Ben", 1)],
        [("Lisbon", 2), ("Portugal", 2), ("Sintra", 1)],
        [("a", 1), ("b", 1)],
    ]
    for value in index.facets().places:
        found = index.select(Filters.of(place=NameChoice((value.value,))))
        assert len(found.rows) == value.count
    source.drop(2)
    assert shown(index.facets())[0] == [("Anna", 1), ("Ben", 1)]
