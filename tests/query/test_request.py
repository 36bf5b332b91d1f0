"""What may be asked, and what is said of what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import QueryError
from crispd.query import Hemisphere
from crispd.query.request import SearchRequest, make_query
from crispd.types import Query


def test_a_query() -> None:
    assert make_query(SearchRequest("  dog on a beach\n")) == Query(
        "dog on a beach", words="dog on a beach"
    )
    assert make_query(SearchRequest("dog", 200, rerank=False)) == Query(
        "dog", 200, False, words="dog"
    )


@pytest.mark.parametrize("text", ["", "  \n\t", "\0", "\0 \x07", "\u200b\u200d", "\ud800"])
def test_nothing_to_look_for(text: str) -> None:
    with pytest.raises(QueryError, match=r"The query is empty\. Say in q"):
        make_query(SearchRequest(text))


@pytest.mark.parametrize("text", ["?", "狗", "🐕", "é"])
def test_short_but_something(text: str) -> None:
    assert make_query(SearchRequest(text)).text == text


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_limits(limit: int) -> None:
    with pytest.raises(QueryError, match=f"limit is {limit}; a whole number from 1 to 200"):
        make_query(SearchRequest("dog", limit))


def test_length() -> None:
    assert len(make_query(SearchRequest("x" * 10_000)).text) == 10_000
    with pytest.raises(QueryError, match="has 10001 characters; at most 10000"):
        make_query(SearchRequest("x" * 10_001))


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_the_text_of_a_query_can_be_sent_back(text: str) -> None:
    try:
        query = make_query(SearchRequest(text))
    except QueryError:
        return
    assert query.text.encode("utf-8").strip()


def test_whose_summer_it_is() -> None:
    asked: list[str] = []

    def south() -> Hemisphere:
        asked.append("once")
        return "south"

    def times(query: Query) -> tuple[str | None, str | None]:
        return query.filters.value("after"), query.filters.value("before")

    southern = ("2019-12-01T00:00:00", "2020-03-01T00:00:00")
    assert times(make_query(SearchRequest("beach summer 2019"), hemisphere=south)) == southern
    given = SearchRequest.of("beach", after="summer 2019", before="Winter 2020")
    assert times(make_query(given, hemisphere=south)) == (southern[0], "2020-06-01T00:00:00")
    assert len(asked) == 2
    make_query(SearchRequest("beach in june 2019 at christmas"), hemisphere=south)
    assert len(asked) == 2
    assert times(make_query(SearchRequest("summer 2019")))[0] == "2019-06-01T00:00:00"
