"""Words of a library: its folders, keywords, cameras, people and places."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crispd.query.edit_distance import edits_of
from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crispd.search.metadata_index.columns import Columns

_LETTERS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # LenasBirthday


class LibraryWords:
    """Words in lower case, of everything that was there since it began. Not thread-safe.

    Only values that are new since the last look are read, so that it costs nothing while photos
    come in.
    """

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._written: dict[str, str] = {}  # by their folded form
        self._read = dict.fromkeys(("folder", "keywords", "camera", "people", "place"), 0)  # values

    def of(self, columns: Columns, roots: Mapping[int, str]) -> frozenset[str]:
        """Words of a library whose folders lie in ``roots``, by their numbers."""
        folders, keywords, cameras, people, places = (
            islice(columns.codes[name], read, None) for name, read in self._read.items()
        )
        self._add(path for _, path in folders)
        self._add(word for some in keywords for word in some)
        self._add(camera for camera in cameras if camera)
        self._add(name for some in people for name in some)
        self._add(name for place in places if place for name in place.all())
        self._add(roots.values())
        self._read = {name: len(columns.codes[name]) for name in self._read}
        return frozenset(self._words)

    def alike(self, word: str) -> list[str]:
        """Words that a slip of the finger makes ``word``, as they are written, the likeliest first.
        Of those that ``of`` has read.
        """
        slips = edits_of(folded(word))
        near = sorted((cost, slip) for slip, cost in slips.items() if slip in self._written)
        return [self._written[slip] for _, slip in near]

    def _add(self, texts: Iterable[str]) -> None:
        for text in texts:
            for run in _LETTERS.findall(text):
                for part in (run, *_HUMP.split(run)):
                    self._words.add(part.lower())
                    self._written.setdefault(folded(part), part)
