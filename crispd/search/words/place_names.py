"""Names of places as people know them: ``Lissabon`` is ``Lisbon`` in the word index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.search.words.word_source import WordSource
    from crispd.types import Labels


@dataclass(frozen=True, slots=True)
class PlaceNameSource:
    """A word source that also knows places by other names. A ``WordSource`` itself.

    ``indexed_name``: what a place is called in the index, None for words that name none.
    """

    source: WordSource
    indexed_name: Callable[[str], str | None]

    def __len__(self) -> int:
        return len(self.source)

    def lookup(self, words: Sequence[str]) -> list[dict[str, Labels]]:
        """Rows of the photos that have each word, and of those of the place that it names."""
        found = self.source.lookup(words)
        names = {
            at: name
            for at, word in enumerate(words)
            if not len(found[at].get("place", ())) and (name := self.indexed_name(word))
        }
        if not names:
            return found
        for at, named in zip(names, self.source.lookup(list(names.values())), strict=True):
            if "place" in named:
                found[at] = {**found[at], "place": named["place"]}
        return found

    def lookup_part(self, part: str) -> dict[str, Labels]:
        """Rows of the photos that have it inside another word."""
        return self.source.lookup_part(part)
