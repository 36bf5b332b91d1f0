"""Feasts as words: a photo that was taken at Christmas has the word ``christmas``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.query.dates.periods import FEAST_NAMES, feast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.words.word_evidence import WordSource
    from crispd.types import Labels


def is_feast(word: str) -> bool:
    """Whether it is the name of a feast, in English or German."""
    return _name(word) is not None


def _name(word: str) -> str | None:
    return FEAST_NAMES.get(word.casefold().replace("’", "'"))


@dataclass(frozen=True, slots=True)
class FeastSource:
    """A word source whose photos also have the feasts at which they were taken, of any year, in
    the field ``date``. A ``WordSource`` itself.
    """

    source: WordSource
    metadata_index: MetadataIndex

    def __len__(self) -> int:
        return len(self.source)

    def document_frequency(
        self, words: Sequence[str], fields: Sequence[str] | None = None
    ) -> dict[str, int]:
        """In how many photos each word stands; days are not counted."""
        return self.source.document_frequency(words, fields)

    def rows_by_field(self, word: str, *, parts: bool = False) -> dict[str, Labels]:
        """Rows of the photos that have a word, and of those taken on its days."""
        found = self.source.rows_by_field(word, parts=parts)
        name = _name(word)
        if parts or name is None:
            return found
        return {**found, "date": self.metadata_index.rows_taken(lambda year: feast(year, name))}
