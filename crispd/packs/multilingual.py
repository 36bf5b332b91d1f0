"""A text encoder of several towers: each text goes to the one that reads its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.packs.hashing import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.packs.language_tower import LanguageTower
    from crispd.types import CacheUse, EncodedText, TextEncoder

# A word or two may be a name, or a slip; a text is read in another language where that is likelier
# than all else together.
_SURE = 0.5


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
        if all(self._counts.get(word) for word in words_of(text)):
            return None
        sure = self._tower.read(" ".join(text.split())).sure
        likeliest = max(sure, key=lambda code: sure[code])
        return None if likeliest == self._language or sure[likeliest] <= _SURE else likeliest

    @property
    def use(self) -> CacheUse:
        """How often a text of the pack's own language was remembered."""
        return self._own.use
