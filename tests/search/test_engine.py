"""Questions to answers, over fakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.query.spelling import SpellingCorrector
from crispd.search.encode import TRUNCATED_NOTE
from crispd.search.engine import NO_MATCH_NOTE, NO_PHOTOS_NOTE, SearchEngine
from crispd.search.rerank import DEADLINE_NOTE
from crispd.search.timings import STAGES
from crispd.types import Filters, Query, ResultPage
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


@dataclass
class House:
    """A library, and an engine over it. By default one photo a label, best coarse label first."""

    coarse: dict[int, float]
    fine: dict[int, float] | None = None
    copies: dict[int, int] | None = None
    without_tokens: set[int] = field(default_factory=set)
    short_list: int | None = None
    seconds: float = 0.0
    deadline_ms: float = 60_000.0
    cut: bool = False
    language: str | None = None
    exact: bool = True

    def __post_init__(self) -> None:
        self.index = FakeIndex(self.coarse, self.exact)
        counts = dict.fromkeys(self.coarse, 1) if self.copies is None else self.copies
        self.photos = FakePhotos(counts, self.without_tokens)
        self.listings = FakeListings()
        for label, count in counts.items():
            rows = [listing(label * 10 + copy + 1, label) for copy in range(count)]
            self.listings.put(*rows)
        self.reranker = None
        if self.fine is not None:
            self.reranker = FakeReranker(self.fine, seconds=self.seconds)
        self.engine = SearchEngine(
            FakeText(self.cut, self.language),
            self.index,
            self.photos,
            self.reranker,
            FakeCalibration(),
            self.listings,
            speller=SpellingCorrector({"beach": 9}),
            pictures=PICTURES,
            short_list=self.short_list,
            fine_deadline_ms=self.deadline_ms,
        )

    def ask(self, limit: int = 30, *, rerank: bool = True) -> ResultPage:
        return self.engine.search(Query("dog", limit, rerank, words="dog"))

    def say(self, text: str, *, spelling: bool = True) -> ResultPage:
        return self.engine.search(Query(text, words=text, spelling=spelling))


def ids(answer: ResultPage) -> list[str]:
    return [hit.photo.id for hit in answer.hits]


def labels(answer: ResultPage) -> list[int]:
    return [int(photo_id.split("-")[0]) for photo_id in ids(answer)]


def line(count: int) -> dict[int, float]:
    """Labels 0, 1, 2 … with falling coarse scores."""
    return {label: 1 - label / count for label in range(count)}


score = st.integers(-8, 8).map(lambda value: value / 4)


@st.composite
def houses(draw: st.DrawFn) -> House:
    """Any library: deleted photos, copies, missing tokens, any shortlist."""
    coarse = draw(st.dictionaries(st.integers(0, 60), score, max_size=40))
    some = st.sets(st.sampled_from(sorted(coarse))) if coarse else st.just(set())
    return House(
        coarse,
        fine={label: draw(score) for label in coarse},
        copies={label: draw(st.sampled_from([0, 1, 1, 1, 2, 3])) for label in coarse},
        without_tokens=draw(some),
        short_list=draw(st.sampled_from([None, 0, 1, 5, 100])),
    )


@given(houses(), st.integers(1, 60), st.booleans())
def test_any_answer(house: House, limit: int, rerank: bool) -> None:
    answer = house.ask(limit, rerank=rerank)
    assert len(set(ids(answer))) == len(answer.hits) <= limit
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)
    reached = [hit.fine_score is not None for hit in answer.hits]
    assert reached == sorted(reached, reverse=True)
    assert sum(reached) == 0 or rerank
    # Copies stand next to each other.
    order = labels(answer)
    assert order == [label for label in dict.fromkeys(order) for _ in range(order.count(label))]
    # Nothing is held back.
    there = sum(house.photos.copies.values())
    assert len(answer.hits) == min(limit, there)
    assert (answer.next is not None) == (there > limit)


@given(st.dictionaries(st.integers(0, 99), st.tuples(score, score), max_size=30))
def test_a_cascade_over_everything_is_the_full_fine_order(both: dict) -> None:
    coarse = {label: pair[0] for label, pair in both.items()}
    fine = {label: pair[1] for label, pair in both.items()}
    answer = House(coarse, fine, short_list=1000).ask(200)
    wanted = sorted(both, key=lambda label: (-sum(both[label]), -coarse[label], label))
    assert labels(answer) == wanted
    assert answer.reranked == len(both)


def test_a_short_list_of_none_and_of_one() -> None:
    fine = {label: float(label) for label in range(6)}
    none = House(line(6), fine, short_list=0).ask()
    assert (labels(none), none.reranked) == ([0, 1, 2, 3, 4, 5], 0)
    one = House(line(6), fine, short_list=1).ask()
    assert (labels(one), one.reranked) == ([0, 1, 2, 3, 4, 5], 1)
    assert [hit.fine_score for hit in one.hits] == [0.0] + [None] * 5


def test_the_short_list_is_reordered_and_the_rest_is_not() -> None:
    answer = House(line(8), {label: float(label) for label in range(8)}, short_list=3).ask(6)
    assert labels(answer) == [2, 1, 0, 3, 4, 5]
    assert answer.reranked == 3


def test_a_pack_knows_its_short_list() -> None:
    house = House(line(30), dict.fromkeys(range(30), 1.0))
    assert house.ask(5).reranked == 10
    assert len(house.ask(20).hits) == 20


def test_rerank_off_is_the_coarse_order() -> None:
    house = House(line(5), {label: float(label) for label in range(5)})
    answer = house.ask(rerank=False)
    assert labels(answer) == [0, 1, 2, 3, 4]
    assert answer.reranked == 0
    assert answer.hits[0].score == FakeCalibration().coarse(1.0)
    assert house.reranker is not None
    assert not house.reranker.calls


def test_a_pack_without_a_fine_stage() -> None:
    house = House(line(5))
    assert labels(house.ask(3)) == [0, 1, 2]
    assert house.ask().reranked == 0


def test_a_deadline_leaves_the_rest_in_coarse_order() -> None:
    house = House(
        line(100), {label: float(label) for label in range(100)},
        short_list=100, seconds=0.02, deadline_ms=1,
    )  # fmt: skip
    answer = house.ask(100)
    assert answer.notes == (DEADLINE_NOTE,)
    assert house.reranker is not None
    assert house.reranker.calls == [answer.reranked] == [32]
    assert labels(answer) == [*reversed(range(32)), *range(32, 100)]


def test_enough_time_leaves_no_note() -> None:
    answer = House(line(100), dict.fromkeys(range(100), 0.0), short_list=100).ask(100)
    assert (answer.reranked, answer.notes) == (100, ())


def test_photos_without_tokens_come_after() -> None:
    answer = House(line(4), dict.fromkeys(range(4), 1.0), without_tokens={0, 2}).ask()
    assert labels(answer) == [1, 3, 0, 2]
    assert answer.reranked == 2
    assert answer.notes == ()


def test_copies_count_as_photos() -> None:
    answer = House(line(3), {0: 0.0, 1: 9.0, 2: 0.0}, copies={0: 2, 1: 3, 2: 1}).ask(4)
    assert ids(answer) == ["1-0", "1-1", "1-2", "0-0"]
    assert len({hit.score for hit in answer.hits[:3]}) == 1


def test_photos_deleted_meanwhile_are_made_up_for() -> None:
    gone = {label: int(label >= 10) for label in range(30)}
    answer = House(line(30), dict.fromkeys(range(30), 0.0), copies=gone, short_list=10).ask(15)
    assert labels(answer) == list(range(10, 25))
    assert answer.reranked == 0


def test_an_empty_library() -> None:
    answer = House({}, {}).ask()
    assert (answer.hits, answer.considered, answer.reranked) == ((), 0, 0)
    assert answer.notes == (NO_PHOTOS_NOTE,)


def test_a_filter_that_nothing_fits_is_no_empty_library() -> None:
    query = Query("dog", words="dog", filters=Filters.of(type=("gif",)))
    assert House(line(3)).engine.search(query).notes == (NO_MATCH_NOTE,)
    assert House({}).engine.search(query).notes == (NO_PHOTOS_NOTE,)


@pytest.mark.parametrize("exact", [True, False])
def test_what_the_answer_says_of_itself(exact: bool) -> None:
    answer = House(line(50), dict.fromkeys(range(50), 0.0), exact=exact, cut=True).ask(7)
    assert (answer.query, answer.considered, answer.exact) == ("dog", 50, exact)
    assert answer.notes == (TRUNCATED_NOTE,)


def test_slips_of_the_finger_are_told() -> None:
    answer = House(line(3)).say("baech dog")
    assert (answer.query, answer.searched) == ("baech dog", "beach dog")
    assert len(answer.notes) == 1
    assert "beach for baech" in answer.notes[0]


def test_words_as_they_are_written() -> None:
    answer = House(line(3)).say("baech dog", spelling=False)
    assert (answer.searched, answer.notes) == ("baech dog", ())


def test_names_of_the_library_are_words() -> None:
    house = House(line(3))
    assert house.say("baech dog").searched == "beach dog"
    house.listings.put(listing(7, path="Baech 2019/a.jpg"))
    answer = house.say("baech dog")
    assert (answer.searched, answer.notes) == ("baech dog", ())


def test_a_language_that_the_pack_reads_is_not_put_right() -> None:
    assert House(line(3)).say("beahc").searched == "beach"
    answer = House(line(3), language="de").say("beahc")
    assert (answer.searched, answer.notes) == ("beahc", ())


def test_a_heavier_pack_is_told_in_which_language_a_text_was_read() -> None:
    told: list[str] = []

    class Heavier:
        short_list = 3

        def score(
            self, written: str, corrected: str, language: str, labels: Sequence[int], seconds: float
        ) -> dict[int, float]:
            told.append(language)
            return {}

    house = House(line(3))
    engine = SearchEngine(
        FakeText(spoken=("de",)), house.index, house.photos, None, FakeCalibration(),
        house.listings, pictures=PICTURES, second=Heavier(), language="en",
    )  # fmt: skip
    for spoken in ("", "de", "xx"):
        engine.search(Query("Boot", words="Boot", language=spoken))
    assert told == ["en", "de", "en"]


def test_timings() -> None:
    timings = House(line(9), dict.fromkeys(range(9), 0.0), seconds=0.01).ask().timings_ms
    assert list(timings) == [*STAGES, "total"]
    assert {"text", "filter", "coarse", "fine", "total"} <= set(timings)
    assert timings["fine"] >= 10
    assert timings["total"] >= sum(timings[stage] for stage in STAGES) - 0.01
    assert min(House(line(9)).ask().timings_ms["fine"] for _ in range(3)) < timings["fine"]


def test_photos_of_the_future_do_not_come_first() -> None:
    house = House(line(4))
    years = {0: "2087", 1: "2019", 2: "9999", 3: "2021"}
    for label, year in years.items():
        taken = f"{year}-07-03T10:12:00"
        house.listings.put(listing(label * 10 + 1, label, taken_at=taken))
    found = house.engine.search(Query("", limit=10, sort="newest", filters=Filters.of(min_width=1)))
    assert labels(found)[:2] == [3, 1]
    found = house.engine.search(Query("", limit=10, sort="oldest", filters=Filters.of(min_width=1)))
    assert labels(found)[:2] == [1, 3]
