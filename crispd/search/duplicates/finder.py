"""Which contents are nearly the same: neighbours, decided by region tokens place by place."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

import numpy as np

from crispd.types import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.search.catalogue.catalogue import Catalogue
    from crispd.types import CoarseIndex, Floats, Labels

# Inner product of embeddings from which tokens are compared, and the mean cosine of tokens at the
# same place from which two pictures are the same, or the same burst (decision 72).
_NEAR = 0.7
_SAME = 0.9
_SAME_BURST = 0.82
_BURST_SECONDS = 10
_NEIGHBOURS = 17  # itself among them
_AT_ONCE = 32


class Tokens(Protocol):
    """Where region tokens are read."""

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        """Stored region tokens by embedding label."""


class Finder:
    """Compares each content once with its neighbours. Thread-safe; ``step`` in one thread.

    ``unpack``: stored tokens of K photos to float32 [K, regions, dim]; None where the pack has
    none, and then only copies are found.
    """

    def __init__(
        self,
        index: CoarseIndex,
        photos: Tokens,
        catalogue: Catalogue,
        unpack: Callable[[Sequence[bytes]], Floats] | None,
    ) -> None:
        self._index = index
        self._photos = photos
        self._catalogue = catalogue
        self._unpack = unpack
        self._checked: set[int] = set()
        self._parents: dict[int, int] = {}
        self._lock = threading.Lock()

    def progress(self) -> tuple[int, int]:
        """Contents that were compared, of how many."""
        labels = self._index.labels().tolist()
        if self._unpack is None:
            return len(labels), len(labels)
        with self._lock:
            return sum(label in self._checked for label in labels), len(labels)

    def step(self) -> bool:
        """Compare some more; whether there were any. Raises StorageError."""
        if self._unpack is None:
            return False
        live = self._index.labels().tolist()
        with self._lock:
            self._checked.intersection_update(live)
            part = [label for label in live if label not in self._checked][:_AT_ONCE]
        if not part:
            return False
        pairs = self._near(part)
        self._decide(pairs)
        with self._lock:
            self._checked.update(part)
        return True

    def _near(self, labels: list[int]) -> list[tuple[int, int]]:
        found = set()
        for label, vector in zip(
            labels, self._index.vectors_of(np.array(labels, np.int64)), strict=True
        ):
            if np.isnan(vector[0]):
                continue
            near = self._index.search(vector, _NEIGHBOURS)
            for other in near.labels[near.scores >= _NEAR].tolist():
                if other != label:
                    found.add((min(label, other), max(label, other)))
        return sorted(found)

    def _decide(self, pairs: list[tuple[int, int]]) -> None:
        assert self._unpack is not None
        labels = sorted({label for pair in pairs for label in pair})
        stored = self._photos.tokens_of(labels)
        known = [label for label in labels if label in stored]
        if not known:
            return
        # half precision: a chunk may have hundreds of neighbours of 19 kB each
        tokens = _units(self._unpack([stored[label] for label in known])).astype(np.float16)
        place = {label: at for at, label in enumerate(known)}
        seconds = self._seconds(np.array(known, np.int64))
        for one, other in pairs:
            if one not in place or other not in place:
                continue
            same = likeness(tokens[place[one]], tokens[place[other]])
            times = seconds.get(one), seconds.get(other)
            if same >= _SAME or (same >= _SAME_BURST and _close(*times)):
                self._join(one, other)

    def _seconds(self, labels: Labels) -> dict[int, int]:
        listed = self._catalogue.of_labels(labels)
        return dict(zip(listed.labels.tolist(), listed.seconds.tolist(), strict=True))

    def _join(self, one: int, other: int) -> None:
        with self._lock:
            first, second = sorted((self._root(one), self._root(other)))
            self._parents[second] = first

    def _root(self, label: int) -> int:
        while (parent := self._parents.get(label, label)) != label:
            label = parent
        return label

    def groups(self) -> list[tuple[int, ...]]:
        """Labels of contents that belong together, also of one content with copies.

        Ascending, and by their first. Raises StorageError.
        """
        labels, counts = np.unique(self._catalogue.select(Filters()).labels, return_counts=True)
        copied = set(labels[counts > 1].tolist())
        members: dict[int, list[int]] = {}
        with self._lock:
            joined = {*self._parents, *self._parents.values(), *copied}
            for label in labels[np.isin(labels, [*joined])].tolist():
                members.setdefault(self._root(label), []).append(label)
        found = [tuple(group) for group in members.values()]
        return sorted(group for group in found if len(group) > 1 or group[0] in copied)


def likeness(one: Floats, other: Floats) -> float:
    """Mean cosine of tokens at the same place, of units [regions, dim] each."""
    return float(np.einsum("rd,rd->", one, other, dtype=np.float32)) / len(one)


def _units(tokens: Floats) -> Floats:
    lengths = np.linalg.norm(tokens, axis=2, keepdims=True)
    return np.asarray(tokens / np.maximum(lengths, 1e-9), np.float32)


def _close(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _BURST_SECONDS
