"""Exact scores: one matrix, one product. Below some size faster than a graph, and never wrong."""

from __future__ import annotations

import numpy as np

from crispd.types import Floats, Labels, Neighbours


class ExactScorer:
    """A growable matrix of vectors. Not thread-safe: its owner locks."""

    def __init__(self, dim: int) -> None:
        self._vectors: Floats = np.empty((64, dim), np.float32)
        self._labels: Labels = np.empty(64, np.int64)
        self._row_of: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._row_of)

    def add(self, labels: Labels, vectors: Floats) -> None:
        """Add vectors [n, dim]; those known already stay as they are."""
        for label, vector in zip(labels.tolist(), vectors, strict=True):
            if label not in self._row_of:
                self._append(label, vector)

    def _append(self, label: int, vector: Floats) -> None:
        row = len(self._row_of)
        if row == len(self._labels):
            self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)])
            self._labels = np.concatenate([self._labels, np.empty_like(self._labels)])
        self._vectors[row], self._labels[row] = vector, label
        self._row_of[label] = row

    def remove(self, label: int) -> None:
        """Remove a vector; an unknown label is ignored. The last row takes its place."""
        row = self._row_of.pop(label, None)
        last = len(self._row_of)
        if row is None or row == last:
            return
        self._vectors[row], self._labels[row] = self._vectors[last], self._labels[last]
        self._row_of[int(self._labels[row])] = row

    def search(self, vector: Floats, k: int) -> Neighbours:
        """The k largest inner products, best first, ties by label."""
        count = len(self)
        scores = self._vectors[:count] @ vector
        return best(self._labels[:count], scores, k, exact=True)


def best(labels: Labels, scores: Floats, k: int, *, exact: bool) -> Neighbours:
    """The k best of scored labels, best first, ties by label."""
    k = min(k, len(labels))
    if k < len(labels):
        # Everything equal to the k-th stays in, so that ties are settled by label and not by luck.
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k] if k else np.inf
        keep = np.flatnonzero(scores >= threshold)
        labels, scores = labels[keep], scores[keep]
    order = np.lexsort((labels, -scores))[:k]
    return Neighbours(labels[order].copy(), scores[order].astype(np.float32), exact)
