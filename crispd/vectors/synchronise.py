"""Synchronisation of an index with the live vectors in SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crispd.types import VectorSource
    from crispd.vectors.index import VectorIndex


def synchronise(index: VectorIndex, source: VectorSource, pack: str) -> tuple[int, int]:
    """Add what is missing, remove what is gone; how many of each.

    Brings a checkpoint up to date after a crash, and fills an empty index from nothing.
    """
    wanted, present = source.live_labels(pack), index.labels()
    if np.array_equal(wanted, present):  # as after every start but the first
        return 0, 0
    gone = np.setdiff1d(present, wanted, assume_unique=True)
    missing = np.setdiff1d(wanted, present, assume_unique=True)
    index.remove(gone)
    for labels, vectors in source.vectors(pack, missing):
        index.add(labels, vectors)
    return len(missing), len(gone)
