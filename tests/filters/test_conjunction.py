"""Two sets of filters at once let through what both let through."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crispd.errors import QueryError
from crispd.filters.conjunction import merge_filters
from crispd.filters.table import FILTERS
from crispd.places.name_lookup import GazetteerLookup
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.types import Condition, Filters, MetadataRow, Near
from tests.search.fakes import FakeListings
from tests.search.metadata_index.test_catalogue import listings, some_filters

# Most pairs of filters contradict each other; what is counted as an example are the others.
mostly_refused = settings(suppress_health_check=[HealthCheck.filter_too_much])


@mostly_refused
@given(st.lists(listings, max_size=25, unique_by=lambda item: item.row), some_filters, some_filters)
def test_what_both_let_through(items: list[MetadataRow], one: Filters, other: Filters) -> None:
    try:
        both = merge_filters(one, other)
    except QueryError:
        assume(False)
    # of two folders only one lies in the other by its name; which they are depends on the library
    assume(one.value("folder") in {None, other.value("folder")} or not other.value("folder"))
    index = MetadataIndex(FakeListings(list(items)), GazetteerLookup())
    alone = [set(index.select(filters).rows.tolist()) for filters in (one, other)]
    assert set(index.select(both).rows.tolist()) == alone[0] & alone[1]


@mostly_refused
@given(some_filters, some_filters)
def test_a_filter_stands_once(one: Filters, other: Filters) -> None:
    try:
        both = merge_filters(one, other)
    except QueryError:
        assume(False)
    keys = [(condition.name, condition.negated) for condition in both.conditions]
    assert len(keys) == len(set(keys))
    assert merge_filters(one, Filters()) == one == merge_filters(Filters(), one)


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ({"type": ("jpeg",)}, {"type": ("png",)}, "No photo is both jpeg and png"),
        ({"folder": "a"}, {"folder": "ab"}, "Two folders are given, a and ab; give one"),
        ({"near": Near(1, 2, 3)}, {"near": Near(1, 2, 4)}, "near is given twice"),
        ({"orientation": "square"}, {"orientation": "portrait"}, "orientation is given twice"),
    ],
)
def test_what_cannot_both_hold(one: dict[str, object], other: dict[str, object], says: str) -> None:
    with pytest.raises(QueryError, match=says):
        merge_filters(Filters.of(**one), Filters.of(**other))


def test_the_inner_folder() -> None:
    inner = Filters.of(folder="a/b")
    assert merge_filters(inner, Filters.of(folder="a")) == inner
    assert merge_filters(Filters.of(folder="a"), inner) == inner


def test_an_opposite_has_its_own() -> None:
    pairs = {entry.name: entry.opposite for entry in FILTERS.values() if entry.opposite}
    assert pairs == {other: name for name, other in pairs.items()}


def test_filters_by_name() -> None:
    assert Filters.of(rating=4, not_type=("gif",), folder=None, camera=()) == Filters(
        (Condition("rating", (4,)), Condition("type", ("gif",), negated=True))
    )
