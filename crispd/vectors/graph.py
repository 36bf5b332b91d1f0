"""A wrapper of hnswlib that avoids its pitfalls. Not thread-safe: its owner locks."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import hnswlib
import numpy as np

if TYPE_CHECKING:
    from crispd.types import Floats, Labels

M = 16
EF_CONSTRUCTION = 200
_SEED = 20_24
_FIRST_CAPACITY = 1024
_LEAST_EF = 200


class Graph:
    """An HNSW graph over inner products, with the set of its live labels.

    hnswlib raises when asked for more than it holds, when a label is deleted twice, and when a
    search meets too few live elements; none of that leaves this class.
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.dead: set[int] = set()
        self._index = hnswlib.Index(space="ip", dim=dim)
        self._index.init_index(
            max_elements=_FIRST_CAPACITY, M=M, ef_construction=EF_CONSTRUCTION, random_seed=_SEED
        )
        self.live: set[int] = set()

    @classmethod
    def load(cls, path: str, dim: int, dead: set[int]) -> Graph:
        """A saved graph; ``dead`` are its deleted labels. Raises RuntimeError."""
        graph = cls.__new__(cls)
        graph.dim = dim
        graph._index = hnswlib.Index(space="ip", dim=dim)
        graph._index.load_index(path)
        graph.dead = dead
        graph.live = set(map(int, graph._index.get_ids_list())) - dead
        return graph

    def save(self, path: str) -> None:
        """Write the graph; not atomic, see ``checkpoint``. Raises OSError."""
        try:
            self._index.save_index(path)
        except RuntimeError as error:
            raise OSError(errno.EIO, str(error)) from error
        # hnswlib does not look whether the disk took what it wrote
        if Path(path).stat().st_size != self._index.index_file_size():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def add(self, labels: Labels, vectors: Floats) -> None:
        """Add vectors whose labels were never in the graph."""
        wanted = self._index.get_current_count() + len(labels)
        if wanted > self._index.get_max_elements():
            self._index.resize_index(max(wanted, 2 * self._index.get_max_elements()))
        self._index.add_items(vectors, labels)
        self.live.update(labels.tolist())

    def revive(self, label: int) -> None:
        """Bring back a removed label."""
        self._index.unmark_deleted(label)
        self.dead.discard(label)
        self.live.add(label)

    def remove(self, label: int) -> None:
        """Remove a live label."""
        self._index.mark_deleted(label)
        self.live.discard(label)
        self.dead.add(label)

    def vectors(self, labels: Labels) -> Floats:
        """float32 [n, dim] of live labels."""
        if not len(labels):
            return np.empty((0, self.dim), np.float32)
        return np.asarray(self._index.get_items(labels), dtype=np.float32)

    def search(self, vector: Floats, k: int) -> tuple[Labels, Floats] | None:
        """Labels and inner products, unsorted ties; None where the graph found fewer than k.

        ``ef`` is not saved with a graph and is set for every search: twice what is asked for.
        """
        self._index.set_ef(max(2 * k, _LEAST_EF))
        try:
            labels, distances = self._index.knn_query(vector[None], k=k, num_threads=1)
        except RuntimeError:
            return None  # too many deleted elements in the way
        return labels[0].astype(np.int64), (1.0 - distances[0]).astype(np.float32)
