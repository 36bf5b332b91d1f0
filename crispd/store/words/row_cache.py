"""Rows of frequent words, kept until a photo changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Labels

    RowsByField = dict[str, Labels]
    _Kept = dict[str, npt.NDArray[np.int32]]

# A word of half of 100,000 photos in two fields takes 0.4 MB.
_MOST_BYTES = 8 * 2**20


class RowCache:
    """The latest words that were looked up, and their rows by field. Thread-safe.

    ``version``: of all documents; what was kept of another one is dropped.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._version = -1
        self._bytes = 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, version: int, word: str) -> RowsByField | None:
        """Rows by field; None where they have to be read."""
        with self._lock:
            if version != self._version or word not in self._kept:
                return None
            self._kept.move_to_end(word)
            kept = self._kept[word]
        return {field: each.astype(np.int64) for field, each in kept.items()}

    def put(self, version: int, word: str, rows: RowsByField) -> None:
        """Keep the rows of a word, read at ``version``; what was asked longest ago goes."""
        # no library has so many photos that four bytes were too few
        kept = {field: each.astype(np.int32) for field, each in rows.items()}
        size = _size(kept)
        with self._lock:
            if version < self._version or size > self._most_bytes:
                return
            if version > self._version:
                self._kept.clear()
                self._version, self._bytes = version, 0
            if word in self._kept:
                return
            self._kept[word] = kept
            self._bytes += size
            while self._bytes > self._most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= _size(dropped)


def _size(rows: _Kept) -> int:
    return sum(field.nbytes for field in rows.values())
