"""Word evidence: how likely the words of a file mean its photo.

A photo is judged by the words that it has and by those that are left over. Left-over words are for
the eyes: "Anna at the beach" means photos of Anna, those that show a beach first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, reduce
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
    READ,
    fields_of,
)
from crispd.store.words.printed_numbers import typed_number
from crispd.types import FieldMatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from crispd.search.words.word_source import WordSource
    from crispd.types import Floats, Labels

# Words of a query that are looked up; the rest is for the eyes alone.
_MOST_WORDS = 16
# Words that people put around what they mean. They stand in names of folders, too, and say nothing.
# None of other languages that is an English word or a name as well: war, son, pro, Elle.
_FILLERS = frozenset(
    """
    a an the my our your his her their some any all of in on at by to from with near and or for is
    are was were who where when that this these those me us show find search
    photo photos picture pictures image images pic pics shot shots taken
    der die das den dem des ein eine einen einem einer und oder von vom zu am im an auf aus mit bei
    für nach mein meine meinen meiner unser unsere foto fotos bild bilder zeig zeige
    le la les un une des du de et ou avec dans sur au aux en sous chez mes nos notre sans
    montre photographie photographies
    v ve na s se z ze u k ke od po při nad můj moje mé moji naše náš fotka fotky fotek fotografie
    fotografií obrázek obrázky ukaž
    """.split()  # noqa: SIM905 - ninety strings are no easier to read
)
_EXTENSION = re.compile(
    r"\.(?:jpe?g|png|heic|heif|webp|avif|gif|tiff?|bmp|dng|cr[23]|nef|arw|raf|orf|rw2)$", re.I
)
# Words that this share of the library has tell nothing where others are left over.
_COMMON_SHARE = 0.3
# So many pairs of cases are counted; more, which only odd words have, are sorted.
_MOST_COUNTED = 1 << 18
_FEW_WORDS = 3
# How near to sure a text comes that has nearly all of a query; a word that was misread counts half.
_MOST_COVERED, _ALIKE_SHARE, _NUMBER_WEIGHT = 0.5, 0.5, 3.0
# A word inside another one: "1061" in "IMG10610".
_PART_TRUST = 0.6


@lru_cache(maxsize=64)
def content_words(text: str) -> tuple[str, ...]:
    """Words of a query that may name something, as they are written, each once; signs alone are
    none. Names of several words, as "new year", are one. Asked for by each step of a search.
    """
    words = [_EXTENSION.sub("", word.strip("\"'“”„«».,;:!?()[]")) for word in text.split()]
    found: dict[str, None] = {}
    at = 0
    while at < len(words):
        length = next((many for many in (3, 2) if is_derived(" ".join(words[at : at + many]))), 1)
        word = " ".join(words[at : at + length])
        if any(map(str.isalnum, word)) and word.casefold() not in _FILLERS:
            found[word] = None
        at += length
    return tuple(found)


@dataclass(frozen=True)
class WordEvidence:
    """Photos that have any of ``words``: ``rows`` int64 [n], ascending.

    A frequent word has tens of thousands of photos, but few cases: which words a photo has in which
    fields. ``case`` int32 [n] is each photo's; all else is known by case, [c]. ``trust`` float64:
    probability that a photo is meant if it also shows the words that it does not have; ``floor``:
    the part of it that stays if it does not; ``weight``: how far it counts that it does. ``rest``
    int64: the words that it does not have, as bits; ``unseen``: they are numbers, which no model
    sees. ``masks`` [words, c]: fields that have each word. ``counts`` int64: photos.
    """

    words: tuple[str, ...]
    rows: Labels
    case: npt.NDArray[np.int32]
    trust: npt.NDArray[np.float64]
    floor: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    rest: Labels
    unseen: npt.NDArray[np.bool_]
    masks: npt.NDArray[np.uint16]
    counts: Labels

    def take(self, order: npt.NDArray[Any]) -> WordEvidence:
        """A part of the photos."""
        return replace(self, rows=self.rows[order], case=self.case[order])

    def probabilities(
        self, shown: Floats, photos: Labels | slice = slice(None)
    ) -> npt.NDArray[np.float64]:
        """[k] of ``photos`` [k] with ``shown`` [k]: probabilities that they show the words that
        they do not have.
        """
        case = self.case[photos]
        reach = (1 - self.floor) * self.weight * ~self.unseen
        likely = self.floor[case] + reach[case] * shown
        return self.trust[case] * np.where(self.rest[case] == 0, 1.0, likely)

    @cached_property
    def least(self) -> npt.NDArray[np.float64]:
        """[c]: probabilities of photos that show nothing of the words that they do not have."""
        return self.trust * np.where(self.rest == 0, 1.0, self.floor)

    def fewest_rests(self, most: int) -> list[int]:
        """Of the words that photos do not have, the commonest ``most`` sets that are not most words
        of the query. Text in photos counts for that only in a short query with a name: the words
        of a sentence stand in many texts, and the whole query tells as much.
        """
        rests, at = np.unique(self.rest, return_inverse=True)
        said = ((self.masks & ~MASK_TYPE(READ)) > 0).sum(axis=0)
        name_alone = (self.weight == 1) & (len(self.words) <= _FEW_WORDS)
        worth = (2 * said >= len(self.words)) | name_alone
        worth &= ~self.unseen
        counts = np.bincount(at, np.bincount(self.case, minlength=len(self.rest)) * worth)
        few = (rests != 0) & (2 * np.bitwise_count(rests) <= len(self.words)) & (counts > 0)
        order = np.argsort(-counts, kind="stable")
        return [int(rests[each]) for each in order if few[each]][:most]

    def rest_words(self, bits: int) -> str:
        """The words of an entry of ``rest``."""
        return " ".join(word for at, word in enumerate(self.words) if bits >> at & 1)

    @property
    def nbytes(self) -> int:
        """What it holds of memory."""
        return self.rows.nbytes + self.case.nbytes + self.masks.nbytes + 5 * self.trust.nbytes

    def count(self, word: str, field: str) -> int:
        """How many photos have a word of the query in a field."""
        has = self.masks[self.words.index(word)] & FIELD_BITS[field] > 0
        return int(np.bincount(self.case, minlength=len(has))[has].sum())

    def of(self, row: int) -> tuple[FieldMatch, ...]:
        """Fields of one photo, with the words that they have."""
        at = int(np.searchsorted(self.rows, row))
        if at == len(self.rows) or self.rows[at] != row:
            return ()
        case = int(self.case[at])
        if case not in self._matches:
            self._matches[case] = self._matches_of(case)
        return self._matches[case]

    @cached_property
    def _matches(self) -> dict[int, tuple[FieldMatch, ...]]:
        """By case, as far as they were asked for: photos of a page have few cases."""
        return {}

    def _matches_of(self, case: int) -> tuple[FieldMatch, ...]:
        by_field: defaultdict[str, list[str]] = defaultdict(list)
        for word, mask in zip(self.words, self.masks[:, case].tolist(), strict=True):
            for field in fields_of(mask):
                by_field["text" if field == "alike" else field].append(word)
        return tuple(FieldMatch(field, tuple(words)) for field, words in by_field.items())


def find_evidence(
    source: WordSource, text: str, is_visual: Callable[[str], bool] = lambda _: True
) -> WordEvidence | None:
    """What files say of ``text``; None where they say nothing. Raises StorageError.

    ``is_visual``: whether the models know a word, in lower case. What they do not know can be meant
    of files alone: "algarve" is a name, "grass" may be seen.
    """
    words = content_words(text)[:_MOST_WORDS]
    found = {
        (word, field): rows
        for word, by_field in zip(words, source.lookup(words), strict=True)
        for field, rows in by_field.items()
        if len(rows)
    }
    whole = 1.0
    # "1.95" stands in no name but by chance; "202103" is inside "PXL_20210312"
    alone = len(words) == 1 and (words[0].isalnum() or not typed_number(words[0]))
    if alone and all(field == "alike" for _, field in found):
        inside_names = source.lookup_part(words[0])
        if inside_names:
            found |= {(words[0], field): rows for field, rows in inside_names.items()}
            whole = _PART_TRUST
    if not found:
        return None
    rows, case, masks = _cases(words, found)
    counts = np.bincount(case, minlength=masks.shape[1])
    inside = sorted({words.index(word) for word, _ in found})
    having = masks > 0
    count = having.sum(axis=0)
    # Each word by the field that speaks for it best; all of them have to be right.
    trust = whole * np.exp(sum(LOG_TRUST[masks[at]] for at in inside) / count)
    # One word of a sentence is likely chance: "grass.jpg" and "yellow flowers in the grass". It is
    # not where the models do not know it, and a person who is in half of all photos is still meant.
    chance = (count / len(words)) ** 2
    floor, weight, photos = np.zeros(len(counts)), chance, max(len(source), 1)
    numbers = [bool(typed_number(word)) for word in words]
    covered = _covered(masks, counts, numbers, photos)
    bits = np.full(len(counts), (1 << len(words)) - 1, np.int64)
    for at in inside:
        named = not is_visual(words[at].casefold())
        share = int(counts[having[at]].sum()) / photos
        rare = max(0.0, 1.0 - share / _COMMON_SHARE)
        least = NAMED_FLOOR[masks[at]] * rare if named else FLOOR[masks[at]] * chance * rare
        if named:  # of what is read, the photo that has more of it
            read = having[at] & (masks[at] & ~MASK_TYPE(READ) == 0)
            least = np.where(read, least + (1 - least) * _MOST_COVERED * covered, least)
        meant = (masks[at] & ALWAYS_MEANT) > 0
        floor = np.maximum(floor, np.where(meant, FLOOR[masks[at]], least))
        weight = np.where(meant | (having[at] & named), 1.0, weight)
        bits -= having[at].astype(np.int64) << at
    seen = sum(1 << at for at, number in enumerate(numbers) if not number)
    unseen = (bits & seen) == 0
    return WordEvidence(words, rows, case, trust, floor, weight, bits, unseen, masks, counts)


def _covered(
    masks: npt.NDArray[np.uint16], counts: Labels, numbers: Sequence[bool], photos: int
) -> npt.NDArray[np.float64]:
    """float64 [c]: the part of a query that cases have: rare words weigh more, as BM25 has it, and
    numbers, which are seldom misread, while names of shops are often drawn.
    """
    having = masks > 0
    exact = np.where(masks & ~MASK_TYPE(FIELD_BITS["alike"]) > 0, 1.0, _ALIKE_SHARE)
    frequency = having @ counts
    rarity = np.log1p((photos - frequency + 0.5).clip(0.5) / (frequency + 0.5))
    weights = rarity * np.where(numbers, _NUMBER_WEIGHT, 1.0)
    found: npt.NDArray[np.float64] = weights @ (having * exact) / weights.sum()
    return found


def _cases(
    words: Sequence[str], found: Mapping[tuple[str, str], Labels]
) -> tuple[Labels, npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
    """Rows int64 [n] that have any word, ascending; the case of each; and the fields of each word
    by case, [words, c].
    """
    size = 1 + max(int(rows[-1]) for rows in found.values())
    fields: dict[str, npt.NDArray[np.uint16]] = {}
    for (word, field), rows in found.items():
        fields.setdefault(word, np.zeros(size, MASK_TYPE))[rows] |= MASK_TYPE(FIELD_BITS[field])
    every = np.flatnonzero(reduce(np.bitwise_or, fields.values()))
    case, table = np.zeros(len(every), np.int32), np.zeros((0, 1), MASK_TYPE)
    for word in words:
        if word in fields:
            case, table = _with_word(case, table, fields[word][every])
        else:
            table = np.vstack([table, np.zeros(table.shape[1], MASK_TYPE)])
    return every, case, table


def _with_word(
    case: npt.NDArray[np.int32], table: npt.NDArray[np.uint16], own: npt.NDArray[np.uint16]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
    """Cases that are told apart by a further word, too, which has the fields ``own`` [n]."""
    used = np.flatnonzero(np.bincount(own))
    number = np.zeros(1 + int(used[-1]), np.int32)
    number[used] = np.arange(len(used))
    pairs = case * np.int64(len(used)) + number[own]
    if table.shape[1] * len(used) <= _MOST_COUNTED:
        there = np.flatnonzero(np.bincount(pairs))
        renumbered = np.zeros(1 + int(there[-1]), np.int32)
        renumbered[there] = np.arange(len(there))
        case = renumbered[pairs]
    else:
        there, inverse = np.unique(pairs, return_inverse=True)
        case = inverse.astype(np.int32)
    masks = np.vstack([table[:, there // len(used)], used[there % len(used)].astype(MASK_TYPE)])
    return case, masks
