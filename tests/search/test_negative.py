"""What photos shall not show: people and children by all the words for them."""

from __future__ import annotations

import numpy as np
import pytest

from crispd.search.negative import BackgroundEstimator, encode_negatives
from crispd.search.relevance.probability import LibrarySample
from crispd.types import EncodedText
from tests.search.fakes import FakeIndex, FakeText


class Recorded(FakeText):
    """Remembers what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode(self, text: str, spoken: str = "") -> EncodedText:
        self.read.append(text)
        return super().encode(text, spoken)


def read(*things: str) -> list[str]:
    text = Recorded()
    backgrounds = BackgroundEstimator(None, LibrarySample(FakeIndex({1: 0.5})))
    encode_negatives(things, np.ones(2, np.float32), text, backgrounds)
    return text.read


@pytest.mark.parametrize(
    "word", ["Menschen", "personnes", "gens", "lidí", "osob", "Face", "nobody"]
)
def test_people_are_men_women_and_groups(word: str) -> None:
    assert (read(word) == read("people")) == (word != "nobody")


@pytest.mark.parametrize("word", ["Kinder", "enfants", "dětí", "kids"])
def test_children_are_boys_and_girls(word: str) -> None:
    assert read(word) == read("children") != read("people")


def test_other_things_are_what_they_are_called() -> None:
    assert read("voitures rouges", "chiens") == ["voitures rouges", "chiens"]
