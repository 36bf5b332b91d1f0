"""Which words the models know, and which are names: "algarve" is one, "Gras" is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.places.gazetteer import gazetteer
from crispd.places.named_place import find_place

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

# A word that training met so often is one that the models know.
_MET_OFTEN = 3
# Dictionaries have large places, too, which are names: of a city of 130,000 people on, ten times as
# many by ``NamedPlace.weight`` (Kiel and Tours, and not the villages Wald and Plage).
_LARGE_PLACE, _TOWN = 1_300_000, 100_000


@dataclass(frozen=True, slots=True)
class VisualWords:
    """Whether the models know a word, in lower case.

    ``counts``: words of the pack's language by how often it met them; ``others``: those of further
    languages ``codes`` that it was taught, ``cs:most`` where its own language has the word, too.
    """

    counts: Mapping[str, int]
    others: Container[str] = frozenset()
    codes: Collection[str] = ()

    def __call__(self, word: str) -> bool:
        if self.counts.get(word, 0) >= _MET_OFTEN:
            return True
        taught = word in self.others or any(f"{code}:{word}" in self.others for code in self.codes)
        return taught and not _is_large_place(word)


def is_town(word: str) -> bool:
    """Whether a word is a place of 10,000 people or more: one that people ask for, and no slip."""
    place = find_place(gazetteer(), word)
    return place is not None and place.weight >= _TOWN


def _is_large_place(word: str) -> bool:
    place = find_place(gazetteer(), word)
    return place is not None and place.weight >= _LARGE_PLACE
