"""The coarse index: exact while the library is small, a graph beyond."""

from __future__ import annotations

import numpy as np

from crispd.types import Floats, Labels, Neighbours
from crispd.vectors.exact import ExactScorer, best
from crispd.vectors.graph import Graph
from crispd.vectors.rwlock import ReadWriteLock

# Adding holds searches up; this many at once take about 10 ms.
_AT_ONCE = 16
_COMPACT_SHARE = 0.3


class VectorIndex:
    """Inner-product neighbours of unit vectors. Thread-safe: searches run side by side.

    The graph always holds everything. Up to ``exact_below`` live vectors a plain matrix is kept
    beside it and answers: at that size it costs less than it is worth to be wrong.
    """

    def __init__(self, dim: int, *, exact_below: int = 5000, graph: Graph | None = None) -> None:
        self.dim = dim
        self._exact_below = exact_below
        self._graph = graph or Graph(dim)
        self._exact: ExactScorer | None = None
        self._lock = ReadWriteLock()
        self._choose_scorer()

    def __len__(self) -> int:
        return len(self._graph.live)

    def labels(self) -> Labels:
        """Live labels, int64, ascending."""
        with self._lock.read():
            return np.array(sorted(self._graph.live), dtype=np.int64)

    def search(self, vector: Floats, k: int) -> Neighbours:
        """At most ``k`` live neighbours of ``vector`` [dim], best first."""
        with self._lock.read():
            k = min(k, len(self))
            if k <= 0:
                return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32), exact=True)
            if self._exact is not None:
                return self._exact.search(vector, k)
            found = self._graph.search(vector, k)
            return self._scan(vector, k) if found is None else best(*found, k, exact=False)

    def _scan(self, vector: Floats, k: int) -> Neighbours:
        """Every live vector out of the graph: slow, right, and only when the graph is riddled."""
        labels = np.fromiter(self._graph.live, dtype=np.int64)
        return best(labels, self._graph.vectors(labels) @ vector, k, exact=True)

    def add(self, labels: Labels, vectors: Floats) -> None:
        """Add vectors [n, dim]; a removed label comes back, a live one stays as it is."""
        for start in range(0, len(labels), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            with self._lock.write():
                self._add(np.asarray(labels[part], np.int64), vectors[part])
                self._choose_scorer()

    def _add(self, labels: Labels, vectors: Floats) -> None:
        graph = self._graph
        wanted = np.array([label not in graph.live for label in labels.tolist()], dtype=bool)
        labels, vectors = labels[wanted], np.ascontiguousarray(vectors[wanted], np.float32)
        if self._exact is not None:
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
                    if self._exact is not None:
                        self._exact.remove(label)
            self._choose_scorer()

    def _choose_scorer(self) -> None:
        """Drop the matrix when the library outgrows it; make it again when it has shrunk well."""
        live = len(self)
        if self._exact is not None and live > self._exact_below:
            self._exact = None
        elif self._exact is None and live <= 0.8 * self._exact_below:
            self._exact = ExactScorer(self.dim)
            labels = np.fromiter(self._graph.live, dtype=np.int64, count=live)
            self._exact.add(labels, self._graph.vectors(labels))

    @property
    def needs_compaction(self) -> bool:
        """Whether removed vectors have become so many that they slow searches down."""
        dead = len(self._graph.dead)
        return dead > 1000 and dead > _COMPACT_SHARE * (dead + len(self))

    def compacted(self) -> VectorIndex:
        """A new index of the live vectors only."""
        fresh = VectorIndex(self.dim, exact_below=self._exact_below)
        labels = self.labels()
        fresh.add(labels, self._graph.vectors(labels))
        return fresh

    def save_graph(self, path: str) -> tuple[int, list[int]]:
        """Write the graph; its live count and removed labels. Searches go on meanwhile."""
        with self._lock.read():
            self._graph.save(path)
            return len(self), sorted(self._graph.dead)
