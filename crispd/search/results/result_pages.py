"""Result pages: photos of a ranking, a page at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.results.cursor import Cursor
from crispd.types import SearchHit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.search.ranking import Ranking
    from crispd.types import PhotoReader, PhotoRecord

# Labels whose photos are read at once, at least: a query to SQLite costs more than a few rows.
_LABELS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class HitSlice:
    """The photos of a page. ``next``: where the page after it begins, None after the last."""

    hits: tuple[SearchHit, ...]
    next: Cursor | None


class ResultPager:
    """Thread-safe where its collaborators are."""

    def __init__(self, photos: PhotoReader) -> None:
        self._photos = photos

    def page(self, ranking: Ranking, start: Cursor, limit: int) -> HitSlice:
        """The first ``limit`` photos from ``start`` on. Copies stand next to each other, photos
        that are gone drop out, and what a page shows no later one does.
        """
        hits: list[SearchHit] = []
        shown = start
        for index, photo in self._photos_from(ranking, start, limit):
            if len(hits) == limit:
                return HitSlice(tuple(hits), shown)
            hits.append(hit_of(ranking, index, photo))
            shown = Cursor(index, photo.row)
        return HitSlice(tuple(hits), None)

    def _photos_from(
        self, ranking: Ranking, start: Cursor, limit: int
    ) -> Iterator[tuple[int, PhotoRecord]]:
        """Photos in order with the index of their label."""
        step = max(limit, _LABELS_AT_ONCE)
        for first in range(start.index, len(ranking), step):
            labels = ranking.scores.labels[first : first + step].tolist()
            photos = self._photos.photos_of(labels)
            for index, label in enumerate(labels, first):
                for photo in photos.get(label, ()):
                    after = index > start.index or photo.row > start.row
                    if after and (ranking.scope.rows is None or photo.row in ranking.scope.rows):
                        yield index, photo


def hit_of(ranking: Ranking, index: int, photo: PhotoRecord) -> SearchHit:
    """A photo of the content at ``index``, with its scores."""
    coarse, fine = float(ranking.scores.coarse[index]), float(ranking.scores.fine[index])
    score = _score(ranking, index)
    return SearchHit(
        photo,
        score,
        None if math.isnan(coarse) else coarse,
        None if math.isnan(fine) else fine,
        None if ranking.relevance is None else ranking.relevance.cutoff.label(score),
        matched=() if ranking.matched is None else ranking.matched.of(photo.row),
    )


def _score(ranking: Ranking, index: int) -> float:
    scores = ranking.scores
    score = float(scores.score[index])
    if not math.isnan(score):
        return score
    # Behind the beginning of the order, which was calibrated; at most as likely as its end.
    known = scores.score[~np.isnan(scores.score)]
    ceiling = float(known.min()) if len(known) else 1.0
    if ranking.relevance is None:
        return min(ceiling, ranking.encoded.calibration.coarse(float(scores.coarse[index])))
    part = slice(index, index + 1)
    found = ranking.relevance.cutoff.probabilities(scores.coarse[part], scores.fine[part])
    return min(ceiling, float(found[0]))
