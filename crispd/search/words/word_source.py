"""What the search asks of the word index of a library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from crispd.types import Labels


class WordSource(Protocol):
    """The word index of a library, or a stand-in in tests."""

    def __len__(self) -> int:
        """Photos with words."""

    def lookup(self, words: Sequence[str]) -> list[dict[str, Labels]]:
        """Rows of the photos that have each word, int64 ascending, by field; in field ``alike``
        those whose text has one like it.
        """

    def lookup_part(self, part: str) -> dict[str, Labels]:
        """Rows of the photos that have it inside another word, as above."""


class LibraryVocabulary:
    """Words that a library brings along, which are no slips of the pen."""

    def __init__(self, names: Callable[[], Container[str]], source: WordSource | None) -> None:
        self._names = names
        self._source = source

    def __call__(self) -> LibraryVocabulary:
        return self

    def __contains__(self, word: object) -> bool:
        if word in self._names():
            return True
        if self._source is None or not isinstance(word, str):
            return False
        [found] = self._source.lookup([word])
        return any(len(rows) for field, rows in found.items() if field != "alike")
