"""Suggestions: words that find something in this library."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from crispd.types import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.types import ResultPage

# What people photograph, and what packs have names for.
DEFAULT_WORDS = (
    "dog", "cat", "beach", "sunset", "mountains", "snow", "birthday cake", "flowers", "forest",
    "river", "lake", "sea", "boat", "bridge", "castle", "church", "city at night", "street",
    "car", "bicycle", "train", "airplane", "motorcycle", "horse", "cow", "bird", "butterfly",
    "fish", "baby", "children playing", "wedding", "portrait of a woman", "man with a beard",
    "group of people", "football", "skiing", "swimming pool", "tent", "campfire", "fireworks",
    "christmas tree", "garden", "tree", "autumn leaves", "meadow", "waterfall", "rainbow",
    "coffee", "breakfast", "pizza", "fruit", "wine", "kitchen", "living room", "bookshelf",
    "guitar", "computer", "document", "balloon", "playground", "market", "museum", "temple",
    "desert", "stars", "rocket",
)  # fmt: skip

_MOST = 12
# A call that tries words takes about so long; who asks again gets further.
_BUDGET_SECONDS = 0.25
# The words are tried anew when the library has grown or shrunk by so much.
_DRIFT = 0.1


class SuggestionProvider:
    """Tries words one after the other, a few at each call. Thread-safe."""

    def __init__(
        self, search: Callable[[Query], ResultPage], words: tuple[str, ...] = DEFAULT_WORDS
    ):
        self._search = search
        self._words = words
        self._lock = threading.Lock()
        self._tried_in = 0
        self._next = 0
        self._found: list[tuple[tuple[bool, int, float], str]] = []

    def words(self, photos: int) -> tuple[tuple[str, ...], bool]:
        """Words found so far in a library of ``photos``, and whether it is all.

        First what most photos are likely to show.

        Whoever comes while another tries gets what is known.
        """
        if photos and self._lock.acquire(blocking=False):
            try:
                self._go_on(photos)
            finally:
                self._lock.release()
        return self.found()[:_MOST], self._next >= len(self._words)

    def found(self) -> tuple[str, ...]:
        """Every word so far that finds something, the surest first; tries none."""
        best = sorted(self._found, key=lambda found: found[0], reverse=True)
        return tuple(word for _, word in best)

    def _go_on(self, photos: int) -> None:
        if abs(photos - self._tried_in) > _DRIFT * self._tried_in:
            self._tried_in, self._next, self._found = photos, 0, []
        end = time.monotonic() + _BUDGET_SECONDS
        while self._next < len(self._words):
            word = self._words[self._next]
            self._next += 1
            answer = self._search(Query(word, limit=1, words=word, spelling=False))
            # where the pack cannot tell what is likely, the order of the scores must do
            if answer.hits and answer.hits[0].relevance in {"likely", None}:
                self._found = [*self._found, (_rank(answer), word)]
            if time.monotonic() >= end:
                return


def _rank(answer: ResultPage) -> tuple[bool, int, float]:
    best = answer.hits[0]
    return best.relevance == "likely", answer.likely or 0, best.score
