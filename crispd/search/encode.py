"""The query encoder: a query to one vector, and words for the re-ranker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import NotFound
from crispd.query.spelling import SpellingCorrector, SpellingResult
from crispd.search.image_similarity import (
    SimilarityCalibration,
    TextAndImageCalibration,
    combine_embeddings,
)
from crispd.search.negative import encode_negatives
from crispd.types import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from crispd.search.negative import BackgroundEstimator, NegativePrompt
    from crispd.types import (
        Calibration,
        CoarseIndex,
        EncodedText,
        Floats,
        ImageQueryModel,
        Interpretation,
        PhotoReader,
        Query,
        TextEncoder,
    )

TRUNCATED_NOTE = Note("The text is longer than the model reads; its end was left out.", "cut")


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A query as vectors. ``vector``: float32 [dim], None for filters alone. ``text``: the words
    for the re-ranker. ``negative``: the negative prompt. ``searched``: the words after spelling
    correction; ``written``: as typed. ``pictures``: whether photos are part of the query;
    ``excluded_labels``: those of the library. ``calibration``: of scores with this vector.
    ``language``: that the words are read in, None for the pack's own; ``spoken``: of whoever asks,
    or empty. ``notes`` are sentences.
    """

    vector: Floats | None
    text: EncodedText | None
    calibration: Calibration
    negative: NegativePrompt | None = None
    searched: str = ""
    written: str = ""
    pictures: bool = False
    excluded_labels: tuple[int, ...] = ()
    language: str | None = None
    spoken: str = ""
    interpreted: tuple[Interpretation, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _ReferencePhotos:
    """Labels of the photos that were named; ``unknown``: ids in the text that are no photo's."""

    more: list[int]
    less: list[int]
    unknown: tuple[str, ...]


class QueryEncoder:
    """Thread-safe where its collaborators are. ``names``: words of the library, no slips.
    ``weight``: of the coarse score in the final one.
    """

    def __init__(
        self,
        text: TextEncoder,
        index: CoarseIndex,
        photos: PhotoReader,
        speller: SpellingCorrector,
        names: Callable[[], Container[str]],
        *,
        calibration: Calibration,
        weight: float,
        pictures: ImageQueryModel,
        backgrounds: BackgroundEstimator,
    ) -> None:
        self._text = text
        self._index = index
        self._photos = photos
        self._speller = speller
        self._names = names
        self._words_alone = calibration
        self._model = pictures
        self._backgrounds = backgrounds
        self._pictures_alone = SimilarityCalibration(pictures)
        self._both = TextAndImageCalibration(calibration, pictures, weight)

    def encode(self, query: Query) -> EncodedQuery:
        """Raises NotFound for a photo that is not there, unless it is named in the text."""
        photos = self._named(query)
        alone = not (photos.more or photos.less or query.without or query.picture)
        words = query.words or (" ".join(photos.unknown) if alone else "")
        read = self._understand(words, query)
        text = self._text.encode(read.text, query.language) if read.text else None
        more = self._vectors(photos.more)
        more += [] if query.picture is None else [query.picture.embedding]
        less = self._vectors(photos.less)
        vector = combine_embeddings(
            None if text is None else text.embedding, more, less, self._model
        )
        cut = text is not None and text.cut
        return EncodedQuery(
            vector=vector,
            text=text,
            calibration=self._calibration(words=text is not None, pictures=bool(more)),
            negative=encode_negatives(
                query.without, vector, self._text, self._backgrounds, query.language
            ),
            searched=read.text,
            written=words,
            pictures=bool(more or less),
            excluded_labels=tuple(photos.more + photos.less),
            language=self._text.other_language(words, query.language) if words else None,
            spoken=query.language,
            interpreted=_known_interpretations(query.interpreted, photos.unknown),
            notes=(
                *[_language_note(read.foreign)] * (read.foreign is not None),
                *(_spelling_note(*pair) for pair in read.changed),
                *(_unknown_photo_note(photo_id) for photo_id in photos.unknown),
                *[TRUNCATED_NOTE] * cut,
            ),
        )

    def encode_words(self, words: str) -> EncodedQuery:
        """Words alone, as they are."""
        text = self._text.encode(words)
        return EncodedQuery(text.embedding, text, self._words_alone, searched=words, written=words)

    def _understand(self, words: str, query: Query) -> SpellingResult:
        """Words as they are read."""
        if not query.words:
            return SpellingResult(words)
        return self._speller.read(
            words,
            correct=query.spelling,
            names=self._names,
            language=self._text.other_language(words, query.language) or "",
            spoken=query.language,
        )

    def _calibration(self, *, words: bool, pictures: bool) -> Calibration:
        if not pictures:
            return self._words_alone
        return self._both if words else self._pictures_alone

    def _named(self, query: Query) -> _ReferencePhotos:
        more: list[int] = []
        less: list[int] = []
        unknown: list[str] = []
        written = {part.meant for part in query.interpreted if part.field == "like"}
        for labels, ids in ((more, query.more), (less, query.less)):
            for photo_id in ids:
                label = self._photos.label_of_photo(photo_id)
                if label is not None:
                    labels.append(label)
                elif photo_id in written:
                    unknown.append(photo_id)
                else:
                    raise NotFound(
                        f"{_unknown_photo_note(photo_id)} Ids come from the answers of /search."
                    )
        return _ReferencePhotos(more, less, tuple(dict.fromkeys(unknown)))

    def _vectors(self, labels: Sequence[int]) -> list[Floats]:
        """Of those that are still live."""
        found = self._index.vectors_of(np.array(labels, np.int64))
        return [vector for vector in found if not np.isnan(vector[0])]


def _known_interpretations(
    interpreted: tuple[Interpretation, ...], unknown: tuple[str, ...]
) -> tuple[Interpretation, ...]:
    return tuple(part for part in interpreted if part.field != "like" or part.meant not in unknown)


def _unknown_photo_note(photo_id: str) -> Note:
    shown = photo_id[:40]
    return Note(f"There is no photo with the id {shown}.", "unknown_photo", id=shown)


def _language_note(language: str | None) -> Note:
    sentence = f"This does not look like {language}, which is all that the models read; "
    return Note(sentence + "what is found may be far off.", "language", language=language)


def _spelling_note(written: str, read: str) -> Note:
    sentence = (
        f"Read {read} for {written}; spelling=false searches for the words as they are written."
    )
    return Note(sentence, "spelling", written=written, read=read)
