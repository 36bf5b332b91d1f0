"""The known words of a language tower: a set of words without the words.

A Bloom filter (Bloom, CACM 1970): a fingerprint of what the tower was taught word by word, of 12
bits a word, by which 3 of 1,000 other words seem known as well. Words that English commonly has are
not in it, so that a word of it, typed alone, is a word of another language.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackCorrupt

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_BITS = 12  # a word
_PROBES = 8  # bits that each word sets: 0.7 times as many as it has, the best there is


class KnownWords:
    """``bits``: eight to the byte. Words are in lower case, composed (NFC)."""

    def __init__(self, bits: bytes) -> None:
        self._bits = bits

    @classmethod
    def of(cls, words: Collection[str]) -> KnownWords:
        """Of words themselves."""
        held = np.zeros(-(-max(len(words), 1) * _BITS // 8), np.uint8)
        for word in words:
            for place in _places(word, len(held)):
                held[place // 8] |= 1 << place % 8
        return cls(held.tobytes())

    @classmethod
    def read(cls, path: Path) -> KnownWords:
        """Raises PackCorrupt."""
        try:
            bits = path.read_bytes()
        except OSError as error:
            raise PackCorrupt(f"{path} cannot be read: {error}. Install the pack again.") from error
        if not bits:
            raise PackCorrupt(f"{path} is empty. Install the pack again.")
        return cls(bits)

    def write(self, path: Path) -> None:
        """For ``read``."""
        path.write_bytes(self._bits)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and all(
            self._bits[place // 8] >> place % 8 & 1 for place in _places(word, len(self._bits))
        )


def _places(word: str, size: int) -> list[int]:
    """Bits of a word among 8 ``size``: two hashes make them all (Kirsch and Mitzenmacher 2006)."""
    digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little") | 1
    return [(first + number * step) % (8 * size) for number in range(_PROBES)]
