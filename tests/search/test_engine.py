"""The engine over fakes that keep the Protocols."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from crispd.errors import QueryError
from crispd.search.engine import CUT_NOTE, DEADLINE_NOTE, SearchEngine
from crispd.search.validate import make_query
from crispd.types import EncodedText, FileStamp, PhotoMetadata, PhotoRecord
from crispd.vectors.index import VectorIndex
from tests.search.test_cascade import CALIBRATION

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNT = 40


class Text:
    def encode(self, text: str) -> EncodedText:
        vector = np.array([1, 0], np.float32)
        return EncodedText(vector, np.ones((1, 1)), np.ones(1), cut="long" in text)


class Photos:
    """Label n is the photo n.jpg, and every tenth has a copy."""

    def __init__(self) -> None:
        self.gone: set[int] = set()

    def photos_of(self, labels: Sequence[int]) -> dict[int, list[PhotoRecord]]:
        found = {}
        for label in labels:
            names = [f"{label}.jpg"] + [f"copy of {label}.jpg"] * (label % 10 == 0)
            if label not in self.gone:
                found[label] = [
                    PhotoRecord(n, 1, "/p", n, "h", FileStamp(1, 1), PhotoMetadata(1, 1, "jpeg"))
                    for n in names
                ]
        return found

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        return {label: bytes([label]) for label in labels if label != 3}


class Reverse:
    """Prefers what the coarse stage liked least."""

    coarse_weight = 0.0
    short_list = 10
    pause = 0.0

    def score(self, text: EncodedText, tokens: Sequence[bytes]) -> np.ndarray:
        time.sleep(self.pause)
        return np.array([token[0] for token in tokens], np.float32)


@pytest.fixture
def photos() -> Photos:
    return Photos()


@pytest.fixture
def index() -> VectorIndex:
    """Label 0 is nearest to the query, then 1, and so on."""
    angles = np.linspace(0, 1, COUNT)
    index = VectorIndex(2)
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    index.add(np.arange(COUNT), vectors)
    return index


def names(engine: SearchEngine, **options: object) -> list[str]:
    return [hit.photo.path for hit in engine.search(make_query("dog", **options)).hits]


def engine(index: VectorIndex, photos: Photos, **options: object) -> SearchEngine:
    return SearchEngine(Text(), index, photos, Reverse(), CALIBRATION, **options)


def test_the_short_list_is_re_ranked_and_the_rest_keeps_its_place(
    index: VectorIndex, photos: Photos
) -> None:
    found = names(engine(index, photos), limit=14)
    head = ["9", "8", "7", "6", "5", "4", "2", "1", "0"]  # 3 has no tokens, and comes after
    assert found[:9] == [f"{n}.jpg" for n in head]
    assert found[9] == "copy of 0.jpg"
    assert found[10:] == ["3.jpg", "10.jpg", "copy of 10.jpg", "11.jpg"]


def test_the_coarse_order(index: VectorIndex, photos: Photos) -> None:
    assert names(engine(index, photos), limit=4, rerank=False) == [
        "0.jpg", "copy of 0.jpg", "1.jpg", "2.jpg",
    ]  # fmt: skip
    answer = engine(index, photos).search(make_query("dog", rerank=False))
    assert answer.reranked == 0
    assert all(hit.fine_score is None for hit in answer.hits)


def test_the_answer_says_what_was_done(index: VectorIndex, photos: Photos) -> None:
    answer = engine(index, photos).search(make_query("  a long text "))
    assert answer.query == "a long text"
    assert (answer.considered, answer.exact, answer.reranked) == (COUNT, True, 9)
    assert set(answer.timings_ms) == {"text", "coarse", "fine", "total"}
    assert answer.notes == (CUT_NOTE,)
    assert len(answer.hits) == 30


def test_photos_deleted_meanwhile_are_passed_over(index: VectorIndex, photos: Photos) -> None:
    photos.gone = {9, 8, 7}
    assert names(engine(index, photos), limit=3) == ["6.jpg", "5.jpg", "4.jpg"]


def test_the_deadline(index: VectorIndex, photos: Photos) -> None:
    slow = Reverse()
    slow.short_list, slow.pause = 36, 0.02
    search = SearchEngine(Text(), index, photos, slow, CALIBRATION, fine_deadline_ms=1)
    answer = search.search(make_query("dog", limit=50))
    assert answer.reranked == 32
    assert answer.notes == (DEADLINE_NOTE,)


def test_a_pack_without_a_fine_stage(index: VectorIndex, photos: Photos) -> None:
    search = SearchEngine(Text(), index, photos, None, CALIBRATION)
    assert [hit.photo.path for hit in search.search(make_query("dog", limit=2)).hits] == [
        "0.jpg", "copy of 0.jpg",
    ]  # fmt: skip


def test_an_empty_library(photos: Photos) -> None:
    answer = engine(VectorIndex(2), photos).search(make_query("dog"))
    assert (answer.hits, answer.considered, answer.reranked) == ((), 0, 0)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\0"])
def test_an_empty_question(text: str) -> None:
    with pytest.raises(QueryError, match="empty"):
        make_query(text)


def test_limits_of_a_question() -> None:
    with pytest.raises(QueryError, match="10001 characters"):
        make_query("x" * 10_001)
    for limit in (0, -1, 201):
        with pytest.raises(QueryError, match="1 to 200"):
            make_query("x", limit=limit)
    assert make_query("x" * 10_000, limit=200).limit == 200
