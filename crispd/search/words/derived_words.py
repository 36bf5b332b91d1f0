"""Words that follow from what is known of a photo: ``christmas`` from its day, ``panorama`` from
its shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from crispd.query.dates.periods import FEAST_NAMES, feast
from crispd.search.metadata_index.days import taken_on
from crispd.search.words.kinds import NAME_FIELDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.words.kinds import PhotoKind
    from crispd.search.words.word_source import WordSource
    from crispd.types import Labels


def is_feast(word: str) -> bool:
    """Whether it is the name of a feast, in any language of the pack."""
    return _feast_name(word) is not None


def is_derived(word: str) -> bool:
    """Whether photos may have a word, or words, though nobody wrote it down."""
    return is_feast(word) or kind_of(word) is not None


def _feast_name(word: str) -> str | None:
    return FEAST_NAMES.get(word.casefold().replace("’", "'"))


@dataclass(frozen=True, slots=True)
class DerivedWordSource:
    """A word source whose photos also have the feasts at which they were taken, of any year, in the
    field ``date``, and what they are in the field ``kind``. A ``WordSource`` itself.
    """

    source: WordSource
    metadata_index: MetadataIndex

    def __len__(self) -> int:
        return len(self.source)

    def lookup(self, words: Sequence[str]) -> list[dict[str, Labels]]:
        """Rows of the photos that have each word, and of those of which it follows."""
        found = self.source.lookup(words)
        return [{**rows, **self._derived(word)} for word, rows in zip(words, found, strict=True)]

    def lookup_part(self, part: str) -> dict[str, Labels]:
        """Rows of the photos that have it inside another word."""
        return self.source.lookup_part(part)

    def _derived(self, word: str) -> dict[str, Labels]:
        name, kind = _feast_name(word), kind_of(word)
        found = {} if name is None else {"date": self._taken_at(name)}
        if kind is not None:
            found["kind"] = reduce(np.union1d, self._of_kind(kind))
        return found

    def _taken_at(self, name: str) -> Labels:
        return self.metadata_index.rows_where(
            lambda photos: taken_on(photos.column("seconds"), lambda year: feast(year, name))
        )

    def _of_kind(self, kind: PhotoKind) -> Iterator[Labels]:
        """By each thing that says so."""
        yield np.empty(0, np.int64)
        for words, fields in ((kind.written, NAME_FIELDS), (kind.lens, ("camera",))):
            for rows in self.source.lookup(words):
                yield from (rows[field] for field in fields if field in rows)
        if kind.shape is not None:
            yield self.metadata_index.rows_where(kind.shape)
