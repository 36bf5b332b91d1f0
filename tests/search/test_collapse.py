"""``group=duplicates`` is the whole answer folded, whatever is asked and whatever happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.engine import SearchEngine
from crispd.search.results.collapse import DuplicateGroups
from crispd.search.results.collapsed_pages import MAX_COLLAPSED_IDS
from crispd.types import Filters, Labels, Query, ResultPage, SearchHit
from tests.search.fakes import (
    PICTURES,
    FakeCalibration,
    FakeIndex,
    FakeListings,
    FakePhotos,
    FakeReranker,
    FakeText,
    listing,
)
from tests.search.test_judge import MODEL


@dataclass
class House:
    """A library of labels: coarse score, copies, group, day, width."""

    labels: dict[int, tuple[float, int, int, int, int]]
    relevance: bool

    def __post_init__(self) -> None:
        self.photos = FakePhotos({label: entry[1] for label, entry in self.labels.items()})
        self.index = FakeIndex({label: entry[0] for label, entry in self.labels.items()})
        self.listings = FakeListings()
        for label in self.labels:
            self.list(label)
        self.engine = SearchEngine(
            FakeText(), self.index, self.photos,
            FakeReranker({label: -entry[0] for label, entry in self.labels.items()}, short_list=4),
            FakeCalibration(), self.listings, pictures=PICTURES,
            relevance=MODEL if self.relevance else None,
        )  # fmt: skip

    def list(self, label: int) -> None:
        _, _, _, day, width = self.labels[label]
        for copy in range(self.photos.copies[label]):
            taken = f"2021-07-{day:02}T10:00:00" if day else None
            self.listings.put(listing(label * 10 + copy + 1, label, taken_at=taken, width=width))

    def drop(self, label: int) -> None:
        for copy in range(self.photos.copies.get(label, 0)):
            self.listings.drop(label * 10 + copy + 1)
        self.photos.copies[label] = 0
        self.index.scores.pop(label, None)

    def roots(self, labels: Labels) -> Labels:
        first: dict[int, int] = {}
        for label in sorted(self.labels):
            first.setdefault(self.labels[label][2], label)
        return np.array([first[self.labels[label][2]] for label in labels.tolist()], np.int64)

    @property
    def alike(self) -> DuplicateGroups:
        return DuplicateGroups(self.roots, len(self.labels), len(self.labels))

    def group_of(self, hit: SearchHit) -> int:
        return self.labels[label_of(hit)][2]

    def pages(self, query: Query) -> list[ResultPage]:
        answers = [self.engine.search(query, self.alike)]
        while answers[-1].next is not None:
            again = Query("", query.limit, cursor=answers[-1].next)
            answers.append(self.engine.search(again))
        return answers

    def hits(self, query: Query) -> list[SearchHit]:
        return [hit for answer in self.pages(query) for hit in answer.hits]


def label_of(hit: SearchHit) -> int:
    return int(hit.photo.id.partition("-")[0])


entries = st.tuples(
    st.integers(-8, 20).map(lambda value: value / 4), st.integers(1, 3), st.integers(0, 6),
    st.integers(0, 4), st.sampled_from([100, 3000]),
)  # fmt: skip
houses = st.builds(House, st.dictionaries(st.integers(0, 60), entries, max_size=30), st.booleans())
queries = st.builds(
    Query,
    st.just("dog"),
    st.integers(1, 7),
    words=st.just("dog"),
    filters=st.sampled_from(
        [Filters(), Filters.of(min_width=1000), Filters.of(after="2021-07-02")]
    ),
    sort=st.sampled_from([None, "newest", "oldest"]),
    min_relevance=st.sampled_from([None, "likely", "all"]),
)
browsing = st.builds(
    Query,
    st.just(""),
    st.integers(1, 7),
    filters=st.sampled_from([Filters.of(min_width=1), Filters.of(min_width=1000)]),
    sort=st.sampled_from([None, "newest", "oldest"]),
)


def grouped(query: Query) -> Query:
    changed = {name: getattr(query, name) for name in Query.__slots__}
    return Query(**{**changed, "group": "duplicates"})


def folded(house: House, best_first: list[SearchHit]) -> dict[int, list[str]]:
    """Brute force: ids of each group, the best first, in the order of the best."""
    found: dict[int, list[str]] = {}
    for hit in best_first:
        found.setdefault(house.group_of(hit), []).append(hit.photo.id)
    return found


@given(houses, queries)
def test_it_is_the_whole_answer_folded(house: House, query: Query) -> None:
    by_relevance = Query(
        "dog", 50, words="dog", filters=query.filters, min_relevance=query.min_relevance
    )
    wanted = folded(house, house.hits(by_relevance))
    answers = house.pages(grouped(query))
    hits = [hit for answer in answers for hit in answer.hits]
    assert [[hit.photo.id, *hit.duplicate_ids] for hit in sorted(hits, key=house.group_of)] == [
        wanted[group] for group in sorted(wanted)
    ]
    assert all(hit.duplicates == len(wanted[house.group_of(hit)]) - 1 for hit in hits)
    if query.sort is None:
        assert [house.group_of(hit) for hit in hits] == list(wanted)
    else:
        days = [house.labels[label_of(hit)][3] for hit in hits]
        known = [day for day in days if day]
        assert days == known + [0] * (len(days) - len(known))
        assert known == sorted(known, reverse=query.sort == "newest")
    assert all(len(answer.hits) == query.limit for answer in answers[:-1])
    whole = house.engine.search(query)
    assert {(each.considered, each.likely, each.maybe) for each in answers} == {
        (whole.considered, whole.likely, whole.maybe)
    }


@given(houses, browsing)
def test_without_words_the_first_stands_for_the_others(house: House, query: Query) -> None:
    wanted = folded(house, house.hits(query))
    hits = house.hits(grouped(query))
    told = [
        ids[: MAX_COLLAPSED_IDS + 1] for ids in wanted.values()
    ]  # of larger groups the first ids
    assert [[hit.photo.id, *hit.duplicate_ids] for hit in hits] == told


@given(houses, queries, st.lists(st.lists(st.integers(0, 60), max_size=4), max_size=20))
def test_what_stays_is_shown_once_or_counted(
    house: House, query: Query, meanwhile: list[list[int]]
) -> None:
    before = {hit.photo.id for hit in house.hits(query)}
    answer = house.engine.search(grouped(query), house.alike)
    shown, counted, groups, untold = [], list[str](), [], 0
    for step in range(100):
        untold += sum(len(hit.duplicate_ids) < (hit.duplicates or 0) for hit in answer.hits)
        shown += [hit.photo.id for hit in answer.hits]
        counted += [photo_id for hit in answer.hits for photo_id in hit.duplicate_ids]
        groups += [house.group_of(hit) for hit in answer.hits]
        if answer.next is None:
            break
        for label in meanwhile[step] if step < len(meanwhile) else ():
            house.drop(label)
        answer = house.engine.search(Query("", query.limit, cursor=answer.next))
    assert len(groups) == len(set(groups))
    assert len(shown + counted) == len(set(shown + counted))
    stayed = {each for each in before if house.photos.copies[int(each.partition("-")[0])]}
    assert {*shown, *counted} <= before
    assert untold or stayed <= {*shown, *counted}  # of large groups only the first ids are told


def test_of_many_the_first_ids_are_told() -> None:
    house = House({label: (5 - label / 100, 1, 0, 1, 100) for label in range(60)}, relevance=True)
    (hit,) = house.hits(Query("dog", words="dog", group="duplicates"))
    assert (hit.duplicates, len(hit.duplicate_ids)) == (59, MAX_COLLAPSED_IDS)


def test_photos_that_were_not_compared_are_told_of() -> None:
    house = House({label: (5.0, 1, label, 1, 100) for label in range(9)}, relevance=False)
    answer = house.engine.search(
        Query("dog", words="dog", group="duplicates"), DuplicateGroups(house.roots, 3, 9)
    )
    assert [note for note in answer.notes if "3 of 9 photos were compared" in note]
    assert not house.engine.search(
        Query("dog", words="dog", group="duplicates"), DuplicateGroups(house.roots, 9, 9)
    ).notes


@pytest.mark.parametrize("sort", [None, "newest"])
def test_a_question_without_it_says_nothing_of_duplicates(sort: str | None) -> None:
    house = House({1: (5.0, 2, 0, 1, 100), 2: (4.0, 1, 0, 1, 100)}, relevance=True)
    hits = house.hits(Query("dog", words="dog", sort=sort))  # type: ignore[arg-type]
    assert [(hit.duplicates, hit.duplicate_ids) for hit in hits] == [(None, ())] * 3
