"""What is offered where a filter's value names nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.places.name_lookup import GazetteerLookup
from crispd.query.request import SearchRequest, make_query
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.types import Filters, MetadataRow
from tests.search.fakes import FakeListings, listing
from tests.search.metadata_index.test_catalogue import listings, some_filters

LIBRARY = [
    listing(
        1, path="2019/Kroatien/a.jpg", keywords='["Beach"]', people='["Anna Schmidt", "Ben Öz"]',
        place_names='["Lisbon", "Lisbon", "Portugal", null]',
    ),
    listing(2, path="Note/b.jpg", camera="Canon EOS R5"),
    listing(3, path="Rex and Bella/c.jpg", camera=None),
]  # fmt: skip


def offered(filters: Filters, library: list[MetadataRow] = LIBRARY) -> list[dict[str, object]]:
    index = MetadataIndex(FakeListings(library), GazetteerLookup())
    return [dict(note.values) for note in index.near_misses(filters)]


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("folder", "nope", "Note"),
        ("folder", "kroatein", "Kroatien"),
        ("folder", "2019/kroatia", "2019/Kroatien"),
        ("folder", "rex", "Rex and Bella"),
        ("folder", "bela", "Rex and Bella"),
        ("camera", "pixle", "Pixel"),
        ("camera", "cannon", "Canon"),
        ("person", "ana", "Anna"),
        ("person", "anna schmitt", "Anna Schmidt"),
        ("person", "bem", "Ben"),
        ("person", "BEN OS", "Ben Öz"),
        ("place", "lisbonn", "Lisbon"),
        ("place", "portugall", "Portugal"),
        ("keyword", "baech", "beach"),
    ],
)
def test_a_slip_is_offered(field: str, written: str, meant: str) -> None:
    for asked in (SearchRequest.of(**{field: written}), SearchRequest(f'-{field}:"{written}"')):
        found = offered(make_query(asked).filters)
        assert found == [{"field": field, "written": written, "meant": meant}]


@pytest.mark.parametrize(
    "q",
    [
        "folder:kroatien", "camera:pixel", "person:anna", "place:Lissabon", "keyword:BEACH",
        "person:zebediah", "place:Reykjavik", "folder:x", "name:nothing text:nothing rating:5",
    ],
)  # fmt: skip
def test_what_is_there_or_nowhere_near_is_not(q: str) -> None:
    assert offered(make_query(SearchRequest(q)).filters) == []


def test_only_what_is_still_there_is_offered() -> None:
    source = FakeListings(list(LIBRARY))
    index = MetadataIndex(source, GazetteerLookup())
    filters = make_query(SearchRequest("camera:cannon,pixle person:anna,bem")).filters
    assert [note.values["meant"] for note in index.near_misses(filters)] == [
        "Canon", "Pixel", "Ben"
    ]  # fmt: skip
    source.drop(2)
    assert [note.values["meant"] for note in index.near_misses(filters)] == ["Pixel", "Ben"]
    source.drop(1)
    source.drop(3)
    assert index.near_misses(filters) == ()


@given(st.lists(listings, max_size=9, unique_by=lambda item: item.row), some_filters)
def test_what_is_offered_finds_something(items: list[MetadataRow], wanted: Filters) -> None:
    index = MetadataIndex(FakeListings(list(items)), GazetteerLookup())
    for note in index.near_misses(wanted):
        field, meant = str(note.values["field"]), str(note.values["meant"])
        found = index.select(make_query(SearchRequest.of(**{field: meant})).filters)
        assert len(found.rows)
