"""What the words of the box are offered as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.filters.values import written_name
from crispd.places.name_lookup import GazetteerLookup
from crispd.query.request import SearchRequest, make_query
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.search.suggest.completions import complete
from crispd.types import Completion, Facets, MetadataRow, ValueCount, folded
from tests.search.fakes import FakeListings, listing
from tests.search.metadata_index.test_catalogue import listings

LIBRARY = [
    listing(
        1, path="2019/Algarve trip/IMG_1061.jpg", keywords='["beach", "algarve"]',
        people='["Anna Schmidt", "Ben Öz"]',
        place_names='["New York City", "New York", "US", null]',
    ),
    listing(2, path="Algarve/b.jpg", camera="Canon EOS R5", people='["Anna Berg"]'),
]  # fmt: skip
WORDS = ("beach", "mountains", "birthday cake")


def offered(
    q: str, at: int | None = None, library: list[MetadataRow] = LIBRARY
) -> list[Completion]:
    index = MetadataIndex(FakeListings(list(library)), GazetteerLookup())
    return complete(q, len(q) if at is None else at, WORDS, index.facets(), index.beginning)


def texts(q: str, at: int | None = None) -> dict[str, str]:
    return {each.q: f"{each.kind} {each.text}" for each in offered(q, at)}


@pytest.mark.parametrize(
    ("q", "first", "becomes"),
    [
        ("moun", "word mountains", "mountains"),
        ("dog cak", "word birthday cake", "dog birthday cake"),
        ("-moun", "word mountains", "-mountains"),
        ("-cake", "word birthday cake", '-"birthday cake"'),
        ("ann", "person Anna Berg", 'person:"Anna Berg"'),
        ("beach schm", "person Anna Schmidt", 'beach person:"Anna Schmidt"'),
        ("oz", "person Ben Öz", 'person:"Ben Öz"'),
        ("-ann", "person Anna Berg", '-person:"Anna Berg"'),
        ("dog new yo", "place New York", 'dog place:"New York"'),
        ("NEW YORK CI", "place New York City", 'place:"New York City"'),
        ("trip", "folder 2019/Algarve trip", 'folder:"2019/Algarve trip"'),
        ("eos", "camera Canon EOS R5", 'camera:"Canon EOS R5"'),
        ("camera:eos", "camera Canon EOS R5", 'camera:"Canon EOS R5"'),
        ('device:"eos', "camera Canon EOS R5", 'camera:"Canon EOS R5"'),
        ("202", "date 2021", "2021"),
        ("year:202", "date 2021", "date:2021"),
        ("jpe", "type jpeg", "type:jpeg"),
        ("img_", "name IMG_1061.jpg", "name:IMG_1061.jpg"),
        ("due invo", "text invoice", "due text:invoice"),
    ],
)
def test_the_last_word(q: str, first: str, becomes: str) -> None:
    assert next(iter(texts(q).items())) == (becomes, first)


def test_a_word_in_the_middle() -> None:
    assert texts("dog ann sea", 7) == {
        'dog person:"Anna Berg" sea': "person Anna Berg",
        'dog person:"Anna Schmidt" sea': "person Anna Schmidt",
    }
    # the whole of the word that the caret stands in goes
    assert next(iter(texts("dog annXX sea", 7))) == 'dog person:"Anna Berg" sea'


@pytest.mark.parametrize("q", ["", " ", "dog ", "camera:", "camera:anna", "zz", "-", '"', "nna"])
def test_nothing(q: str) -> None:
    assert offered(q) == []


def test_nothing_stands_twice_and_nothing_is_as_it_was() -> None:
    found = offered("algarve")
    assert [(each.kind, each.text) for each in found] == [
        ("keyword", "algarve"), ("folder", "2019/Algarve trip")
    ]  # fmt: skip
    assert offered("keyword:algarve") == []


def test_what_cannot_be_written_is_left_out() -> None:
    values = tuple(ValueCount(text, 1) for text in ('an "x"', "an, Ben", "an\nb", "an b"))
    found = complete("an", 2, (), Facets(people=values), lambda *_: [])
    assert [each.q for each in found] == ['person:"an\\, Ben"', 'person:"an b"']


@given(
    st.lists(listings, max_size=9, unique_by=lambda item: item.row),
    st.text(max_size=20)
    | st.sampled_from(["anna b", "camera:ca", "-lis", "20", "img", "person:b"]),
    st.integers(0, 20),
)
def test_any_box(items: list[MetadataRow], q: str, at: int) -> None:
    index = MetadataIndex(FakeListings(list(items)), GazetteerLookup())
    found = offered(q, at, items)
    assert len({folded(each.text) for each in found}) == len(found) <= 10
    for each in found:
        filters = make_query(SearchRequest(each.q)).filters
        if each.kind not in {"word", "date"}:
            assert each.kind in {condition.name for condition in filters.conditions}
        if each.kind in {"person", "place", "keyword", "folder", "camera", "type", "name"}:
            lists = {"person", "place", "keyword", "camera"}
            value = written_name(each.text) if each.kind in lists else each.text
            asked = make_query(SearchRequest.of(**{each.kind: value})).filters
            assert len(index.select(asked).rows) >= max(each.count, 1)
