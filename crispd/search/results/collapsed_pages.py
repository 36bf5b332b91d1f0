"""Pages of a collapsed ranking."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.results.cursor import Cursor
from crispd.search.results.result_pages import HitSlice, hit_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.ranking import Ranking
    from crispd.types import PhotoReader, SearchHit


# Ids of folded photos that a hit tells.
MAX_COLLAPSED_IDS = 20
# Hits whose photos are looked for at once.
_AT_ONCE = 32
# Behind every row: of a label that was shown, no copy is shown after it.
_WHOLE = 2**63 - 1


class CollapsedPager:
    """Pages of a collapsed ranking. Thread-safe where its collaborators are."""

    def __init__(self, photos: PhotoReader, metadata_index: MetadataIndex) -> None:
        self._photos = photos
        self._metadata_index = metadata_index

    def page(self, ranking: Ranking, start: Cursor, limit: int) -> HitSlice:
        """The first ``limit`` groups from ``start`` on. Of a group whose first photos are gone the
        next is shown; none that was folded comes on another page.
        """
        hits: list[SearchHit] = []
        shown = start
        for index, hit in self._hits_from(ranking, start.index + (start.row > 0), limit):
            if len(hits) == limit:
                return HitSlice(tuple(hits), shown)
            hits.append(hit)
            shown = Cursor(index, _WHOLE)
        return HitSlice(tuple(hits), None)

    def _hits_from(
        self, ranking: Ranking, start: int, limit: int
    ) -> Iterator[tuple[int, SearchHit]]:
        step = max(limit + 1, _AT_ONCE)  # one more says whether there is a next page
        for first in range(start, len(ranking), step):
            part = range(first, min(first + step, len(ranking)))
            rows = self._rows(ranking, part)
            wanted = [row for some in rows for row in some[: MAX_COLLAPSED_IDS + 1]]
            known = self._photos.ids_at(wanted)
            here = [[row for row in some[: MAX_COLLAPSED_IDS + 1] if row in known] for some in rows]
            photos = self._photos.photos_at([there[0] for there in here if there])
            for index, some, there in zip(part, rows, here, strict=True):
                if there and there[0] in photos:  # not gone since a moment ago
                    hit = hit_of(ranking, index, photos[there[0]])
                    ids = tuple(known[row] for row in there[1:])
                    folded = max(len(some) - 1, len(ids))
                    yield index, replace(hit, duplicates=folded, duplicate_ids=ids)

    def _rows(self, ranking: Ranking, part: range) -> list[list[int]]:
        """Rows of the photos of each group that the filters let through, in the groups' order."""
        assert ranking.collapse is not None
        groups = [ranking.collapse.of(index) for index in part]
        members = np.concatenate(groups)
        group = np.repeat(np.arange(len(groups)), [len(some) for some in groups])
        listed = self._metadata_index.of_labels(members)
        rows, labels = listed.rows, listed.labels
        if ranking.scope.rows is not None:
            inside = ranking.scope.rows.which(rows)
            rows, labels = rows[inside], labels[inside]
        by_label = np.argsort(members)
        place = by_label[np.searchsorted(members, labels, sorter=by_label)]
        order = np.lexsort((rows, place))
        ends = np.searchsorted(group[place[order]], np.arange(len(groups) + 1))
        ordered = rows[order].tolist()
        return [ordered[begin:end] for begin, end in pairwise(ends)]
