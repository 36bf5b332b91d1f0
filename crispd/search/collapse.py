"""One photo for all that are nearly the same: ``group=duplicates``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.result_cache import Cursor
from crispd.search.result_pages import HitSlice, hit_of
from crispd.types import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.ranking import Ranking
    from crispd.types import Labels, PhotoReader, SearchHit

# Ids of folded photos that a hit tells.
MAX_COLLAPSED_IDS = 20
# Hits whose photos are looked for at once.
_AT_ONCE = 32
# Behind every row: of a label that was shown, no copy is shown after it.
_WHOLE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class DuplicateGroups:
    """``roots``: int64 [n] labels to the name of each one's group, itself where it is alone.
    ``checked`` of ``total`` contents have been compared.
    """

    roots: Callable[[Labels], Labels]
    checked: int
    total: int

    @property
    def note(self) -> Note | None:
        """What is to be said of photos that were not compared yet."""
        if self.checked >= self.total:
            return None
        return Note(
            f"{self.checked} of {self.total} photos were compared for duplicates so far; "
            "the others stand alone. Ask again in a while.",
            "comparing",
            checked=self.checked,
            total=self.total,
        )


# Only copies of one content.
NO_GROUPS = DuplicateGroups(np.copy, 0, 0)


@dataclass(frozen=True, slots=True)
class Collapse:
    """Groups side by side with the labels of a ranking: each has ``counts`` of ``members`` from
    ``starts`` on, itself first, the others in the order that they had.
    """

    members: Labels
    starts: Labels
    counts: Labels

    @property
    def nbytes(self) -> int:
        """What it holds of memory."""
        return self.members.nbytes + self.starts.nbytes + self.counts.nbytes

    def take(self, order: Labels) -> Collapse:
        """Another order, or only a part."""
        return Collapse(self.members, self.starts[order], self.counts[order])

    def of(self, index: int) -> Labels:
        """Labels of a group."""
        return self.members[self.starts[index] :][: self.counts[index]]


def collapse(ranking: Ranking, groups: DuplicateGroups) -> Ranking:
    """The first of each group of a ranking that is complete, with all others behind it."""
    labels = ranking.scores.labels
    roots, here = groups.roots(labels), np.arange(len(ranking))
    first = np.full(int(roots.max(initial=0)) + 1, len(here))
    np.minimum.at(first, roots, here)  # without a sort: a tenth of its time
    place = first[roots]  # of the first of its group, for each
    order = np.argsort(place, kind="stable")
    leaders = np.flatnonzero(place == here)
    counts = np.bincount(place, minlength=len(here))[leaders]
    collapsed = Collapse(labels[order], np.cumsum(counts) - counts, counts)
    return replace(ranking.take(leaders), collapse=collapsed).with_notes(groups.note)


class CollapsedPager:
    """Pages of a folded ranking. Thread-safe where its collaborators are."""

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
