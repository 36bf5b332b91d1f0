"""Whether a text is in the language that the models read.

By the pack's own words and no detector: those are trained on sentences and guess at three words.
The question here is only whether the words are ones that the pack was taught. None of the 48,103
captions of Flickr8k and of the everyday photos is taken for another language.
"""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORD = re.compile(r"[^\W\d_]+")
# Small words of other languages that are next to never English ones. Not those that names of places
# bring along: los, san, las, la, el, de. The others: Polish, Czech, Turkish, Finnish, Hungarian.
_GERMANIC = """am auf aus bei beim dem den der des die das ein eine einem einen einer im ins ist mit
    nach ohne oder und unser unsere unter vom von vor zum zur zwei drei het een op met voor bij naar
    og och en ett på med til till ved hos"""
_ROMANCE = """au aux avec chez dans des du et les sous sur un une deux con por para sobre sin una
    uno y dos com em na nas nos sem uma ao dois nel nella sul sulla sulle degli della delle gli il
    lo di e amb"""
_OTHERS = "bez dla nad przy w z ze ve ile ja on egy az és"
_FOREIGN = frozenset(f"{_GERMANIC} {_ROMANCE} {_OTHERS}".split())
_NAMES = {"en": "English", "de": "German", "fr": "French", "cs": "Czech"}
_FEWEST = 2  # words that speak against; one may be a slip or a name


class LanguageDetector:
    """``counts``: words of the pack by how often it met them, 0 for those that merely exist.
    ``more``: languages that are read besides; whoever asks has seen that it is none of them.
    """

    def __init__(self, language: str, counts: Mapping[str, int], more: Sequence[str] = ()) -> None:
        self.language = language
        self._more = tuple(more)
        self._english = language.partition("-")[0] == "en"
        self._counts = counts
        self._letters = frozenset(ascii_lowercase).union(*counts) if counts else frozenset()

    @property
    def name(self) -> str:
        """For sentences: of all languages that are read."""
        own = "English" if self._english else f"the language “{self.language}”"
        names = [own, *(_NAMES.get(code, code) for code in self._more)]
        return " or ".join([", ".join(names[:-1]), names[-1]]) if self._more else own

    def knows(self, word: str) -> bool:
        """Whether the pack has this word, in lower case, or what it is the plural of."""
        return word in self._counts or (word.endswith("s") and word[:-1] in self._counts)

    def is_foreign(self, text: str) -> bool:
        """Whether most of it speaks against the pack's language; False where nobody can tell."""
        words = [word.lower() for word in _WORD.findall(text)]
        if not words or not self._letters:
            return False
        letters = "".join(words)
        if 2 * sum(letter not in self._letters for letter in letters) >= len(letters):
            return True
        return self._english and self._reads_foreign(words)

    def _reads_foreign(self, words: list[str]) -> bool:
        small = [word for word in words if word in _FOREIGN and not self._counts.get(word)]
        odd = [word for word in words if word not in _FOREIGN and not self.knows(word)]
        known = [word for word in words if self._counts.get(word)]
        # letters with marks are as telling as a small word
        marked = any(set(word) - self._letters for word in odd)
        against = len(small) + len(odd)
        return bool(small or marked) and against >= _FEWEST and against > len(known)
