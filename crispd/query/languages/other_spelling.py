"""Slips in words of other languages than the pack's own, and accents that were left out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from crispd.query.dates.other_languages import TIME_WORDS
from crispd.query.edit_distance import edits_of
from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

_COMMONEST = 1000  # times that count, as of English words
_LONGEST = 24  # letters, as of English words
_UNMARKED = 1.0  # how much surer a word is that has all of its letters and no accent
_MARKED = 0.7  # what a slip in a letter with an accent costs more: who writes accents sees them
_ENDING = 1  # letters at the end: another ending is another form, and no slip

# Words for people that captions do not have.
_FAMILY = {
    "de": """oma opa mama mami papa papi tante onkel cousin cousine vetter neffe nichte schwester
        bruder mutter vater enkel enkelin schwager schwägerin geschwister großeltern""",
    "fr": """mamie papi papy maman papa tante tonton oncle cousin cousine neveu nièce sœur soeur
        frère mère père tata parrain marraine""",
    "cs": """babička babi děda dědeček máma mamka maminka táta taťka tatínek teta tetička strýc
        strejda bratranec sestřenice synovec neteř sestra bratr matka otec vnuk vnučka""",
}
_PEOPLE = {language: frozenset(words.split()) for language, words in _FAMILY.items()}


class Correction(NamedTuple):
    """A word that was meant, and how sure that is, as of English words."""

    word: str
    sure: float


@dataclass(frozen=True)
class OtherSpelling:
    """``counts``: of a language, how often each word was met. ``known``: words that exist, those
    that English commonly has as ``de:boot``. ``is_name``: whether a word is the name of a place.
    """

    counts: Callable[[str], Mapping[str, int]] = lambda _: {}
    known: Container[str] = frozenset()
    is_name: Callable[[str], bool] = lambda _: False

    def knows(self, word: str, language: str) -> bool:
        """Whether a language has a word, in lower case."""
        return (
            word in self.known
            or f"{language}:{word}" in self.known
            or word in self.counts(language)
            or word in TIME_WORDS.get(language, ())
            or word in _PEOPLE.get(language, ())
            or self.is_name(word)
        )

    def better(self, word: str, language: str) -> Correction | None:
        """The likeliest word of a language a slip away from one, in lower case, that it has not."""
        plain = folded(word)
        if len(plain) > _LONGEST or not plain.isascii() or not plain.isalpha():
            return None
        words = _by_letters(self.counts, language)
        if plain in words:  # without accents, or with others
            meant, count = words[plain]
            return Correction(meant, _UNMARKED + math.log10(count)) if word == plain else None
        best: Correction | None = None
        for other, cost in edits_of(plain).items():
            if other not in words or _is_form(plain, other):
                continue
            meant, count = words[other]
            marks = 0.0 if word == plain else _of_marks(word, meant)
            sure = math.log10(min(count, _COMMONEST)) - cost - marks
            if best is None or (sure, meant) > (best.sure, best.word):
                best = Correction(meant, sure)
        return best


@lru_cache(maxsize=4)
def _by_letters(
    counts: Callable[[str], Mapping[str, int]], language: str
) -> Mapping[str, tuple[str, int]]:
    """Of words with the same letters but for accents the commonest, with its count."""
    found: dict[str, tuple[str, int]] = {}
    for word, count in counts(language).items():
        plain = folded(word)
        if plain not in found or count > found[plain][1]:
            found[plain] = (word, count)
    return found


def _of_marks(one: str, other: str) -> float:
    """What it costs that a word with accents has others: nothing, as a letter with one does, or
    more than any word is worth.
    """
    start = _shared(one, other)
    left, right = one[start:], other[start:]
    same = _shared(left[::-1], right[::-1])
    left, right = left[: len(left) - same], right[: len(right) - same]
    swapped = len(left) == len(right) == 2 and left == right[::-1]
    if max(len(left), len(right)) > 1 and not swapped:
        return math.inf
    return 0.0 if swapped or (left + right).isascii() else _MARKED


def _shared(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    alike = (left == right for left, right in zip(one, other, strict=False))
    return sum(1 for _ in takewhile(bool, alike))


def _is_form(one: str, other: str) -> bool:
    """Whether two words differ in their last letter alone."""
    shared = min(len(one), len(other), max(len(one), len(other)) - _ENDING)
    return one[:shared] == other[:shared]
