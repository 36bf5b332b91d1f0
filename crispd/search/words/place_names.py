"""Names of places as people know them: ``Lissabon`` is ``Lisbon`` in the word index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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

    def rows_by_field(self, word: str, *, parts: bool = False) -> dict[str, Labels]:
        """Rows of the photos that have a word, and of those of the place that it names."""
        found = self.source.rows_by_field(word, parts=parts)
        if parts or len(found.get("place", ())):
            return found
        name = self.indexed_name(word)
        if name is None:
            return found
        places = self.source.rows_by_field(name).get("place")
        return found if places is None else {**found, "place": places}
