"""A multilingual text encoder: each text goes to the tower of its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.packs.text.hashed_words import words_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from crispd.packs.text.language_tower import LanguageTower
    from crispd.types import CacheStats, EncodedText, TextEncoder

# How sure the tower must be of a language: for one word that nobody knows, and for longer texts. Of
# 716 slips of English words 4 % are surer than that to be in another language, and 1 % are words of
# one by chance.
_ONE_WORD, _SURE = 0.95, 0.8
# A word that the pack's language has as well, though no caption: of all other languages together,
# and of its own at most.
_OTHERS, _OWN = 0.9, 0.1
_SPOKEN = 0.15  # of the language of whoever asks, for words that it has
# Captions that have a word so often mean what they say, whoever asks: train, ball, table.
_COMMON = 100


class MultilingualTextEncoder:
    """``own`` reads the pack's language, ``tower`` the others. ``counts``: words of the former by
    how often the pack met them, 0 for those that merely exist; ``known``: words of the others,
    those that the pack's language commonly has in another sense as ``de:boot``. Thread-safe.
    """

    def __init__(
        self,
        own: TextEncoder,
        language: str,
        tower: LanguageTower,
        counts: Mapping[str, int],
        known: Container[str] = frozenset(),
    ) -> None:
        self._own = own
        self._language = language
        self._tower = tower
        self._counts = counts
        self._known = known

    def encode(self, text: str, spoken: str = "") -> EncodedText:
        """One text, in whichever language it is."""
        if self.other_language(text, spoken) is None:
            return self._own.encode(text)
        return self._tower.read(" ".join(text.split())).encoded

    def other_language(self, text: str, spoken: str = "") -> str | None:
        """The language of the tower's that a text is in; None for the pack's own, which is taken
        where nothing speaks against it, and for languages that nothing here reads.
        """
        words = [word for word in words_of(text) if not any(map(str.isdigit, word))]
        if not words:
            return None
        met = min(self._counts.get(word, 0) for word in words)
        # the tower costs as much as a fifth of the own encoder, and is asked where it may matter
        if met and (met >= _COMMON or spoken not in self._tower.codes):
            return None
        sure = self._tower.read(" ".join(text.split())).sure
        others = {code: share for code, share in sure.items() if code != self._language}
        likeliest = max(others, key=lambda code: others[code])
        if met < _COMMON and others.get(spoken, 0.0) > _SPOKEN and self._has(spoken, words):
            return spoken
        if met:
            return None
        if len(words) == 1:
            speaks = self._is_known(words[0], sure) or self._is_strange(words[0], others[likeliest])
        else:
            speaks = others[likeliest] > max(_SURE, sure[self._language])
        return likeliest if speaks else None

    def _has(self, language: str, words: Sequence[str]) -> bool:
        """Whether a language has all of these words, be they the pack's in another sense."""
        known = self._known
        return all(word in known or f"{language}:{word}" in known for word in words)

    def _is_known(self, word: str, sure: Mapping[str, float]) -> bool:
        """Whether the tower was taught a word that is its own languages' alone."""
        own = sure[self._language]
        others = sum(sure.values()) - own
        alone = word not in self._counts or (others > _OTHERS and own < _OWN)
        return alone and word in self._known

    def _is_strange(self, word: str, sure: float) -> bool:
        """Whether a word that nobody knows looks like one of another language, and no slip."""
        return word not in self._counts and sure > _ONE_WORD

    @property
    def use(self) -> CacheStats:
        """How often a text of the pack's own language was remembered."""
        return self._own.use
