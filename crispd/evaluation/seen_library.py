"""A library that a fine pack has seen whole, as the second re-ranker of a search over it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import DatasetError, PhotoError
from crispd.images.decode import decode_photo
from crispd.images.thumbnails import indexed_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.types import DecodeLimits, EncodedPhoto, FineModel


class SeenLibrary:
    """``photos`` by label. ``short_list``: K, as searches have it."""

    def __init__(self, model: FineModel, photos: Sequence[EncodedPhoto], short_list: int) -> None:
        self._model = model
        self._photos = photos
        self.short_list = short_list

    def score(
        self, written: str, corrected: str, language: str, labels: Sequence[int], seconds: float
    ) -> dict[int, float]:
        """All of them, however long that takes; none in a language that the pack does not read."""
        languages = self._model.languages
        if language and "*" not in languages and language not in languages:
            return {}
        score = self._model.scorer(written if "*" in languages else corrected)
        found: dict[int, float] = {}
        for start in range(0, len(labels), self._model.at_once):
            some = labels[start : start + self._model.at_once]
            values = score([self._photos[label] for label in some]).tolist()
            found.update(zip(some, values, strict=True))
        return found


def see_library(
    paths: Sequence[Path],
    model: FineModel,
    limits: DecodeLimits,
    thumbnail: int,
    advance: Callable[[int], None],
) -> list[EncodedPhoto]:
    """Photos by label, which is their place in ``paths``, of pixels as indexing has them.

    Raises DatasetError where one cannot be read.
    """
    sizes, photos = indexed_sizes(thumbnail)[:1], []
    for path in paths:
        try:
            data = path.read_bytes()
            pixels = decode_photo(data, model.image_input, limits, thumbnails=sizes).pixels
        except (OSError, PhotoError) as error:
            raise DatasetError(f"{path} cannot be read: {error}") from error
        photos.append(replace(model.see(pixels), pack=model.id))
        advance(1)
    return photos
