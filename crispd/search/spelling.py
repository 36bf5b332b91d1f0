"""Slips of the finger put right before the model reads them.

To the model a misspelt word is a handful of letters: on the test captions of Flickr8k a single word
with a slip found a quarter of what the word itself finds (figures in the card of the pack).
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.search.tongue import Tongue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")  # img2022 is a name, not a word
_SHORTEST = 4  # "dgo" may be anything
_LONGEST = 24  # letters; all that lies a letter away from ten thousand takes seconds
_COMMON = 3  # times a word was met before it is offered in place of another
_MOST_WORDS = 64  # a model reads no more


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text to search for. ``changed``: pairs of what was written and what is read instead.
    ``foreign``: the language it does not seem to be in, though the models read no other.
    """

    text: str
    changed: tuple[tuple[str, str], ...] = ()
    foreign: str | None = None


class Speller:
    """Knows words by how often they were met; those of count 0 exist and are left alone."""

    def __init__(self, counts: Mapping[str, int], language: str = "") -> None:
        self._counts = counts
        self._tongue = Tongue(language, counts)

    def read(self, text: str, *, correct: bool = True) -> Spelling:
        """``text`` with unknown words replaced by common ones that are a letter away.

        Not where it is in another language, whose words are no slips, nor unless ``correct``.
        """
        if self._tongue.is_foreign(text):
            return Spelling(text, foreign=self._tongue.name)
        if not correct:
            return Spelling(text)
        changed: list[tuple[str, str]] = []
        parts, end = [], 0
        for number, found in enumerate(_WORD.finditer(text)):
            if number == _MOST_WORDS:
                break
            better = self._better(found[0], first=number == 0)
            if better is not None:
                parts += [text[end : found.start()], better]
                end = found.end()
                changed.append((found[0], better))
        return Spelling("".join([*parts, text[end:]]), tuple(changed))

    def _better(self, word: str, *, first: bool) -> str | None:
        """The word that was meant; None where it is known, a name, or nothing comes near."""
        plain = word.lower()
        # A capital inside a sentence is a name; phones write the first word with one.
        a_name = word != plain and not (first and word[1:] == plain[1:])
        if (
            not _SHORTEST <= len(plain) <= _LONGEST
            or a_name
            or not plain.isascii()
            or self._tongue.knows(plain)
        ):
            return None
        near = {other for other in _one_away(plain) if self._counts.get(other, 0) >= _COMMON}
        # The first letter is seldom wrong; among the rest the commonest.
        return max(near, key=lambda other: (other[0] == plain[0], self._counts[other], other),
                   default=None)  # fmt: skip


def _one_away(word: str) -> Iterator[str]:
    """Every string that one swap of neighbours, loss, change or doubling makes of ``word``."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in string.ascii_lowercase)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in string.ascii_lowercase)
