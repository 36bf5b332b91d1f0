"""A multilingual text encoder: each text goes to the tower of its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.packs.text.hashed_words import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.packs.text.language_tower import LanguageTower
    from crispd.types import CacheStats, EncodedText, TextEncoder

# How sure the tower must be of a text of one word, and of a longer one. One word may be a slip: of
# 600 common English words with a slip 8 % are surer than that to be of another language, of words
# with one beside them 2 %; of one-word questions in German, French and Czech it keeps 84, 69 and
# 80 %.
_ONE_WORD, _SURE = 0.95, 0.8


class MultilingualTextEncoder:
    """``own`` reads the pack's language, ``tower`` the others. ``counts``: words of the former by
    how often the pack met them. Thread-safe.
    """

    def __init__(
        self, own: TextEncoder, language: str, tower: LanguageTower, counts: Mapping[str, int]
    ) -> None:
        self._own = own
        self._language = language
        self._tower = tower
        self._counts = counts

    def encode(self, text: str) -> EncodedText:
        """One text, in whichever language it is."""
        if self.other_language(text) is None:
            return self._own.encode(text)
        return self._tower.read(" ".join(text.split())).encoded

    def other_language(self, text: str) -> str | None:
        """The language of the tower's that a text is in; None for the pack's own, which is taken
        where nothing speaks against it, and for languages that nothing here reads.
        """
        words = [word for word in words_of(text) if not any(map(str.isdigit, word))]
        # one word by itself tells little: it is taken for another language only where it is none of
        # the pack's, be it one that no caption had
        if all(map(self._counts.get, words)) or (len(words) == 1 and words[0] in self._counts):
            return None
        sure = self._tower.read(" ".join(text.split())).sure
        likeliest = max(sure, key=lambda code: sure[code])
        enough = _ONE_WORD if len(words) == 1 else _SURE
        return None if likeliest == self._language or sure[likeliest] <= enough else likeliest

    @property
    def use(self) -> CacheStats:
        """How often a text of the pack's own language was remembered."""
        return self._own.use
