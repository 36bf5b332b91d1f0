"""Photos as questions, and what photos shall not show, over a library of four dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import NotFound
from crispd.query.request import SearchRequest, make_query
from crispd.search.engine import SearchEngine
from crispd.search.image_similarity import (
    SimilarityCalibration,
    TextAndImageCalibration,
    similarity_query,
)
from crispd.types import EncodedPhoto, EncodedText, ImageQueryModel, Query, ResultPage
from crispd.vectors.index import VectorIndex
from tests.search.fakes import FakeCalibration, FakeListings, FakePhotos, listing

# dimensions: dog, beach, people, and one that says nothing of likeness
MODEL = ImageQueryModel(np.array([1, 1, 1, 0], np.float32), 7.0, -5.0, 0.4)
PHOTOS = {
    1: (1, 0, 0, 0),  # a dog
    2: (1, 1, 0, 0),  # a dog on a beach
    3: (0, 1, 0, 0),  # a beach
    4: (0, 1, 1, 0),  # people on a beach
    5: (0, 0, 1, 0),  # people
    6: (0.1, 0.1, 0.1, 1),
}
WORDS = {"dog": 0, "beach": 1, "people": 2, "a man": 2}


@dataclass
class Text:
    """Each known word is a dimension."""

    def other_language(self, text: str, spoken: str = "") -> str | None:
        return None

    def encode(self, text: str, spoken: str = "") -> EncodedText:
        vector = np.zeros(4, np.float32)
        for word, dimension in WORDS.items():
            vector[dimension] = max(vector[dimension], word in text)
        length = float(np.linalg.norm(vector)) or 1.0
        tokens = np.zeros((1, 2), np.float32)
        return EncodedText(vector / length, tokens, np.ones(1, np.float32))


def unit(values: tuple[float, ...]) -> np.ndarray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


def engine(more: int = 0) -> SearchEngine:
    """Over PHOTOS, and ``more`` that show nothing known."""
    photos = {**PHOTOS, **{100 + at: (0, 0, 0, 1) for at in range(more)}}
    index = VectorIndex(4)
    index.add(np.array([*photos], np.int64), np.stack([unit(each) for each in photos.values()]))
    listings = FakeListings()
    listings.put(*[listing(label * 10 + 1, label) for label in photos])
    return SearchEngine(
        Text(), index, FakePhotos(dict.fromkeys(photos, 1)), None, FakeCalibration(), listings,
        pictures=MODEL,
    )  # fmt: skip


def labels(answer: ResultPage) -> list[int]:
    return [int(hit.photo.id.partition("-")[0]) for hit in answer.hits]


def test_a_photo_finds_its_like_and_not_itself() -> None:
    answer = engine().search(Query("", more=("2-0",)))
    assert labels(answer)[:2] == [1, 3]
    assert 2 not in labels(answer)
    first = answer.hits[0]
    assert first.coarse_score == pytest.approx(math.sqrt(0.5))
    assert first.score == pytest.approx(SimilarityCalibration(MODEL).coarse(math.sqrt(0.5)))


def test_a_picture_that_was_sent_finds_the_photo_itself() -> None:
    picture = EncodedPhoto(unit((1, 1, 0, 0)), None)
    answer = engine().search(Query("", picture=picture))
    assert labels(answer)[0] == 2
    assert answer.hits[0].coarse_score == pytest.approx(1)
    assert answer.hits[0].relevance is None


def test_several_photos_are_met_half_way() -> None:
    assert labels(engine().search(Query("", more=("1-0", "3-0"))))[0] == 2


def test_words_and_a_photo_together() -> None:
    asked = Query("beach", words="beach", more=("1-0",))
    order = labels(engine().search(asked))
    assert order[:3] == [3, 2, 4]


def test_less_like_a_photo() -> None:
    asked = Query("beach", words="beach", less=("5-0",))
    order = labels(engine().search(asked))
    assert order.index(2) < order.index(4)
    assert 5 not in order


GONE = "a" * 24


def test_a_photo_that_is_not_there() -> None:
    with pytest.raises(NotFound, match=GONE):
        engine_with_names().search(make_query(SearchRequest(like=GONE)))
    answer = engine_with_names().search(make_query(SearchRequest(f"dog like:{GONE}")))
    assert labels(answer)[0] == 1
    assert answer.searched == "dog"
    assert answer.notes == (f"There is no photo with the id {GONE}.",)
    assert answer.interpreted == ()
    alone = engine_with_names().search(make_query(SearchRequest(f"like:{GONE}")))
    assert alone.searched == GONE


def engine_with_names() -> SearchEngine:
    found = engine()
    found._encoder._photos.label_of_photo = lambda photo_id: None  # type: ignore[method-assign]
    return found


def test_what_shows_the_unwanted_is_out() -> None:
    answer = engine(100).search(Query("beach -people", words="beach", without=("people",)))
    assert labels(answer)[:2] == [3, 2]
    assert not {4, 5} & set(labels(answer))
    assert answer.considered == len(PHOTOS) + 100


def test_people_are_also_a_man() -> None:
    house = engine()
    question = house._encoder.encode(Query("", words="dog", without=("People ",)))
    assert question.negative is not None
    assert len(question.negative.vectors) > 1
    question = house._encoder.encode(Query("", words="dog", without=("boat",)))
    assert question.negative is not None
    assert len(question.negative.vectors) == 1


def test_out_on_every_page() -> None:
    house, seen, cursor = engine(more=3000), [], None
    while True:
        query = Query("beach -people", 200, words="beach", without=("people",), cursor=cursor)
        answer = house.search(query)
        seen += labels(answer)
        cursor = answer.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert not {4, 5} & set(seen)
    assert {1, 2, 3} <= set(seen)
    assert len(seen) > 2900


def test_nothing_but_what_is_unwanted() -> None:
    answer = engine(100).search(Query("-people", 200, without=("people",)))
    assert set(labels(answer)) == {1, 2, 3, 6, *range(100, 200)}
    assert answer.hits[0].coarse_score is None


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=2, unique=True).map(sorted))
def test_calibrations_rise(pair: list[float]) -> None:
    alone = SimilarityCalibration(MODEL)
    both = TextAndImageCalibration(FakeCalibration(), MODEL, 90.0)
    for curve in (alone.final, alone.coarse, both.final, both.coarse):
        assert 0 <= curve(pair[0]) <= curve(pair[1]) <= 1


def test_a_photo_is_wholly_like_itself() -> None:
    vector = unit((0.3, -0.2, 0.5, 0.7))
    assert float(similarity_query(vector, MODEL) @ vector) == pytest.approx(1)
    nothing = unit((0, 0, 0, 1))
    assert not similarity_query(nothing, MODEL).any()
