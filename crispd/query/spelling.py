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
from itertools import islice
from typing import TYPE_CHECKING

from crispd.query.edit_distance import edits_of
from crispd.query.language_detection import LanguageDetector
from crispd.query.languages.other_spelling import Correction, OtherSpelling

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from crispd.query.dictionary import Dictionary

WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")  # img2022 is a name, not a word
_SHORTEST = 4  # "dgo" may be anything
_LONGEST = 24  # letters; all that lies a letter away from ten thousand takes seconds
_COMMON = 3  # times a word was met before it is offered in place of another
_COMMONEST = 1000  # times that count: "the" is not meant more often than "three"
_GERMAN = "de"  # writes its nouns with capitals
_MOST_WORDS = 64  # a model reads no more
# A class of the dictionary is as good as having been met so often; rarer ones are never offered.
_MET = {9: 30, 8: 10, 7: 3, 6: 2, 5: 1}
# How sure a correction must be: the logarithm of how often its word was met, less the slip's cost.
# Chosen on Flickr30k's captions: benchmarks/finding/spelling.py.
_SURE = 0.15
# The same in sentences of other languages, which have many forms that nobody here has met: chosen
# so that of sentences, which have few slips, 0.4 (German) to 1.3 % (Czech) are touched.
_SURE_OF_FORM = 0.8
_SENTENCE = 3  # words
# The same of a German word with a capital inside a sentence, which may be a name.
_SURE_OF_NOUN = 1.0
# How much likelier a word of the language of whoever asks is meant than one of the pack's own.
_SPOKEN = 0.5


@dataclass(frozen=True, slots=True)
class SpellingResult:
    """A text to search for. ``changed``: pairs of what was written and what is read instead.
    ``foreign``: the language it does not seem to be in, though the models read no other.
    """

    text: str
    changed: tuple[tuple[str, str], ...] = ()
    foreign: str | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a word may be: one of the library's ``names``; one of the pack's ``own`` language; one
    of ``others``, with how much surer such a word is.
    """

    names: Callable[[], Container[str]]
    others: Mapping[str, float]
    own: bool


class SpellingCorrector:
    """``counts``: words of the pack by how often it met them; those of 0 exist and are left alone.
    ``dictionary``: of the pack's language; ``more``: languages that are read besides, ``others``
    their words.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        language: str = "",
        dictionary: Dictionary | None = None,
        more: Sequence[str] = (),
        *,
        others: OtherSpelling | None = None,
        corrects: bool = True,
    ) -> None:
        """``corrects``: false where the models read languages that nobody here can tell apart."""
        self._counts = counts
        self._tongue = LanguageDetector(language, counts, more)
        self._dictionary = dictionary
        self._more = frozenset(more)
        self._others = others or OtherSpelling()
        self._corrects = corrects

    def read(
        self,
        text: str,
        *,
        correct: bool = True,
        names: Callable[[], Container[str]] = frozenset,
        language: str = "",
        spoken: str = "",
    ) -> SpellingResult:
        """``text`` with unknown words replaced by common ones that are a slip away.

        Not where it is in a language that the pack does not read, whose words are no slips, nor
        unless ``correct``. ``names``: words of the library itself, in lower case; asked for where a
        word is unknown. ``language``: that the text is in, if it is none of the pack's own;
        ``spoken``: of whoever asks, whose words may be meant beside the pack's own.
        """
        if not self._corrects:
            return SpellingResult(text)
        bonus = {language: 0.0} if language else {}
        if spoken in self._more:
            bonus[spoken] = _SPOKEN
        read = SpellingResult(text)
        if correct:
            read = self._put_right(text, _Reading(names, bonus, own=not language))
        is_put_right = bool(bonus and read.changed)
        if not language and not is_put_right and self._tongue.is_foreign(text):
            return SpellingResult(text, foreign=self._tongue.name)
        return read

    def _put_right(self, text: str, reading: _Reading) -> SpellingResult:
        changed: list[tuple[str, str]] = []
        parts, end = [], 0
        every = list(islice(WORD.finditer(text), _MOST_WORDS))
        for number, found in enumerate(every):
            sentence = len(every) >= _SENTENCE
            better = self._better(found[0], reading, first=number == 0, sentence=sentence)
            if better is not None:
                parts += [text[end : found.start()], better]
                end = found.end()
                changed.append((found[0], better))
        return SpellingResult("".join([*parts, text[end:]]), tuple(changed))

    def _better(self, word: str, reading: _Reading, *, first: bool, sentence: bool) -> str | None:
        """The word that was meant; None where it is known, a name, or nothing comes near."""
        plain = word.lower()
        if not _SHORTEST <= len(plain) <= _LONGEST or self.knows(plain):
            return None
        if any(self._others.knows(plain, other) for other in reading.others):
            return None
        # A capital inside a sentence is a name; phones write the first word with one.
        is_capital = word[1:] == plain[1:]
        a_name = word != plain and not (first and is_capital)
        found: list[Correction] = []
        if reading.own and plain.isascii() and not a_name:
            # of whoever speaks another language, a word like an English one is often its own
            found += self._of_own(plain, _SURE_OF_FORM if reading.others else _SURE)
        least = _SURE_OF_NOUN if a_name else _SURE_OF_FORM if sentence else _SURE
        for other, bonus in reading.others.items():
            if a_name and not (other == _GERMAN and is_capital):
                continue
            near = self._others.better(plain, other)
            if near is not None and near.sure >= least:
                found.append(Correction(_as_written(word, near.word), near.sure + bonus))
        best = max(found, key=lambda each: (each.sure, each.word), default=None)
        return None if best is None or plain in reading.names() else best.word

    def _of_own(self, plain: str, least: float) -> list[Correction]:
        """The likeliest word of the pack's own language, if it is as sure as ``least``."""
        slips = edits_of(plain)
        sure = [
            Correction(word, math.log10(met) - slips[word])
            for word, met in self._met(slips).items()
        ]
        best = max(sure, key=lambda each: (each.sure, each.word), default=None)
        return [] if best is None or best.sure < least else [best]

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


def _as_written(word: str, meant: str) -> str:
    """With a capital where the word was written with one."""
    return meant[:1].upper() + meant[1:] if word[:1].isupper() else meant
