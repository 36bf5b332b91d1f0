"""Positions and names of places, against what is known of them."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.finding.places import facts, nearest_centre, share
from crispd.filters.values import parse_choice, parse_place
from crispd.places import gazetteer as gazetteer_module
from crispd.places.gazetteer import FILE, gazetteer, name_key
from crispd.places.name_lookup import GazetteerLookup
from crispd.places.named_place import find_place, find_places
from crispd.places.nearest_place import place_at
from crispd.places.resolver import GazetteerResolver
from crispd.types import GeoPosition, PlaceNames

PLACES = gazetteer()
ROME = GeoPosition(41.8902, 12.4922)
LAZIO = PlaceNames("Rome", "Lazio", "Italy")


def test_the_file_is_small_and_credited() -> None:
    assert FILE.stat().st_size < 3_500_000
    assert "GeoNames" in FILE.with_name("LICENCE.txt").read_text()


def test_known_positions_get_their_city() -> None:
    known = facts()
    assert len(known) >= 300
    held_out = known[1::2]
    assert share(PLACES, held_out) >= 0.95
    assert share(PLACES, held_out) - share(nearest_centre(PLACES), held_out) > 0.4
    wrong = [fact for fact in known if not fact.is_country(place_at(PLACES, fact.position))]
    assert wrong == []


def test_a_quarter_is_its_city_and_a_neighbour_is_none() -> None:
    assert place_at(PLACES, GeoPosition(52.4996, 13.4033)) == PlaceNames(
        "Berlin", "Berlin", "Germany"
    )
    potsdam = place_at(PLACES, GeoPosition(52.4042, 13.0385))
    assert potsdam == PlaceNames("Potsdam", "Brandenburg", "Germany")


@pytest.mark.parametrize(
    ("latitude", "longitude", "city", "country"),
    [
        (0, -30, None, None),  # in the Atlantic
        (90, 0, None, None),
        (-90, 180, None, None),
        (-21.0, 24.1, None, "Botswana"),  # in the Kalahari
        (-16.79, 179.99, None, "Fiji"),  # beside the line where longitudes jump
        (-16.79, -179.99, None, "Fiji"),
    ],
)
def test_far_from_everybody(
    latitude: float, longitude: float, city: str | None, country: str | None
) -> None:
    found = place_at(PLACES, GeoPosition(latitude, longitude)) or PlaceNames()
    assert (found.city, found.country) == (city, country)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_has_an_answer(latitude: float, longitude: float) -> None:
    found = place_at(PLACES, GeoPosition(latitude, longitude))
    assert found is None or found.country


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("Lissabon", "city", PlaceNames("Lisbon", "Lisbon", "Portugal")),
        ("münchen", "city", PlaceNames("Munich", "Bavaria", "Germany")),
        ("Muenchen", "city", PlaceNames("Munich", "Bavaria", "Germany")),
        ("Praha", "city", PlaceNames("Prague", "Prague", "Czechia")),
        ("Rom", "city", LAZIO),
        ("東京", "city", PlaceNames("Tokyo", "Tokyo", "Japan")),
        ("new york", "city", PlaceNames("New York City", "New York", "United States")),
        ("Paris, Texas", "city", PlaceNames("Paris", "Texas", "United States")),
        ("Paris, US", "city", PlaceNames("Paris", "Texas", "United States")),
        ("Bayern", "region", PlaceNames(None, "Bavaria", "Germany")),
        ("Toskana", "region", PlaceNames(None, "Tuscany", "Italy")),
        ("Frankreich", "country", PlaceNames(country="France")),
        ("Německo", "country", PlaceNames(country="Germany")),
        ("USA", "country", PlaceNames(country="United States")),
        ("holland", "country", PlaceNames(country="Netherlands")),
    ],
)
def test_names_in_many_languages(name: str, kind: str, found: PlaceNames) -> None:
    place = find_place(PLACES, name)
    assert place is not None
    assert (place.kind, place.names) == (kind, found)


def test_a_circle_to_be_near_to() -> None:
    berlin, france = find_place(PLACES, "Berlin"), find_place(PLACES, "France")
    assert berlin is not None
    assert france is not None
    assert math.isclose(berlin.position.latitude, 52.52, abs_tol=0.02)
    assert 15 < berlin.radius_km < 30
    assert 350 < france.radius_km < 700
    assert abs(france.position.latitude - 46.6) < 1.5


def test_the_likeliest_of_a_name_goes_first() -> None:
    found = find_places(PLACES, "Berlin")
    assert found[0].names.country == "Germany"
    assert len(found) > 3
    assert [place.weight for place in found] == sorted((p.weight for p in found), reverse=True)


@given(st.text(max_size=40) | st.text(alphabet=", Paris", max_size=12))
def test_no_name_breaks_it(name: str) -> None:
    for place in find_places(PLACES, name):
        assert place.names
    assert 0 <= name_key(name) < 2**40


def test_a_photos_own_words_go_first() -> None:
    resolve = GazetteerResolver().resolve
    assert resolve(None, ROME) == LAZIO
    assert resolve(None, None) is None
    own = PlaceNames("Grandma's village", None, None, "The well")
    assert resolve(own, ROME) == PlaceNames("Grandma's village", "Lazio", "Italy", "The well")
    abroad = PlaceNames("Grandma's village", None, "Frankreich")
    assert resolve(abroad, ROME) == abroad  # one of both is wrong: nothing is put together
    assert resolve(PlaceNames("Roma", None, "Italia"), None) == PlaceNames(
        "Roma", "Lazio", "Italia"
    )
    assert resolve(PlaceNames("Nowhere at all"), None) == PlaceNames("Nowhere at all")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Lissabon", {"lisbon", "sintra"}),
        ("Lisbon", {"lisbon", "sintra", "ohio"}),
        ("Lisbon,Ohio", {"ohio"}),
        ("all:Lisbon,Ohio", {"ohio"}),
        ("sintra,Munich", {"sintra", "munich"}),
        ("Bavaria", {"munich"}),
        ("US,Deutschland", {"ohio", "munich"}),
        ("US,France", {"ohio"}),
        ("Cabo da Roca", {"sintra"}),
        ("Nowhere", set()),
        ("!?", set()),
    ],
)
def test_names_of_photos_places(wanted: str, found: set[str]) -> None:
    library = {
        "lisbon": PlaceNames("Lisbon", "Lisbon", "Portugal"),
        "sintra": PlaceNames("Sintra", "Lisbon", "Portugal", "Cabo da Roca"),
        "ohio": PlaceNames("Lisbon", "Ohio", "United States"),
        "munich": PlaceNames("München", "Bayern", "Deutschland"),
        "nothing": None,
    }
    holds = GazetteerLookup().matcher(parse_choice(wanted, parse_place))
    assert {name for name, place in library.items() if holds(place)} == found


def test_it_is_read_once_whoever_asks_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight first searches read it eight times."""
    read: list[int] = []
    monkeypatch.setattr(gazetteer_module, "_packaged", cache(lambda: (read.append(1), sleep(0.02))))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: gazetteer(), range(8)))
    assert read == [1]
