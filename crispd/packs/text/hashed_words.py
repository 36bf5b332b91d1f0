"""Hashed words: a text as numbers of words, of runs of letters, and of word pairs.

A vocabulary would have to know every form of every word of every language. Parts are numbered by a
checksum instead (fastText: Bojanowski et al. 2017), so that an inflected, compound or misspelt word
is near its relatives, and the table has the size that one gives it.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crispd.packs.manifest import LanguagesPart
    from crispd.types import Labels

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 40  # letters of a word that are looked at


@dataclass(frozen=True, slots=True)
class HashedWords:
    """``parts`` int64 [L, F], filled up with the number of no part; ``pairs`` int64 [L]: each word
    with the one before it. ``cut``: the text was longer than the pack reads.
    """

    parts: Labels
    pairs: Labels
    cut: bool


def words_of(text: str) -> list[str]:
    """Words in lower case, with letters and their marks as one character."""
    plain = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _WORD.findall(unicodedata.normalize("NFC", plain).lower())


def hashed(words: list[str], part: LanguagesPart) -> HashedWords:
    """Numbers 0..buckets - 1 of the parts of at most ``max_words`` words; buckets is no part."""
    kept = words[: part.max_words] or [""]
    numbers = [_parts(word, part) for word in kept]
    parts = np.full((len(kept), max(map(len, numbers))), part.buckets, np.int64)
    for row, found in enumerate(numbers):
        parts[row, : len(found)] = found
    pairs = [_number(" ".join(pair), part) for pair in itertools.pairwise(kept)]
    return HashedWords(
        parts, np.array([part.buckets, *pairs], np.int64), len(words) > part.max_words
    )


def _parts(word: str, part: LanguagesPart) -> list[int]:
    if not word:
        return [part.buckets]
    framed = f"<{word[:_LONGEST]}>"
    runs = {
        framed[at : at + length]
        for length in range(part.shortest, part.longest + 1)
        for at in range(len(framed) - length + 1)
    }
    return sorted({_number(run, part) for run in runs | {framed}})


def _number(text: str, part: LanguagesPart) -> int:
    return zlib.crc32(text.encode("utf-8")) % part.buckets
