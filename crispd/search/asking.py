"""A query as the models see it: one vector, and the words for the fine stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import NotFound
from crispd.search.spelling import Speller, Spelling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import CoarseIndex, EncodedText, Floats, PhotoReader, Query, TextEncoder

CUT_NOTE = "The text is longer than the model reads; its end was left out."
# Of what photos shall not show, so much is taken off the question.
_WITHOUT = 0.5
_LESS = 0.5


@dataclass(frozen=True, slots=True)
class Question:
    """``vector``: float32 [dim], None where only filters were given. ``text``: the words, for the
    fine stage; ``without``: the same of what photos shall not show. ``searched``: the words as they
    were read. ``leave``: labels of the photos that were asked with. ``notes`` are sentences.
    """

    vector: Floats | None
    text: EncodedText | None
    without: tuple[EncodedText, ...] = ()
    searched: str = ""
    leave: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class Asker:
    """Thread-safe where its collaborators are."""

    def __init__(
        self, text: TextEncoder, index: CoarseIndex, photos: PhotoReader, speller: Speller
    ) -> None:
        self._text = text
        self._index = index
        self._photos = photos
        self._speller = speller

    def ask(self, query: Query) -> Question:
        """Raises NotFound for a photo that is not there."""
        read = self._speller.read(query.words) if query.spelling else Spelling(query.words)
        text = self._text.encode(read.text) if read.text else None
        without = tuple(self._text.encode(words) for words in query.without)
        more, less = self._labels(query.more), self._labels(query.less)
        cut = text is not None and text.cut
        return Question(
            vector=self._vector(query, text, without, (more, less)),
            text=text,
            without=without,
            searched=read.text,
            leave=tuple(more + less),
            notes=(*(_spelled(*pair) for pair in read.changed), *[CUT_NOTE] * cut),
        )

    def _labels(self, ids: Sequence[str]) -> list[int]:
        found = []
        for photo_id in ids:
            label = self._photos.label_of_photo(photo_id)
            if label is None:
                raise NotFound(f"There is no photo with the id {photo_id[:40]!r} to search by.")
            found.append(label)
        return found

    def _vector(
        self,
        query: Query,
        text: EncodedText | None,
        without: tuple[EncodedText, ...],
        photos: tuple[list[int], list[int]],
    ) -> Floats | None:
        parts = [] if text is None else [text.embedding]
        parts += self._vectors(photos[0])
        parts += [] if query.picture is None else [query.picture.embedding]
        minus = [_WITHOUT * words.embedding for words in without]
        minus += [
            _LESS * vector for vector in self._index.vectors_of(np.array(photos[1], np.int64))
        ]
        if not parts and not minus:
            return None
        if len(parts) == 1 and not minus:
            return parts[0]
        dim = len((parts or minus)[0])
        vector = sum(parts, np.zeros(dim, np.float32)) - sum(minus, np.zeros(dim, np.float32))
        length = float(np.linalg.norm(vector))
        return np.asarray(vector / length if length else vector, np.float32)

    def _vectors(self, labels: Sequence[int]) -> list[Floats]:
        """Of those that are still live."""
        found = self._index.vectors_of(np.array(labels, np.int64))
        return [vector for vector in found if not np.isnan(vector[0])]


def _spelled(written: str, read: str) -> str:
    return f"Read {read} for {written}; spelling=false searches for the words as they are written."
