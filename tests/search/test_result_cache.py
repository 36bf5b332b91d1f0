"""Pages of one question while the library changes."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import CursorExpired, QueryError
from crispd.search.ranking import Ranking
from crispd.search.results.cursor import Cursor
from crispd.search.results.result_cache import ResultCache, cursor_of
from crispd.types import Filters, Query, ResultPage
from tests.search.fakes import listing
from tests.search.test_engine import House, ids, labels, line

changes = st.lists(
    st.tuples(st.integers(0, 25), st.sampled_from(["remove", "add", "copy", "better"])), max_size=4
)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=20),
    st.lists(changes, max_size=30),
    st.integers(1, 6),
    st.sampled_from([None, "newest", "oldest"]),
    st.sampled_from([Filters(), Filters.of(min_width=1)]),
)
def test_what_stays_comes_once(
    copies: list[int],
    meanwhile: list[list[tuple[int, str]]],
    limit: int,
    sort: str | None,
    filters: Filters,
) -> None:
    house = House(line(len(copies)), dict.fromkeys(range(100), 0.5), copies=dict(enumerate(copies)))
    query = Query("dog", limit, words="dog", sort=sort, filters=filters)  # type: ignore[arg-type]
    there = {photo for photos in house.photos.photos_of(range(99)).values() for photo in photos}
    stayed = {photo.id for photo in there}
    answer = house.engine.search(query)
    seen = ids(answer)
    for step in range(200):
        if answer.next is None:
            break
        for label, what in meanwhile[step] if step < len(meanwhile) else ():
            stayed -= change(house, label, what)
        answer = house.engine.search(Query("", limit, cursor=answer.next))
        seen += ids(answer)
    assert answer.next is None
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def change(house: House, label: int, what: str) -> set[str]:
    """Do it; ids of photos that are gone by it."""
    before = {photo.id for photo in house.photos.photos_of([label]).get(label, [])}
    count = house.photos.copies.get(label, 0)
    house.photos.copies[label] = 0 if what == "remove" else count + (what in {"add", "copy"})
    if what == "remove":
        house.index.scores.pop(label, None)
    else:
        house.index.scores[label] = 2.0 if what == "better" else 0.1
    for copy in range(count):
        house.listings.drop(label * 10 + copy + 1)
    rows = range(house.photos.copies[label])
    house.listings.put(*(listing(label * 10 + copy + 1, label) for copy in rows))
    return before if what == "remove" else set()


def paged(house: House, query: Query) -> list[ResultPage]:
    answers = [house.engine.search(query)]
    while answers[-1].next is not None:
        answers.append(house.engine.search(Query("", query.limit, cursor=answers[-1].next)))
    return answers


def test_pages_are_the_whole_in_parts() -> None:
    house = House(line(100), {label: float(label % 7) for label in range(100)})
    whole = labels(house.ask(200))
    parts = [labels(answer) for answer in paged(house, Query("dog", 7, words="dog"))]
    assert [label for part in parts for label in part] == whole
    assert [len(part) for part in parts] == [7] * 14 + [2]


def test_a_page_may_have_another_size() -> None:
    house = House(line(20))
    first = house.ask(3)
    assert labels(house.engine.search(Query("", 10, cursor=first.next))) == list(range(3, 13))


def test_scores_do_not_rise_over_pages() -> None:
    house = House(line(100), {label: float(label % 7) for label in range(100)})
    answers = paged(house, Query("dog", 9, words="dog"))
    scores = [hit.score for answer in answers for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_cursor_with_its_question_and_with_another() -> None:
    house = House(line(20))
    query = Query("dog", 3, words="dog")
    cursor = house.engine.search(query).next
    assert labels(house.engine.search(replace(query, cursor=cursor))) == [3, 4, 5]
    for other in (
        Query("cat", words="cat", cursor=cursor),
        replace(query, cursor=cursor, sort="newest"),
        replace(query, cursor=cursor, filters=Filters.of(type=("png",))),
    ):
        with pytest.raises(QueryError, match="another question"):
            house.engine.search(other)


def test_sorted_by_date() -> None:
    house = House(line(4))
    house.listings.put(
        listing(1, 0, taken_at="2020-01-01T00:00:00"),
        listing(11, 1, taken_at=None),
        listing(21, 2, taken_at="2022-01-01T00:00:00"),
        listing(31, 3, taken_at="2021-01-01T00:00:00"),
    )
    orders = {
        sort: [
            label
            for answer in paged(house, Query("dog", 2, words="dog", sort=sort))
            for label in labels(answer)
        ]
        for sort in ("newest", "oldest")
    }
    assert orders == {"newest": [2, 3, 0, 1], "oldest": [0, 3, 2, 1]}


def test_filters_alone() -> None:
    house = House(line(5), copies={0: 1, 1: 2, 2: 1, 3: 1, 4: 1})
    house.listings.put(listing(12, 1, type="heic"), listing(31, 3, type="heic"))
    answers = paged(house, Query("", 1, filters=Filters.of(type=("heic",))))
    # of two copies only that which fits
    assert [ids(answer) for answer in answers] == [["1-1"], ["3-0"]]
    assert (answers[0].considered, answers[0].exact, answers[0].hits[0].score) == (2, True, 1.0)
    assert answers[0].hits[0].coarse_score is None


@given(st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
def test_what_is_no_cursor(text: str) -> None:
    with pytest.raises(QueryError, match="not one of crispd's"):
        ResultCache().find(Query("", cursor=text))


def test_results_are_kept_for_an_hour_after_their_last_use() -> None:
    now = [0.0]
    cache = ResultCache(clock=lambda: now[0])
    house = House(line(3))
    query = Query("dog", words="dog")
    name, _ = cache.keep(query, ranking_of(house, query))
    cursor = Query("", cursor=cursor_of(name, Cursor()))
    for now[0] in (3599.0, 7198.0):
        cache.find(cursor)
    now[0] = 10_799.0
    with pytest.raises(CursorExpired, match="Search again"):
        cache.find(cursor)


def test_many_large_results_push_out_old_ones() -> None:
    house = House(line(50))
    query = Query("dog", words="dog")
    ranking = ranking_of(house, query)
    cache = ResultCache(most_bytes=3 * (ranking.nbytes + 12_000))
    names = [cache.keep(query, ranking)[0] for _ in range(5)]
    kept = []
    for name in names:
        try:
            cache.find(Query("", cursor=cursor_of(name, Cursor())))
            kept.append(name)
        except CursorExpired:
            pass
    assert kept == names[2:]


def test_small_results_are_weighed_with_all_that_they_hold() -> None:
    """Twenty bytes a photo are not all: 44,000 short answers once held 200 MB."""
    house, most = House(line(50)), 500_000
    house.engine._cache = ResultCache(most_bytes=most)
    for number in range(400):  # whatever is made once
        house.engine.search(Query(f"before {number}", 1, words=f"dog {number}"))
    tracemalloc.start()
    for number in range(400):
        house.engine.search(Query(f"dog {number}", 1, words=f"dog {number}"))
    held = tracemalloc.get_traced_memory()[0]
    house.engine._cache = ResultCache()
    gc.collect()
    held -= tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert 0 < held <= most


def test_what_fits_on_one_page_is_not_kept() -> None:
    house = House(line(5))
    cache = house.engine._cache
    assert house.ask(5).next is None
    assert not cache._kept
    first = house.ask(3)
    last = house.engine.search(Query("", 3, cursor=first.next))
    assert last.next is None
    # whoever lost the last page on the way may ask again
    assert labels(house.engine.search(Query("", 3, cursor=first.next))) == labels(last)


def ranking_of(house: House, query: Query) -> Ranking:
    cache = ResultCache()
    house.engine._cache = cache
    house.engine.search(replace(query, limit=1))
    return next(iter(cache._kept.values())).ranking
