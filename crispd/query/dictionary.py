"""A large dictionary: which words a language has, and how common each is.

The lists are made by ``scripts/dictionary.py``; their licences lie beside them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDER = Path(__file__).parent / "dictionaries"
_BESIDE = 3  # bytes of a line that are not the word: a tab, the class, the line's end


class Dictionary:
    """Words of four letters and more, a to z. Classes: 9 for the commonest to 1; 0 for names.

    Arrays of words, one for each length, and no objects: 2.5 MB of memory.
    """

    def __init__(self, lines: bytes) -> None:
        """``lines``: a word, a tab, its class; shorter words first, those of a length sorted."""
        ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n"))
        sizes = np.diff(ends, prepend=-1) - _BESIDE
        self._by_size = {
            int(size): _records(lines, int(size), ends[sizes == size]) for size in np.unique(sizes)
        }

    @classmethod
    def of(cls, language: str) -> Dictionary | None:
        """The dictionary of a language such as ``en`` or ``en-GB``; None where there is none."""
        path = _FOLDER / f"{language.partition('-')[0]}.txt"
        return cls(path.read_bytes()) if path.is_file() else None

    def __contains__(self, word: str) -> bool:
        """Whether there is this word, in lower case, or what it is the plural of."""
        there = self.classes([word, word.removesuffix("s")])
        return bool(there)

    def classes(self, words: Iterable[str]) -> dict[str, int]:
        """Classes of those ``words`` that there are."""
        by_size: dict[int, list[str]] = {}
        for word in words:
            if word.isascii():
                by_size.setdefault(len(word), []).append(word)
        found: dict[str, int] = {}
        for size, asked in by_size.items():
            if size in self._by_size:
                found.update(self._found(size, asked))
        return found

    def _found(self, size: int, asked: list[str]) -> dict[str, int]:
        words, classes = self._by_size[size]
        wanted = np.array(asked, f"S{size}")
        places = np.minimum(np.searchsorted(words, wanted), len(words) - 1)
        there = words[places] == wanted
        pairs = zip(asked, classes[places].tolist(), there.tolist(), strict=True)
        return {word: number for word, number, is_there in pairs if is_there}


def _records(lines: bytes, size: int, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Words and classes of the lines of one length, which follow each other; S[n] and uint8[n]."""
    kind = np.dtype([("word", f"S{size}"), ("tab", "S1"), ("class", np.uint8), ("end", "S1")])
    first = int(ends[0]) + 1 - kind.itemsize
    records = np.frombuffer(lines, kind, len(ends), first)
    return np.ascontiguousarray(records["word"]), records["class"] - np.uint8(ord("0"))
