"""Word evidence: how likely the words of a file mean its photo.

A photo is judged by the words that it has and by those that are left over. Left-over words are for
the eyes: "Anna at the beach" means photos of Anna, those that show a beach first.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from crispd.types import WordMatch

# Photos that are looked up for a query. Whoever has more of them than this scrolls by date.
MOST_PHOTOS = 400
# Words that people put around what they mean. They stand in names of folders, too, and say nothing.
_FILLERS = frozenset(
    """
    a an the my our your his her their some any all of in on at by to from with near and or for is
    are was were who where when that this these those me us show find search
    photo photos picture pictures image images pic pics shot shots taken
    der die das ein eine und oder von vom am im an auf aus mit bei mein meine foto fotos bild bilder
    le la les un une des du de et ou avec dans sur mes sans
    """.split()  # noqa: SIM905 - ninety strings are no easier to read
)
_EXTENSION = re.compile(
    r"\.(?:jpe?g|png|heic|heif|webp|avif|gif|tiff?|bmp|dng|cr[23]|nef|arw|raf|orf|rw2)$", re.I
)
# How sure a field makes that a photo is meant, all words of the query being in it. Names are given
# to single photos, people and places are what is asked for by name; descriptions mention much else.
# Set by judgement; ``benchmarks/one_box.py`` measures what they do.
_TRUST = {
    "name": 0.999, "person": 0.99, "place": 0.95, "title": 0.92, "folder": 0.9, "camera": 0.9,
    "keyword": 0.92, "description": 0.75, "text": 0.75,
}  # fmt: skip
# What is left of it where the other words of the query show nowhere: somebody asked for by name is
# shown first and last, a word of a description is not.
_FLOOR = {
    "name": 0.5, "person": 0.6, "place": 0.5, "title": 0.2, "folder": 0.25, "camera": 0.25,
    "keyword": 0.2, "description": 0.02, "text": 0.02,
}  # fmt: skip
# Words that this share of the library has tell nothing where others are left over; but somebody
# who is in half of all photos is still who is asked for.
_COMMON_SHARE = 0.3
_ALWAYS_MEANT = "person"
# A word inside another one: "1061" in "IMG10610".
_PART_TRUST = 0.6


class WordSource(Protocol):
    """The word index of a library, or a stand-in in tests."""

    def __len__(self) -> int:
        """Photos with words."""

    def document_frequency(
        self, words: Sequence[str], fields: Sequence[str] | None = None
    ) -> dict[str, int]:
        """In how many photos each word stands."""

    def search(
        self,
        words: Sequence[str],
        limit: int,
        *,
        fields: Sequence[str] | None = None,
        parts: bool = False,
    ) -> list[WordMatch]:
        """Photos that have any of the words, the rarest words first."""


@dataclass(frozen=True, slots=True)
class PhotoEvidence:
    """Of one photo: the fields that match, and the words of the query that none of them has.

    ``trust``: probability that the photo is meant if it also shows the rest; ``floor``: what of it
    stays if it does not.
    """

    row: int
    label: int
    matches: tuple[WordMatch, ...]
    rest: tuple[str, ...]
    trust: float
    floor: float

    def probability(self, rest: float) -> float:
        """``rest``: probability that the photo shows the words that are left over."""
        if not self.rest:
            return self.trust
        return self.trust * (self.floor + (1 - self.floor) * rest)


class LibraryNames:
    """Words that a library brings along, which are no slips of the pen."""

    def __init__(self, names: Callable[[], Container[str]], source: WordSource | None) -> None:
        self._names = names
        self._source = source

    def __call__(self) -> LibraryNames:
        return self

    def __contains__(self, word: object) -> bool:
        if word in self._names():
            return True
        if self._source is None or not isinstance(word, str):
            return False
        return self._source.document_frequency([word]).get(word, 0) > 0


def content_words(text: str) -> list[str]:
    """Words of a query that may name something, as they are written, each once."""
    words = [_EXTENSION.sub("", word.strip("\"'“”„«».,;:!?()[]")) for word in text.split()]
    return list(dict.fromkeys(word for word in words if word and word.casefold() not in _FILLERS))


def find_evidence(source: WordSource, text: str) -> list[PhotoEvidence]:
    """What files say of ``text``, a photo each, in no order. Raises StorageError."""
    words = content_words(text)
    if not words:
        return []
    found = source.search(words, MOST_PHOTOS)
    if not found and len(words) == 1:
        found = source.search(words, MOST_PHOTOS, parts=True)
    if not found:
        return []
    total = max(len(source), 1)
    share = {word: n / total for word, n in source.document_frequency(words).items()}
    by_row: defaultdict[int, list[WordMatch]] = defaultdict(list)
    for match in found:
        by_row[match.row].append(match)
    return [_evidence(row, matches, words, share) for row, matches in by_row.items()]


def _evidence(
    row: int, matches: Sequence[WordMatch], words: Sequence[str], share: Mapping[str, float]
) -> PhotoEvidence:
    matched = {word for match in matches for word in match.words}
    rest = tuple(word for word in words if word not in matched)
    # Each word by the field that speaks for it best; all of them have to be right.
    trusts, floors = [], []
    for word in matched:
        having = [match for match in matches if word in match.words]
        trusts.append(max(_TRUST[each.field] * _whole(each) for each in having))
        common, part = share.get(word, 0.0), len(matched) / len(words)
        floors.append(max(_floor(each.field, common, part) for each in having))
    trust = math.prod(trusts) ** (1 / len(trusts))
    return PhotoEvidence(row, matches[0].label, tuple(matches), rest, trust, max(floors))


def _whole(match: WordMatch) -> float:
    return 1.0 if match.whole else _PART_TRUST


def _floor(field: str, share: float, part: float) -> float:
    """Of a word that ``share`` of the photos have, where that ``part`` of the query matches.

    One word of a sentence is likely chance: "grass.jpg" and "yellow flowers in the grass".
    """
    if field == _ALWAYS_MEANT:
        return _FLOOR[field]
    return _FLOOR[field] * part**2 * max(0.0, 1.0 - share / _COMMON_SHARE)
