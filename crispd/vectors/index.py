"""The coarse index: exact for small libraries and narrow filters, else a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.types import Candidates, Floats, Labels, ScoreFloor
from crispd.vectors.cost_model import CostModel
from crispd.vectors.exact import ExactScorer, best
from crispd.vectors.graph import Graph
from crispd.vectors.rwlock import ReadWriteLock

if TYPE_CHECKING:
    from pathlib import Path

# Adding holds searches up; this many at once take about 10 ms.
_AT_ONCE = 16
_COMPACT_SHARE = 0.3
_MANY = 1000
# The graph is asked for more than a filter's share calls for: what it lets through is uneven.
_OVERFETCH = 1.5
# Neighbours beyond those that a sample lets expect.
_SLACK = 64
# Up to so many neighbours the graph is asked without looking at what it costs.
_A_PAGE = 256


class VectorIndex:
    """Nearest neighbours of unit vectors by inner product. Thread-safe: searches run in parallel.

    Graph and matrix both hold everything. Up to ``exact_below`` live vectors the matrix searches
    exactly, which is cheap at that size. Beyond, the graph searches the whole library; under a
    filter, the cheaper of the two on this machine does.

    ``folder``: where the file of a large matrix lies; without one it is in memory. ``vectors``: the
    content of ``graph``, if the caller has it.
    """

    def __init__(
        self,
        dim: int,
        *,
        exact_below: int = 5000,
        graph: Graph | None = None,
        vectors: ExactScorer | None = None,
        folder: Path | None = None,
    ) -> None:
        self.dim = dim
        self._exact_below = exact_below
        self._graph = graph or Graph(dim)
        self._folder = folder
        self._exact = ExactScorer(dim, folder) if vectors is None else vectors
        self._costs = CostModel()
        self._lock = ReadWriteLock()
        if vectors is None and self._graph.live:
            labels = np.fromiter(self._graph.live, dtype=np.int64)
            self._exact.add(labels, self._graph.vectors(labels))

    def __len__(self) -> int:
        return len(self._graph.live)

    def labels(self) -> Labels:
        """Live labels, int64, ascending."""
        with self._lock.read():
            return np.sort(self._exact.labels)

    def search(
        self,
        vector: Floats,
        k: int,
        among: Labels | None = None,
        score_floor: ScoreFloor | None = None,
    ) -> Candidates:
        """At most ``k`` live neighbours of ``vector`` [dim], best first; of ``among``, which
        is ascending, if given. Beyond them, those within ``reach``.

        ``exact``: every one that was allowed was compared.
        """
        with self._lock.read():
            k = min(k, len(self) if among is None else len(among))
            if k <= 0:
                return Candidates(np.empty(0, np.int64), np.empty(0, np.float32), exact=True)
            found = self._from_graph(vector, k, among, score_floor)
            return self._from_matrix(vector, k, among, score_floor) if found is None else found

    def _from_graph(
        self, vector: Floats, k: int, among: Labels | None, score_floor: ScoreFloor | None
    ) -> Candidates | None:
        """None where the matrix is cheaper, or the graph found too few."""
        wanted = self._wanted(k, among, score_floor)
        # Removed vectors lie in the graph's way: among many it may be slower for a page, too.
        a_page = among is None and wanted <= _A_PAGE and not self._crowded(len(self._graph.dead))
        cheap = a_page or self._costs.of("graph", wanted) < self._matrix_seconds(among)
        if not cheap or not self._exact_below < len(self) > wanted:
            return None
        asked = self._ask_graph(vector, wanted)
        if asked is None:
            return None
        labels, scores = asked
        least = np.inf if score_floor is None else score_floor.least
        if scores.min() >= least:
            return None
        if among is not None:
            place = np.minimum(np.searchsorted(among, labels), len(among) - 1)
            inside = among[place] == labels
            labels, scores = labels[inside], scores[inside]
        return None if len(labels) < k else best(labels, scores, k, exact=False, least=least)

    def _wanted(self, k: int, among: Labels | None, score_floor: ScoreFloor | None) -> int:
        """How many neighbours in the whole library hold those that are asked for."""
        share = 1.0 if among is None else len(among) / max(len(self), 1)
        wanted = k if among is None else int(_OVERFETCH * k / share) + 1
        return (
            wanted
            if score_floor is None
            else max(wanted, int(_OVERFETCH * score_floor.about) + _SLACK)
        )

    def _matrix_seconds(self, among: Labels | None) -> float:
        everything = self._costs.of("pass", len(self))
        return (
            everything if among is None else min(everything, self._costs.of("gather", len(among)))
        )

    def _from_matrix(
        self, vector: Floats, k: int, among: Labels | None, score_floor: ScoreFloor | None
    ) -> Candidates:
        live = len(self)
        least = np.inf if score_floor is None else score_floor.least
        if among is None:
            with self._costs.record_cost("pass", live):
                return self._exact.search(vector, k, least)
        gathers = len(among) < 0.5 * live
        with self._costs.record_cost(*(("gather", len(among)) if gathers else ("pass", live))):
            return self._exact.search_among(vector, k, among, least)

    def _ask_graph(self, vector: Floats, k: int) -> tuple[Labels, Floats] | None:
        with self._costs.record_cost("graph", k):
            return self._graph.search(vector, k)

    def scores_of(self, vector: Floats, labels: Labels) -> Floats:
        """Inner products float32 [n] of labels; NaN for those that are not live."""
        with self._lock.read():
            rows = self._exact.rows_of(labels)
            found = np.full(len(rows), np.nan, np.float32)
            known = rows >= 0
            found[known] = self._exact.scores_of_rows(vector, rows[known])
            return found

    def vectors_of(self, labels: Labels) -> Floats:
        """float32 [n, dim] of labels; rows of NaN for those that are not live."""
        with self._lock.read():
            known = self._exact.rows_of(labels) >= 0
            found = np.full((len(known), self.dim), np.nan, np.float32)
            found[known] = self._exact.vectors_of(np.asarray(labels, np.int64)[known])
            return found

    def add(self, labels: Labels, vectors: Floats) -> None:
        """Add vectors [n, dim]; a removed label comes back, a live one stays as it is."""
        for start in range(0, len(labels), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            with self._lock.write():
                self._add(np.asarray(labels[part], np.int64), vectors[part])

    def _add(self, labels: Labels, vectors: Floats) -> None:
        graph = self._graph
        wanted = np.array([label not in graph.live for label in labels.tolist()], dtype=bool)
        labels, vectors = labels[wanted], np.ascontiguousarray(vectors[wanted], np.float32)
        self._exact.add(labels, vectors)
        back = np.array([label in graph.dead for label in labels.tolist()], dtype=bool)
        for label in labels[back].tolist():
            graph.revive(label)
        if not back.all():
            graph.add(labels[~back], vectors[~back])

    def remove(self, labels: Labels) -> None:
        """Remove labels; unknown ones are ignored."""
        with self._lock.write():
            for label in np.asarray(labels).tolist():
                if label in self._graph.live:
                    self._graph.remove(label)
                    self._exact.remove(label)

    def needs_compaction(self, spared: Labels | None = None) -> bool:
        """Whether removed vectors have become so many that they slow searches down.

        ``spared``: labels that may come back soon, and do so in no time while the graph has them.
        """
        dead = self._graph.dead
        gone = dead if spared is None else dead.difference(spared.tolist())
        return self._crowded(len(gone))

    def _crowded(self, dead: int) -> bool:
        return dead > _MANY and dead > _COMPACT_SHARE * (dead + len(self))

    def compacted(self) -> VectorIndex:
        """A new index of the live vectors only."""
        fresh = VectorIndex(self.dim, exact_below=self._exact_below, folder=self._folder)
        labels = self.labels()
        fresh.add(labels, self._exact.vectors_of(labels))
        return fresh

    def save_graph(self, path: str) -> tuple[int, list[int]]:
        """Write the graph; its live count and removed labels. Searches go on meanwhile."""
        with self._lock.read():
            self._graph.save(path)
            return len(self), sorted(self._graph.dead)
