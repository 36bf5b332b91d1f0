"""The coarse index: inner products with every vector that is allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.types import Candidates, Floats, Labels
from crispd.vectors.graph import PROPOSALS
from crispd.vectors.matrix import QuantisedMatrix
from crispd.vectors.quantise import QuantisedQuery
from crispd.vectors.rwlock import ReadWriteLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crispd.vectors.graph import Graph
    from crispd.vectors.workers import Workers

# Adding holds searches up; this many at once take about 2 ms.
_AT_ONCE, _AT_ONCE_IN_GRAPH = 512, 16
_SAMPLE = 4096
# Of an answer, so many are in the order of exact scores. Behind them, where photos only may be it,
# some that score the same to 0.001 change places: to gather more takes longer than to pass by all.
_REFINED = 512
# The nearest of what a graph proposes are all there; of the farthest, some are missed.
_PROPOSED_SHARE = 0.1


class VectorIndex:
    """Nearest neighbours of unit vectors by inner product. Thread-safe: searches run in parallel.

    Every vector is compared by its coarse numbers; those that may be among the nearest, once more
    by all that is kept of them. So nothing has to be built, and nothing near is overlooked. A large
    library may get a graph, which proposes the nearest few in a fraction of the time.

    ``folder``: where the file of a large matrix lies; without one it is in memory. ``vectors``: its
    content, if the caller has it. ``workers``: share the products of a search where they are many.
    """

    def __init__(
        self,
        dim: int,
        *,
        vectors: QuantisedMatrix | None = None,
        folder: Path | None = None,
        workers: Workers | None = None,
    ) -> None:
        self.dim = dim
        self._matrix = QuantisedMatrix(dim, folder, workers=workers) if vectors is None else vectors
        self._graph: Graph | None = None
        self._lock = ReadWriteLock()

    def __len__(self) -> int:
        return len(self._matrix)

    def labels(self) -> Labels:
        """Live labels, int64, ascending."""
        with self._lock.read():
            return np.sort(self._matrix.labels)

    def search(
        self,
        vector: Floats,
        k: int,
        among: Labels | None = None,
        score_floor: float | None = None,
    ) -> Candidates:
        """At most ``k`` live neighbours of ``vector`` [dim], best first; of ``among``, which
        is ascending, if given. Beyond them, all that reach ``score_floor``.
        """
        query = QuantisedQuery.of(vector)
        least = np.inf if score_floor is None else score_floor
        with self._lock.read():
            if among is None and (found := self._proposed(vector, query, k, least)) is not None:
                return found
            rows = None
            if among is not None:
                rows = self._matrix.rows_of(among)
                rows = rows[rows >= 0]
            coarse = self._matrix.coarse_scores(query, rows)
            k = min(k, len(coarse))
            if k <= 0:
                return Candidates(np.empty(0, np.int64), np.empty(0, np.float32), exact=True)
            near = _near(coarse, k, least, query.margin(self._matrix.largest_scale))
            rows = near if rows is None else rows[near]
            scores = self._refined(query, rows, coarse[near], k, least)
            return best(self._matrix.labels[rows], scores, k, least)

    def _refined(
        self, query: QuantisedQuery, rows: Labels, coarse: Floats, k: int, least: float
    ) -> Floats:
        """Scores of rows: as exact as they are kept of the best, and of those that may or may not
        reach ``least``; of the others the coarse ones.
        """
        count = max(k, _REFINED)
        if len(rows) <= count:
            return self._matrix.scores(query, rows, coarse)
        margin = query.margin(self._matrix.largest_scale)
        last = np.partition(coarse, len(rows) - count)[len(rows) - count]
        chosen = (coarse >= last - 2 * margin) | (np.abs(coarse - least) <= margin)
        coarse[chosen] = self._matrix.scores(query, rows[chosen], coarse[chosen])
        return coarse

    def _proposed(
        self, vector: Floats, query: QuantisedQuery, k: int, least: float
    ) -> Candidates | None:
        """What the graph proposes, scored; None where more may belong to the answer than it can
        propose.
        """
        most = PROPOSALS * _PROPOSED_SHARE
        if self._graph is None or k > most or self._share_from(query, least) * len(self) > most:
            return None
        labels = self._graph.propose(vector)
        if labels is None:
            return None
        scores = self._matrix.scores(query, self._matrix.rows_of(labels))
        if np.count_nonzero(scores >= least) > most:
            return None
        return replace(best(labels, scores, k, least), exact=False)

    def _share_from(self, query: QuantisedQuery, least: float) -> float:
        """About which share of all vectors scores ``least`` or more: of some that lie apart."""
        if np.isinf(least):
            return 0.0
        rows = np.arange(0, len(self), max(len(self) // _SAMPLE, 1))
        return float(np.mean(self._matrix.coarse_scores(query, rows) >= least))

    def adopt_graph(self, graph: Graph) -> None:
        """Let ``graph`` propose from now on; what it lacks or has too much is put right."""
        with self._lock.write():
            live = np.sort(self._matrix.labels)
            for label in np.setdiff1d(graph.labels(), live, assume_unique=True).tolist():
                graph.remove(label)
            missing = np.setdiff1d(live, graph.labels(), assume_unique=True)
            graph.add(missing, self._matrix.vectors_of(missing))
            self._graph = graph

    @property
    def has_graph(self) -> bool:
        """Whether a graph proposes."""
        return self._graph is not None

    def scores_of(self, vector: Floats, labels: Labels) -> Floats:
        """Inner products float32 [n] of labels; NaN for those that are not live."""
        query = QuantisedQuery.of(vector)
        with self._lock.read():
            rows = self._matrix.rows_of(labels)
            found = np.full(len(rows), np.nan, np.float32)
            known = rows >= 0
            found[known] = self._matrix.scores(query, rows[known])
            return found

    def vectors_of(self, labels: Labels) -> Floats:
        """float32 [n, dim] of labels; rows of NaN for those that are not live."""
        with self._lock.read():
            known = self._matrix.rows_of(labels) >= 0
            found = np.full((len(known), self.dim), np.nan, np.float32)
            found[known] = self._matrix.vectors_of(np.asarray(labels, np.int64)[known])
            return found

    def add(self, labels: Labels, vectors: Floats) -> None:
        """Add vectors [n, dim]; a live label stays as it is."""
        step = _AT_ONCE if self._graph is None else _AT_ONCE_IN_GRAPH
        for start in range(0, len(labels), step):
            part = slice(start, start + step)
            with self._lock.write():
                if self._graph is not None:
                    new = self._matrix.rows_of(labels[part]) < 0
                    self._graph.add(np.asarray(labels[part])[new], np.asarray(vectors[part])[new])
                self._matrix.add(labels[part], vectors[part])

    def remove(self, labels: Labels) -> None:
        """Remove labels; unknown ones are ignored."""
        with self._lock.write():
            for label in np.asarray(labels).tolist():
                self._matrix.remove(label)
                if self._graph is not None:
                    self._graph.remove(label)

    def save(self, write: Callable[[memoryview], object]) -> int:
        """Hand the content to ``write``, as ``load`` takes it; how many vectors.

        By the thread that adds and removes, and so without the lock: who waits to change something
        would hold all searches up for as long as the disk takes.
        """
        parts: list[np.ndarray] = [self._matrix.labels, self._matrix.scales]
        parts += [block.coarse for _, block in self._matrix.blocks()]
        parts += [block.residual for _, block in self._matrix.blocks()]
        for part in parts:
            write(part.reshape(-1).view(np.uint8).data)
        return len(self._matrix)


def _near(coarse: Floats, k: int, least: float, margin: float) -> Labels:
    """Which of the coarse scores may belong to the k best, or to scores from ``least`` on."""
    # k that surely reach ``least``: the k-th best does, and need not be looked for
    if np.isfinite(least) and np.count_nonzero(coarse >= least + margin) >= k:
        return np.flatnonzero(coarse >= least - margin)
    threshold = np.partition(coarse, len(coarse) - k)[len(coarse) - k] - 2 * margin
    return np.flatnonzero(coarse >= min(threshold, least - margin))


def best(labels: Labels, scores: Floats, k: int, least: float = np.inf) -> Candidates:
    """The k best of scored labels and all from ``least`` on, best first, ties by label."""
    k = min(max(k, int(np.count_nonzero(scores >= least))), len(labels))
    if k < len(labels):
        # Everything equal to the k-th stays in, so that ties are settled by label and not by luck.
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k] if k else np.inf
        keep = np.flatnonzero(scores >= threshold)
        labels, scores = labels[keep], scores[keep]
    order = np.lexsort((labels, -scores))[:k]
    return Candidates(labels[order], scores[order], exact=True)
