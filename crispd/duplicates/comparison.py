"""The search for near-identical photos: similar region tokens propose a pair, pixels decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from crispd.duplicates import pixel_verification
from crispd.types import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.duplicates.union_find import UnionFind
    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.types import CoarseIndex, Floats, Labels

# Inner product of embeddings from which tokens are compared, and the mean cosine of tokens at the
# same place from which two pictures are the same, or the same burst (decision 72).
_NEAR = 0.7
_SAME = 0.9
_SAME_BURST = 0.82
_BURST_SECONDS = 10
_NEIGHBOURS = 17  # itself among them
_AT_ONCE = 32
# What groups found with other figures than these are not to be mixed with.
RULES = f"{_NEAR} {_SAME} {_SAME_BURST} {_BURST_SECONDS} {_NEIGHBOURS} {pixel_verification.RULES}"


class TokenReader(Protocol):
    """Reads region tokens."""

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        """Stored region tokens by embedding label."""


class PixelEvidence(Protocol):
    """Decides by pixels whether a proposed pair is one photo."""

    def agree(self, one: int, other: int) -> bool | None:
        """Whether they are one photo or scene; None where that cannot be seen now."""


class DuplicateFinder:
    """Compares each content once with its neighbours, into ``groups``. Thread-safe; ``step`` in one
    thread.

    ``unpack``: stored tokens of K photos to float32 [K, regions, dim]; None where the pack has
    none, and then only copies are found.
    """

    def __init__(
        self,
        index: CoarseIndex,
        photos: TokenReader,
        metadata_index: MetadataIndex,
        unpack: Callable[[Sequence[bytes]], Floats] | None,
        groups: UnionFind,
        evidence: PixelEvidence,
    ) -> None:
        self._index = index
        self._photos = photos
        self._metadata_index = metadata_index
        self._unpack = unpack
        self._groups = groups
        self._evidence = evidence
        self._waiting: Labels = np.empty(0, np.int64)

    def progress(self) -> tuple[int, int]:
        """Contents that were compared, of how many."""
        labels = self._index.labels()
        return len(labels) if self._unpack is None else self._groups.checked(labels), len(labels)

    def step(self) -> bool:
        """Compare some more; whether there were any. Raises StorageError."""
        if self._unpack is None:
            return False
        if not len(self._waiting):
            # all at once: to look for the next few costs as much as to look for all
            self._waiting = self._groups.unchecked(self._index.labels())
        part, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        if not len(part):
            return False
        vectors = self._index.vectors_of(part)
        live = ~np.isnan(vectors[:, 0])
        self._decide(self._near(part[live].tolist(), vectors[live]))
        self._groups.check(part[live])
        return True

    def _near(self, labels: list[int], vectors: Floats) -> list[tuple[int, int]]:
        found = set()
        for label, vector in zip(labels, vectors, strict=True):
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
            same = similarity(tokens[place[one]], tokens[place[other]])
            times = seconds.get(one), seconds.get(other)
            if same >= _SAME or (same >= _SAME_BURST and _close(*times)):
                self._propose(one, other)

    def _propose(self, one: int, other: int) -> None:
        """Join a pair whose pixels agree. Of what belongs together already nothing is compared."""
        first, second = self._groups.roots(np.array([one, other], np.int64)).tolist()
        if first == second:
            return
        agreed = self._evidence.agree(one, other)
        if agreed:
            self._groups.join(one, other)
        elif agreed is None:
            self._groups.postpone(one)

    def _seconds(self, labels: Labels) -> dict[int, int]:
        listed = self._metadata_index.of_labels(labels)
        return dict(zip(listed.labels.tolist(), listed.seconds.tolist(), strict=True))

    def groups(self) -> list[tuple[int, ...]]:
        """Labels of contents that belong together, also of one content with copies.

        Ascending, and by their first. Raises StorageError.
        """
        labels, copies = np.unique(
            self._metadata_index.select(Filters()).labels, return_counts=True
        )
        firsts = self._groups.roots(labels)
        _, group, members = np.unique(firsts, return_inverse=True, return_counts=True)
        wanted = (members[group] > 1) | (copies > 1)
        found: dict[int, list[int]] = {}
        for label, first in zip(labels[wanted].tolist(), firsts[wanted].tolist(), strict=True):
            found.setdefault(first, []).append(label)
        return sorted(map(tuple, found.values()))


def similarity(one: Floats, other: Floats) -> float:
    """Mean cosine of tokens at the same place, of units [regions, dim] each."""
    return float(np.einsum("rd,rd->", one, other, dtype=np.float32)) / len(one)


def _units(tokens: Floats) -> Floats:
    lengths = np.linalg.norm(tokens, axis=2, keepdims=True)
    return np.asarray(tokens / np.maximum(lengths, 1e-9), np.float32)


def _close(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _BURST_SECONDS
