"""Word evidence: how likely the words of a file mean its photo.

A photo is judged by the words that it has and by those that are left over. Left-over words are for
the eyes: "Anna at the beach" means photos of Anna, those that show a beach first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.search.words.derived_words import is_derived
from crispd.search.words.field_trust import (
    ALWAYS_MEANT,
    FIELD_BITS,
    FLOOR,
    LOG_TRUST,
    MASK_TYPE,
    NAMED_FLOOR,
    fields_of,
)
from crispd.types import FieldMatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from crispd.search.words.word_source import WordSource
    from crispd.types import Floats, Labels

# Words of a query that are looked up; the rest is for the eyes alone.
_MOST_WORDS = 16
# Words that people put around what they mean. They stand in names of folders, too, and say nothing.
_FILLERS = frozenset(
    """
    a an the my our your his her their some any all of in on at by to from with near and or for is
    are was were who where when that this these those me us show find search
    photo photos picture pictures image images pic pics shot shots taken
    der die das ein eine und oder von vom zu am im an auf aus mit bei mein meine
    foto fotos bild bilder
    le la les un une des du de et ou avec dans sur mes sans
    """.split()  # noqa: SIM905 - ninety strings are no easier to read
)
_EXTENSION = re.compile(
    r"\.(?:jpe?g|png|heic|heif|webp|avif|gif|tiff?|bmp|dng|cr[23]|nef|arw|raf|orf|rw2)$", re.I
)
# Words that this share of the library has tell nothing where others are left over.
_COMMON_SHARE = 0.3
# A word inside another one: "1061" in "IMG10610".
_PART_TRUST = 0.6


def content_words(text: str) -> list[str]:
    """Words of a query that may name something, as they are written, each once. Names of several
    words, as "new year", are one.
    """
    words = [_EXTENSION.sub("", word.strip("\"'“”„«».,;:!?()[]")) for word in text.split()]
    found: dict[str, None] = {}
    at = 0
    while at < len(words):
        length = next((many for many in (3, 2) if is_derived(" ".join(words[at : at + many]))), 1)
        word = " ".join(words[at : at + length])
        if word and word.casefold() not in _FILLERS:
            found[word] = None
        at += length
    return list(found)


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """Photos that have any of ``words``: ``rows`` int64 [n], ascending.

    ``trust`` float64 [n]: probability that a photo is meant if it also shows the words that it does
    not have; ``floor`` [n]: the part of it that stays if it does not; ``weight`` [n]: how far it
    counts that it does. ``rest`` int64 [n]: the words that it does not have, as bits. ``masks``
    [words, n]: the fields that have each word.
    """

    words: tuple[str, ...]
    rows: Labels
    trust: npt.NDArray[np.float64]
    floor: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    rest: Labels
    masks: npt.NDArray[np.uint16]

    def take(self, order: npt.NDArray[Any]) -> WordEvidence:
        """A part of the photos."""
        return replace(
            self, rows=self.rows[order], trust=self.trust[order], floor=self.floor[order],
            weight=self.weight[order], rest=self.rest[order], masks=self.masks[:, order],
        )  # fmt: skip

    def probabilities(self, rest: Floats) -> npt.NDArray[np.float64]:
        """[n] of ``rest`` [n]: probabilities that photos show the words that they do not have."""
        likely = self.floor + (1 - self.floor) * self.weight * rest
        return self.trust * np.where(self.rest == 0, 1.0, likely)

    def rest_words(self, bits: int) -> str:
        """The words of an entry of ``rest``."""
        return " ".join(word for at, word in enumerate(self.words) if bits >> at & 1)

    @property
    def nbytes(self) -> int:
        """What it holds of memory."""
        parts = (self.rows, self.trust, self.floor, self.weight, self.rest, self.masks)
        return sum(part.nbytes for part in parts)

    def count(self, word: str, field: str) -> int:
        """How many photos have a word of the query in a field."""
        return int(np.count_nonzero(self.masks[self.words.index(word)] & FIELD_BITS[field]))

    def of(self, row: int) -> tuple[FieldMatch, ...]:
        """Fields of one photo, with the words that they have."""
        at = int(np.searchsorted(self.rows, row))
        if at == len(self.rows) or self.rows[at] != row:
            return ()
        by_field: defaultdict[str, list[str]] = defaultdict(list)
        for word, mask in zip(self.words, self.masks[:, at].tolist(), strict=True):
            for field in fields_of(mask):
                by_field[field].append(word)
        return tuple(FieldMatch(field, tuple(words)) for field, words in by_field.items())


def find_evidence(
    source: WordSource, text: str, is_visual: Callable[[str], bool] = lambda _: True
) -> WordEvidence | None:
    """What files say of ``text``; None where they say nothing. Raises StorageError.

    ``is_visual``: whether the models know a word, in lower case. What they do not know can be meant
    of files alone: "algarve" is a name, "grass" may be seen.
    """
    words = content_words(text)[:_MOST_WORDS]
    found = _found(source, words, parts=False)
    whole = 1.0
    if not found and len(words) == 1:
        found, whole = _found(source, words, parts=True), _PART_TRUST
    if not found:
        return None
    rows, masks = _masks(words, found)
    inside = sorted({words.index(word) for word, _ in found})
    having = masks > 0
    count = having.sum(axis=0)
    # Each word by the field that speaks for it best; all of them have to be right.
    trust = whole * np.exp(sum(LOG_TRUST[masks[at]] for at in inside) / count)
    # One word of a sentence is likely chance: "grass.jpg" and "yellow flowers in the grass". It is
    # not where the models do not know it, and a person who is in half of all photos is still meant.
    chance = (count / len(words)) ** 2
    floor, weight = np.zeros(len(rows)), chance
    bits = np.full(len(rows), (1 << len(words)) - 1, np.int64)
    for at in inside:
        named = not is_visual(words[at].casefold())
        rare = max(0.0, 1.0 - int(having[at].sum()) / max(len(source), 1) / _COMMON_SHARE)
        least = NAMED_FLOOR[masks[at]] * rare if named else FLOOR[masks[at]] * chance * rare
        meant = (masks[at] & ALWAYS_MEANT) > 0
        floor = np.maximum(floor, np.where(meant, FLOOR[masks[at]], least))
        weight = np.where(meant | (having[at] & named), 1.0, weight)
        bits -= having[at].astype(np.int64) << at
    return WordEvidence(tuple(words), rows, trust, floor, weight, bits, masks)


def _masks(
    words: Sequence[str], found: Mapping[tuple[str, str], Labels]
) -> tuple[Labels, npt.NDArray[np.uint16]]:
    """Rows int64 [n] that have any word, ascending, and the fields of each word [words, n]."""
    present = np.zeros(1 + max(int(rows[-1]) for rows in found.values()), bool)
    for rows in found.values():
        present[rows] = True
    every = np.flatnonzero(present)
    places = np.cumsum(present, dtype=np.int32) - 1
    masks = np.zeros((len(words), len(every)), MASK_TYPE)
    for (word, field), rows in found.items():
        masks[words.index(word), places[rows]] |= MASK_TYPE(FIELD_BITS[field])
    return every, masks


def _found(
    source: WordSource, words: Sequence[str], *, parts: bool
) -> dict[tuple[str, str], Labels]:
    return {
        (word, field): rows
        for word in words
        for field, rows in source.rows_by_field(word, parts=parts).items()
        if len(rows)
    }
