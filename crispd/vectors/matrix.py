"""A growable matrix of quantised vectors, in blocks: growing copies nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import simsimd

from crispd.vectors.block_storage import ROWS, VectorBlock, allocate_block
from crispd.vectors.quantise import RESIDUAL_STEPS, dequantise, quantise
from crispd.vectors.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crispd.types import Floats, Labels
    from crispd.vectors.quantise import Bytes, QuantisedQuery

# Rows gathered at once: they fit the cache of a core.
_CHUNK = 1024
# From this share on, the product over everything is cheaper than gathering.
_GATHER_BELOW = 0.5


class QuantisedMatrix:
    """Vectors by label. Not thread-safe: its owner locks.

    ``folder``: where blocks after the first lie. ``labels``, ``scales`` and ``blocks``: its
    content, where the caller has it; all blocks are full but the last. ``workers`` share products.
    """

    def __init__(
        self,
        dim: int,
        folder: Path | None = None,
        labels: Labels | None = None,
        scales: Floats | None = None,
        blocks: list[VectorBlock] | None = None,
        workers: Workers | None = None,
    ) -> None:
        self.dim = dim
        self._workers = workers or Workers()
        self._folder = folder
        self._blocks = blocks or []
        self._labels: Labels = np.empty(0, np.int64) if labels is None else labels
        self._scales: Floats = np.empty(0, np.float32) if scales is None else scales
        self._count = len(self._labels)
        # by label, which are never used again: -1 where there is no row
        self._rows = np.full(int(self._labels.max(initial=-1)) + 1, -1, np.int32)
        self._rows[self._labels] = np.arange(self._count, dtype=np.int32)
        self.largest_scale = float(self._scales.max(initial=0.0))

    def __len__(self) -> int:
        return self._count

    @property
    def labels(self) -> Labels:
        """Labels int64 [n] in the order of their rows. A view: copy it to keep it."""
        return self._labels[: self._count]

    @property
    def scales(self) -> Floats:
        """float32 [n], in the same order. A view."""
        return self._scales[: self._count]

    def blocks(self) -> Iterator[tuple[slice, VectorBlock]]:
        """Blocks, as far as they are used, and which rows they hold."""
        for start in range(0, self._count, ROWS):
            used = min(ROWS, self._count - start)
            coarse, residual = self._blocks[start // ROWS]
            yield slice(start, start + used), VectorBlock(coarse[:used], residual[:used])

    def add(self, labels: Labels, vectors: Floats) -> None:
        """Add vectors float32 [n, dim]; those known already stay as they are."""
        labels, first = np.unique(np.asarray(labels, np.int64), return_index=True)
        new = self.rows_of(labels) < 0
        labels, first = labels[new], first[new]
        if not len(labels):
            return
        made = quantise(np.asarray(vectors, np.float32)[first])
        begin, end = self._count, self._count + len(labels)
        self._reserve(end, int(labels[-1]))
        at = begin
        while at < end:
            block, row = divmod(at, ROWS)
            count = min(ROWS - row, end - at)
            part = slice(at - begin, at - begin + count)
            self._blocks[block].coarse[row : row + count] = made.coarse[part]
            self._blocks[block].residual[row : row + count] = made.residual[part]
            at += count
        self._labels[begin:end] = labels
        self._scales[begin:end] = made.scales
        self._rows[labels] = np.arange(begin, end, dtype=np.int32)
        self.largest_scale = max(self.largest_scale, float(made.scales.max()))
        self._count = end

    def _reserve(self, rows: int, label: int) -> None:
        if self._blocks and len(self._blocks[-1].coarse) < ROWS:  # read from a file, to its end
            content = self._blocks.pop()
            self._blocks.append(self._allocate(content))
        while len(self._blocks) * ROWS < rows:
            self._blocks.append(self._allocate())
        if rows > len(self._labels):
            more = max(rows, 2 * len(self._labels)) - len(self._labels)
            self._labels = np.concatenate([self._labels, np.empty(more, np.int64)])
            self._scales = np.concatenate([self._scales, np.empty(more, np.float32)])
        if label >= len(self._rows):
            more = max(label + 1, 2 * len(self._rows)) - len(self._rows)
            self._rows = np.concatenate([self._rows, np.full(more, -1, np.int32)])

    def _allocate(self, content: VectorBlock | None = None) -> VectorBlock:
        block = allocate_block(self.dim, self._folder if self._blocks else None)
        if content is not None:
            block.coarse[: len(content.coarse)] = content.coarse
            block.residual[: len(content.residual)] = content.residual
        return block

    def remove(self, label: int) -> None:
        """Remove a vector; an unknown label is ignored. The last row takes its place."""
        row = int(self._rows[label]) if 0 <= label < len(self._rows) else -1
        if row < 0:
            return
        self._count = last = self._count - 1
        self._rows[label] = -1
        if row != last:
            to, source = self._blocks[row // ROWS], self._blocks[last // ROWS]
            to.coarse[row % ROWS] = source.coarse[last % ROWS]
            to.residual[row % ROWS] = source.residual[last % ROWS]
            self._labels[row], self._scales[row] = self._labels[last], self._scales[last]
            self._rows[self._labels[row]] = row

    def rows_of(self, labels: Labels) -> Labels:
        """Rows int64 [n] of labels, -1 for those unknown."""
        labels = np.asarray(labels, np.int64)
        inside = (labels >= 0) & (labels < len(self._rows))
        found = np.full(len(labels), -1, np.int64)
        found[inside] = self._rows[labels[inside]]
        return found

    def vectors_of(self, labels: Labels) -> Floats:
        """float32 [n, dim] of known labels, as exact as they are kept."""
        rows = self.rows_of(labels)
        found = np.empty((len(rows), self.dim), np.float32)
        for places, block, offsets in self._by_block(rows):
            found[places] = dequantise(
                block.coarse[offsets], block.residual[offsets], self._scales[rows[places]]
            )
        return found

    def coarse_scores(self, query: QuantisedQuery, rows: Labels | None = None) -> Floats:
        """Inner products float32 [n] by the coarse numbers alone, of all rows or of some."""
        if rows is None or len(rows) > _GATHER_BELOW * self._count:
            scores = np.empty(self._count, np.float32)

            def whole(piece: tuple[slice, VectorBlock]) -> None:
                part, block = piece  # scaled while it is near the processor
                found = _products(query.parts[:1], block.coarse)[0]
                found *= query.scale
                np.multiply(found, self._scales[part], out=scores[part])

            self._workers.each(whole, list(self.blocks()))
            return scores if rows is None else scores[rows]
        scores = np.empty(len(rows), np.float32)

        def some(piece: tuple[Labels | slice, VectorBlock, Labels]) -> None:
            places, block, offsets = piece
            scores[places] = _gathered(query.parts[:1], block.coarse, offsets)[0]

        self._workers.each(some, list(self._by_block(rows)))
        scores *= self._scales[rows]
        scores *= query.scale
        return scores

    def scores(self, query: QuantisedQuery, rows: Labels, coarse: Floats | None = None) -> Floats:
        """Inner products float32 [n] of rows, as exact as they are kept.

        ``coarse``: what ``coarse_scores`` says of them, where that is known.
        """
        if coarse is None:
            coarse = self.coarse_scores(query, rows)
        scores = np.empty(len(rows), np.float32)

        def more(piece: tuple[Labels | slice, VectorBlock, Labels]) -> None:
            places, block, offsets = piece
            further = _gathered(query.parts[1:], block.coarse, offsets)[0]
            rest = _gathered(query.parts[:1], block.residual, offsets)[0]
            scores[places] = further + rest

        self._workers.each(more, list(self._by_block(rows)))
        scores *= self._scales[rows]
        scores *= query.scale / RESIDUAL_STEPS
        scores += coarse
        return scores

    def _by_block(self, rows: Labels) -> Iterator[tuple[Labels | slice, VectorBlock, Labels]]:
        """Each block that has some of ``rows``: which of them, and where they lie in it."""
        ordered = bool((rows[1:] >= rows[:-1]).all())
        order = None if ordered else np.argsort(rows, kind="stable")
        rows = rows if order is None else rows[order]
        limits = np.searchsorted(rows, np.arange(len(self._blocks) + 1) * ROWS)
        for number, (begin, end) in enumerate(pairwise(limits.tolist())):
            if begin < end:
                places = slice(begin, end) if order is None else order[begin:end]
                yield places, self._blocks[number], rows[begin:end] - number * ROWS


def _products(queries: Bytes, rows: Bytes) -> Floats:
    """Inner products float32 [m, n] of int8 [m, dim] and [n, dim], in this thread, without the GIL.

    Without its ``out``: then it returns None and does not count that (simsimd 6.5.16).
    """
    return np.asarray(simsimd.cdist(queries, rows, "dot", out_dtype="float32"))


def _gathered(queries: Bytes, rows: Bytes, chosen: Labels) -> Floats:
    """The same of some rows: float32 [m, len(chosen)]."""
    found = np.empty((len(queries), len(chosen)), np.float32)
    for start in range(0, len(chosen), _CHUNK):
        part = slice(start, start + _CHUNK)
        # mode: without it numpy checks and copies once more
        found[:, part] = _products(queries, np.take(rows, chosen[part], 0, mode="clip"))
    return found
