"""Words of a library: its folders, keywords and cameras."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

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
        self._read = {"folder": 0, "keywords": 0, "camera": 0}  # values

    def of(self, columns: Columns, roots: Mapping[int, str]) -> frozenset[str]:
        """Words of a library whose folders lie in ``roots``, by their numbers."""
        folders, keywords, cameras = (
            islice(columns.codes[name], read, None) for name, read in self._read.items()
        )
        self._add(path for _, path in folders)
        self._add(word for some in keywords for word in some)
        self._add(camera for camera in cameras if camera)
        self._add(roots.values())
        self._read = {name: len(columns.codes[name]) for name in self._read}
        return frozenset(self._words)

    def _add(self, texts: Iterable[str]) -> None:
        for text in texts:
            for run in _LETTERS.findall(text):
                self._words.update(part.lower() for part in (run, *_HUMP.split(run)))
