"""Slips of the finger put right before the model reads them.

To the model a misspelt word is a handful of letters: on the test captions of Flickr8k a single word
with a slip found a quarter of what the word itself finds (figures in the card of the pack).

A word that anybody knows is left alone, rare as it may be: a large dictionary says what words there
are, the library what its folders, keywords and cameras are called.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.query.edit_distance import edits_of
from crispd.query.language_detection import LanguageDetector

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from crispd.query.dictionary import Dictionary

WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")  # img2022 is a name, not a word
_SHORTEST = 4  # "dgo" may be anything
_LONGEST = 24  # letters; all that lies a letter away from ten thousand takes seconds
_COMMON = 3  # times a word was met before it is offered in place of another
_COMMONEST = 1000  # times that count: "the" is not meant more often than "three"
_MOST_WORDS = 64  # a model reads no more
# A class of the dictionary is as good as having been met so often; rarer ones are never offered.
_MET = {9: 30, 8: 10, 7: 3, 6: 2, 5: 1}
# How sure a correction must be: the logarithm of how often its word was met, less the slip's cost.
# Chosen on Flickr30k's captions: benchmarks/finding/spelling.py.
_SURE = 0.15


@dataclass(frozen=True, slots=True)
class SpellingResult:
    """A text to search for. ``changed``: pairs of what was written and what is read instead.
    ``foreign``: the language it does not seem to be in, though the models read no other.
    """

    text: str
    changed: tuple[tuple[str, str], ...] = ()
    foreign: str | None = None


class SpellingCorrector:
    """``counts``: words of the pack by how often it met them; those of 0 exist and are left alone.
    ``dictionary``: of the pack's language; ``more``: languages that are read besides.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        language: str = "",
        dictionary: Dictionary | None = None,
        more: Sequence[str] = (),
        *,
        corrects: bool = True,
    ) -> None:
        """``corrects``: false where the models read languages that nobody here can tell apart."""
        self._counts = counts
        self._tongue = LanguageDetector(language, counts, more)
        self._dictionary = dictionary
        self._corrects = corrects

    def read(
        self, text: str, *, correct: bool = True, names: Callable[[], Container[str]] = frozenset
    ) -> SpellingResult:
        """``text`` with unknown words replaced by common ones that are a slip away.

        Not where it is in another language, whose words are no slips, nor unless ``correct``.
        ``names``: words of the library itself, in lower case; asked for where a word is unknown.
        """
        if not self._corrects:
            return SpellingResult(text)
        if self._tongue.is_foreign(text):
            return SpellingResult(text, foreign=self._tongue.name)
        if not correct:
            return SpellingResult(text)
        changed: list[tuple[str, str]] = []
        parts, end = [], 0
        for number, found in enumerate(WORD.finditer(text)):
            if number == _MOST_WORDS:
                break
            better = self._better(found[0], names, first=number == 0)
            if better is not None:
                parts += [text[end : found.start()], better]
                end = found.end()
                changed.append((found[0], better))
        return SpellingResult("".join([*parts, text[end:]]), tuple(changed))

    def _better(self, word: str, names: Callable[[], Container[str]], *, first: bool) -> str | None:
        """The word that was meant; None where it is known, a name, or nothing comes near."""
        plain = word.lower()
        # A capital inside a sentence is a name; phones write the first word with one.
        a_name = word != plain and not (first and word[1:] == plain[1:])
        if (
            not _SHORTEST <= len(plain) <= _LONGEST
            or a_name
            or not plain.isascii()
            or self.knows(plain)
        ):
            return None
        slips = edits_of(plain)
        sure = {other: math.log10(met) - slips[other] for other, met in self._met(slips).items()}
        best = max(sure, key=lambda other: (sure[other], other), default=None)
        if best is None or sure[best] < _SURE or plain in names():
            return None
        return best

    def knows(self, word: str) -> bool:
        """Whether there is a word, in lower case."""
        return self._tongue.knows(word) or (
            self._dictionary is not None and word in self._dictionary
        )

    def _met(self, words: Mapping[str, object]) -> dict[str, int]:
        """How often those of ``words`` were met that may be offered."""
        classes = {} if self._dictionary is None else self._dictionary.classes(words)
        met = {word: _MET[number] for word, number in classes.items() if number in _MET}
        for word in words:
            count = self._counts.get(word, 0)
            if count >= _COMMON:
                met[word] = met.get(word, 0) + min(count, _COMMONEST)
        return met
