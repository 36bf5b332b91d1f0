"""Photos sorted by how far away they were taken."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import QueryError
from crispd.query.request import SearchRequest, make_query
from crispd.search.engine import SearchEngine
from crispd.types import Filters, Near, Query
from tests.search.fakes import (
    PICTURES,
    FakeCalibration,
    FakeIndex,
    FakeListings,
    FakePhotos,
    FakeText,
    listing,
)

NEAR = Filters.of(near=Near(52.52, 13.405, 2000))
places = st.one_of(st.none(), st.tuples(st.floats(48, 56), st.floats(8, 20)))


def engine(positions: list[tuple[float, float] | None]) -> SearchEngine:
    listings = FakeListings()
    for label, place in enumerate(positions):
        degrees = {} if place is None else dict(zip(("latitude", "longitude"), place, strict=True))
        listings.put(listing(label * 10 + 1, label, **degrees))
    copies = dict.fromkeys(range(len(positions)), 1)
    return SearchEngine(
        FakeText(), FakeIndex({label: -label for label in copies}), FakePhotos(copies), None,
        FakeCalibration(), listings, pictures=PICTURES,
    )  # fmt: skip


def far(place: tuple[float, float]) -> float:
    """By the law of cosines."""
    (north, east), (there, along) = map(math.radians, place), map(math.radians, (52.52, 13.405))
    return math.acos(
        min(
            1.0,
            math.sin(north) * math.sin(there)
            + math.cos(north) * math.cos(there) * math.cos(east - along),
        )
    )


@given(st.lists(places, max_size=12))
def test_the_nearest_come_first_where_nothing_else_is_asked(
    positions: list[tuple[float, float] | None],
) -> None:
    page = engine(positions).search(Query("", filters=NEAR))
    shown = [(hit.photo.row - 1) // 10 for hit in page.hits]
    assert sorted(shown) == [at for at, place in enumerate(positions) if place is not None]
    angles = [far(place) for at in shown if (place := positions[at]) is not None]
    assert all(one <= two + 1e-6 for one, two in pairwise(angles))


def test_words_and_other_orders_go_first() -> None:
    house = engine([(54.0, 13.4), (52.5, 13.4), None, (53.0, 13.4)])

    def rows(**asked: object) -> list[int]:
        page = house.search(Query("", filters=NEAR, **asked))  # type: ignore[arg-type]
        return [(hit.photo.row - 1) // 10 for hit in page.hits]

    assert rows() == [1, 3, 0]
    assert rows(words="dog") == [0, 1, 3]
    assert rows(words="dog", sort="distance") == [1, 3, 0]
    assert rows(sort="newest") == [0, 1, 3]


def test_a_distance_is_one_from_somewhere() -> None:
    asked = SearchRequest("dog", sort="distance")
    with pytest.raises(QueryError, match="near=48"):
        make_query(asked)
    asked = SearchRequest.of("dog", sort="distance", near="52.5,13.4")
    assert make_query(asked).sort == "distance"
