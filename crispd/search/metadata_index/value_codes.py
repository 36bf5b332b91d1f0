"""Value codes: each distinct value is stored once and has a number."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from crispd.filters.definition import UNKNOWN_TIME
from crispd.types import PlaceNames

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

__all__ = ["UNKNOWN_TIME", "ValueCodes", "keywords_of", "people_of", "place_of", "seconds_of"]

T = TypeVar("T", bound="Hashable")
_SECONDS_TEXT = len("2021-07-03T10:12:00")


class ValueCodes(Generic[T]):
    """Distinct values and their codes 0, 1, 2 …; a code is never used for another value."""

    def __init__(self) -> None:
        self._codes: dict[T, int] = {}

    def codes(self, values: Iterable[T]) -> list[int]:
        """Codes of values; new ones get the next."""
        codes = self._codes
        return [codes.setdefault(value, len(codes)) for value in values]

    def __iter__(self) -> Iterator[T]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def which(self, holds: Callable[[T], bool]) -> np.ndarray:
        """bool [codes]: for which values it holds; index it with a column of codes."""
        return np.fromiter((holds(value) for value in self._codes), bool, len(self._codes))


def keywords_of(stored: str | None) -> tuple[str, ...]:
    """A photo's keywords, case folded and in order, each once."""
    if not stored:
        return ()
    return tuple(sorted({str(word).casefold() for word in json.loads(stored)}))


@lru_cache(maxsize=1024)
def people_of(stored: str | None) -> tuple[str, ...]:
    """The names of people in a photo."""
    return tuple(map(str, json.loads(stored))) if stored else ()


@lru_cache(maxsize=1024)
def place_of(stored: str | None) -> PlaceNames | None:
    """The names of a photo's place."""
    return PlaceNames(*json.loads(stored)) if stored else None


def seconds_of(times: Sequence[str | None]) -> np.ndarray:
    """Local wall-clock seconds since 1970, int64 [n], of RFC 3339 times; the least for none."""
    texts = ["NaT" if time is None else time[:_SECONDS_TEXT] for time in times]
    try:
        return np.array(texts, "datetime64[s]").astype(np.int64)
    except ValueError:
        return np.array([_one(text) for text in texts], np.int64)


def _one(text: str) -> int:
    try:
        return int(np.datetime64(text, "s").astype(np.int64))
    except ValueError:
        return UNKNOWN_TIME
